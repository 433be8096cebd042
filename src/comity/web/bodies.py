"""Room for what strangers send: how much is in memory at once, and how long a body may take to come.

A message is sealed, so who sends it is known only once all of it was read. What is being read, from
everyone together, has its room; small bodies have one of their own, so that large ones never shut them
out. Whoever finds no room is told when to come again, before anything of the body was read.

A sender that is refused while it sends hears of it only if the rest is read as well: a connection closed on
bytes that wait is reset, and the answer is gone with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from comity.web import faults, headers

if TYPE_CHECKING:
    from litestar.types import (
        ASGIApp,
        HTTPReceiveMessage,
        Message,
        Receive,
        Scope,
        Send,
        WebSocketReceiveMessage,
    )

ROOM = 512 * 1024 * 1024
"""Bytes of large bodies in memory at once."""

SMALL = 1024 * 1024
"""A body of at most so many bytes is small."""

SMALL_ROOM = 64 * 1024 * 1024
"""Bytes of small bodies in memory at once."""

PATIENCE, PACE = 30, 64 * 1024
"""A body may take so many seconds, and one more for each so many bytes that it says it has."""

RETRY_AFTER = 10

SPARED = 64 * 1024 * 1024
"""Bytes of a refused body that are read and thrown away, so that its sender hears why. Of one that says it is
longer nothing is."""


class BodyRoom:
    """In front of the routes that take bodies from strangers; ``limits`` are their paths, each with the
    longest body that it takes."""

    def __init__(self, limits: Mapping[str, int], room: int = ROOM, small_room: int = SMALL_ROOM) -> None:
        self._limits = limits
        self._free = {False: room, True: small_room}

    def covers(self, scope: Scope) -> bool:
        """Whether a request is one of those."""
        return scope["path"] in self._limits

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        size = self._declared(scope)
        small = size <= SMALL
        if size > self._free[small]:
            await _refuse(send)
            return
        self._free[small] -= size
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE + size / PACE
        whole = False

        async def receive_in_time() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            nonlocal whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                # As if it had gone away: nobody waits for the rest, and its room is free again.
                return {"type": "http.disconnect"}
            whole = message["type"] != "http.request" or not message["more_body"]
            return message

        try:
            await app(scope, receive_in_time, send)
        finally:
            self._free[small] += size

    def _declared(self, scope: Scope) -> int:
        limit = self._limits[scope["path"]]
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and len(value) < 20:
                # What is too long is refused by its route before it is read.
                return min(int(value), limit)
        return limit


async def hear_out(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run ``app``; where it refuses, what is left of the body is read first, and kept nowhere."""
    sent = dict(scope["headers"])
    length = sent.get(b"content-length", b"")
    whole = not (length.strip(b"0") or sent.get(b"transfer-encoding"))
    # Who waits to be asked for the body is not made to send it.
    waits = sent.get(b"expect", b"").lower() == b"100-continue"
    too_long = length.isdigit() and (len(length) > 19 or int(length) > SPARED)

    async def counted() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        nonlocal whole, waits
        waits = False
        message = await receive()
        whole = message["type"] != "http.request" or not message["more_body"]
        return message

    async def told(message: Message) -> None:
        refused = message["type"] == "http.response.start" and message["status"] >= 400
        if refused and not (whole or waits or too_long):
            await throw_away()
        await send(message)

    async def throw_away() -> None:
        read = 0
        try:
            async with asyncio.timeout(PATIENCE):
                while not whole and read <= SPARED:
                    message = await counted()
                    read += len(message["body"]) if message["type"] == "http.request" else 0
        except TimeoutError:
            return

    await app(scope, counted, told)


async def _refuse(send: Send) -> None:
    why = "this node is reading as much as it has room for; send it again"
    body = faults.problem_body(503, "node.busy", "body", why)
    told = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(RETRY_AFTER).encode()),
        *headers.ALWAYS,
    ]
    await send({"type": "http.response.start", "status": 503, "headers": told})
    await send({"type": "http.response.body", "body": body, "more_body": False})
