"""The page for SQL: DuckDB in the browser, over what the page brings along, and no other address is ever asked."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browser import chromium
from checkouts import Checkout
from commands import run_here
from devops_mlops_report.history import Settings
from devops_mlops_report.history.exporting import exportable
from devops_mlops_report.history.stores import FileLocation
from devops_mlops_report.report.redaction import HIDDEN
from hostile import HOSTILE
from optional_parts import node_package

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Browser, Page

SECRET = "hunter2-hunter2-hunter2"
CONFIG = "version: 3\nreport: {highlight_metric: acc, default_branch: main}\nstorage: {path: h.csv}\n"
BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def _rows() -> Iterator[dict[str, Any]]:
    for number, text in enumerate(text.replace("\0", "") for text in HOSTILE[:40]):
        yield {
            "repository": "acme/wine",
            "commit_sha": f"{number:040x}",
            "branch": "main",
            "author": text,
            "commit_message": f"{SECRET} {text}",
            "recorded_at": BEGUN + timedelta(hours=number),
            "workflow_run_id": str(number + 1),
            "jobs": [{"name": text, "conclusion": "success", "duration_seconds": 3 + number}],
            "training": "trained",
            "params": {"lr": "0.1", text: text},
            "metrics": {"acc": 0.9 + number / 1000},
        }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the two pages of a hostile history."""
    package = node_package("@duckdb/duckdb-wasm")
    checkout = Checkout.create(tmp_path_factory.mktemp("sql") / "wine")
    checkout.commit("Begin", {"report-config.yml": CONFIG})
    location = FileLocation(checkout.root / "h.csv")
    with location.load(Settings()) as history:
        for row in _rows():
            history.append(row)
        location.save(history, {})
    answer = run_here("page", "--sql", package, cwd=checkout.root, environment={"DAGSHUB_TOKEN": SECRET})
    assert answer.code == 0, answer.stderr
    assert re.search(r"loads DuckDB \(7\.\d MB\) and the history \(0\.\d MB\)", answer.stderr)
    return checkout.root / "site"


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 375, "height": 800}, color_scheme="dark")
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


