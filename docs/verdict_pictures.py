"""Make the pictures of docs/verdicts.md: `python docs/verdict_pictures.py`.

One for each kind of finding: a made history of one metric, with a fixed seed, drawn by the chart of the report.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devops_mlops_report.history import Settings, open_history
from devops_mlops_report.report.rendering.chart import ChartLabels, render_chart

HERE = Path(__file__).with_name("pictures")
COMMITS = 40


def main() -> None:
    """Write one SVG a finding."""
    for name, values in findings().items():
        (HERE / f"verdict-{name}.svg").write_text(picture(values), encoding="utf-8")


def findings() -> dict[str, list[float]]:
    """The histories by the name of what is found in them: accuracies with a noise of .004."""
    dice = random.Random(5)  # noqa: S311 (noise, no secret)

    def noise(level: float, count: int) -> list[float]:
        return [level + dice.gauss(0, 0.004) for _ in range(count)]

    return {
        "changed": noise(0.9, 24) + noise(0.87, COMMITS - 24),
        "recovered": noise(0.9, 18) + noise(0.87, 8) + noise(0.9, COMMITS - 26),
        "outlier": [*noise(0.9, 24), 0.86, *noise(0.9, COMMITS - 25)],
        "drift": [value - 0.0012 * at for at, value in enumerate(noise(0.9, COMMITS))],
        "bad-start": [0.6, *noise(0.9, 26), *noise(0.87, COMMITS - 27)],
    }


def picture(values: list[float]) -> str:
    """The history of the values as the report draws it."""
    history = open_history(None, Settings(highlight_metric="val_accuracy", trend_window=COMMITS))
    for at, value in enumerate(values):
        moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=at)
        history.append(
            {
                "repository": "owner/name",
                "branch": "main",
                "commit_sha": f"{at:07x}" + "0" * 33,
                "recorded_at": moment,
                "committed_at": moment,
                "workflow_run_id": str(at),
                "training": "trained",
                "metrics": {"val_accuracy": value},
            }
        )
    chart = render_chart(history.rows("from highlight_trend order by place"), ChartLabels("val_accuracy"))
    history.close()
    if chart is None:
        raise ValueError("nothing was drawn: the history has no value")
    return chart.svg


if __name__ == "__main__":
    main()
