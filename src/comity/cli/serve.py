"""``comity serve``: one node, its pages and its inbox, and a worker that sends what is due."""

from __future__ import annotations

import errno
import secrets
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.options import open_home, prefer_home
from comity.cli.output import Out, speaks
from comity.cli.status import tell_standing
from comity.errors import ComityError, Unavailable

if TYPE_CHECKING:
    from comity.compose import Home

TURN = 1.0
"""Seconds between two turns of the worker."""


@click.command(name="serve")
@click.argument(
    "folder", metavar="[HOME]", required=False, type=click.Path(path_type=Path), envvar="COMITY_HOME"
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    metavar="DIR",
    callback=prefer_home,
    help="The same as HOME.",
)
@click.option("--listen", default="", metavar="HOST:PORT", help="Listen elsewhere than comity.toml says.")
@click.option("--port", type=click.IntRange(0, 65_535), default=None, help="Listen at another port (0: any).")
@click.option(
    "--token", default="", envvar="COMITY_TOKEN", help="The secret that opens the pages (kept in HOME/token)."
)
@speaks(
    "serving (url, pages, party, home) once it listens, and standing (state, held, size, head, why) and "
    "room (where, free, floor, low); then "
    "delivery (to, code, why) for what fails."
)
def serve_command(
    out: Out, folder: Path | None, home: Path | None, listen: str, port: int | None, token: str
) -> int:
    """Run the node in HOME until it is stopped (^C or SIGTERM): pages for its own
    people at the address printed, an inbox for other nodes, and a worker that
    sends, receives and gathers cosignatures every second.

    Commands that act on the same HOME work meanwhile. A second serve of one HOME
    is refused; a port in use is told before anything starts.
    """
    try:
        import uvicorn

        from comity.adapters.access_file import AccessReader
        from comity.adapters.page_keys import PageKeys
        from comity.cli.weigh import installed_knowledge
        from comity.web.app import make_app
    except ImportError as error:
        raise Unavailable(
            "extra.server",
            "serve",
            f"serving needs more: pip install '.[server]' in a copy of the source ({error.name} is missing)",
        ) from None
    from comity import compose
    from comity.adapters import node_settings, turns

    where = open_home(home or folder)
    host, own_port = node_settings.split_listen(listen) if listen else where.settings.address
    with turns.hold_alone(where.folder), bind(host, own_port if port is None else port) as bound:
        token = token or keep_token(where.folder)
        keys = PageKeys(where.folder / compose.PAGE_KEYS)

        def ask_card(address: str) -> bytes:
            with where.peers() as peers:
                return peers.get(address, "/card")

        app = make_app(
            where.node,
            token=token,
            title=where.node.party.card.name,
            keys=keys,
            openings=AccessReader(where.folder / compose.ACCESS),
            knowledge=installed_knowledge,
            ask_card=ask_card,
        )
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, date_header=False, lifespan="on"
        )
        server = uvicorn.Server(config)
        address = address_of(bound)
        pages = f"{address}/?token={token}"

        def end(*_: object) -> None:
            server.should_exit = True

        # uvicorn raises the signal again once it has stopped; by then that is no news.
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError):  # not in the main thread: a test
                signal.signal(number, end)
        out.line(f"{where.node.party.card.name} listens at {address}")
        out.line(f"Pages: {pages}")
        elsewhere = bound.getsockname()[:2] != where.settings.address
        if (listen or port is not None) and elsewhere and where.settings.url.rstrip("/") != address:
            out.line(
                f"Your card says {where.settings.url}: others send there, and only if that leads here"
                " do they reach you."
            )
        out.line(f"To act in them:  comity page-key {where.folder}")
        out.line(f"Others send to: {where.settings.url}. Stop with ^C.")
        out.object("serving", url=address, pages=pages, party=where.node.party.id, home=str(where.folder))
        # Whatever the mark says, the first turn asks the others what they hold of this ledger.
        where.node.doubted = where.node.served = True
        tell_standing(out, where.node)
        _flush()
        stop = threading.Event()
        worker = threading.Thread(target=_work, args=(out, where, stop), name="comity worker", daemon=True)
        worker.start()
        try:
            server.run(sockets=[bound])
        finally:
            stop.set()
            worker.join(timeout=15)
    out.line("Stopped.")
    return 0


def _flush() -> None:
    sys.stdout.flush()


def bind(host: str, port: int) -> socket.socket:
    """A bound socket; ``Unavailable`` (``port.used``, ``port.permission``, ``port.address``)."""
    shown = f"{host}:{port}"
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise Unavailable("port.address", shown, "not an address of this machine") from None
    bound = socket.socket(family, kind)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(
                "port.used", shown, "another program listens there; choose another with --port"
            ) from None
        if error.errno == errno.EACCES:
            raise Unavailable(
                "port.permission", shown, "no permission to listen there; ports below 1024 need it"
            ) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise Unavailable("port.address", shown, "not an address of this machine") from None
        raise Unavailable("port.error", shown, error.strerror or "cannot listen there") from None
    return bound


def address_of(bound: socket.socket) -> str:
    """The http address of a bound socket, as one on this machine reaches it."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - told, not bound, here
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def keep_token(folder: Path) -> str:
    """The token of a home, made once."""
    from comity.adapters.atomic import write_new
    from comity.cli.inputs import read_file
    from comity.errors import Malformed, Refused

    path = folder / "token"
    if not path.exists():
        with suppress(Refused):  # another process made it in between
            write_new(path, f"{secrets.token_urlsafe(24)}\n".encode())
    token = read_file(path, 1000).decode("ascii", "replace").strip()
    if len(token) < 16 or not token.isascii() or not token.isprintable() or " " in token:
        raise Malformed(
            "token.form", str(path), "not a token of 16 characters or more; remove the file for a new one"
        )
    return token


def _work(out: Out, home: Home, stop: threading.Event) -> None:
    """The worker: one turn a second, telling each new failure once."""
    from comity.exchange.working import tick
    from comity.web.whole import load_everything

    load_everything()  # another version may be installed while this node runs
    told: dict[str, str] = {}
    with home.peers() as peers:
        while not stop.wait(TURN):
            try:
                failures = tick(home.node, peers).failures
            except ComityError as error:
                failures = (("worker", error),)
            except Exception as error:
                # The worker outlives a fault of ours: what is queued must go out once it is gone.
                why = f"{type(error).__name__}: {error}"
                failures = (("worker", Unavailable("worker.fault", "worker", why)),)
            for address, failure in failures:
                _tell(out, told, address, failure)


def _tell(out: Out, told: dict[str, str], address: str, error: ComityError) -> None:
    if told.get(address) != error.code:
        told[address] = error.code
        out.warn(f"{address}: {error}")
        out.object("delivery", to=address, code=error.code, why=error.why)
        _flush()
