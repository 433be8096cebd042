"""Feeds of indicators in the forms that people hand over, made into lists of one indicator a line.

Read before rules are linked (:mod:`comity.findings.parting`): what runs, what a finding carries and what
another party runs again is the list. What of a feed is no line of a list is named with the reason.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

from comity.findings.feed_csv import Header, find_header, gather_csv
from comity.findings.feed_json import form_of_json, gather_json
from comity.findings.feed_openioc import gather_openioc, is_openioc
from comity.findings.feed_types import Gathered
from comity.findings.reasons import RuleError

FEED_ENDINGS: Final = (".json", ".csv", ".xml", ".txt", ".ioc")
LISTED: Final = "!indicators.ioc"
"""What the list of a feed is called behind the feed's name."""
LIMIT: Final = 64 << 20
"""The longest feed in JSON or XML, in bytes; a table is read line by line."""
HEAD: Final = 65_536
MORE: Final = "the server has more than this answer holds"


@dataclass(frozen=True, slots=True)
class Feed:
    """The ``sources`` that a feed becomes, ``failed`` among them by name and why, and ``withdrawn`` ones."""

    sources: tuple[tuple[str, bytes], ...]
    failed: tuple[tuple[str, str], ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()


def form_of(name: str, head: bytes) -> str | Header:
    """The form of the feed that a file of this name with this beginning is; "" for no feed."""
    lower = name.lower()
    if not lower.endswith(FEED_ENDINGS):
        return ""
    start = head[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"{", b"["):
        return "" if lower.endswith((".csv", ".xml")) else form_of_json(head)
    if start == b"<":
        return "OpenIOC" if not lower.endswith((".csv", ".json")) and is_openioc(head) else ""
    if lower.endswith((".json", ".xml")):
        return ""
    return find_header(head) or ""


def read_feed(name: str, raw: bytes) -> Feed | None:
    """The feed that a source is; None for any other source."""
    form = form_of(name, raw[:HEAD])
    if not form:
        return None
    try:
        if isinstance(form, Header):
            found = gather_csv(raw, form)
        elif len(raw) > LIMIT:
            raise RuleError(f"{len(raw)} bytes, more than the {LIMIT} that a feed of {form} may have")
        else:
            found = gather_openioc(raw) if form == "OpenIOC" else gather_json(raw, form)
    except RuleError as error:
        return Feed(((name, raw),), ((name, str(error)),))
    return _feed_of(name, found)


def _feed_of(name: str, found: Gathered) -> Feed:
    sources: list[tuple[str, bytes]] = []
    failed: list[tuple[str, str]] = []
    withdrawn = tuple(
        (f"{name}!{why.split(' (')[0][:60]}", _told(each.count, why, each.first))
        for why, each in sorted(found.withdrawn.items())
    )
    if found.more:
        withdrawn += ((f"{name}!more", MORE),)
    if found.holds_any:
        sources.append((name + LISTED, found.text()))
    for (kind, why), each in sorted(found.aside.items()):
        # It is typed to leave this out: what nobody can type stands as a line in it.
        shown = "".join(each if each.isprintable() else "_" for each in " ".join(kind.split()))
        called = f"{name}!{shown}"
        taken = {other for other, _ in sources}
        others = itertools.chain(
            [called, f"{called}, of another form"], map(f"{called}, {{}}".format, itertools.count(3))
        )
        called = next(each for each in others if each not in taken)
        told = _told(each.count, why, each.first)
        # A source of its own, so that it is named, and left out by name where a finding is signed.
        sources.append((called, f"{called}: {told}".encode("utf-8", "backslashreplace")))
        failed.append((called, told))
    if not sources and not withdrawn:
        return Feed(((name, b""),), ((name, f"this feed of {found.form} holds no indicator"),))
    return Feed(tuple(sources), tuple(failed), withdrawn)


def _told(count: int, why: str, first: str) -> str:
    return f"{count:,} {'indicator' if count == 1 else 'indicators'}: {why}; the first is {first}"
