"""A history on a git host, in a gist or on a branch: what a run reads, what it pushes, and that no row is lost."""

from __future__ import annotations

import random
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from devops_mlops_report.history import CsvError, LocationError, ReadOnlyError, Settings, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.stores import GistLocation, Patience
from servers.git_server import GitServer
from servers.writers import csv_of, numbers_in, push_row, row

NAME = "commitHistory.csv"
Locate = Callable[..., GistLocation]
of_both_kinds = pytest.mark.parametrize("store", ["gist", "branch"])


def test_every_form_of_the_url_reads_the_same_gist(host: GitServer, locate: Locate) -> None:
    host.create_gist("abc", {NAME: csv_of([1, 2])})

    for form in ("/abc", "/mona/abc", "/abc.git", "/mona/abc/", "/gist/abc", "/gist/mona/abc", "/abc#file-x"):
        history = locate(host.url + form).load(Settings())

        assert numbers_in(history.to_csv()) == [1, 2], form


def test_a_gist_is_read_without_a_token_and_its_branch_may_have_any_name(
    host: GitServer, locate: Locate
) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])}, branch="master")

    assert locate(url, None).load(Settings()).count_rows == 1
    assert all(request.authorization is None for request in host.requests)


def test_a_gist_with_many_revisions_costs_no_more_than_a_fresh_one(host: GitServer, locate: Locate) -> None:
    content = csv_of(range(400))
    old = host.create_gist("old", {NAME: content}, revisions=300)
    fresh = host.create_gist("fresh", {NAME: content})

    def transferred(url: str) -> tuple[int, int]:
        host.requests.clear()
        assert locate(url).load(Settings()).count_rows == 400
        return sum(request.bytes_out for request in host.requests), len(host.requests)

    (old_bytes, old_requests), (fresh_bytes, fresh_requests) = transferred(old), transferred(fresh)

    assert old_bytes < fresh_bytes * 1.1 + 500
    assert old_requests == fresh_requests <= 3


@of_both_kinds
def test_a_run_that_nobody_disturbs_takes_five_requests(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    history.append(row(2))
    location.save(history, {})

    assert len(host.requests) == 5


def test_rows_and_attachments_are_pushed_in_one_commit(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1]), "notes.md": b"mine\r\n"}))
    history = location.load(Settings(repository="owner/name", commit_sha=f"{2:040x}"))
    history.append(row(2))
    picture = bytes(range(256))

    receipt = location.save(history, {"chart.png": picture, "badge.svg": b"<svg/>"})

    assert numbers_in(host.read(NAME)) == [1, 2]
    assert (host.read("chart.png"), host.read("badge.svg")) == (picture, b"<svg/>")
    assert host.read("notes.md") == b"mine\r\n"
    assert host.count_revisions() == 2
    said = host.git("log", "-1", "--format=%an %ae %cn %s", gist_id="history").decode().strip()
    assert (
        said
        == f"devops-mlops-report noreply devops-mlops-report Record commit {2:012x} of owner/name".replace(
            f"{2:012x}", f"{2:040x}"[:12]
        )
    )
    assert receipt.revision == host.tip()
    assert receipt.count_rows == 2


def test_the_receipt_has_addresses_that_keep_their_content(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    receipt = location.save(history, {"chart.svg": b"first"})
    location.save(history, {"chart.svg": b"second"})

    assert receipt.revision_url == f"{host.url}/history/{receipt.revision}"
    with urllib.request.urlopen(receipt.attachment_urls["chart.svg"], timeout=60) as answer:
        assert answer.read() == b"first"


@of_both_kinds
def test_nothing_is_committed_when_the_gist_has_it_all(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1]), "badge.svg": b"<svg/>"}))
    tip = host.tip()

    receipt = location.save(location.load(Settings()), {"badge.svg": b"<svg/>"})

    assert receipt.revision == host.tip() == tip
    assert "push" not in host.count_steps()


@of_both_kinds
def test_a_rejected_push_merges_the_rows_of_both(host: GitServer, locate: Locate) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])})
    mine, theirs = locate(url), locate(url)
    my_history, their_history = mine.load(Settings()), theirs.load(Settings())
    my_history.append(row(2))
    their_history.append(row(3))

    theirs.save(their_history, {"badge.svg": b"theirs"})
    receipt = mine.save(my_history, {"badge.svg": b"mine"})

    assert numbers_in(host.read(NAME)) == [1, 2, 3]
    assert mine.attempts == 2
    assert receipt.count_rows == 3
    assert my_history.count_rows == 3