def ask(page: Page, query: str) -> list[list[str]]:
    """The answer's rows, with the names first; or what is said in its place."""
    page.fill("#query", query)
    page.press("#query", "Control+Enter")
    page.wait_for_function(
        "() => !document.getElementById('run').disabled && document.querySelector('#answer > *')"
    )
    if page.locator("[role=alert]").count():
        return [[page.locator("[role=alert]").inner_text()]]
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll('#answer tr')].map(
            (row) => [...row.cells].map((cell) => cell.textContent))"""
    )
    return found


def test_the_history_is_asked_in_the_browser_and_no_other_address(site: Path, url: str, page: Page) -> None:
    requests, faults = list[str](), list[str]()
    page.context.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{url}/sql.html#q=select%20count(*)%20as%20n%20from%20commits")
    # Its size is told before anything is loaded.
    assert re.search(r"Load [78]\.\d MB and run", page.locator("#run").inner_text())
    assert "DuckDB 7." in page.locator("#size").inner_text()
    assert requests == [f"{url}/sql.html"]
    page.click("#run")
    page.wait_for_selector("#answer table")
    assert page.locator("#answer td").all_inner_texts() == ["40"]
    assert page.locator("#run").inner_text() == "Run"

    assert ask(page, "from (show all tables) select list_sort(list(name))")[1] == [
        f"[{', '.join(sorted(exportable()))}]"
    ]
    [_, cells] = ask(
        page, "select metrics['acc'], params['lr'], jobs[1].name is not null, null, '' from commits limit 1;"
    )
    assert cells == ["0.9", "0.1", "true", "NULL", ""]
    # Texts are texts.
    told = ask(page, "select author from commits order by recorded_at")
    assert [row[0] for row in told[1:]] == [row["author"] for row in _rows()]
    assert page.locator("#answer img, #answer script, #answer a").count() == 0
    assert ask(page, 'select 1 as "<img src=x onerror=alert(1)>"')[0] == ["<img src=x onerror=alert(1)>"]
    assert len(ask(page, "from range(5000)")) == 1001
    assert "The first 1,000 rows" in page.locator("#state").inner_text()
    # It is kept in the address, and asked for by it.
    ask(page, "select 'ä #&?' as x")
    assert page.url.endswith("#q=" + quote("select 'ä #&?' as x", safe="()*!'"))

    for query, problem in (
        ("select\nnone from commits", "LINE 2: none"),
        ("from 'https://example.org/x.parquet'", "disabled by configuration|does not exist"),
        (f"from read_csv('{url}/index.html')", "disabled by configuration"),
        ("from read_text('/etc/passwd')", "disabled by configuration"),
        (
            "select 1) limit 1) to '/answers/x.csv'; install httpfs; select (from (select 1",
            "syntax|httpfs|disabled",
        ),
        ("select '{}'->>'a'", "json"),
        ("from commits); set enable_external_access = true; --", "locked|syntax error|Parser"),
    ):
        [[said]] = ask(page, query)
        assert re.search(problem, said), said
    for example in page.locator("#examples button").all():
        example.click()
        page.wait_for_function("() => !document.getElementById('run').disabled")
        assert page.locator("#answer th").count() > 0
    assert len(ask(page, "select * from deltas where kind = 'ml'")) == 41
    own = [
        f"{url}/sql/{name}" for name in ("duckdb.wasm.packed", "history.duckdb.packed", "worker.js.packed")
    ]
    assert sorted(each for each in requests if not each.startswith("blob:")) == sorted(
        [f"{url}/sql.html", *own]
    )
    assert faults == []


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_is_answered(url: str, page: Page) -> None:
    page.goto(f"{url}/sql.html")
    assert ask(page, "select 1 as x") == [["x"], ["1"]]
    page.fill(
        "#query", "select count(*) from range(1000000) a, range(1000000) b where a.range * b.range % 7 = 3"
    )
    page.press("#query", "Meta+Enter")
    page.wait_for_selector("#stop:not([disabled])")
    page.click("#stop")
    page.wait_for_selector("[role=alert]")
    assert page.locator("[role=alert]").inner_text() == "Stopped."
    assert ask(page, "select 2 as x") == [["x"], ["2"]]


def test_the_page_fits_a_phone_and_every_control_has_a_name(url: str, page: Page) -> None:
    page.goto(f"{url}/sql.html")
    ask(page, "select * from commits")
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    assert page.evaluate(
        "() => [...document.querySelectorAll('button')].every((each) => each.textContent.trim())"
    )
    assert page.get_by_label("Query").count() == 1
    page.goto(f"{url}/index.html")
    page.click("header nav >> text=SQL")
    page.wait_for_selector("#query")


def test_its_policy_adds_what_webassembly_needs_to_this_page_alone(site: Path) -> None:
    policies = {
        name: re.findall(r'Content-Security-Policy" content="([^"]*)"', (site / name).read_text())[0]
        for name in ("index.html", "sql.html")
    }
    assert "wasm-unsafe-eval" not in policies["index.html"]
    rules = dict(rule.split(" ", 1) for rule in policies["sql.html"].split("; "))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[^']+' 'wasm-unsafe-eval'", rules["script-src"])
    assert (rules["connect-src"], rules["worker-src"]) == ("'self' blob:", "blob:")


def test_from_a_disk_it_says_what_it_needs(site: Path, page: Page) -> None:
    page.goto((site / "sql.html").as_uri())
    assert "over http alone" in page.locator("#size").inner_text()
    assert page.locator("#run").is_disabled()


def test_no_secret_of_the_environment_is_in_the_database(url: str, page: Page) -> None:
    page.goto(f"{url}/sql.html")
    rows = ask(page, "select commit_message from commits")[1:]
    assert {row[0].startswith(HIDDEN) for row in rows} == {True}
    assert SECRET not in str(rows)


def test_another_package_is_refused_in_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    (checkout.root / "other/dist").mkdir(parents=True)
    for path, problem in (("none", "can't be read"), ("other", "is of another version")):
        answer = run_here("page", "--sql", path, cwd=checkout.root)
        assert (answer.code, answer.is_one_line()) == (2, True), answer.stderr
        assert problem in answer.stderr
        assert "npm install @duckdb/duckdb-wasm@1.32.0" in answer.stderr
        (checkout.root / "other/dist/duckdb-eh.wasm").write_bytes(b"\0asm")
    assert not (checkout.root / "site").exists()
