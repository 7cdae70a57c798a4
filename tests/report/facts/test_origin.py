from __future__ import annotations

import pytest
from devops_mlops_report.report.facts.git import repository_name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/octo/hello.git", "octo/hello"),
        ("https://github.com/octo/hello", "octo/hello"),
        ("https://github.com/octo/hello/", "octo/hello"),
        ("https://github.com/octo/hello.git/", "octo/hello"),
        ("https://github.com/octo/hello.github.io", "octo/hello.github.io"),
        ("git@github.com:octo/hello.git", "octo/hello"),
        ("github.com:octo/hello", "octo/hello"),
        ("git@github.com:/octo/hello.git", "octo/hello"),
        ("ssh://git@ssh.github.com:443/octo/hello.git", "octo/hello"),
        ("git://example.com/octo/hello.git", "octo/hello"),
        ("https://git.example.com:8443/octo/hello.git", "octo/hello"),
        ("org-1234@github.example.com:octo/hello.git", "octo/hello"),
        ("https://gitlab.com/a/b/c.git", "a/b/c"),
        ("git@gitlab.com:a/b/c.git", "a/b/c"),
        ("git@[::1]:octo/hello.git", "octo/hello"),
    ],
)
def test_every_form_of_url_gives_owner_and_name(url: str, name: str) -> None:
    assert repository_name(url) == name


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/octo/hello.git",
        "../octo/hello.git",
        "file:///srv/git/octo/hello.git",
        "C:\\git\\octo\\hello",
        "C:/git/octo/hello",
        "https://gist.github.com/0123456789.git",
        "https://[broken/octo/hello",
        "git@example.com:~/hello.git",
        "git@example.com:octo/.git",
    ],
)
def test_a_remote_without_owner_and_name_gives_nothing(url: str) -> None:
    assert repository_name(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://x-access-token:s3cret@github.com/octo/hello.git",
        "https://s3cret@github.com/octo/hello.git",
        "ssh://git:s3cret@github.com/octo/hello.git",
        "https://github.com/octo/hello.git?access_token=s3cret",
        "https://github.com/octo/hello#s3cret",
    ],
)
def test_credentials_in_a_url_are_never_kept(url: str) -> None:
    assert repository_name(url) == "octo/hello"
