"""Every way in which people write a gist's address leads to one git URL; nothing else does."""

from __future__ import annotations

import pytest
from devops_mlops_report.history.errors import LocationError
from devops_mlops_report.history.stores.gist_url import GistUrl
from hypothesis import given
from hypothesis import strategies as st

ID = "0123456789abcdef0123456789abcdef"
REVISION = "a" * 40


@pytest.mark.parametrize(
    ("text", "user"),
    [
        (f"https://gist.github.com/mona/{ID}", "mona"),
        (f"https://gist.github.com/{ID}", None),
        (f"https://gist.github.com/{ID}.git", None),
        (f"https://gist.github.com/mona/{ID}.git/", "mona"),
        (f"https://gist.github.com/mona/{ID}/", "mona"),
        (f"https://gist.github.com/mona/{ID}/{REVISION}", "mona"),
        (f"https://gist.github.com/{ID}/{REVISION}", None),
        (f"https://gist.github.com/mona/{ID}#file-commithistory-csv", "mona"),
        (f"https://gist.github.com/mona/{ID}?permalink_comment_id=1#gistcomment-1", "mona"),
        (f"  HTTPS://Gist.GitHub.com:443/mona/{ID.upper()}\n", "mona"),
        (f"gist.github.com/mona/{ID}", "mona"),
        (f"git@gist.github.com:{ID}.git", None),
        (f"ssh://git@gist.github.com/{ID}.git", None),
    ],
)
def test_every_spelling_of_an_address_names_the_same_gist(text: str, user: str | None) -> None:
    gist = GistUrl.parse(text)

    assert gist == GistUrl("https", "gist.github.com", "", ID, user)
    assert gist.git_url == f"https://gist.github.com/{ID}.git"


def test_the_web_address_keeps_the_user() -> None:
    assert (
        GistUrl.parse(f"https://gist.github.com/mona/{ID}.git").web_url
        == f"https://gist.github.com/mona/{ID}"
    )
    assert str(GistUrl.parse(f"git@gist.github.com:{ID}.git")) == f"https://gist.github.com/{ID}"


@pytest.mark.parametrize(
    ("text", "git_url"),
    [
        (f"https://code.example.org/gist/mona/{ID}", f"https://code.example.org/gist/{ID}.git"),
        (f"https://code.example.org:8443/gist/{ID}", f"https://code.example.org:8443/gist/{ID}.git"),
        (f"https://gist.code.example.org/mona/{ID}", f"https://gist.code.example.org/{ID}.git"),
        (f"git@gist.code.example.org:{ID}.git", f"https://gist.code.example.org/{ID}.git"),
        (f"git@code.example.org:gist/{ID}.git", f"https://code.example.org/gist/{ID}.git"),
    ],
)
def test_an_enterprise_host_keeps_its_prefix(text: str, git_url: str) -> None:
    assert GistUrl.parse(text).git_url == git_url


@pytest.mark.parametrize(
    ("text", "git_url"),
    [
        ("http://127.0.0.1:8765/my_gist-1", "http://127.0.0.1:8765/my_gist-1.git"),
        ("http://localhost:8765/mona/Ab1.git", "http://localhost:8765/Ab1.git"),
        ("http://[::1]:8765/Ab1", "http://[::1]:8765/Ab1.git"),
        (f"http://127.0.0.1:8765/gist/mona/{ID}", f"http://127.0.0.1:8765/gist/{ID}.git"),
    ],
)
def test_plain_http_and_any_id_are_for_loopback_hosts(text: str, git_url: str) -> None:
    assert GistUrl.parse(text).git_url == git_url


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the gist URL does not start with https://; wanted https://gist.github.com/<user>/<id>"),
        (ID, "the gist URL does not start with https://; wanted https://gist.github.com/<user>/<id>"),
        (
            f"ftp://gist.github.com/{ID}",
            "the gist URL does not start with https://; wanted https://gist.github.com/<user>/<id>",
        ),
        (
            f"http://gist.github.com/{ID}",
            "the gist URL starts with http://, which would send the token in the clear; "
            "wanted https://gist.github.com/<user>/<id>",
        ),
        (
            f"https://github.com/mona/{ID}",
            "'github.com' is not a gist host: it neither starts with gist. nor has the path /gist/; "
            "wanted https://gist.github.com/<user>/<id>",
        ),
        (
            "https://gist.github.com/mona",
            "the gist URL has no gist id (20 or more hexadecimal digits) at its end; "
            "wanted https://gist.github.com/<user>/<id>",
        ),
        (
            f"https://gist.github.com/mona/x/{ID}",
            "the gist URL's path is not /<user>/<id>; wanted https://gist.github.com/<user>/<id>",
        ),
        (
            f"https://gist.github.com:port/{ID}",
            "the gist URL can't be read as a URL; wanted https://gist.github.com/<user>/<id>",
        ),
        (f"https:///{ID}", "the gist URL has no valid host; wanted https://gist.github.com/<user>/<id>"),
    ],
)
def test_an_address_that_is_not_a_gists_is_refused_with_what_is_wanted(text: str, message: str) -> None:
    with pytest.raises(LocationError) as raised:
        GistUrl.parse(text)

    assert str(raised.value) == message


@pytest.mark.parametrize(
    "text",
    [
        f"https://mona:hunter2hunter2@gist.github.com/{ID}",
        f"https://hunter2hunter2@gist.github.com/{ID}",
        f"http://x:hunter2hunter2@127.0.0.1:1/{ID}",
        f"ssh://git@hunter2hunter2@gist.github.com/{ID}",
        "hunter2hunter2",
        "https://gist.github.com/hunter2hunter2",
        f"https://gist.github.com/hunter2.hunter2/{ID}",
        f"https://mona:hunter2[hunter2@gist.github.com/{ID}",
    ],
)
def test_a_refusal_never_repeats_what_may_be_a_credential(text: str) -> None:
    with pytest.raises(LocationError) as raised:
        GistUrl.parse(text)

    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_credential_in_the_address_is_refused_with_where_it_belongs() -> None:
    with pytest.raises(LocationError, match=r"^the gist URL holds a user name or a password; .* GIST_TOKEN$"):
        GistUrl.parse(f"https://token@gist.github.com/{ID}")


@given(st.text() | st.from_regex(r"https?://[^\n]*gist[^\n]*"))
def test_any_text_is_a_gist_or_a_location_error(text: str) -> None:
    try:
        gist = GistUrl.parse(text)
    except LocationError:
        return
    assert GistUrl.parse(gist.git_url).gist_id == gist.gist_id
    assert GistUrl.parse(gist.web_url) == gist
