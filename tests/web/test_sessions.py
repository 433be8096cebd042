"""Nobody acts without a session; a session is opened once by a key, and every form is its own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from comity.exchange.rehearsing import sign_as_seen
from comity.web import acting
from comity.web.app import make_app
from comity.web.sessions import HELD, HELD_BYTES, IDLE, SESSIONS, WHOLE, Session, Sessions, act_cookie
from tests.web.acting import KEY, OnceKeys, Person, acting_app, hidden, person_at
from tests.web.stage import TOKEN, Live, enter, tell


class Asking:
    """A request, as far as sessions look at one."""

    def __init__(self, word: str) -> None:
        self.cookies = {"c": word}


def sessions_at(clock: list[int], *keys: str) -> Sessions:
    return Sessions(OnceKeys(*keys), lambda: clock[0], lambda: "c")


def test_a_key_opens_one_session_and_no_second() -> None:
    sessions = sessions_at([0], "k")
    word = sessions.begin("k")
    assert word
    assert sessions.begin("k") is None
    assert sessions.begin("") is None
    assert sessions.of(Asking(word)) is not None  # type: ignore[arg-type]
    assert sessions.of(Asking("")) is None  # type: ignore[arg-type]
    assert sessions.of(Asking(word[:-1])) is None  # type: ignore[arg-type]


def test_without_keys_nobody_signs_in() -> None:
    sessions = Sessions(None, lambda: 0, lambda: "c")
    assert not sessions.offered
    assert sessions.begin("k") is None


@given(st.lists(st.integers(1, IDLE + 10), max_size=12))
def test_a_session_ends_by_idling_or_by_age(waits: list[int]) -> None:
    clock = [1000]
    sessions = sessions_at(clock, "k")
    word = sessions.begin("k")
    assert word is not None
    alive = True
    for wait in waits:
        clock[0] += wait
        alive = alive and wait < IDLE and clock[0] < 1000 + WHOLE
        assert (sessions.of(Asking(word)) is not None) == alive  # type: ignore[arg-type]


def test_the_session_that_idled_longest_gives_way() -> None:
    clock = [0]
    keys = [str(n) for n in range(SESSIONS + 1)]
    sessions = sessions_at(clock, *keys)
    words = []
    for key in keys:
        clock[0] += 1
        words.append(sessions.begin(key) or "")
    assert sessions.of(Asking(words[0])) is None  # type: ignore[arg-type]
    assert sessions.of(Asking(words[1])) is not None  # type: ignore[arg-type]


def test_every_session_ends_with_its_era() -> None:
    keys = OnceKeys("k", "l")
    sessions = Sessions(keys, lambda: 0, lambda: "c")
    word = sessions.begin("k") or ""
    assert sessions.of(Asking(word)) is not None  # type: ignore[arg-type]
    keys.word = "all keys were ended"
    assert sessions.of(Asking(word)) is None  # type: ignore[arg-type]
    later = sessions.begin("l") or ""
    assert sessions.of(Asking(later)) is not None  # type: ignore[arg-type]


def test_a_session_remembers_the_newest_forms_only() -> None:
    session = Session(secret=b"s", began=0, used=0)
    for n in range(300):
        session.remember(str(n), f"/record/{n}")
    assert "299" in session.forms
    assert "0" not in session.forms


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(live: Live) -> None:
    node = live.world.nodes[0]
    with TestClient(acting_app(node)) as client:
        assert client.get("/sign-in").status_code == 403
        for _ in range(2):  # whatever looks at links first uses nothing up
            assert "Sign in on this computer" in client.get("/sign-in", params={"key": KEY}).text
        answer = client.post("/sign-in", data={"key": KEY}, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        cookies = answer.headers.get_list("set-cookie")
        (acting,) = [c for c in cookies if c.startswith(act_cookie(node.party.id))]
        for part in ("HttpOnly", "SameSite=strict", "Path=/"):
            assert part in acting
        assert "Max-Age" not in acting
        assert KEY not in "".join(cookies)
        assert client.post("/sign-in", data={"key": KEY}).status_code == 403


@pytest.mark.parametrize("path", ["/act/{case}/request", "/act/{case}/publish", "/sign-out"])
def test_whoever_only_reads_cannot_act(live: Live, path: str) -> None:
    with TestClient(acting_app(live.world.nodes[0])) as client:
        enter(client)
        url = path.format(case=live.case)
        before = live.world.nodes[0].journal.size()
        assert client.get(url).status_code in (403, 405)
        assert client.post(url, data={"step": "sign"}).status_code == 403
        assert "/act/" not in client.get(f"/case/{live.case}").text
        assert live.world.nodes[0].journal.size() == before


def test_a_node_without_keys_lets_nobody_act(live: Live) -> None:
    app: Litestar = make_app(live.world.nodes[0], token=TOKEN, title="t")
    with TestClient(app) as client:
        enter(client)
        assert client.get("/sign-in", params={"key": "x"}).status_code == 403
        assert client.post("/sign-in", data={"key": "x"}).status_code == 403


def test_a_form_of_another_session_or_site_signs_nothing(live: Live) -> None:
    node = live.world.nodes[1]
    path = f"/act/{live.case}/request"
    with person_at(node) as person:
        before = node.journal.size()
        for csrf in ("", "x", "0" * 64, "\u00e9"):
            assert person.client.post(path, data={"csrf": csrf, "step": "sign"}).status_code == 422
        own = hidden(person.open(path))
        for site in ("cross-site", "same-site"):
            answer = person.client.post(path, data={**own, "step": "sign"}, headers={"sec-fetch-site": site})
            assert answer.status_code == 403
        answer = person.client.post(path, content=b"\xff\x00", headers={"content-type": "text/plain"})
        assert answer.status_code == 400
        assert node.journal.size() == before


def test_leaving_ends_the_session(live: Live) -> None:
    with person_at(live.world.nodes[1]) as person:
        csrf = hidden(person.open(f"/act/{live.case}/request"))["csrf"]
        assert person.client.post("/sign-out", data={"csrf": "x"}).status_code == 400
        assert person.client.post("/sign-out", data={"csrf": csrf}).status_code == 200
        assert person.client.get(f"/act/{live.case}/request").status_code == 403
        assert person.client.get(f"/case/{live.case}").status_code == 200


def test_two_people_have_forms_of_their_own(live: Live) -> None:
    app = acting_app(live.world.nodes[1], "one", "two")
    path = f"/act/{live.case}/request"
    with TestClient(app) as client:
        theirs = hidden(Person(client).sign_in("one").open(path))["csrf"]
        client.cookies.clear()
        assert hidden(Person(client).sign_in("two").open(path))["csrf"] != theirs
        assert client.post(path, data={"csrf": theirs, "step": "review"}).status_code == 422


def test_a_session_that_ends_while_someone_types_loses_nothing(live: Live) -> None:
    app = acting_app(live.world.nodes[1], "one", "two")
    path = f"/act/{live.case}/request"
    before = live.world.nodes[1].journal.size()
    with TestClient(app) as client:
        typed = hidden(Person(client).sign_in("one").open(path)) | {"text": ["Long & <typed> words"]}
        client.cookies.clear()
        late = client.post(path, data={**typed, "step": "sign"})
        assert late.status_code == 403
        assert "Long &amp; &lt;typed&gt; words" in late.text
        assert typed["csrf"][0] not in late.text
        Person(client).sign_in("two")
        again = client.post(path, data={**hidden(late.text), "step": "edit"})
        assert again.status_code == 200
        assert "Long &amp; &lt;typed&gt; words</textarea>" in again.text
        stale = client.post(path, data={**typed, "step": "sign"})
        assert stale.status_code == 422
        assert "another session" in stale.text
        assert "Long &amp; &lt;typed&gt; words</textarea>" in stale.text
    assert live.world.nodes[1].journal.size() == before


def test_a_form_sent_twice_at_once_is_signed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first is being signed, as of a button pressed twice."""
    live = tell(tmp_path)
    node, path = live.world.nodes[1], f"/act/{live.case}/request"
    fields = {
        "to": live.world.nodes[0].party.id,
        "type": "preserve",
        "text": "Keep the logs, please.",
        "due": "2099-01-01 10:00",
    }
    together = threading.Barrier(2, timeout=2)

    def slowly(*given: Any) -> Any:
        time.sleep(0.3)
        return sign_as_seen(*given)

    with person_at(node) as person:
        page = person.review(path, fields)
        monkeypatch.setattr(acting, "sign_as_seen", slowly)

        def press() -> str:
            together.wait()
            return str(person.send(path, "sign", {}, page).headers["location"])

        with ThreadPoolExecutor(2) as pool:
            links = [each.result() for each in [pool.submit(press) for _ in range(2)]]
    assert links[0] == links[1]
    said = [r.content for r in node.state(live.case).of("request.make")]
    assert sum(getattr(c, "text", "") == fields["text"] for c in said) == 1


