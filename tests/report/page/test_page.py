"""The page: one file that needs nothing, loads nothing, and shows what the history holds as text."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from checkouts import Checkout
from commands import run_here
from devops_mlops_report import open_history
from devops_mlops_report.history import Settings
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.stores import FileLocation
from devops_mlops_report.report import page as page_package
from hostile import HOSTILE

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Browser, Page

ROOM = Path(page_package.__file__).parent
BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "hunter2-hunter2-hunter2"
CONFIG = """\
version: 3
report:
  highlight_metric: val_accuracy
  default_branch: main
  panels:
    - { title: Best of each author, query: best.sql, chart: bar }
    - { title: Not there, query: none.sql }
storage: { path: commitHistory.csv }
"""
BEST = """\
select author, max(value) as best
from measurements join commits using (commit_sha)
where metric = 'val_accuracy' and author like 'A%'
group by author
order by author
"""
VALUES = [0.90, 0.905, 0.902, 0.907, 0.903, 0.906, 0.904, 0.82, 0.823, 0.821, 0.822]


def _rows() -> Iterator[dict[str, Any]]:
    for number, value in enumerate(VALUES):
        when = BEGUN + timedelta(hours=number)
        yield {
            "repository": "acme/wine",
            "commit_sha": f"{number:x}" * 40,
            "parent_sha": f"{number - 1:x}" * 40 if number else "",
            "branch": "main",
            "author": "Ada Lovelace" if number % 2 else "Alan Turing",
            "commit_message": "Raise the learning rate" if number == 7 else f"Change {number}",
            "committed_at": when,
            "recorded_at": when + timedelta(minutes=5),
            "workflow": "CI",
            "workflow_run_id": str(100 + number),
            "run_attempt": 1,
            "workflow_status": "failure" if number == 5 else "success",
            "jobs": [
                {
                    "name": "test",
                    "conclusion": "failure" if number == 5 else "success",
                    "duration_seconds": 61,
                }
            ],
            "failed_tests": ["tests/test_fit.py::test_fit"] if number == 5 else [],
            "ci_metrics": {"duration_seconds": 100 + number},
            "training": "trained",
            "cause": "Script",
            "changed_inputs": ["train.py"],
            "params": {"lr": "0.1" if number < 7 else "0.3", "epochs": str(5 + number % 3)},
            "metrics": {
                "val_accuracy": value,
                "loss": float("nan") if number == 3 else round(1.2 - value, 4),
            },
            "environment": {"python": "3.12.3" if number < 7 else "3.13.0"},
        }
    texts = [text.replace("\0", "") for text in HOSTILE]
    for number, text in enumerate(texts[::12]):
        when = BEGUN + timedelta(days=2, minutes=number)
        yield {
            "repository": "acme/wine",
            "commit_sha": hashlib.sha1(str(number).encode()).hexdigest(),  # noqa: S324
            "branch": f"side {text}" if number < 20 else "side",
            "author": text,
            "commit_message": f"{text} {SECRET if number == 3 else ''}",
            "committed_at": when,
            "recorded_at": when,
            "workflow": text,
            "workflow_run_id": f"9{number}",
            "workflow_status": "success",
            "jobs": [{"name": text, "conclusion": text}],
            "failed_tests": [text],
            "training": "trained",
            "params": {"lr": text, text: "1"},
            "metrics": {"val_accuracy": 0.9, text: 1.0} if number < 10 else {"val_accuracy": 0.9},
            "environment": {text: text},
        }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a history and the page of it."""
    checkout = Checkout.create(tmp_path_factory.mktemp("page") / "wine")
    checkout.commit("Begin", {"report-config.yml": CONFIG, "best.sql": BEST})
    location = FileLocation(checkout.root / "commitHistory.csv")
    with location.load(Settings()) as history:
        for row in _rows():
            history.append(row)
        location.save(history, {})
    answer = run_here("page", cwd=checkout.root, environment={"DAGSHUB_TOKEN": SECRET})
    assert answer.code == 0, answer.stderr
    return checkout.root


def _held(html: str, name: str) -> str:
    found = re.search(rf'<script type="application/octet-stream" id="{name}">([^<]*)</script>', html)
    assert found is not None
    return gzip.decompress(base64.b64decode(found[1])).decode()


def test_what_is_brought_along_is_what_was_looked_at() -> None:
    pinned = json.loads((ROOM / "vendored/hashes.json").read_text())
    packed = sorted((ROOM / "vendored").glob("*.gz"))
    assert sorted(pinned) == [path.name for path in packed]
    for path in packed:
        assert hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() == pinned[path.name]
        assert path.name in (ROOM / "vendored/README.md").read_text()


