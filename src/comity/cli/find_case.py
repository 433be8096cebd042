"""Which rules go into a signed finding: all that were named, but those that somebody leaves out by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from comity.cli.find_notes import tell_aside, tell_joined
from comity.cli.output import Out, count
from comity.cli.sources import RECORD_LIMIT, fits_record
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.cli.sources import Loaded

LISTED = 1000
"""How many characters of reasons an error holds; all are said before it."""


def choose_sources(out: Out, loaded: Loaded, left_out: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """The sources to run and sign. ``Refused`` (``rule.unusable``, ``rule.long``) while one that cannot
    be is not left out by name; all of them are said then. ``UsageError`` for a name that no rule has, and
    where none remains."""
    problems = dict(loaded.unread) | {each.source_name: each.reason for each in loaded.pack.unusable}
    long = {name for name, raw in loaded.sources if name not in problems and not fits_record(raw)}
    for name in long:
        problems[name] = f"longer than the {RECORD_LIMIT} characters a record can carry"
    names = [*(name for name, _ in loaded.sources), *(name for name, _ in loaded.unread)]
    left = {name for name in names if _is_named(name, left_out)}
    for given in left_out:
        if not any(_is_named(name, (given,)) for name in names):
            raise click.UsageError(f"--leave-out {given}: no rule here is called so")
    for name in sorted(left):
        why = problems.get(name, "")
        out.line(f"left out: {name}{f': {why}' if why else ''}")
        out.object("left-out", source=name, why=why)
    due = sorted(problems.keys() - left)
    for name in due:
        out.line(f"unusable: {name}: {problems[name]}")
        out.object("rule", digest="", title="", source=name, status="unusable", why=problems[name])
    if due:
        why = problems[due[0]]
        if len(due) > 1:
            why = "; ".join(f"{name}: {problems[name]}" for name in due)[:LISTED]
            why = f"{count(len(due), 'rule')} cannot be run and signed: {why}"
        hint = " ".join(f"--leave-out {_short(name)}" for name in due[:3]) + (" …" if len(due) > 3 else "")
        if due[0] in long:
            raise Refused("rule.long", due[0], f"{why} (leave it out: {hint})")
        raise Refused("rule.unusable", due[0], f"{why} (mend it, or leave it out: {hint})")
    tell_joined(out, loaded.pack)
    tell_aside(out, loaded.pack, 2)
    sources = [(name, raw) for name, raw in loaded.sources if name not in left]
    if not sources:
        raise click.UsageError("no rule remains to run")
    return sources


def _is_named(name: str, given: tuple[str, ...]) -> bool:
    return name in given or _short(name) in given


def _short(name: str) -> str:
    return name.rpartition("/")[2]