def test_a_session_keeps_the_newest_forms_that_were_sent_and_no_more_than_it_has_room_for() -> None:
    session = Session(secret=b"s", began=0, used=0)
    words = [session.hold("/act/a", (("text", str(n)),)) for n in range(HELD + 1)]
    assert session.held("/act/a", words[0]) is None
    assert session.held("/act/a", words[1]) == (("text", "1"),)
    assert session.held("/act/b", words[1]) is None, "it is of another form"
    large = session.hold("/act/a", (("text", "x" * (HELD_BYTES + 1)),))
    assert session.held("/act/a", words[-1]) is None
    assert session.held("/act/a", large) is not None


def test_a_review_that_is_kept_no_longer_says_so(live: Live) -> None:
    with person_at(live.world.nodes[0]) as person:
        answer = person.client.get(f"/act/{live.case}/request?held={'0' * 32}")
        assert answer.status_code == 422
        assert "This review is kept no longer." in answer.text
    with person_at(live.world.nodes[1]) as person:
        page = person.open(f"/act/{live.case}/request")
        data = {**hidden(page), "step": "review", "text": "Ours alone."}
        word = person.client.post(f"/act/{live.case}/request", data=data).url.query.decode()
        assert word.startswith("held=")
        person.client.post("/sign-out", data={"csrf": hidden(page)["csrf"]})
        assert "Ours alone." not in person.client.get(f"/act/{live.case}/request?{word}").text