def test_the_policy_lets_the_pages_own_scripts_run_and_nothing_be_loaded(made: Path) -> None:
    html = (made / "site/index.html").read_text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    own = re.search(r"<script>(.*)</script>\n</body>", html, re.DOTALL)
    assert own is not None
    scripts = [own[1], _held(html, "vega"), _held(html, "tabulator")]
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in scripts
    ]
    assert rules["script-src"].split() == hashes
    assert not re.search(r"""(?:src|href)=["'](?!https://pypi|data:,|#)""", html.split("<script")[0])


def test_texts_of_the_history_stand_nowhere_but_in_the_packed_data_and_secrets_not_even_there(
    made: Path,
) -> None:
    html = (made / "site/index.html").read_text()
    assert "evil.example" not in html
    data = _held(html, "data")
    assert "evil.example" in data
    assert SECRET not in data
    json.loads(data, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_the_page_says_of_each_measurement_what_the_view_says(made: Path) -> None:
    data = json.loads(_held((made / "site/index.html").read_text(), "data"))
    told, columns = data["told"], data["columns"]
    shas = columns["commit_sha"]
    series = next(at for at, each in enumerate(told["series"]) if each["metric"] == "val_accuracy")
    points = data["points"][series]
    with open_history(made / "commitHistory.csv", config=made / "report-config.yml") as history:
        views = {
            row["commit_sha"]: row
            for row in history.rows("select * from regressions where metric = 'val_accuracy'")
        }
    assert len(points["commits"]) == len(views) == len(shas)
    for commit, value, look in zip(points["commits"], points["values"], points["looks"], strict=True):
        row = views[shas[commit]]
        assert value == row["value"]
        assert told["looks"][look]["verdict"] == row["verdict"]
        assert told["looks"][look]["is_worse"] == (row["standing"] == "worse")
    loss = next(each for each in told["series"] if each["metric"] == "loss")
    assert loss["odd_values"] == {"3": "nan"}


def test_the_page_is_never_written_over_the_history(made: Path) -> None:
    (made / "index.html").write_bytes((made / "commitHistory.csv").read_bytes())
    before = (made / "index.html").read_bytes()
    answer = run_here("page", "--history", "index.html", "--output", ".", cwd=made)
    assert answer.code == 2
    assert "the history itself" in answer.stderr
    assert (made / "index.html").read_bytes() == before


def test_a_history_without_rows_has_a_page(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "new")
    checkout.commit("Begin")
    answer = run_here("page", cwd=checkout.root)
    assert answer.code == 0, answer.stderr
    assert (checkout.root / "site/index.html").stat().st_size > 100_000


def test_a_change_that_is_accepted_leaves_a_level_of_one_point_and_a_page(made: Path, tmp_path: Path) -> None:
    wine = tmp_path / "wine"
    shutil.copytree(made, wine)
    data = json.loads(_held((made / "site/index.html").read_text(), "data"))
    config = (wine / "report-config.yml").read_text()
    for sha in data["columns"]["commit_sha"][-4:]:
        (wine / "report-config.yml").write_text(f"{config}\naccept: ['{sha}']\n")
        answer = run_here("page", cwd=wine)
        assert answer.code == 0, answer.stderr


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser: Browser, made: Path) -> Iterator[Page]:
    """The page from its file; whatever it asks for, or complains of, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda request: faults.append(request.url) if not request.url.startswith("file:") else None
    )
    page.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
    page.goto((made / "site/index.html").as_uri())
    page.wait_for_selector("#main section")
    yield page
    context.close()
    assert faults == []


def _go(page: Page, address: str, wanted: str) -> None:
    page.evaluate("where => { location.hash = where }", address)
    page.wait_for_selector(wanted)


def test_home_says_first_what_is_worse_and_who_made_it_so(opened: Page) -> None:
    first = opened.locator("#main section").first
    assert first.locator("h2").inner_text() == "Worse now"
    row = first.locator("tbody tr", has_text="val_accuracy").inner_text()
    assert "7777777 Raise the learning rate" in row
    assert "Ada Lovelace" in row
    card = opened.locator(".card", has_text="main").first.inner_text()
    assert "still worse" in card
    assert "worse since 7777777" in card.replace("\n", " ")
    opened.wait_for_selector(".chart canvas")
    own = opened.locator("section", has_text="Best of each author")
    own.locator("canvas").wait_for()
    own.locator("summary").click()
    assert "Ada Lovelace\t0.905" in own.inner_text() or "Ada Lovelace\t0.907" in own.inner_text()
    assert "is not there" in opened.locator("section", has_text="Not there").inner_text()


def test_the_history_is_searched_narrowed_and_opened_and_the_address_says_so(opened: Page) -> None:
    _go(opened, "#/history", ".tabulator-row")
    opened.keyboard.press("/")
    opened.keyboard.type("raise LEARNING")
    opened.wait_for_function("() => document.querySelectorAll('.tabulator-row').length === 1")
    assert "q=raise" in opened.url
    opened.locator("input[type=search]").fill("")
    opened.locator("select[name=verdict]").select_option("still worse")
    opened.wait_for_function("() => document.querySelectorAll('.tabulator-row').length === 3")
    assert opened.locator("[role=status]").inner_text().startswith("3 commits of")
    again = opened.url
    # A link for the keyboard and the screen reader; a click anywhere in the row does the same.
    opened.locator(".tabulator-row a").first.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_selector("h2:has-text('aaaaaaa')")
    opened.goto(again)
    opened.reload()
    opened.wait_for_selector(".tabulator-row")
    assert opened.locator(".tabulator-row").count() == 3
    opened.locator(".tabulator-row").last.click(position={"x": 300, "y": 10})
    opened.wait_for_selector("h2:has-text('8888888')")


def test_a_commit_shows_all_that_is_recorded_of_it(opened: Page) -> None:
    _go(opened, f"#/commit/{'7' * 40}", "h2:has-text('7777777')")
    text = opened.locator("#main").inner_text()
    for wanted in (
        "Raise the learning rate",
        "val_accuracy",
        "0.82",
        "train.py",
        "cause Script",
        "Python" if False else "3.13.0",
    ):
        assert wanted in text
    assert opened.locator("mark", has_text="0.3").count() == 1
    assert opened.locator("a", has_text="changes").first.get_attribute("href") == (
        f"https://github.com/acme/wine/compare/{'6' * 40}...{'7' * 40}"
    )
    _go(opened, f"#/commit/{'5' * 40}", "h2:has-text('5555555')")
    assert "tests/test_fit.py::test_fit" in opened.locator("#main").inner_text()
    _go(opened, f"#/commit/{'3' * 40}", "h2:has-text('3333333')")
    assert "nan" in opened.locator("tr", has_text="loss").first.inner_text()
    _go(opened, "#/commit/nothing-like-it", "h2:has-text('Not found')")


def test_metrics_are_drawn_zoomed_and_put_on_one_axis(opened: Page) -> None:
    _go(opened, "#/metrics?metrics=0,1&branch=main", ".chart canvas")
    opened.wait_for_function("() => drawn.length === 1")
    box = opened.locator(".chart canvas").bounding_box()
    assert box is not None
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    opened.mouse.wheel(0, -300)
    opened.wait_for_function("() => Array.isArray(drawn[0].view.signal('zoom_x'))")
    opened.locator("select[name=x]").select_option("time")
    opened.wait_for_function("() => location.hash.includes('x=time') && drawn.length === 1")
    _go(opened, "#/params?branch=main", ".chart canvas")
    opened.wait_for_function("() => drawn.length === 2")


def test_two_commits_stand_side_by_side(opened: Page) -> None:
    _go(opened, f"#/compare/{'6' * 40}/{'7' * 40}", "h2:has-text('Compare')")
    text = opened.locator("#main").inner_text()
    assert "−0.084" in text
    assert opened.locator("tr", has_text="val_accuracy").locator(".bad").count() == 1
    assert "0.1\t0.3" in text
    assert "3.12.3\t3.13.0" in text


def test_a_commit_that_nobody_reported_is_said_to_be_unknown(opened: Page) -> None:
    _go(opened, f"#/compare/{'6' * 40}/{'dead' * 10}", "[role=alert]")
    assert opened.locator("[role=alert]").inner_text().startswith("No commit deaddea was reported")
    _go(opened, f"#/commit/{'dead' * 10}", "h2:has-text('Not found')")


def test_the_order_of_the_table_stands_in_the_address(opened: Page) -> None:
    _go(opened, "#/history?sort=value.asc&branch=main", ".tabulator-row")
    assert "0.82" in opened.locator(".tabulator-row").first.inner_text()
    opened.locator(".tabulator-col-title", has_text="Author").click()
    opened.wait_for_function("() => location.hash.includes('sort=author.asc')")
    opened.locator(".tabulator-col-title", has_text="Commit").click()
    opened.locator(".tabulator-col-title", has_text="Commit").click()
    opened.wait_for_function("() => !location.hash.includes('sort')")


def test_what_is_wide_is_moved_by_keys_and_every_picture_says_what_it_shows(opened: Page) -> None:
    """As axe's rules for regions that scroll, for pictures and for grids ask for it."""
    for place in ("#/", "#/metrics", "#/params", f"#/commit/{'7' * 40}"):
        _go(opened, place, "#main section")
        if place != f"#/commit/{'7' * 40}":
            opened.wait_for_selector(".chart canvas")
        wide = opened.locator(".scroll, .chart:has(canvas)")
        assert wide.count() > 0
        for each in wide.all():
            assert each.get_attribute("tabindex") == "0"
            assert each.get_attribute("aria-label") not in (None, "", "Vega visualization")
    _go(opened, "#/history", ".tabulator-row")
    roles = opened.evaluate(
        "() => [...document.querySelector('[role=grid]').children].map((each) => each.role)"
    )
    assert set(roles) == {"rowgroup"}


