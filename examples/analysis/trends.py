# %% [markdown]
# # What a history tells: trends, verdicts under other rules, params that matter
#
# A script, and cell by cell a notebook (VS Code, PyCharm, Spyder and Jupytext open `# %%` files as such):
#
#     python trends.py commitHistory.csv val_accuracy analysis.html
#
# It reads a copy in memory: the history stays as it is. The address may be a path, a gist's, or a branch's.

# %%
from __future__ import annotations

import html
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from devops_mlops_report import History, MetricRule, open_history

SOURCE, METRIC, TARGET = (
    *sys.argv[1:4],
    *("commitHistory.csv", "val_accuracy", "analysis.html")[len(sys.argv) - 1 :],
)
history = open_history(SOURCE)

# %% [markdown]
# ## A tidy frame: a row for each commit, a column for each metric


# %%
def tidy(history: History) -> pd.DataFrame:
    """A row for each commit with its params as columns (`param_…`), in the order of recording."""
    measured = history.sql(
        "select recorded_order, commit_sha, branch, metric, value from measurements where kind = 'ml'"
    ).df()
    wide = measured.pivot_table(
        index=["recorded_order", "commit_sha", "branch"], columns="metric", values="value"
    ).reset_index()
    params = history.sql(
        "select distinct on (commit_sha) commit_sha, params::map(varchar, varchar) as params from commits"
    ).df()
    told = pd.DataFrame([dict(each) for each in params["params"].map(lambda each: each or {})]).add_prefix(
        "param_"
    )
    return wide.merge(params[["commit_sha"]].join(told), on="commit_sha", how="left").sort_values(
        "recorded_order"
    )


frame = tidy(history)
frame.tail()

# %% [markdown]
# ## The chart of the report, for a notebook: levels, bands, and where a change began

# %%
chart = history.chart(METRIC, last=200)
chart

# %% [markdown]
# ## Verdicts under other rules: how many commits each would have called regressed


# %%
def under_other_rules(
    history: History, metric: str, effects: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0)
) -> pd.DataFrame:
    """Commits that each smallest effect, in percent of the level, calls regressed, recovered or suspected."""
    before = history.settings
    counted = []
    for effect in effects:
        rule = MetricRule(metric, min_effect_percent=effect)
        history.change_settings(replace(before, metric_rules=(rule,)))
        verdicts = history.sql(
            "select verdict, count(*) as n from regressions where metric = ? group by verdict", [metric]
        )
        counted.append({"min_effect_percent": effect, **dict(verdicts.fetchall())})
    history.change_settings(before)
    return pd.DataFrame(counted).fillna(0).convert_dtypes()


rules = under_other_rules(history, METRIC)
rules

# %% [markdown]
# ## Which params go together with the metric
#
# A straight line through standardized numbers, by least squares: how much the metric differs, in its own standard
# deviations, where a param differs by one of its own. **A caveat:** this is no experiment. Params that were changed
# together can't be told apart, code and data changed as well, and a line sees no bends. It says where to look;
# trainings that differ in that param alone say whether it is so.


# %%
def weights(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Params that are numbers and vary, with their weight: the largest first. Empty with too few trainings."""
    numbers = (
        frame.filter(like="param_").apply(pd.to_numeric, errors="coerce").dropna(axis="columns", how="all")
    )
    known = numbers.join(frame[metric]).dropna()
    varying = [name for name in numbers if known[name].std() > 0]
    if len(known) < len(varying) + 3 or not varying or not known[metric].std() > 0:
        return pd.DataFrame(columns=["param", "weight", "values"])
    standard = (known - known.mean()) / known.std()
    found, *_ = np.linalg.lstsq(standard[varying].to_numpy(), standard[metric].to_numpy(), rcond=None)
    told = pd.DataFrame(
        {
            "param": [name.removeprefix("param_") for name in varying],
            "weight": found.round(3),
            "values": [known[name].nunique() for name in varying],
        }
    )
    return told.sort_values("weight", key=abs, ascending=False, ignore_index=True)


params = weights(frame, METRIC)
params

# %% [markdown]
# ## All of it as a page

# %%
parts = [
    f"<h1>{html.escape(METRIC)}</h1><p>{len(frame)} measured commits of {html.escape(str(SOURCE))}</p>",
    chart.to_html(fullhtml=False, inline=True),  # its scripts are in it, so that the page needs no network
    "<h2>Verdicts under other rules</h2>",
    rules.to_html(index=False, escape=True),
    "<h2>Params that go together with it (no proof of a cause)</h2>",
    params.to_html(index=False, escape=True)
    if len(params)
    else "<p>Too few trainings with params that vary.</p>",
]
Path(TARGET).write_text(f"<!doctype html><meta charset='utf-8'>{''.join(parts)}", encoding="utf-8")
history.close()
print(f"{TARGET}: {len(frame)} commits, {len(params)} params")
