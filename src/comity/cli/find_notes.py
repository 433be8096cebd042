"""What is said of rules beside what they match: what stands behind them, what is not asked, and what they are
called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from comity.cli.output import Out, count

if TYPE_CHECKING:
    from comity.findings.pack import AnyRule, Pack

NAMED: Final = 5
"""So many names of a list are said; all stand in the values for scripts."""
REMARKS: Final = 20


def title_of(rule: AnyRule) -> str:
    """What a rule is called: the titles of all that matches by itself, or else the name of its file."""
    from comity.findings.sigma import Rule

    if isinstance(rule, Rule):
        shown = [each.title for each in rule.correlations if each.shown and each.title]
        shown += [each.title for each in rule.parts if each.shown and each.title]
        if len(set(shown)) > 1:
            return listed(list(dict.fromkeys(shown)), " / ")
    return rule.title or rule.source_name.rpartition("/")[2]


def listed(names: list[str], between: str = ", ") -> str:
    """Names, the first few of many."""
    more = len(names) - NAMED
    return between.join(names[:NAMED]) + (f"{between}and {more} more" if more > 0 else "")


def is_routed(rule: AnyRule) -> bool:
    """Whether a rule says what its rows are a log of."""
    return any(part.logsource.to_json() for part in getattr(rule, "parts", ()))


def tell_joined(out: Out, pack: Pack) -> None:
    """Say which filters and values are no rules by themselves, and what they were joined to."""
    notes = pack.notes
    for name in sorted(set(notes.used)):
        owners = sorted(rule for rule, behind in notes.joined if name in behind)
        told = f"{count(len(owners), 'rule')} ({listed(owners)})"
        out.line(f"joined: {name}: stands behind {told}, and decides with it", indent=2)
        out.object("joined", source=name, rules=owners)


def tell_aside(out: Out, pack: Pack, indent: int) -> None:
    """Say which indicators are not asked, and which sources are copies of others."""
    notes = pack.notes
    for name, why in notes.withdrawn:
        out.line(f"not asked: {name}: {why}", indent=indent)
        out.object("rule", digest="", title="", source=name, status="withdrawn", why=why)
    for name, what in notes.remarks:
        out.object("remark", source=name, what=what)
    alike: dict[str, list[str]] = {}
    for name, what in notes.remarks:
        alike.setdefault(what, []).append(name)
    for what, names in list(alike.items())[:REMARKS]:
        out.line(f"remark: {listed(names)}: {what}", indent=indent)
    if len(alike) > REMARKS:
        more = count(len(alike) - REMARKS, "other remark")
        out.line(f"… and {more} (all with --json)", indent=indent)
    for name, copies in notes.copies:
        out.object("copies", source=name, copies=list(copies))
    if notes.copies:
        number = sum(len(copies) for _, copies in notes.copies)
        first, copies = notes.copies[0]
        out.line(
            f"copies: {count(number, 'file')} of the same bytes as another, asked once "
            f"({first} = {listed(list(copies))}{', …' if len(notes.copies) > 1 else ''})",
            indent=indent,
        )
