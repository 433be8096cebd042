"""Room for what strangers send: how much is in memory at once, and how long a body may take to come.

A message is sealed, so who sends it is known only once all of it was read. What is being read, from
everyone together, has its room; small bodies have one of their own, so that large ones never shut them
out. Whoever finds no room is told when to come again, before anything of the body was read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from comity.web import faults, headers

if TYPE_CHECKING:
    from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send, WebSocketReceiveMessage

ROOM = 512 * 1024 * 1024
"""Bytes of large bodies in memory at once."""

SMALL = 1024 * 1024
"""A body of at most so many bytes is small."""

SMALL_ROOM = 64 * 1024 * 1024
"""Bytes of small bodies in memory at once."""

PATIENCE, PACE = 30, 64 * 1024
"""A body may take so many seconds, and one more for each so many bytes that it says it has."""

RETRY_AFTER = 10


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
