"""``comity``: the contents page, and how errors become exit codes.

Commands are imported only when they run, so that ``comity --help`` is quick and every command works
with whatever extras are installed.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from comity import __version__
from comity.cli.code_cache import keep_compiled
from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable

OK: Final = 0
NOT_VERIFIED: Final = 1
USAGE: Final = 2
UNCONFIRMED: Final = 3
CONTRADICTED: Final = 4
REFUSED: Final = 5
UNAVAILABLE: Final = 6
FAULT: Final = 70
INTERRUPTED: Final = 130


@atexit.register
def _go_at_once() -> None:
    """At the end all goes at once: to look through thousands of rules for cycles takes longer than to read
    them. But duckdb's binding counts at its end what was not let go, and says so to whoever looks."""
    if "duckdb" not in sys.modules:
        gc.freeze()


SECTIONS: Final[tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]] = (
    (
        "Check a dossier",
        (("verify", "verify", "Check dossiers offline: intact, reproduced, and by whom."),),
    ),
    (
        "Seal and search alone, without a node",
        (
            ("seal", "seal", "Seal logs by the row; the opening secret stays in a private file."),
            ("show", "show", "Say what a file is, what it proves and what it does not."),
            ("find", "find", "Run Sigma, STIX, YARA, SQL and indicators over logs and files."),
            ("pack", "pack", "Make a one-party dossier of a seal and its findings."),
            ("rules", "rules", "Check rule files, and make packs of them."),
        ),
    ),
    (
        "Your node",
        (
            ("init", "home", "Make a node: its keys, its ledger, its party card."),
            ("serve", "serve", "Run the node: pages for its people, an inbox for its peers."),
            ("page-key", "page_key", "Let one browser act in the pages, once."),
            ("status", "status", "List open requests with their clocks, and what is undelivered."),
            ("calendar", "calendar", "Give all open requests and their clocks as a calendar."),
            ("reminders", "calendar", "Tell what is due soon; exit code 8 where something is."),
            ("party", "party", "Know other parties: add, list, show."),
            ("case", "case", "Open a case, invite into it, list and read cases."),
            ("sync", "sync", "Send what is due and gather cosignatures, once."),
            (
                "ledger",
                "ledger",
                "Check, recover and prove this node's ledger: check, recover, receipt.",
            ),
            ("witness", "witness", "Run a neutral witness, which is no party: a key, a list, a memory."),
        ),
    ),
    (
        "Say and answer in a case (also: seal --case, find --case)",
        (
            ("claim", "claim", "State assertions: claimed, denied or counter-claimed."),
            ("notify", "claim", "Tell a party of assertions that name it."),
            ("acknowledge", "answer", "Confirm having read a notice; concedes nothing."),
            ("courier", "courier", "Carry sealed notices for others, or have one carried."),
            ("request", "answer", "Ask a party for something by an instant."),
            ("templates", "templates", "List beginnings of requests, in several languages."),
            ("answer", "answer", "Answer a request: accept, refuse, fulfil, or propose another clock."),
            ("disclose", "disclose", "Show rows with their proofs, or hand over a whole item."),
            ("match", "match", "Learn what two parties share, without either showing its list."),
            ("evidence", "custody", "Custody of sealed items: transfers, holds, erasure, access log."),
            ("erase", "custody", "Destroy the content of a record of yours, with a signed tombstone."),
            ("replicate", "disclose", "Run another party's finding again and sign how it compares."),
            ("why", "why", "Show a row that a finding names, its proof, and why it matched."),
            ("respond", "respond", "Take positions on another party's assertions."),
            ("endorse", "respond", "Support another party's assertion on a declared basis."),
            ("law", "law", "Read the catalogue of law, and what assertions are said to bear on."),
            ("weigh", "weigh", "Weigh explanations by the evidence, or say that it is not enough."),
            ("amend", "amend", "Say own assertions in other words; the earlier version stays."),
            ("extend", "amend", "Ask for more time for a request, offer it, accept or refuse it."),
            ("withdraw", "claim", "Take back own assertions, requests or endorsements; all stays."),
            ("statement", "statement", "Publish statements, join those of others, correct your own."),
            ("action", "action", "Propose actions against harm, undertake them, report on them."),
            ("consult", "consult", "Put a text to others by clauses; suggest, take positions, dispose."),
            ("lint", "lint", "Flag a statement's wording that outruns what stands behind it."),
            ("publish", "publish", "Publish a dossier of the case."),
        ),
    ),
    (
        "Take part without a node",
        (
            ("notice", "notice", "Read a notice, from a file or a page, and answer it."),
            ("reply", "guest", "Take a guest's reply file into its home node; end a guest's key."),
            ("join", "join", "Make a node of your own from a notice and your reply to it."),
        ),
    ),
)
"""The contents page: section, then (command, module, one line)."""