def test_nothing_from_the_history_acts_on_the_page(opened: Page) -> None:
    shas = opened.evaluate("page.commits.commit_sha")
    hostile = [sha for sha in shas if len(set(sha)) > 1]
    _go(opened, "#/history", ".tabulator-row")
    for sha in hostile[::4]:
        _go(opened, f"#/commit/{sha}", f"h2 .hash:has-text('{sha[:7]}')")
        assert opened.locator("#main img, #main script, #main iframe, #main h1").count() == 0
    metrics = ",".join(str(at) for at in range(2, 8))
    _go(opened, f"#/metrics?metrics={metrics}", ".chart canvas")
    _go(opened, "#/params", ".chart canvas")
    outside = opened.evaluate(
        "[...document.querySelectorAll('a')].map(a => a.href).filter(h => h.includes('evil'))"
    )
    assert outside == []


@pytest.mark.parametrize("width", [375, 2560])
def test_it_fits_a_phone_and_a_wall_in_the_dark_too(browser: Browser, made: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="dark", offline=True)
    page = context.new_page()
    places = {
        "": ".card",
        "#/history": ".tabulator-row",
        f"#/commit/{'7' * 40}": "table",
        "#/metrics": ".chart canvas",
        "#/params": ".chart canvas",
        "#/compare": "table",
    }
    for place, wanted in places.items():
        page.goto((made / "site/index.html").as_uri() + place)
        page.wait_for_selector(wanted)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, place
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
    context.close()


