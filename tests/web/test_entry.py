"""No page without the token; the token is compared whole, leaves the address, and leads nowhere else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from comity.errors import Refused
from comity.exchange import couriering
from comity.web.app import make_app
from comity.web.entry import cookie_name, cookie_value
from tests.web.stage import TOKEN, app_of, enter, node_of
from tests.world import FullCase

PUBLIC = {
    "/card",
    "/checkpoint",
    "/healthz",
    "/tile/{path:path}",
    "/dossiers/{name:str}",
    "/x/inbox",
    "/x/guest",
    "/x/heads/{party:str}",
    "/x/copies/{party:str}",
    couriering.COURIER,
    "/add-checkpoint",
    # What these show is named by words that nobody guesses: a notice's link, a calendar's address.
    "/notice/{name:str}",
    "/calendar/{name:str}",
    "/static/{name:str}",
}


class Feed:
    """A story of nothing."""

    paused = False

    def lines(self) -> list[object]:
        return []

    def pause(self) -> None: ...

    def resume(self) -> None: ...


def all_routes(app: Litestar) -> list[tuple[str, str]]:
    """(method, path) of every route but OPTIONS."""
    return [
        (method, route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"
    ]


@pytest.fixture
def app(full: FullCase) -> Litestar:
    return make_app(node_of(full, full.claimant), token=TOKEN, title="t", story=Feed())  # type: ignore[arg-type]


@pytest.mark.parametrize("cookie", ["", "wrong", cookie_value("another-token-altogether"), TOKEN, "ü"])
def test_every_route_that_is_not_public_wants_the_token(app: Litestar, full: FullCase, cookie: str) -> None:
    name = cookie_name(full.claimant.id)
    closed = set()
    with TestClient(app) as client:
        for method, path in all_routes(app):
            if path in PUBLIC:
                continue
            url = re.sub(r"\{[^}]*\}", "0" * 64, path)
            headers = {"cookie": f"{name}={cookie}".encode()} if cookie else {}
            answer = client.request(method, url, headers=headers, follow_redirects=False)  # type: ignore[arg-type]
            assert answer.status_code == 403, (method, path)
            closed.add(path)
    assert {"/", "/case/{name:str}", "/evidence/{name:str}", "/record/{name:str}", "/story/turn"} <= closed


def test_the_public_routes_are_these_and_no_others(app: Litestar) -> None:
    assert {path for _, path in all_routes(app)} >= PUBLIC
    with TestClient(app) as client:
        opened = set()
        for method, path in all_routes(app):
            url = re.sub(r"\{[^}]*\}", "x", path)
            if client.request(method, url, follow_redirects=False).status_code != 403:
                opened.add(path)
    assert opened - {"/x/inbox", "/x/guest", couriering.COURIER, "/add-checkpoint"} <= PUBLIC


def test_the_token_becomes_a_cookie_and_leaves_the_address(app: Litestar, full: FullCase) -> None:
    with TestClient(app) as client:
        url = f"/case/{full.case.id}?from=2&token={TOKEN}"
        answer = client.get(url, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/case/{full.case.id}?from=2"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
        assert TOKEN not in cookie
        assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("token", ["", "a", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\u00e9", "\ud800"])
def test_a_wrong_token_opens_nothing(app: Litestar, token: str) -> None:
    with TestClient(app) as client:
        answer = client.get(
            "/", params={"token": token.encode("utf-8", "surrogatepass")}, follow_redirects=False
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert "How to get in" in answer.text


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/\\evil.example", "//evil.example%2f..", "/%2fevil.example"]
)
def test_coming_in_leads_to_no_other_host(app: Litestar, path: str) -> None:
    with TestClient(app) as client:
        answer = client.get(f"http://testserver.local{path}?token={TOKEN}", follow_redirects=False)
        place = urlsplit(answer.headers.get("location", ""))
        assert not place.netloc
        assert not place.path.startswith(("//", "/\\"))


def test_without_a_token_the_pages_are_closed_and_the_public_face_is_open(full: FullCase) -> None:
    with TestClient(make_app(node_of(full, full.claimant), token=None, title="t")) as client:
        assert client.get("/").status_code == 403
        assert client.get("/?token=None").status_code == 403
        assert client.get("/checkpoint").status_code == 200


def test_a_short_token_is_refused(full: FullCase) -> None:
    with pytest.raises(Refused):
        make_app(node_of(full, full.claimant), token="short", title="t")


def test_nodes_of_one_host_do_not_take_each_others_cookies(full: FullCase) -> None:
    apps = [app_of(node_of(full, actor)) for actor in (full.claimant, full.respondent)]
    with TestClient(apps[0]) as one, TestClient(apps[1]) as two:
        enter(one)
        for name, value in one.cookies.items():
            two.cookies.set(name, value)
        assert two.get("/").status_code == 403
        enter(two)
        assert two.get("/").status_code == 200