EPILOG: Final = """\b
Exit codes
  0    done; for verify: intact, and every identity confirmed
  1    not verified: something was changed, or a proof does not hold
  2    wrong usage, or input that could not (all) be read
  3    verify: intact, identities not confirmed
  4    verify: intact, but a trust file contradicts an identity
  5    refused: a rule of the case, or the state of the node, forbids it;
       verify: each intact, but together they prove two histories of a party
  6    unavailable: a file, disk, port, key or peer
  7    verify: intact, but not seen by the witnesses that --policy asks for
  8    reminders: something is due
  70   a fault in comity itself (COMITY_DEBUG=1 shows where)
  130  interrupted (143 by SIGTERM, 129 by a terminal that was closed)

\b
What makes the next run start sooner is kept in ~/.cache/comity (rules, lists,
loops as machine code; COMITY_KEEP_CODE=0 keeps no code). It may be deleted.

\b
With --json every command writes one JSON object a line to standard output;
each has a "type". An error is one line on standard error:
{"type": "error", "code": ..., "where": ..., "why": ..., "exit": ...}

Intact and reproduced is not the same as true."""


class Contents(click.Group):
    """A group whose commands are imported when they are asked for, and listed by section."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, in the order of the contents page."""
        return [name for _, commands in SECTIONS for name, _, _ in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        for _, commands in SECTIONS:
            for name, module, _ in commands:
                if name == cmd_name:
                    command = f"{name.replace('-', '_')}_command"
                    found = getattr(importlib.import_module(f"comity.cli.{module}"), command)
                    assert isinstance(found, click.Command)
                    return found
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command asked for, ``help find`` being ``find --help``; for a word that is none, those near."""
        if args[0] == "help":
            words = [word for word in args[1:] if not word.startswith("-")]
            if not words:
                click.echo(ctx.get_help())
                ctx.exit()
            args = [*words, "--help"]
        if args[0] not in self.list_commands(ctx):
            raise click.UsageError(f"No such command {args[0]!r}.{_say_near(args[0])}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The contents page itself; imports nothing."""
        for title, commands in SECTIONS:
            with formatter.section(title):
                formatter.write_dl([(name, line) for name, _, line in commands])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and leave with its exit code; no error reaches a person as a traceback."""
        given = list(sys.argv[1:] if args is None else args) or ["--help"]
        keep_compiled()
        if not standalone_mode:
            return super().main(given, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            code = super().main(given, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except BaseException as error:
            if os.environ.get("COMITY_DEBUG") == "1" and not isinstance(error, SystemExit):
                raise
            _leave(error, "--json" in given)
        sys.exit(code if isinstance(code, int) else OK)


def _say_near(word: str) -> str:
    """Which commands are spelt like a word, or speak of it on the contents page; "" for none."""
    from difflib import get_close_matches

    lines = {name: line.lower() for _, commands in SECTIONS for name, _, line in commands}
    found = get_close_matches(word.lower(), [*lines, "help"], cutoff=0.7)
    if len(word) > 2:
        # The beginning, so that "denial" finds what is denied, and "clocks" a clock.
        begins = re.compile(rf"\b{re.escape(word.lower()[: max(4, len(word) - 3)])}")
        found += [name for name, line in lines.items() if begins.search(line)]
    names = ", ".join(dict.fromkeys(found))
    first = "" if found[:1] == ["help"] else f" {found[0]}" if found else ""
    return f" Near it: {names}. To read of one: comity help{first}" if found else " All: comity help"


def exit_code(error: ComityError) -> int:
    """The exit code of an error, by its class."""
    for kind, code in (
        (Malformed, USAGE),
        (NotVerified, NOT_VERIFIED),
        (Refused, REFUSED),
        (Unavailable, UNAVAILABLE),
    ):
        if isinstance(error, kind):
            return code
    return FAULT


def _leave(error: BaseException, as_json: bool) -> NoReturn:
    from comity.cli.output import ReaderGoneError, plain

    match error:
        case SystemExit():
            raise error
        case ReaderGoneError() | BrokenPipeError():
            # Whoever read us has gone; the interpreter must not complain about it at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + 13)
        case KeyboardInterrupt() | click.Abort():
            why = "interrupted; what was not finished was not written"
            # click makes an Abort of Ctrl-C; what a command says of how to go on is with the cause.
            how = f"; {error.__cause__}" if str(error.__cause__ or "") else ""
            number = getattr(error.__cause__ or error, "number", INTERRUPTED - 128)
            _say(as_json, "interrupted", "", why + how, 128 + number)
        case click.exceptions.Exit():
            sys.exit(error.exit_code)
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.ctx.get_help(), err=True)
            sys.exit(USAGE)
        case click.UsageError():
            if not as_json and error.ctx is not None:
                click.echo(error.ctx.get_usage(), err=True)
                if error.ctx.parent is not None:
                    words = error.ctx.command_path.split()[1:]
                    click.echo(f"All of it: comity help {' '.join(words)}", err=True)
            _say(as_json, "usage", "", " ".join(error.format_message().split()), USAGE)
        case click.ClickException():
            _say(as_json, "usage", "", " ".join(error.format_message().split()), USAGE)
        case ComityError():
            _say(as_json, error.code, error.where, error.why, exit_code(error))
        case ValueError() if _raised_in(error, "comity.records.bodies"):
            # The exchange takes it for a mistake of its caller; here the caller is a person.
            why = f"cannot be put into a record: {plain(str(error)).removesuffix(' [content.form]')}"
            _say(as_json, "content.form", "", why, USAGE)
        case OSError():
            from comity.adapters.atomic import explain

            told = explain(error, error.filename or "system")
            _say(as_json, told.code, told.where, told.why, UNAVAILABLE)
        case MemoryError():
            _say(as_json, "memory.full", "", "not enough memory for this input", UNAVAILABLE)
    fault = f"{type(error).__name__}: {plain(str(error))[:300]}"
    why = f"a fault in comity itself: {fault} (COMITY_DEBUG=1 shows where)"
    _say(as_json, "internal", "", why, FAULT)


def _raised_in(error: BaseException, module: str) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == module


def _say(as_json: bool, code: str, where: str, why: str, leaving: int) -> NoReturn:
    from comity.cli.output import plain

    if as_json:
        told = {"type": "error", "code": code, "where": where, "why": why, "exit": leaving}
        click.echo(json.dumps(told), err=True)
    else:
        place = f"{plain(where)}: " if where else ""
        click.echo(f"comity: {place}{plain(why)} [{code}]", err=True)
    sys.exit(leaving)


@click.command(
    cls=Contents,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="comity %(version)s")
@click.option("--home", metavar="DIR", default="", help="The folder of your node, as --home of its commands.")
@click.pass_context
def main(context: click.Context, home: str) -> None:
    """Exchange claims about cyber incidents together with their evidence.

    Start with: comity seal FILE --out X.seal, then comity show X.seal. To check
    what somebody gave you: comity verify FILE.comity. To read of one command:
    comity help find.
    """
    context.obj = Path(home) if home else None


def walk(command: click.Command, path: str = "comity") -> Iterator[tuple[str, click.Command]]:
    """Every command below one, with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path.rsplit(" ", 1)[-1])
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk(below, f"{path} {name}")
