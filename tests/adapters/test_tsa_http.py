"""Timestamp authorities over HTTP: what is sent, and what an address may be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from comity.adapters.tsa_http import LIMIT, HttpStamps
from comity.errors import ComityError, Malformed, Refused
from comity.exchange.ports import Stamps


class Authority(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = f"{self.path} {self.headers['Content-Type']} ".encode()
        self.send_response(302 if self.path == "/moved" else 200)
        answer = bytes(LIMIT + 1) if self.path == "/large" else said + body
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@pytest.fixture
def server() -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.mark.parametrize(("path", "asked"), [("", "/"), ("/", "/"), ("/tsr", "/tsr"), ("/a/tsr/", "/a/tsr/")])
def test_a_request_is_posted_as_a_query(server: str, path: str, asked: str) -> None:
    stamps: Stamps = HttpStamps([server + path])
    assert list(stamps.addresses) == [server + path]
    found = stamps.ask(server + path, b"\x30\x00")
    assert found == f"{asked} application/timestamp-query ".encode() + b"\x30\x00"


def test_what_is_no_answer(server: str) -> None:
    with pytest.raises(Malformed, match=r"peer\.size"):
        HttpStamps([server]).ask(f"{server}/large", b"")
    with pytest.raises(Refused, match=r"peer\.redirect"):
        HttpStamps([server]).ask(f"{server}/moved", b"")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "tsa.example",
        "ftp://tsa.example/",
        "http://",
        "http://a:b@tsa.example/",
        "http://tsa.example/../x",
        "http://[::1",
    ],
)
def test_an_address_is_checked_before_it_is_used(address: str) -> None:
    with pytest.raises(ComityError, match=r"peer\.(address|path)"):
        HttpStamps([address])
