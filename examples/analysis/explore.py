"""A notebook to try rules and to look for params that matter, with sliders: `marimo edit explore.py`.

It is a script as well: `python explore.py -- --history commitHistory.csv --metric val_accuracy` runs each cell once.
The address may be a path, a gist's, or a branch's; a copy is read into memory, and the history stays as it is.
"""

import marimo

app = marimo.App(width="medium", app_title="What a history tells")


@app.cell
def _():
    from dataclasses import replace

    import marimo as mo
    from devops_mlops_report import MetricRule, open_history

    return MetricRule, mo, open_history, replace


@app.cell
def _(mo, open_history):
    told = mo.cli_args()
    history = open_history(str(told.get("history") or "commitHistory.csv"))
    measured = history.sql(
        "select metric, count(*) as points from measurements where kind = 'ml' "
        "group by metric order by points desc, metric"
    ).df()
    wanted = str(told.get("metric") or "")
    known = list(measured["metric"])
    metric = mo.ui.dropdown(
        known, value=wanted if wanted in known else next(iter(known), None), label="metric"
    )
    effect = mo.ui.slider(0.1, 10, 0.1, value=1, label="smallest effect, % of the level", show_value=True)
    baseline = mo.ui.dropdown(
        ["previous", "default_branch", "best", "release"], value="previous", label="compared to"
    )
    last = mo.ui.slider(20, 1000, 20, value=200, label="points in the chart", show_value=True)
    mo.hstack([metric, effect, baseline, last], wrap=True)
    return baseline, effect, history, last, metric


@app.cell
def _(MetricRule, baseline, effect, history, metric, mo, replace):
    mo.stop(metric.value is None, mo.md("The history holds no metric of a training yet."))
    rule = MetricRule(metric.value, baseline=baseline.value, min_effect_percent=effect.value)
    rules = replace(history.settings, metric_rules=(rule,))
    history.change_settings(rules)
    verdicts = history.sql(
        "select verdict, count(*) as commits from regressions where metric = ? group by verdict order by verdict",
        [metric.value],
    ).df()
    found = history.sql(
        "select commit_sha[:7] as commit, verdict, value, reason from regressions "
        "where metric = ? and verdict in ('regressed', 'improved', 'recovered') order by recorded_order desc limit 20",
        [metric.value],
    ).df()
    return found, rules, verdicts


@app.cell
def _(history, last, metric, rules):
    _ = rules  # The chart is drawn by the rules that stand above.
    chart = history.chart(metric.value, last=last.value)
    chart
    return (chart,)


@app.cell
def _(found, mo, verdicts):
    mo.vstack(
        [
            mo.md("## Verdicts under these rules"),
            mo.ui.table(verdicts, selection=None),
            mo.md("The last changes"),
            mo.ui.table(found, selection=None),
        ]
    )
    return


@app.cell
def _(history, metric, mo):
    _points = history.sql(
        "select distinct on (commit_sha) commit_sha, value from measurements where kind = 'ml' and metric = ?",
        [metric.value],
    ).df()
    _params = history.sql(
        "select distinct on (commit_sha) commit_sha, params::map(varchar, varchar) as params from commits"
    ).df()
    _told = _params["params"].map(lambda each: each or {})
    names = sorted({name for each in _told for name in each})
    param = mo.ui.dropdown(names, value=next(iter(names), None), label="param")
    by_commit = dict(zip(_params["commit_sha"], _told, strict=True))
    points = _points.assign(params=_points["commit_sha"].map(by_commit))
    mo.vstack(
        [
            mo.md(
                "## A param against the metric\n\nNo experiment: params that were changed together can't be told "
                "apart, and code and data changed as well. It says where to look."
            ),
            param,
        ]
    )
    return param, points


@app.cell
def _(metric, mo, param, points):
    import altair

    mo.stop(param.value is None, mo.md("No params were recorded."))
    pairs = points.assign(**{"param": points["params"].map(lambda each: (each or {}).get(param.value))})
    pairs = pairs.dropna(subset=["param", "value"])[["commit_sha", "param", "value"]]
    are_numbers = (
        pairs["param"].str.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?").all() and len(pairs) > 0
    )
    if are_numbers:
        pairs = pairs.assign(param=pairs["param"].astype(float))
    scatter = (
        altair.Chart(pairs)
        .mark_circle()
        .encode(
            x=altair.X("param", type="quantitative" if are_numbers else "nominal", title=param.value).scale(
                zero=False
            )
            if are_numbers
            else altair.X("param", type="nominal", title=param.value),
            y=altair.Y("value", type="quantitative", title=metric.value).scale(zero=False),
            tooltip=["commit_sha", "param", "value"],
        )
    )
    scatter
    return (scatter,)


if __name__ == "__main__":
    app.run()