@of_both_kinds
def test_rows_of_a_history_that_was_loaded_elsewhere_join_those_in_the_gist(
    host: GitServer, locate: Locate
) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1, 2])}))

    location.save(open_history(csv_of([2, 3])), {})
    assert numbers_in(host.read(NAME)) == [1, 2, 3]

    location.load(Settings())
    location.save(open_history(csv_of([4])), {})
    assert numbers_in(host.read(NAME)) == [1, 2, 3, 4]


@of_both_kinds
def test_a_location_saves_again_and_again(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    for number in (2, 3):
        history.append(row(number))
        location.save(history, {})
        host.commit("history", {"notes.md": b"%d" % number})
    assert location.load(Settings()).count_rows == 3
    assert numbers_in(host.read(NAME)) == [1, 2, 3]


def test_what_an_earlier_save_pushed_stays_and_can_be_taken_back(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1]), "badge.json": b"1"}))
    history = location.load(Settings())
    for content in (b"2", b"1"):
        location.save(history, {"badge.json": content})
    location.save(history, {"chart.svg": b"<svg/>"})
    location.save(history, {"chart-dark.svg": b"<svg/>"})

    assert host.read("badge.json") == b"1"
    assert host.read("chart.svg") == host.read("chart-dark.svg") == b"<svg/>"


@pytest.mark.parametrize("files", [None, {"notes.md": b"x"}, {NAME: b""}, {NAME: b"\n"}])
def test_an_empty_gist_and_a_gist_without_the_file_are_an_empty_history(
    host: GitServer, locate: Locate, files: dict[str, bytes] | None
) -> None:
    location = locate(host.create_gist("history", files, branch="trunk"))
    history = location.load(Settings())
    assert history.count_rows == 0

    history.append(row(1))
    location.save(history, {})

    assert numbers_in(host.read(NAME)) == [1]
    assert locate(f"{host.url}/history").load(Settings()).count_rows == 1


@of_both_kinds
def test_two_first_rows_of_an_empty_gist_are_both_kept(host: GitServer, locate: Locate) -> None:
    url = host.create_gist("history")
    for location in (locate(url), locate(url)):
        location.load(Settings())
    first, second = locate(url), locate(url)
    histories = first.load(Settings()), second.load(Settings())
    for number, (location, history) in enumerate(zip((first, second), histories, strict=True)):
        history.append(row(number))
        location.save(history, {})

    assert numbers_in(host.read(NAME)) == [0, 1]


@pytest.mark.parametrize("content", [b"<html>not a csv</html>\n", b"\xff\xfeU\x00T\x00F\x00", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_is_never_overwritten(
    host: GitServer, locate: Locate, content: bytes
) -> None:
    url = host.create_gist("history", {NAME: content})
    with pytest.raises(CsvError, match=NAME) as raised:
        locate(url).load(Settings())
    assert "/tmp" not in str(raised.value)

    with pytest.raises(LocationError, match=NAME):
        locate(url).save(open_history(csv_of([1])), {})
    assert host.read(NAME) == content
    assert host.count_revisions() == 1


@of_both_kinds
def test_a_file_that_became_unreadable_in_between_is_left_as_it_is(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    history.append(row(2))
    host.commit("history", {NAME: b"broken,by,hand\n1,2,3\n"})

    with pytest.raises(LocationError, match="left as it is"):
        location.save(history, {})

    assert host.read(NAME) == b"broken,by,hand\n1,2,3\n"
    host.commit("history", {NAME: csv_of([1, 3])})
    location.save(history, {})
    assert numbers_in(host.read(NAME)) == [1, 2, 3]


@of_both_kinds
def test_a_history_that_was_taken_away_in_between_comes_back(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1]), "notes.md": b"x"}))
    history = location.load(Settings())
    history.append(row(2))
    host.commit("history", {NAME: None})
    location.save(history, {})
    assert numbers_in(host.read(NAME)) == [1, 2]


@of_both_kinds
def test_what_the_gist_says_about_its_files_changes_no_byte(host: GitServer, locate: Locate) -> None:
    rules = {".gitattributes": b"*.csv text eol=crlf ident\n", ".gitignore": b"*\n"}
    location = locate(host.create_gist("history", {**rules, NAME: csv_of([1])}))
    history = location.load(Settings())
    history.append(row(2))
    location.save(history, {"badge.svg": b"a\r\nb"})

    assert host.read(NAME) == csv_of([1, 2])
    assert host.read("badge.svg") == b"a\r\nb"