def test_a_long_line_is_drawn_by_its_extremes_and_in_full_where_one_zooms_in(
    tmp_path: Path, browser: Browser
) -> None:
    checkout = Checkout.create(tmp_path / "long")
    checkout.commit(
        "Begin", {"report-config.yml": CONFIG.partition("  panels")[0] + "storage: {path: h.csv}\n"}
    )
    values = [0.9 + (number * 7919 % 101) / 10_000 for number in range(3_000)]
    values[1_500] = 0.5
    with (checkout.root / "h.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMN_NAMES)
        writer.writeheader()
        for number, value in enumerate(values):
            row = {"commit_sha": f"{number:040x}", "metrics": json.dumps({"val_accuracy": value})}
            row |= {"recorded_at": f"{BEGUN + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}", "branch": "main"}
            writer.writerow(row | {"workflow_run_id": str(number), "training": "trained"})
    assert run_here("page", cwd=checkout.root).code == 0
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((checkout.root / "site/index.html").as_uri() + "#/metrics")
    page.wait_for_function("() => drawn.length === 1")
    drawn = page.evaluate("() => drawn[0].view.data('own0').map((point) => point.value)")
    assert len(drawn) < 2_500
    assert (min(drawn), max(drawn)) == (0.5, max(values))
    box = page.locator(".chart canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    for _ in range(20):
        page.mouse.wheel(0, -150)
    page.wait_for_function(
        """() => {
          const [low, high] = drawn[0].view.signal('zoom')?.x ?? [];
          const seen = drawn[0].view.data('own0').filter(({ x }) => x >= low && x <= high).length;
          return high - low < 800 && seen >= Math.floor(high) - Math.ceil(low);
        }"""
    )
    page.close()
