"""The witness's door (C2SP tlog-witness), for a node and for a witness that stands alone.

Statuses are those of the specification: 400 form, 403 no signature by a known key, 404 unknown origin,
409 another size was cosigned last (the size is the body) or another root at that size, 422 no proof.
Beside them 413 for what is too long, 429 where a ledger asks too often, 503 where nothing can be kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import RawBody

from comity.errors import ComityError, Malformed, NotVerified, Refused
from comity.exchange.neutral import Neutral
from comity.ledger.witness import Conflict, Unprocessable
from comity.web import faults, headers

CHECKPOINT_LIMIT = 64 * 1024
"""The longest request read, in bytes: 63 proof lines and a note with room for 64 signatures need 12 KiB."""

_LOG = logging.getLogger("comity.web")
_SIZE = {"content-type": "text/x.tlog.size"}


def answer_add_checkpoint(cosign: Callable[[str], str], body: bytes) -> Response[bytes]:
    """The answer to an add-checkpoint request, whoever cosigns."""
    try:
        return _text(cosign(_utf8(body)))
    except Conflict as error:
        # The size it did cosign, alone on a line: where the log is to start from.
        return Response(f"{error.size}\n".encode(), status_code=409, headers=_SIZE)
    except Unprocessable as error:
        return _fault(422, error)
    except NotVerified as error:
        return _fault(403, error)
    except Refused as error:
        busy = error.code == "witness.busy"
        held = error.code.startswith(faults.HELD)
        status = 429 if busy else 503 if held else 404 if error.code == "witness.unknown-log" else 403
        return _fault(status, error, {"retry-after": "60"} if busy else None)
    except Malformed as error:
        return _fault(400, error)


def make_witness_app(witness: Neutral) -> Litestar:
    """The app of a witness that stands alone: ``POST /add-checkpoint``, and ``GET /`` says who it is."""

    @post("/add-checkpoint", sync_to_thread=True, request_max_body_size=CHECKPOINT_LIMIT, status_code=200)
    def add_checkpoint(body: RawBody) -> Response[bytes]:
        return answer_add_checkpoint(witness.cosign, body)

    @get("/", sync_to_thread=True)
    def about() -> Response[bytes]:
        logs = sorted(str(log.vkey) for log in witness.memory.logs() if log.active)
        lines = [
            f"{witness.vkey.name} is a witness (C2SP tlog-witness): POST /add-checkpoint.",
            "It says that it saw a ledger's head at a time, and that the ledger only grew. Nothing else.",
            "",
            f"witness {witness.vkey.name} {witness.vkey}",
            "",
            "Ledgers on its list:" if logs else "No ledger is on its list.",
            *(f"log {log}" for log in logs),
        ]
        return _text("".join(f"{line}\n" for line in lines), {"cache-control": "no-cache"})

    return Litestar(
        [add_checkpoint, about],
        before_send=[headers.secure],
        exception_handlers={Exception: _tell},
        openapi_config=None,
        logging_config=None,
    )


def _tell(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if isinstance(error, HTTPException) and error.status_code < 500:
        return Response(
            f"{error.status_code}\n".encode(), status_code=error.status_code, media_type="text/plain"
        )
    _LOG.error("a request failed: %s", error, exc_info=None if isinstance(error, ComityError) else error)
    # What is wrong with this machine is its operator's to read, in the log.
    return Response(b"cannot cosign just now\n", status_code=503, media_type="text/plain")


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("witness.request", "add-checkpoint", "not UTF-8 text") from None


def _text(text: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(text.encode(), media_type="text/plain", headers=headers or {})


def _fault(status: int, error: ComityError, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(f"{error}\n".encode(), status_code=status, media_type="text/plain", headers=headers or {})