def test_a_link_in_the_gist_is_not_followed(host: GitServer, locate: Locate) -> None:
    url = host.create_gist("history", {"notes.md": b"x"})
    stream = (
        b"commit refs/heads/main\ncommitter S <s@example.org> 1 +0000\ndata 1\nx\nfrom refs/heads/main^0\n"
    )
    host.git(
        "fast-import",
        "--quiet",
        gist_id="history",
        stdin=stream + b"M 120000 inline %b\ndata 11\n/etc/passwd\n" % NAME.encode(),
    )
    with pytest.raises(LocationError, match="not a plain file"):
        locate(url).load(Settings())


def test_without_a_token_the_history_is_read_and_not_written(host: GitServer, locate: Locate) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])})
    for token in (None, "", " \n"):
        location = locate(url, token)
        with pytest.raises(ReadOnlyError, match="no GIST_TOKEN: the history was read, not written"):
            location.save(location.load(Settings()), {})
    with pytest.raises(ReadOnlyError, match="of a fork"):
        locate(url, read_only_reason="the run is of a fork").save(open_history(None), {})


@pytest.mark.parametrize("name", ["../x", "a/b", ".gitattributes", "", "a\nb", NAME, "x" * 300, "ä.svg"])
def test_an_attachment_has_a_plain_name_of_its_own(host: GitServer, locate: Locate, name: str) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    with pytest.raises(LocationError, match="name"):
        location.save(location.load(Settings()), {name: b""})
    assert host.count_revisions() == 1


@of_both_kinds
def test_no_temporary_file_is_left(
    host: GitServer, locate: Locate, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    location.save(history, {"badge.svg": b"x"})
    assert len(list(folder.iterdir())) == 1

    location.close()

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("megabytes", [1, 30])
def test_a_big_history_works_like_a_small_one(
    host: GitServer, locate: Locate, megabytes: int, record_property: Callable[[str, object], None]
) -> None:
    """Beyond the 1 MB at which the API cuts a gist's content, and beyond git's buffer for one request."""
    noise = random.Random(megabytes)
    count = 100 * megabytes
    rows = [
        f"{number:040x},{number},1,2026-01-01T00:00:00Z,{noise.randbytes(5200).hex()}\n"
        for number in range(count)
    ]
    columns = ["commit_sha", "workflow_run_id", "run_attempt", "recorded_at", "commit_message"]
    order = [*columns, *(name for name in COLUMN_NAMES if name not in columns)]
    padding = "," * (len(order) - len(columns))
    lines = [",".join(order), *(row.rstrip("\n") + padding for row in rows)]
    location = locate(host.create_gist("history", {NAME: "\n".join([*lines, ""]).encode()}))

    begun = time.perf_counter()
    history = location.load(Settings())
    loaded = time.perf_counter()
    history.append(row(count))
    receipt = location.save(history, {})
    record_property(
        "figure",
        f"{len(host.read(NAME)) / 2**20:.0f} MB: load {loaded - begun:.1f} s, append and save "
        f"{time.perf_counter() - loaded:.1f} s",
    )

    assert receipt.count_rows == count + 1
    assert sorted(numbers_in(host.read(NAME))) == list(range(count + 1))


def test_a_push_beyond_gits_buffer_goes_through(host: GitServer, locate: Locate) -> None:
    """It is sent in chunks."""
    noise = random.Random(1)
    history = open_history(None)
    history.append(row(1, commit_message=noise.randbytes(1_000_000).hex()))
    location = locate(host.create_gist("history", {NAME: history.to_csv()}))
    history = location.load(Settings())
    history.append(row(2, commit_message=noise.randbytes(1_000_000).hex()))
    location.save(history, {})

    assert numbers_in(host.read(NAME)) == [1, 2]
    assert max(request.bytes_in for request in host.requests) > 1_000_000


def test_twenty_writers_at_once_lose_and_double_nothing(host: GitServer) -> None:
    url = host.create_gist("history", {NAME: csv_of(range(100, 105))})
    patience = Patience(first_pause=0.1, longest_pause=3)

    with ThreadPoolExecutor(20) as writers:
        all_done = [writers.submit(push_row, url, host.token or "", number, patience) for number in range(20)]
        attempts = [done.result(timeout=300) for done in all_done]

    assert numbers_in(host.read(NAME)) == [*range(20), *range(100, 105)]
    assert host.count_revisions() == 21
    assert max(attempts) > 1
