"""Attacks on the pages that sign: from other sites and ports, with other people's words, or by going away."""

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlsplit

import pytest
from litestar import Litestar, Response, get
from playwright.sync_api import Browser

from tests.web.acting import KEY, acting_app, hidden, person_at
from tests.web.stage import TOKEN, Live, tell
from tests.web.test_in_browser import serve


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("attacked"))


def evil_app(target: str, path: str) -> Litestar:
    """A site of somebody else on the same host, whose page sends a form to the node by itself."""

    @get("/", sync_to_thread=False)
    def page() -> Response[str]:
        return Response(
            f'<form id="f" method="post" action="{target}{path}"><input name="step" value="sign">'
            '<input name="text" value="forged"></form><script>document.getElementById("f").submit()</script>',
            media_type="text/html",
        )

    return Litestar([page], openapi_config=None)


@pytest.mark.browser
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_of_another_port_or_host_makes_nobody_sign(browser: Browser, live: Live, host: str) -> None:
    """Browsers send the cookies of one port to another of the same host: the form is refused all the same."""
    node = live.world.nodes[0]
    path = f"/act/{live.case}/request"
    with serve(acting_app(node)) as base, serve(evil_app(base, path)) as evil:
        page = browser.new_context().new_page()
        page.goto(f"{base}/sign-in?key={KEY}")
        page.get_by_role("button").click()
        page.get_by_text("Signed in to act").wait_for()
        before = node.journal.size()
        page.goto(evil.replace("127.0.0.1", host))
        page.get_by_text(re.compile("not signed in|page of another site")).wait_for()
        assert node.journal.size() == before
        page.goto(f"{base}/case/{live.case}")
        assert page.get_by_text("Signed in to act").count() == 1


@pytest.mark.browser
def test_a_page_that_signs_is_never_framed(browser: Browser, live: Live) -> None:
    @get("/", sync_to_thread=False)
    def page() -> Response[str]:
        return Response(f'<iframe src="{base}/act/{live.case}/claim"></iframe>', media_type="text/html")

    with serve(acting_app(live.world.nodes[0])) as base, serve(Litestar([page], openapi_config=None)) as evil:
        view = browser.new_context().new_page()
        view.goto(f"{base}/sign-in?key={KEY}")
        view.get_by_role("button").click()
        view.goto(evil)
        view.wait_for_timeout(300)
        (frame,) = [f for f in view.frames if f != view.main_frame]
        assert frame.locator("form").count() == 0


def test_the_month_of_reading_gives_no_pen(live: Live) -> None:
    node = live.world.nodes[0]
    with person_at(node) as person:
        own = hidden(person.open(f"/act/{live.case}/request"))
        for name in [n for n in person.client.cookies if "-act-" in n]:
            person.client.cookies.delete(name)
        assert person.client.get(f"/case/{live.case}").status_code == 200
        before = node.journal.size()
        answer = person.client.post(f"/act/{live.case}/request", data={**own, "step": "sign"})
        assert answer.status_code == 403
        assert person.client.get("/", params={"token": TOKEN}).status_code == 200
        assert person.client.post(f"/act/{live.case}/request", data=own).status_code == 403
        assert node.journal.size() == before


def test_the_digest_of_one_review_signs_no_other_record(live: Live) -> None:
    node = live.world.nodes[1]
    path = f"/act/{live.case}/request"
    fields = {"to": live.world.nodes[0].party.id, "type": "clarify", "due": "2099-01-01 10:00"}
    with person_at(node) as person:
        first = hidden(person.review(path, {**fields, "text": "First."}))
        second = hidden(person.review(path, {**fields, "text": "Second."}))
        before = node.journal.size()
        answer = person.client.post(path, data={**second, "seen": first["seen"], "step": "sign"})
        assert answer.status_code == 200
        assert "This is what it is now" in answer.text
        for odd in ("", "0" * 64, "x"):
            answer = person.client.post(path, data={**second, "seen": odd, "step": "sign"})
            assert "This is what it is now" in answer.text
        assert node.journal.size() == before


def test_a_file_that_is_cut_off_is_not_kept_and_holds_nobody(live: Live) -> None:
    node = live.world.nodes[0]
    with serve(acting_app(node, "one")) as base:
        where = urlsplit(base)
        assert where.hostname
        assert where.port
        cookies, csrf = _sign_in_plainly(where.hostname, where.port, live.case)
        start = (
            b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + csrf + b"\r\n--b\r\n"
            b'Content-Disposition: form-data; name="files"; filename="cut.log"\r\n\r\n' + b"x" * 500_000
        )
        head = (
            f"POST /act/{live.case}/files HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {cookies}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n"
        )
        for _ in range(3):
            with socket.create_connection((where.hostname, where.port), timeout=10) as line:
                line.sendall(head.encode() + start)
                time.sleep(0.1)
        page = _ask(where.hostname, where.port, f"/act/{live.case}/files", cookies)
        assert b"cut.log" not in page
        assert b"Take them in" in page


def _ask(host: str, port: int, path: str, cookies: str = "", body: bytes | None = None) -> bytes:
    method = "GET" if body is None else "POST"
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nCookie: {cookies}\r\n"
    if body is not None:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((host, port), timeout=20) as line:
        line.sendall(head.encode() + b"\r\n" + (body or b""))
        found = b""
        while piece := line.recv(65536):
            found += piece
    return found


def _sign_in_plainly(host: str, port: int, case: str) -> tuple[str, bytes]:
    """Cookies, and the word of the form with files."""
    answer = _ask(host, port, "/sign-in", body=b"key=one").decode()
    cookies = "; ".join(re.findall(r"(?i)set-cookie: ([^;]*)", answer))
    page = _ask(host, port, f"/act/{case}/files", cookies)
    form = page[page.index(b'class="act') :]
    found = re.search(rb'name="csrf" value="([0-9a-f]+)"', form)
    assert found is not None
    return cookies, found[1]
