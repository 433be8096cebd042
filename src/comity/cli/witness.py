"""``comity witness``: a witness that is no party, with a key and a memory of its own."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import read_file
from comity.cli.listing import Listing
from comity.cli.output import Out, count, speaks
from comity.errors import ComityError, Malformed, Unavailable

if TYPE_CHECKING:
    from comity.compose import WitnessHome
    from comity.exchange.neutral import WatchedLog
    from comity.ledger.note import Vkey

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), envvar="COMITY_WITNESS")


@click.group(name="witness", cls=Listing)
def witness_command() -> None:
    """Run a neutral witness: it cosigns the heads of ledgers on its list, and is no party."""


@witness_command.command(name="init")
@FOLDER
@click.option("--name", required=True, help="The name of its key, as witness.example/w1: no space, no plus.")
@click.option("--listen", default="", metavar="HOST:PORT", help="Where it will listen (127.0.0.1:8731).")
@speaks("witness (name, vkey, folder, listen).")
def init_command(out: Out, folder: Path, name: str, listen: str) -> int:
    """Make a witness in the folder DIR: one key, and an empty list of ledgers.

    Never run two copies of it, and never put back an old copy: a witness that
    forgets can be made to sign two histories. Make a new one, with a new name.
    """
    from comity import compose
    from comity.adapters import node_settings

    made = compose.create_witness(
        folder, compose.WitnessSettings(name=name, listen=listen or node_settings.LISTEN)
    )
    _tell(out, made)
    out.line(f"Next: comity witness add-log {made.folder} VKEY, then comity witness run {made.folder}")
    return 0


@witness_command.command(name="run")
@FOLDER
@click.option("--listen", default="", metavar="HOST:PORT", help="Listen elsewhere than witness.toml says.")
@click.option("--port", type=click.IntRange(0, 65_535), default=None, help="Listen at another port (0: any).")
@speaks("serving (url, name, vkey, logs) once it listens.")
def run_command(out: Out, folder: Path, listen: str, port: int | None) -> int:
    """Run the witness in DIR until it is stopped (^C or SIGTERM). It answers
    POST /add-checkpoint (C2SP tlog-witness); GET / says its key and its list.

    Ledgers may be added and removed meanwhile. A second run of one DIR is refused,
    and so is one whose memory does not hold.
    """
    try:
        import uvicorn

        from comity.web.witness import make_witness_app
    except ImportError as error:
        raise Unavailable(
            "extra.server",
            "witness",
            f"serving needs more: pip install '.[server]' in a copy of the source ({error.name} is missing)",
        ) from None
    from comity import compose
    from comity.adapters import node_settings, turns
    from comity.cli.serve import address_of, bind

    home = compose.open_witness(folder)
    for log in home.files.logs():
        log.state()  # a memory that does not hold must stop it here, not at the first request
    host, own_port = node_settings.split_listen(listen or home.settings.listen)
    with turns.hold_alone(home.folder), bind(host, own_port if port is None else port) as bound:
        config = uvicorn.Config(
            make_witness_app(home.witness),
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            lifespan="on",
        )
        server = uvicorn.Server(config)

        def end(*_: object) -> None:
            server.should_exit = True

        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError):  # not in the main thread: a test
                signal.signal(number, end)
        address = address_of(bound)
        logs = [log for log in home.files.logs() if log.active]
        out.line(f"{home.settings.name} listens at {address}; {count(len(logs), 'ledger')} on its list.")
        out.line(f"For a policy: witness {home.settings.name} {home.witness.vkey} {address}")
        out.line("Stop with ^C.")
        out.object(
            "serving", url=address, name=home.settings.name, vkey=str(home.witness.vkey), logs=len(logs)
        )
        sys.stdout.flush()
        server.run(sockets=[bound])
    out.line("Stopped.")
    return 0


@witness_command.command(name="show")
@FOLDER
@speaks("witness (name, vkey, folder, listen); log (origin, vkey, size, root, active); splits (count).")
def show_command(out: Out, folder: Path) -> int:
    """Show its key, as it stands in a policy, and the ledgers with the size it cosigned last."""
    from comity import compose

    home = compose.open_witness(folder)
    _tell(out, home)
    for log in home.files.logs():
        _tell_log(out, log)
    splits = home.files.splits()
    if splits:
        out.line(f"{count(len(splits), 'contradiction')} of ledgers kept in {home.folder / 'splits'}")
    out.object("splits", count=len(splits))
    return 0


@witness_command.command(name="add-log")
@FOLDER
@click.argument("sources", metavar="VKEY|FILE…", nargs=-1, required=True)
@speaks("log (origin, vkey, size, root, active, new).")
def add_log_command(out: Out, folder: Path, sources: tuple[str, ...]) -> int:
    """Put ledgers on its list: by key, by a party's card (comity party show --out), or
    by files with one key a line (lines of a policy, `log VKEY`, do too).

    A new ledger starts from nothing. Do not add again one whose memory was lost.
    """
    from comity import compose

    home = compose.open_witness(folder)
    vkeys = [vkey for source in sources for vkey in _read_vkeys(source)]
    for vkey in vkeys:
        new = home.witness.add_log(vkey)
        log = next(log for log in home.files.find(vkey.name) if log.vkey == vkey)
        _tell_log(out, log, new=new)
    return 0


@witness_command.command(name="remove-log")
@FOLDER
@click.argument("origin")
@speaks("log (origin, vkey, size, root, active).")
def remove_log_command(out: Out, folder: Path, origin: str) -> int:
    """Take a ledger off its list. What it remembers of it stays, for when it comes back."""
    from comity import compose

    home = compose.open_witness(folder)
    removed = home.witness.remove_log(origin)
    _tell_log(out, next(log for log in home.files.find(origin) if log.vkey == removed.vkey))
    return 0


@witness_command.command(name="check")
@FOLDER
@speaks("step (name, ok) and fault (name, code, where, why); checked (logs, faults).")
def check_command(out: Out, folder: Path) -> int:
    """Check what it remembers from the stored bytes: each note is signed by its
    ledger. Says what is wrong and where; then exits 1.
    """
    from comity import compose
    from comity.ledger import witness

    home = compose.open_witness(folder)
    faults = 0
    logs = home.files.logs()
    for log in logs:
        try:
            state = log.state()
        except ComityError as error:
            faults += 1
            out.line(f"WRONG  {log.vkey.name}: {error}")
            out.object("fault", name=log.vkey.name, code=error.code, where=error.where, why=error.why)
        else:
            out.line(f"ok     {log.vkey.name}: size {state.size if state else 0}")
            out.object("step", name=log.vkey.name, ok=True)
    for name in home.files.splits():
        first, _, second = (
            read_file(home.folder / "splits" / name, 1 << 20).decode("utf-8", "replace").partition("\n\n\n")
        )
        key = next((log.vkey for log in logs if first.startswith(f"{log.vkey.name}\n")), None)
        if key is not None:
            split = witness.prove_split(f"{first}\n", second, key)
            out.line(f"SPLIT  {split.origin} signed two roots for size {split.size}: {name}")
    out.line(f"{count(len(logs), 'ledger')}, {count(faults, 'fault') if faults else 'all holds'}.")
    out.object("checked", logs=len(logs), faults=faults)
    return 1 if faults else 0


def _tell(out: Out, home: WitnessHome) -> None:
    out.line(f"witness {home.settings.name} {home.witness.vkey}")
    out.object(
        "witness",
        name=home.settings.name,
        vkey=str(home.witness.vkey),
        folder=str(home.folder),
        listen=home.settings.listen,
    )


def _tell_log(out: Out, log: WatchedLog, **more: object) -> None:
    state = log.state()
    size, root = (state.size, state.root.hex()) if state else (0, "")
    mark = "" if log.active else "  (taken off the list)"
    out.line(f"log {log.vkey}  size {size}{mark}")
    out.object(
        "log", origin=log.vkey.name, vkey=str(log.vkey), size=size, root=root, active=log.active, **more
    )


def _read_vkeys(source: str) -> list[Vkey]:
    from comity.ledger.note import Vkey

    if "+" in source and not Path(source).is_file():
        return [Vkey.parse(source, source)]
    path = Path(source)
    raw = read_file(path, 1 << 20)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return [_vkey_of_card(raw, source)]
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log":
            words = words[1:2]
        if len(words) != 1:
            raise Malformed("witness.list", f"{source}:{number}", "a line is one key, or: log KEY [URL]")
        found.append(Vkey.parse(words[0], f"{source}:{number}"))
    return found


def _vkey_of_card(raw: bytes, source: str) -> Vkey:
    """The key that signs the heads of a party's ledger now, by the card file that its node wrote."""
    from comity.case.party_keys import checkpoint_keys
    from comity.case.verified import verify_party
    from comity.errors import ComityError
    from comity.exchange.node import parse_party_file

    try:
        file = parse_party_file(raw, source)
    except ComityError:
        why = "neither a list of keys nor the card of a party"
        raise Malformed("witness.list", source, why) from None
    keys = checkpoint_keys(verify_party(file.card, file.rotations, None, source))
    if not keys:
        raise Malformed("witness.list", source, "the card of a guest, which keeps no ledger")
    return keys[-1]
