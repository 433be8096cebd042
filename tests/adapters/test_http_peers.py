"""Peers over HTTP: what a hostile or broken one can do, and what a name may lead to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from comity.adapters.http_peers import HttpPeers, join_address
from comity.errors import ComityError, Malformed, Refused, Unavailable
from comity.exchange.ports import Peers


class Hostile(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        match self.path.partition("?")[0]:
            case "/node/hello":
                self.answer(200, f"{self.headers['Host']} {self.headers['Accept-Encoding']}".encode())
            case "/redirect":
                self.answer(302, b"", Location="/node/hello")
            case "/declines":
                self.answer(403, b'{"code": "case.unknown", "why": "no such case\\u001b[31m"}')
            case "/odd":
                self.answer(400, b'{"code": "<script>", "why": 7}')
            case "/list":
                self.answer(404, b"[1]")
            case "/deep":
                self.answer(404, b"[" * 60_000)
            case "/broken":
                self.answer(500, b"Traceback")
            case "/busy":
                self.answer(429, b'{"detail": "later"}')
            case "/conflict":
                self.answer(409, self.path.partition("?")[2].encode() + b"\n")
            case "/zip":
                self.answer(200, b"\x1f\x8b", Content_Encoding="gzip")
            case "/large":
                self.answer(200, bytes(100_000))
            case "/endless":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(b"1000\r\n" + bytes(4096) + b"\r\n")
                except OSError:
                    pass
            case "/drip" | "/interim" | "/slow":
                begin, drop = {
                    "/drip": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
                    "/interim": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
                    "/slow": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
                }[self.path]
                try:
                    self.wfile.write(begin)
                    for _ in range(100):
                        self.wfile.write(drop)
                        time.sleep(0.03)
                except OSError:
                    pass
                self.close_connection = True
            case "/silent":
                threading.Event().wait(1)
            case "/cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"half")
                self.close_connection = True
            case _:
                self.answer(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, body[::-1])


@pytest.fixture
def server() -> Iterator[str]:
    Hostile.asked = []
    made = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def peers() -> Iterator[HttpPeers]:
    made = HttpPeers(private=True, timeout=0.3, total=5)
    yield made
    made.close()


def test_a_success_gives_its_body(server: str, peers: HttpPeers) -> None:
    promised: Peers = peers
    host = server.removeprefix("http://")
    assert promised.get(f"{server}/node/", "/hello?from=0") == f"{host} identity".encode()
    assert promised.post(server, "/inbox", b"abc") == b"cba"
    assert promised.post(server, "/inbox", b"") == b""
    assert Hostile.asked == ["/node/hello?from=0"]


def test_a_redirect_is_never_followed(server: str, peers: HttpPeers) -> None:
    with pytest.raises(Refused) as caught:
        peers.get(server, "/redirect")
    assert caught.value.code == "peer.redirect"
    assert Hostile.asked == ["/redirect"]


ANSWERS: list[tuple[str, type[ComityError], str, str]] = [
    ("/declines", Refused, "case.unknown", "no such case[31m"),
    ("/odd", Refused, "peer.refused", "answers with HTTP status 400"),
    ("/list", Refused, "peer.refused", "answers with HTTP status 404"),
    ("/deep", Refused, "peer.refused", "answers with HTTP status 404"),
    ("/broken", Unavailable, "peer.failed", "answers with HTTP status 500"),
    ("/busy", Unavailable, "peer.failed", "later"),
    ("/zip", Malformed, "peer.encoding", "a compressed answer, which was not asked for"),
    ("/silent", Unavailable, "peer.timeout", "no answer in time"),
]


@pytest.mark.parametrize(("path", "kind", "code", "why"), ANSWERS)
def test_other_answers_are_errors(
    server: str, peers: HttpPeers, path: str, kind: type[ComityError], code: str, why: str
) -> None:
    with pytest.raises(kind) as caught:
        peers.get(server, path)
    assert (caught.value.code, caught.value.why) == (code, why)
    assert caught.value.where == server + path


def test_a_witness_that_is_elsewhere_tells_its_size(server: str, peers: HttpPeers) -> None:
    with pytest.raises(Refused) as caught:
        peers.get(server, "/conflict?1234")
    assert (caught.value.code, caught.value.where) == ("peer.conflict", "1234")
    for other in ("", "01", "-1", "1" * 20, "x"):
        with pytest.raises(Refused) as caught:
            peers.get(server, f"/conflict?{other}")
        assert caught.value.code == "peer.refused"


def test_at_most_the_limit_is_read(server: str, peers: HttpPeers) -> None:
    assert len(peers.get(server, "/large", limit=100_000)) == 100_000
    for path in ("/large", "/endless"):
        with pytest.raises(Malformed) as caught:
            peers.get(server, path, limit=99_999)
        assert caught.value.code == "peer.size"


def test_an_answer_that_never_ends_is_left(server: str) -> None:
    peers = HttpPeers(private=True, total=0.2)
    with pytest.raises(Unavailable) as caught:
        peers.get(server, "/endless", limit=10**12)
    assert caught.value.code == "peer.timeout"
    peers.close()


@pytest.mark.parametrize("path", ["/drip", "/interim", "/slow"])
def test_an_answer_that_drips_is_left(server: str, path: str) -> None:
    """Each part comes in time, and the whole never does: headers, what stands before them, the body."""
    peers = HttpPeers(private=True, timeout=0.3, total=0.2)
    with pytest.raises(Unavailable) as caught:
        peers.get(server, path)
    assert caught.value.code == "peer.timeout"
    assert peers.get(server, "/node/hello"), "the next question has its own time"
    peers.close()


def test_many_are_asked_at_once_and_each_answers_for_itself(server: str) -> None:
    peers = HttpPeers(private=True, timeout=0.3, total=5)
    paths = ["/silent", "/declines", "/node/hello", "/redirect", "/large"]
    found = peers.get_each([(server, path) for path in paths], 1000)
    codes = [each.code if isinstance(each, ComityError) else len(each) > 0 for each in found]
    assert codes == ["peer.timeout", "case.unknown", True, "peer.redirect", "peer.size"]
    assert peers.get_each([], 10) == []
    peers.close()


def test_half_an_answer_is_none(server: str, peers: HttpPeers) -> None:
    with pytest.raises(Unavailable) as caught:
        peers.get(server, "/cut")
    assert caught.value.code == "peer.unreachable"


def test_nobody_there(peers: HttpPeers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        peers.get(f"http://127.0.0.1:{port}", "/x")
    assert caught.value.code == "peer.unreachable"


def test_an_insecure_answer_to_a_secure_question(server: str, peers: HttpPeers) -> None:
    with pytest.raises(Unavailable) as caught:
        peers.get(server.replace("http:", "https:"), "/node/hello")
    assert caught.value.code in ("peer.unreachable", "peer.tls", "peer.timeout")


ADDRESSES = [
    "",
    "node.example",
    "ftp://node.example",
    "file:///etc/passwd",
    "gopher://node.example",
    "http://",
    "http://user:word@node.example",
    "http://node.example@evil.example",
    "http://node.example?x=1",
    "http://node.example#x",
    "http://node.example:99999",
    "http://node.example:x",
    "http://nöde.example",
    "http://node.example\\@evil.example",
    "http://node.example\r\nX: y",
    "http://node .example",
    "http://[::1",
]


@pytest.mark.parametrize("base", ADDRESSES)
def test_only_plain_addresses_are_used(base: str) -> None:
    with pytest.raises(Malformed) as caught:
        join_address(base, "/x")
    assert caught.value.code == "peer.address"


@pytest.mark.parametrize(
    "path",
    ["", "x", "//evil.example/x", "/a/../b", "/..", "/a/./b", "/a b", "/a\r\nX: y", "/a#b", "/ä", "/a\\b"],
)
def test_only_plain_paths_are_asked(path: str) -> None:
    with pytest.raises(Malformed) as caught:
        join_address("http://node.example", path)
    assert caught.value.code == "peer.path"


def test_an_address_may_have_a_path_of_its_own() -> None:
    assert join_address("https://node.example:8443/comity/", "/inbox?a=..") == (
        "https://node.example:8443/comity/inbox?a=.."
    )


INSIDE = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "localhost",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.0.1",
    "[::1]",
    "[fd00::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "192.0.2.1",
]
NEVER = [
    "169.254.169.254",
    "[fe80::1]",
    "[::ffff:169.254.169.254]",
    "0.0.0.0",
    "[::]",
    "224.0.0.1",
    "[ff02::1]",
    "0",
]


@pytest.mark.parametrize("host", INSIDE + NEVER)
def test_no_spelling_leads_into_this_network(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    peers = HttpPeers()
    with pytest.raises(Refused) as caught:
        peers.get(f"http://{host}:9", "/x")
    assert caught.value.code == ("peer.private" if host in INSIDE else "peer.address")
    peers.close()


@pytest.mark.parametrize("host", NEVER)
def test_some_addresses_are_never_a_peers(host: str) -> None:
    peers = HttpPeers(private=True)
    with pytest.raises(Refused) as caught:
        peers.get(f"http://{host}:9", "/x")
    assert caught.value.code == "peer.address"
    peers.close()


def resolve_to(*addresses: str) -> object:
    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolve_to("93.184.216.34", "10.0.0.1"))
    peers = HttpPeers()
    with pytest.raises(Refused) as caught:
        peers.get("http://rebinding.example", "/x")
    assert caught.value.code == "peer.private"
    peers.close()


def test_the_address_that_was_checked_is_the_one_connected_to(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.rsplit(":", 1)[1]
    asked = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: (resolve if "example" in str(host) else real)(host, *a, **k),
    )
    peers = HttpPeers(private=True)
    assert peers.get(f"http://node.example:{port}/node", "/hello").startswith(b"node.example:")
    assert asked == ["node.example"]
    peers.close()


def test_a_name_that_nobody_knows(peers: HttpPeers, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable) as caught:
        peers.get("http://nobody.example", "/x")
    assert caught.value.code == "peer.unreachable"
    assert "nobody.example" in caught.value.why


def test_the_environment_sets_no_proxy(
    server: str, peers: HttpPeers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    made = HttpPeers(private=True)
    assert made.post(server, "/inbox", b"ab") == b"ba"
    made.close()
