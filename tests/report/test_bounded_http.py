"""Servers on loopback do what no server should; every call ends, and nothing goes on behind it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from devops_mlops_report.report.bounded_http import BoundedHttp, HttpCallError
from servers.odd_server import answering, dripping, refusing, silent

SECRET = "Bearer s3cret"
LIMIT = 0.3
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def nothing_goes_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    for thread in threading.enumerate():
        if thread.name == "http":
            thread.join(60)
            assert not thread.is_alive()


def refusal(url: str, *, seconds: float = LIMIT, bytes_at_most: int = 1000) -> HttpCallError:
    with BoundedHttp(SECRET) as http, pytest.raises(HttpCallError) as raised:
        http.call("GET", url, seconds=seconds, bytes_at_most=bytes_at_most)
    assert "s3cret" not in str(raised.value)
    assert url not in str(raised.value)
    return raised.value


def test_a_whole_answer_is_given_whatever_its_status() -> None:
    with answering(503, b"later") as (url, seen), BoundedHttp(SECRET) as http:
        answers = [http.call("POST", f"{url}/a", seconds=60, body=b"{}") for _ in range(2)]
    assert [(answer.status, answer.body) for answer in answers] == [(503, b"later")] * 2
    assert answers[0].headers["content-LENGTH"] == "5"
    assert seen == [("/a", SECRET)] * 2


def test_without_a_credential_none_is_sent_not_even_one_of_a_netrc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with answering(200, b"") as (url, seen), BoundedHttp() as http:
        http.call("GET", url, seconds=60)
    assert seen == [("/", None)]


DRIPS = {
    "the status": b"",
    "headers": OK + b"X: ",
    "header after header": OK,
    "the body": OK + b"Content-Length: 100000\r\n\r\n",
    "a body without an end": OK + b"\r\n",
    "a body in chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n",
    "an early answer": b"HTTP/1.1 100 Continue\r\n",
}
DROPS = {"header after header": b"X: y\r\n", "a body in chunks": b"1\r\nx\r\n"}


@pytest.mark.parametrize("part", DRIPS)
def test_what_drips_is_given_up_at_the_deadline(part: str) -> None:
    with dripping(DRIPS[part], DROPS.get(part, b"x")) as url:
        began = time.monotonic()
        error = refusal(url, bytes_at_most=10**9)
        assert time.monotonic() - began < 20  # without the deadline it has no end
    assert str(error) == "had not answered in full after 0.3 s"
    assert error.was_sent


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for `localhost` that signed itself, with its key, in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(made + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.mark.parametrize(
    ("beginning", "was_sent"), [(None, False), (OK + b"X: ", True)], ids=["the handshake", "headers"]
)
def test_what_drips_over_tls_is_given_up(
    beginning: bytes | None, was_sent: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.with_name("absent.pem")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with suppress(OSError), ExitStack() as opened:
            opened.enter_context(connection)
            if beginning is not None:
                connection = opened.enter_context(context.wrap_socket(connection, server_side=True))
            # Of the handshake the begin of a record of 16 KB.
            connection.sendall(b"\x16\x03\x03\x40\x00" if beginning is None else beginning)
            while True:
                connection.sendall(b"x")
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        url = f"https://localhost:{listening.getsockname()[1]}/"
        with BoundedHttp(SECRET, verify=str(certificate)) as http, pytest.raises(HttpCallError) as raised:
            http.call("GET", url, seconds=2)
        thread.join()
    assert (str(raised.value), raised.value.was_sent) == ("had not answered in full after 2 s", was_sent)


def test_early_answers_without_an_end_are_given_up() -> None:
    with dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50, pause=0) as url:
        assert "had not answered in full" in str(refusal(url))


def test_a_server_that_never_answers_is_given_up() -> None:
    with silent() as url:
        error = refusal(url)
    assert (str(error), error.was_sent) == ("had not answered in full after 0.3 s", True)


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    with refusing() as url:
        error = refusal(url, seconds=60)
    assert (str(error), error.was_sent) == ("can't be reached (ConnectionError)", False)


def test_a_name_that_nobody_resolves_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def resolve(*_arguments: object, **_options: object) -> list[object]:
        released.wait(60)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    try:
        error = refusal("http://localhost:9/")
    finally:
        released.set()
    assert (str(error), error.was_sent) == ("had not answered in full after 0.3 s", False)


def test_a_connection_made_after_the_deadline_is_closed_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    released, resolve = threading.Event(), socket.getaddrinfo

    def late(*arguments: object, **options: object) -> object:
        released.wait(60)
        return resolve(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", late)
    with answering(200, b"") as (url, seen):
        refusal(url)
        released.set()
        for thread in threading.enumerate():
            if thread.name == "http":
                thread.join(60)
    assert seen == []


def test_an_answer_that_breaks_off_may_have_arrived() -> None:
    def hang_up(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        connection.recv(10_000)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=hang_up, args=(listening,))
        thread.start()
        error = refusal(f"http://127.0.0.1:{listening.getsockname()[1]}/", seconds=60)
        thread.join()
    assert (str(error), error.was_sent) == ("broke off the connection (ConnectionError)", True)


def test_more_than_is_wanted_is_given_up() -> None:
    with answering(200, b"x" * 2000) as (url, _):
        assert str(refusal(url, seconds=60)) == "sent more than 1,000 bytes"
        with BoundedHttp() as http:
            assert len(http.call("GET", url, seconds=60, bytes_at_most=2000).body) == 2000


def test_a_call_after_one_that_was_given_up_is_made_anew() -> None:
    with answering(200, b"ok") as (url, _), dripping() as slow, BoundedHttp(SECRET) as http:
        with pytest.raises(HttpCallError):
            http.call("GET", slow, seconds=LIMIT)
        assert http.call("GET", url, seconds=60).body == b"ok"


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with answering(302, b"") as (url, seen):
        error = refusal(url, seconds=60)
    assert str(error) == "redirects to another host, which is not asked"
    assert len(seen) == 1


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://127.0.0.1:99999/", "nonsense", "http://", "mailto:a@b", "http://a b/"]
)
def test_what_is_no_address_means_that_nothing_was_sent(url: str) -> None:
    error = refusal(url, seconds=60)
    assert not error.was_sent
    assert str(error).startswith("can't be reached (")


@pytest.mark.parametrize("credential", ["Bearer one\ntwo", "Bearer \0", "Bearer \u20ac", "Bearer \udcff"])
def test_a_credential_that_no_header_can_hold_is_not_shown(credential: str) -> None:
    with answering(200, b"") as (url, seen), BoundedHttp(credential) as http:
        with pytest.raises(HttpCallError) as raised:
            http.call("GET", url, seconds=60)
        assert seen == []
    assert str(raised.value) == "was not asked, as its credential holds what no header can"
