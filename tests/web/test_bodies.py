"""What strangers send has its room and its time; who finds none is told so before anything is read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from comity.web import bodies
from comity.web.bodies import SMALL, SPARED, BodyRoom, hear_out

PATH = "/x/inbox"
LIMIT = 64 * SMALL


def scope(length: int | None, path: str = PATH) -> Any:
    found = [] if length is None else [(b"content-length", str(length).encode())]
    return {"type": "http", "method": "POST", "path": path, "headers": found}


class Sent(list[Any]):
    """What a server was given to send."""

    async def __call__(self, message: Any) -> None:
        self.append(message)

    @property
    def status(self) -> int:
        return int(self[0]["status"]) if self else 0


class Reader:
    """An application that reads its body, then waits until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.got: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        self.got.append(message["type"])
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def whole() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


async def never() -> Any:
    await asyncio.Event().wait()


def test_large_bodies_have_a_room_and_small_ones_their_own() -> None:
    async def run() -> None:
        room = BodyRoom({PATH: LIMIT}, room=2 * LIMIT, small_room=4 * SMALL)
        app = Reader()
        sent = [Sent() for _ in range(4)]
        # A body that names no length is taken for the longest.
        waiting = [
            asyncio.ensure_future(room(app, scope(size), whole, each))
            for size, each in zip((LIMIT, None, LIMIT, SMALL), sent, strict=True)
        ]
        while len(app.got) < 3:
            await asyncio.sleep(0)
        assert [each.status for each in sent] == [0, 0, 503, 0]
        told = dict(sent[2][0]["headers"])
        assert told[b"retry-after"] == b"10"
        assert json.loads(sent[2][1]["body"])["code"] == "node.busy"
        app.go.set()
        await asyncio.gather(*waiting)
        assert [each.status for each in sent] == [200, 200, 503, 200]
        again = Sent()
        await room(app, scope(2 * LIMIT), whole, again)
        assert again.status == 200, "its room is free again, and a length is no more than the longest body"

    asyncio.run(run())


def test_a_body_that_never_ends_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.01)

    async def run() -> None:
        room = BodyRoom({PATH: LIMIT}, room=LIMIT)
        app, sent = Reader(), Sent()
        app.go.set()
        await room(app, scope(0), never, sent)
        assert app.got == ["http.disconnect"]
        with pytest.raises(RuntimeError):
            await room(broken, scope(LIMIT), whole, sent)
        await room(app, scope(LIMIT), whole, sent)
        assert app.got[-1] == "http.request"

    asyncio.run(run())


async def broken(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("an application that fails")


def test_other_paths_are_not_its_business() -> None:
    assert not BodyRoom({PATH: LIMIT}).covers(scope(0, "/checkpoint"))


class Coming:
    """A body of so many pieces, of which it is counted how many were read."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces

    async def __call__(self) -> Any:
        self.left -= 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": self.left > 0}


def refusing(status: int) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})

    return app


@pytest.mark.parametrize(
    ("status", "headers", "left"),
    [
        (413, [(b"content-length", b"5000")], 0),
        (413, [(b"transfer-encoding", b"chunked")], 0),
        (413, [(b"content-length", b"5000"), (b"expect", b"100-continue")], 5),
        (413, [(b"content-length", str(SPARED + 1).encode())], 5),
        (413, [(b"content-length", b"0")], 5),
        (413, [], 5),
        (200, [(b"content-length", b"5000")], 5),
    ],
)
def test_a_refused_body_is_read_to_its_end_before_the_answer(
    status: int, headers: list[Any], left: int
) -> None:
    coming, sent = Coming(5), Sent()
    told: Any = {**scope(None), "headers": headers}
    asyncio.run(hear_out(refusing(status), told, coming, sent))
    assert (coming.left, sent.status) == (left, status)


def test_a_refused_body_that_never_ends_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.01)
    sent = Sent()
    asyncio.run(hear_out(refusing(413), scope(9), never, sent))
    assert sent.status == 413
