"""``POST /x/entries`` without a framework: the one address that is asked thousands of times a second.

The event loop reads a body, hands it over, and writes what came back. Form, signature and ledger are the
business of other threads, and answers that come close together wake the loop once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from comity.errors import ComityError, Malformed, Refused
from comity.exchange.appending import Registered
from comity.records.envelopes import SIZE_LIMIT
from comity.web import faults, headers
from comity.web.grouping import GroupCommit

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

PATH = "/x/entries"

_LOG = logging.getLogger("comity.web")
_RECEIPT = (b"content-type", b"application/scitt-receipt+cose")
_PROBLEM = (b"content-type", b"application/problem+json")


class EntriesDoor:
    """An ASGI application for that address; one for each app and event loop."""

    def __init__(self, entries: GroupCommit) -> None:
        self._entries = entries
        self._settled: deque[_Answer] = deque()
        self._called = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] != "POST":  # type: ignore[typeddict-item]
                await _tell(send, 405, "http.405", "", "envelopes are posted here", (b"allow", b"POST"))
                return
            body = await _read(scope, receive)
            if body is None:
                return
            done = await self._register(body)
        except ComityError as error:
            await _tell_error(send, error)
        except Exception as error:
            _LOG.error("a request failed", exc_info=error)
            await _tell(send, 500, "node.failed", "", "The node's own log says more.")
        else:
            index = (b"comity-index", str(done.index).encode())
            await _answer(send, 201 if done.fresh else 200, done.receipt, _RECEIPT, index)

    async def _register(self, body: bytes) -> Registered:
        answer = _Answer(self)
        self._entries.hand_over(body, answer)
        # Where the server ends this request, the future is cancelled, and its turn does not come.
        return await answer.future

    def settle(self, answer: _Answer) -> None:
        """An answer is there; other threads call this."""
        self._settled.append(answer)
        if not self._called:
            self._called = True
            try:
                answer.loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:
                self._called = False  # the loop has ended, and with it whoever waited there

    def _deliver(self) -> None:
        # The flag first: what is settled from here on calls again.
        self._called = False
        while self._settled:
            self._settled.popleft().deliver()


class _Answer:
    """What ``GroupCommit`` fills in from its threads, and one coroutine waits for."""

    __slots__ = ("_door", "_found", "future", "loop")

    def __init__(self, door: EntriesDoor) -> None:
        self._door = door
        self._found: Registered | BaseException | None = None
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Registered] = self.loop.create_future()

    def set_running_or_notify_cancel(self) -> bool:
        return not self.future.cancelled()

    def set_result(self, result: Registered) -> None:
        self._found = result
        self._door.settle(self)

    def set_exception(self, exception: BaseException) -> None:
        self._found = exception
        self._door.settle(self)

    def deliver(self) -> None:
        if self.future.done():
            return
        if isinstance(self._found, Registered):
            self.future.set_result(self._found)
        elif self._found is not None:
            self.future.set_exception(self._found)


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body; None where the sender went away; ``Refused`` (``entry.size``) where it is too long."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > SIZE_LIMIT:
            raise _too_long()
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message["body"]
        if len(body) > SIZE_LIMIT:
            raise _too_long()
        if not message["more_body"]:
            return body


def _too_long() -> Refused:
    return Refused("entry.size", "entry", f"an envelope has at most {SIZE_LIMIT} bytes")


async def _tell_error(send: Send, error: ComityError) -> None:
    status = 400 if isinstance(error, Malformed) else faults.status_of(error)
    if error.code == "journal.busy":
        status = 503
    later = ((b"retry-after", b"1"),) if status == 503 else ()
    await _tell(send, status, error.code, error.where, error.why, *later)


async def _tell(send: Send, status: int, code: str, where: str, why: str, *more: tuple[bytes, bytes]) -> None:
    await _answer(send, status, faults.problem_body(status, code, where, why), _PROBLEM, *more)


async def _answer(send: Send, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *more, *headers.ALWAYS]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
