"""Options and values that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from comity.cli.output import plain
from comity.errors import Refused, Unavailable

if TYPE_CHECKING:
    from comity.compose import Home
    from comity.exchange.node import Node
    from comity.records import kinds

Command = TypeVar("Command", bound=Callable[..., Any])
_MARKING = "comity.marking"
_LEFT = re.compile(r"([1-9][0-9]{0,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def prefer_home(context: click.Context, parameter: click.Parameter, given: Path | None) -> Path | None:
    """The folder after the command, else that before it (``comity --home DIR …``), else the environment's."""
    source = context.get_parameter_source(parameter.name or "")
    before = context.find_root().obj
    return before if source is not ParameterSource.COMMANDLINE and isinstance(before, Path) else given


def home_option(function: Command) -> Command:
    """``--home``: the folder of the node that acts."""
    made: Command = click.option(
        "--home",
        type=click.Path(path_type=Path),
        envvar="COMITY_HOME",
        show_envvar=True,
        metavar="DIR",
        callback=prefer_home,
        help="The folder of your node.",
    )(function)
    return made


def case_option(function: Command) -> Command:
    """``--case``: by id, or by the beginning of it; not needed where the node has just one."""
    made: Command = click.option(
        "--case", "case_text", metavar="CASE", default="", help="Which case, if the node has several."
    )(function)
    return made


def to_option(function: Command) -> Command:
    """``--to``: who may read the record; every member if it is not given."""
    made: Command = click.option(
        "--to", multiple=True, metavar="PARTY", help="Who may read it (default: every member); repeatable."
    )(function)
    return made


MARKINGS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")


def marking_option(function: Command) -> Command:
    """``--marking``: how far a record may be passed on, as its author says (TLP 2.0). ``open_home`` tells the
    node of it, so the command itself has nothing to do with it."""
    made: Command = click.option(
        "--marking",
        type=click.Choice(MARKINGS, case_sensitive=False),
        expose_value=False,
        callback=_keep_marking,
        help="How far it may be passed on (default TLP:AMBER; for everybody, TLP:CLEAR).",
    )(function)
    return made


def _keep_marking(context: click.Context, _: click.Parameter, given: str | None) -> str | None:
    context.meta[_MARKING] = given
    return given


def wanted_marking() -> kinds.Marking | None:
    """What ``--marking`` says in the command under way, or None."""
    context = click.get_current_context(silent=True)
    wanted: kinds.Marking | None = context.meta.get(_MARKING) if context else None
    return wanted


def placeholder_option(function: Command) -> Command:
    """``--placeholder``: values for a Sigma rule's ``expand``."""
    made: Command = click.option(
        "--placeholder",
        "placeholders",
        multiple=True,
        metavar="NAME=VALUE,…",
        help="What %NAME% stands for in rules that expand it; repeatable.",
    )(function)
    return made


def read_placeholders(given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """``NAME=VALUE,VALUE`` texts as values by name; a name given twice has the values of both."""
    found: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, _, values = text.partition("=")
        items = tuple(value for value in values.split(",") if value)
        if not name or not items:
            raise click.UsageError(f"--placeholder {text!r}: write it NAME=VALUE,VALUE")
        found[name.strip("%")] = (*found.get(name.strip("%"), ()), *items)
    return found


def open_home(folder: Path | None) -> Home:
    """The node in a folder; ``Unavailable`` where none is named or there is none."""
    if folder is None:
        raise Unavailable("home.missing", "--home", "name your node's folder: --home DIR, or COMITY_HOME")
    from comity import compose

    home = closing(compose.open_home(folder))
    home.node.marking = wanted_marking()
    return home


def closing(home: Home) -> Home:
    """A home that is closed when the command under way ends; what it could not publish is said then."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(home.close)
        context.call_on_close(lambda: _tell_unpublished(home))
    return home


def _tell_unpublished(home: Home) -> None:
    late = home.node.unpublished
    if late is not None:
        why = f"the public files are behind what is stored here, and follow later: {late}"
        click.echo(f"comity: {plain(why)}", err=True)


def choose_case(node: Node, text: str) -> str:
    """The case meant: by its id or name, or the only one there is."""
    if text:
        return node.find_case(text)
    cases = node.cases()
    if len(cases) != 1:
        why = "there is no case here yet" if not cases else f"there are {len(cases)} cases; say which"
        raise Refused("case.unknown", "--case", why)
    return cases[0]


def find_parties(node: Node, names: tuple[str, ...]) -> list[str]:
    """Ids of parties named on the command line; ``public`` stays."""
    return [name if name == "public" else node.find_party(name).id for name in names]


def read_instant(text: str, now: int) -> str:
    """An instant in the one time form: from ``2026-10-03T12:00Z``, other offsets, or ``48h`` from now."""
    from comity.records import bodies

    if match := _LEFT.fullmatch(text):
        return bodies.time_text(now + int(match[1]) * _SECONDS[match[2]])
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no instant: write 2026-10-03T12:00:00Z, or 48h for that time from now"
        ) from None
    if at.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no time zone: end it with Z, or with an offset like +02:00")
    at = at.astimezone(UTC)
    if at.microsecond:
        at = at.replace(microsecond=0) + timedelta(seconds=1)
    return bodies.time_text(int(at.timestamp()))


def read_zone(text: str) -> str:
    """A zone as evidence and records write it (``+02:00``); ``BadParameter`` for another form."""
    if text and not re.fullmatch(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]", text):
        raise click.BadParameter(f"{text!r} is not an offset like +02:00")
    return text


def read_rows(text: str) -> list[int]:
    """Row numbers written ``3,7-9``; ``BadParameter`` for anything else, or more than a million rows."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"([1-9][0-9]{0,14})(?:-([1-9][0-9]{0,14}))?", part)
        if match is None:
            raise click.BadParameter(f"{part!r} is no row number or range like 7-9")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > 1_000_000 or len(found) > 1_000_000:
            raise click.BadParameter(f"{part!r} is not a range of rows that can be shown")
        found.update(range(first, last + 1))
    return sorted(found)


def read_pairs(texts: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    """``NAME=VALUE`` options, split at the first ``=``."""
    pairs = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise click.BadParameter(f"{text!r}: write {option} NAME=VALUE")
        pairs.append((name.strip(), value.strip()))
    return pairs


def read_logsource(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """``product=windows,service=security``, also given in parts."""
    parts = tuple(part for text in texts for part in text.split(",") if part.strip())
    pairs = read_pairs(parts, "--logsource")
    for name, _ in pairs:
        if name not in ("product", "category", "service"):
            raise click.BadParameter(f"{name!r}: a log source has product, category and service")
    if len(dict(pairs)) != len(pairs):
        raise click.BadParameter("a part of the log source is given twice")
    return tuple(sorted(pairs))
