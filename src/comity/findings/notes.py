"""What is said of rules beside what they match: how their sources came to be, for people.

Nothing here decides a verdict or enters a digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

Names: TypeAlias = "tuple[str, tuple[str, ...]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When an indicator is valid (STIX 2.1, section 4.7): from ``since`` on and before ``until``, in
    microseconds since 1970; ``text`` says it in words."""

    since: int | None
    until: int | None
    text: str

    def holds(self, moment: int) -> bool:
        """Whether a moment lies in it."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """``joined``: what was put behind a source, by its name. ``used``: names of sources that are no rules by
    themselves and were put behind one. ``copies``: names of sources that are equal to one under another name.
    ``withdrawn``: indicators that are not asked, and why. ``periods``: when indicators are valid, by the
    digest of the rule. ``remarks``: what of a source its author may have meant otherwise."""

    joined: tuple[Names, ...] = ()
    used: tuple[str, ...] = ()
    copies: tuple[Names, ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()
    periods: tuple[tuple[str, Period], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values; :func:`read_notes` takes them back."""
        return {
            "copies": self.copies,
            "joined": self.joined,
            "periods": [[digest, each.since, each.until, each.text] for digest, each in self.periods],
            "remarks": self.remarks,
            "used": self.used,
            "withdrawn": self.withdrawn,
        }


def read_notes(said: dict[str, Any]) -> Notes:
    """Notes from the values that :meth:`Notes.to_json` gives."""
    return Notes(
        joined=tuple((str(name), tuple(map(str, names))) for name, names in said["joined"]),
        used=tuple(map(str, said["used"])),
        copies=tuple((str(name), tuple(map(str, names))) for name, names in said["copies"]),
        withdrawn=tuple((str(name), str(why)) for name, why in said["withdrawn"]),
        remarks=tuple((str(name), str(what)) for name, what in said["remarks"]),
        periods=tuple(
            (str(digest), Period(since=since, until=until, text=str(text)))
            for digest, since, until, text in said["periods"]
        ),
    )


def merge_notes(notes: Iterable[Notes]) -> Notes:
    """Those of several packs as one."""
    every = list(notes)
    periods = {digest: each for said in every for digest, each in said.periods}
    return Notes(
        joined=tuple(each for said in every for each in said.joined),
        used=tuple(each for said in every for each in said.used),
        copies=tuple(each for said in every for each in said.copies),
        withdrawn=tuple(each for said in every for each in said.withdrawn),
        remarks=tuple(each for said in every for each in said.remarks),
        periods=tuple(sorted(periods.items(), key=lambda each: each[0])),
    )
