"""No secret leaves, however it is written, wrapped, cut or chunked; and what is none stays as it is."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from devops_mlops_report.report.redaction import HIDDEN, Redaction
from devops_mlops_report.report.rendering.markdown import code, escaped
from hypothesis import given, settings
from hypothesis import strategies as st

TOKEN = "gho_a1B2c3D4e5F6g7H8i9J0"
PASSWORD = 'tr0ub4dor&3/€ "c\'Ürrent" <$x_y_z>'


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "base64": b64,
    "base64 of user:secret": lambda secret: b64(f"ada:{secret}"),
    "base64 of us:secret": lambda secret: b64(f"ad:{secret}"),
    "base64 of secret:": lambda secret: b64(f"{secret}:"),
    "base64 of :secret": lambda secret: b64(f":{secret}"),
    "base64 in the middle": lambda secret: b64(f'{{"auth": "{secret}", "more": 1}}'),
    "urlsafe base64": lambda secret: base64.urlsafe_b64encode(f"?>{secret}".encode()).decode(),
    "base64 without padding": lambda secret: b64(f"u:{secret}").rstrip("="),
    "base64 in lines": lambda secret: base64.encodebytes(b"x" * 50 + secret.encode()).decode().strip(),
    "percent-encoded": quote,
    "percent-encoded in full": lambda secret: quote(secret, safe=""),
    "percent-encoded as a form": quote_plus,
    "percent-encoded in small letters": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    "percent-encoded twice": lambda secret: quote(quote(secret)),
    "percent-encoded base64": lambda secret: quote(b64(f"ada:{secret}"), safe=""),
    "JSON": json.dumps,
    "JSON with slashes": lambda secret: json.dumps(secret, ensure_ascii=False).replace("/", "\\/"),
    "JSON by numbers": lambda secret: "".join(f"\\u{ord(character):04x}" for character in secret),
    "JSON in JSON": lambda secret: json.dumps(json.dumps({"a": secret})),
    "Python": repr,
    "Python's bytes": lambda secret: repr(secret.encode()),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hexadecimal in capitals": lambda secret: secret.encode().hex().upper(),
    "HTML": html.escape,
    "Markdown": lambda secret: escaped(secret, 10_000),
    "Markdown's code": lambda secret: code(secret, 10_000),
    "wrapped": lambda secret: f"{secret[:9]}\n    {secret[9:]}",
    "overwritten": lambda secret: f"{secret[:9]}\r{secret[9:]}",
    "broken by what has no width": lambda secret: f"{secret[:5]}\u200b{secret[5:]}",
}


def is_known(secret: str, text: str) -> bool:
    """Whether four characters of the secret in a row, or of an encoding, can be read in the text."""
    shown = html.unescape("".join(text.split()))
    bare = secret.replace(" ", "")
    encodings = [b64(secret), secret.encode().hex()]
    return any(bare[at : at + 4] in shown for at in range(len(bare) - 3)) or any(
        encoded[at : at + 8] in shown for encoded in encodings for at in range(0, len(encoded) - 7)
    )


@pytest.mark.parametrize("secret", [TOKEN, PASSWORD, "s3cr3t"])
@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_a_secret_is_taken_out_in_every_encoding(secret: str, encode: Callable[[str], str]) -> None:
    said = Redaction.of({"SOME_TOKEN": secret}).text(f"It said ({encode(secret)}), and ended.")
    assert HIDDEN in said
    assert said.startswith("It said (")
    assert said.endswith("), and ended.")
    assert not is_known(secret, said)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_no_chunking_lets_a_secret_through(encode: Callable[[str], str], size: int) -> None:
    for secret in (TOKEN, PASSWORD):
        stream = Redaction.of({"SOME_TOKEN": secret, "OTHER_TOKEN": "another-one-1"}).stream()
        content = f"é It said ({encode(secret)}), and ended. é".encode()
        said = "".join(stream.feed(content[at : at + size]) for at in range(0, len(content), size))
        said += stream.finish()
        assert HIDDEN in said
        assert said.startswith("é It said (")
        assert said.endswith("), and ended. é")
        assert not is_known(secret, said)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.text(st.sampled_from("abc01 \n\r%\\&#;x…-_=+/.:@é\U0001f600"), max_size=200),
    st.lists(st.integers(1, 40), min_size=1, max_size=20),
)
def test_what_holds_no_secret_comes_through_as_it_is_in_whole_and_in_pieces(
    text: str, sizes: list[int]
) -> None:
    redaction = Redaction.of({"SOME_TOKEN": TOKEN, "SOME_PASSWORD": PASSWORD})
    assert redaction.text(text) == text
    stream, content, said, at, turn = redaction.stream(), text.encode(), "", 0, 0
    while at < len(content):
        size = sizes[turn % len(sizes)]
        said += stream.feed(content[at : at + size])
        at, turn = at + size, turn + 1
    assert said + stream.finish() == text


def test_a_line_is_shown_as_soon_as_it_is_there_unless_a_secret_may_begin_at_its_end() -> None:
    stream = Redaction.of({"SOME_TOKEN": TOKEN}).stream()
    for line in ("epoch 1: 0.5\n", "100%\r", "go\n", "what next? "):
        assert stream.feed(line.encode()) == line
    assert stream.feed(b"token=gho_a\n") == "token="
    assert stream.feed(b"no\n") == "gho_a\nno\n"


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"GIST_TOKEN": TOKEN}, TOKEN),
        ({"MY_API_KEY": "abcdef"}, "abcdef"),
        ({"aws_secret_access_key": "wJalrXUtnFEMI"}, "wJalrXUtnFEMI"),
        ({"X_PASSWD": "letmein1"}, "letmein1"),
        ({"NPM_AUTH": "a1b2c3d4"}, "a1b2c3d4"),
        ({"MLFLOW_TRACKING_URI": "http://ada:hunter22@host:5000"}, "hunter22"),
        ({"DATABASE_URL": "postgresql://ada:p%40ssw%20rd@host/db"}, "p@ssw rd"),
        ({"PIP_INDEX_URL": "https://abcdef1234567@host/simple"}, "abcdef1234567"),
        ({"GIT_CONFIG_VALUE_0": "AUTHORIZATION: basic eC1hY2Nlc3M="}, "eC1hY2Nlc3M="),
        ({"DEPLOY_KEY": "-----BEGIN KEY-----\nMIIEabcd\nefgh1234\n-----END KEY-----"}, "efgh1234"),
        ({"GCP_CREDENTIALS": json.dumps({"type": "x", "private_key": "-----B\nMIIEabcd\n"})}, "MIIEabcd"),
    ],
)
def test_the_environment_tells_what_is_a_secret(environment: dict[str, str], text: str) -> None:
    assert Redaction.of(environment).text(f"a {text} b") == f"a {HIDDEN} b"


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"TOKENIZERS_PARALLELISM": "disabled"}, "disabled"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token"}, "/var/run/token"),
        ({"A_TOKEN": "false", "B_TOKEN": "", "C_TOKEN": "abc", "D_TOKEN": "------"}, "false abc ------"),
        ({"PATH": "/usr/bin", "PWD": "/home/ada"}, "/usr/bin /home/ada"),
        ({"A_PASSWORD": "123456"}, "0.123456 1234567 12345"),
    ],
)
def test_what_is_no_secret_stays(environment: dict[str, str], text: str) -> None:
    assert Redaction.of(environment).text(text) == text


def test_a_secret_of_digits_alone_is_none_within_a_number() -> None:
    assert Redaction.of({"A_PASSWORD": "123456"}).text("pin 123456, loss 0.123456") == (
        f"pin {HIDDEN}, loss 0.123456"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"and so {TOKEN[:12]}… of it", f"and so {HIDDEN}… of it"),
        (f"and so {TOKEN[:8]}...", f"and so {HIDDEN}..."),
        (f"…{TOKEN[-9:]} was it", f"…{HIDDEN} was it"),
        (f"refused {TOKEN[:10]}", f"refused {HIDDEN}"),
        (f"(refused {TOKEN[:14]})", f"(refused {HIDDEN})"),
        (f"{b64('ada:' + TOKEN)[:20]}…", f"{HIDDEN}…"),
    ],
)
def test_a_part_that_a_cut_left_goes_too(text: str, told: str) -> None:
    assert Redaction.of({"SOME_TOKEN": TOKEN}).text(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"Authorization: Basic {b64('a:b')}", f"Authorization: Basic {HIDDEN}"),
        ("{'Authorization': 'Bearer abc.def'}", f"{{'Authorization': 'Bearer {HIDDEN}'}}"),
        ('\\"authorization\\": \\"token abcdef\\"', f'\\"authorization\\": \\"token {HIDDEN}\\"'),
        (f"sent Basic {b64('ada:lovelace')} to it", f"sent Basic {HIDDEN} to it"),
        ("sent Bearer abcdef0123456789.x to it", f"sent Bearer {HIDDEN} to it"),
        ("http://ada:lovelace@host/x", f"http://{HIDDEN}@host/x"),
        ("ghp_" + "a1" * 18, HIDDEN),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc_def-1", HIDDEN),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nx",
            f"{HIDDEN}\nx",
        ),
    ],
)
def test_headers_urls_and_tokens_are_known_by_their_form(text: str, told: str) -> None:
    assert Redaction.of({}).text(text) == told
    stream = Redaction.of({}).stream()
    said = "".join(stream.feed(text[at : at + 12].encode()) for at in range(0, len(text), 12))
    assert said + stream.finish() == told


@pytest.mark.parametrize(
    "text",
    [
        "the server wants basic authentication, a bearer token or none",
        "the Authorization header is missing; Authorization: none",
        "ssh://git@github.com/acme/wine.git and ada@example.org",
        "see https://example.org/@ada and https://example.org:5000/a",
        "hf_model eyJ ghp_ github_pat_",
    ],
)
def test_words_about_secrets_are_none(text: str) -> None:
    assert Redaction.of({}).text(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "eyJ-",
            "… a",
            "...a",
            "://a:",
            "authorization ",
            "%41",
            "&#65;",
            "\\n",
            "\n",
            "Zzzz ",
            "basic ",
            "-----BEGIN ",
        ),
        b64(f"ada:{TOKEN}") + " ",
        "x" * 4000 + b64(TOKEN),
        TOKEN,
    ],
)
def test_no_text_takes_more_than_its_length(piece: str) -> None:
    redaction = Redaction.of({"A_TOKEN": TOKEN, "B_TOKEN": "zzzzzzzzzz", "C_TOKEN": PASSWORD})

    def cpu_seconds(length: int) -> float:
        text = piece * (length // len(piece)) + " end"
        began = time.process_time()
        redaction.text(text)
        stream = redaction.stream()
        for at in range(0, len(text), 30_000):
            stream.feed(text[at : at + 30_000].encode())
        stream.finish()
        return time.process_time() - began

    # Quadratic, it would be 64 times as much.
    assert cpu_seconds(400_000) < 24 * max(cpu_seconds(50_000), 0.02)


def test_secrets_that_overlap_leave_nothing_of_either() -> None:
    redaction = Redaction.of({"A_TOKEN": "abcdef123456", "B_TOKEN": "123456uvwxyz"})
    assert redaction.text("x abcdef123456uvwxyz y") == f"x {HIDDEN} y"


def test_it_tells_nothing_of_what_it_hides() -> None:
    assert TOKEN not in repr(Redaction.of({"A_TOKEN": TOKEN}))
