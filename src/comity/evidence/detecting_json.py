"""Whether lines are objects of JSON, each by itself, or a text is one JSON document."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from comity.errors import Malformed
from comity.evidence import otlp
from comity.evidence.detected import UTF8_BOM, Detected, are_many, nearly_all, too_few
from comity.evidence.formats import HEAD_BYTES
from comity.evidence.json_values import (
    ABOUT_A_LIST,
    ABOUT_A_MESSAGE,
    ENVELOPES,
    LISTS,
    VALUE,
    WRAPPERS,
    begins_in,
    is_more_than_lines,
    read_objects,
)

# JSON lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """How many lines there are, begin as JSON objects do, and are ones; and of these, are events of Windows,
    and are nothing but the envelope of a list. ``first`` if the first line is one; ``long`` if it is so long
    that only its beginning is seen."""

    lines: int
    begun: int
    whole: int
    events: int
    envelopes: int
    first: bool
    long: bool

    @property
    def are_nearly_all(self) -> bool:
        return self.whole >= 3 and nearly_all(self.begun, self.lines)

    @property
    def are_lines(self) -> bool:
        """Whether the lines are objects, several and each by itself, and no envelopes of others."""
        return self.whole >= 2 and nearly_all(self.whole, self.lines) and 2 * self.envelopes < self.whole

    def decide(self, suffix: str) -> Detected | None:
        """JSON lines, if these are."""
        if self.long:
            return Detected(format="jsonl/1", why="it opens with one long line of a JSON object")
        if self.first and not too_few(self.begun, self.lines):
            why = "its first line is one JSON object"
        elif self.are_nearly_all or (suffix in _JSON_NAMES and self.whole and 2 * self.begun >= self.lines):
            why = f"{self.whole} of the {self.lines} lines of its head are JSON objects"
        else:
            return None
        if 2 * self.events >= max(self.whole, 1):
            return Detected(format="evtx-jsonl/1", why="JSON lines derived from an event log")
        return Detected(format="jsonl/1", why=why)

    def doubt(self) -> str:
        """What to say of a text in which these stand."""
        if not self.whole or 20 * self.begun < self.lines:
            return ""
        return (
            f"{self.begun} of the {self.lines} lines of its head look like JSON objects, too few to be"
            " read as JSON lines (--format jsonl does)"
        )


_JSON_NAMES: Final = ("jsonl", "ndjson", "json", "jsonlines")
_OBJECT = re.compile(rb'\s*\{\s*"')


def count_objects(lines: Sequence[bytes], rest: bytes) -> Objects:
    """Look at every line; ``rest`` is the beginning of the one that the head ends in."""
    begun = whole = events = envelopes = 0
    first = False
    for at, line in enumerate(lines):
        found = read_object(line)
        begun += found is not None or _OBJECT.match(line) is not None
        if found is not None:
            whole += 1
            listed = _holds_list(found)
            only = listed and _BESIDE.issuperset(found)
            envelopes += only or (listed and "logEvents" in found)
            events += list(found)[:1] in (["record"], ["broken"]) and not {"Event", "broken"}.isdisjoint(
                found
            )
            first = first or at == 0
    long = len(lines) == 1 and len(lines[0]) >= HEAD_BYTES - len(UTF8_BOM)
    tail = int(not long and _OBJECT.match(rest) is not None)
    return Objects(
        lines=len(lines) + tail,
        begun=begun + tail,
        # The beginning of a long line must do, as for a first line that is longer than the head.
        whole=whole + (len(rest) >= HEAD_BYTES // 2 and tail),
        events=events,
        envelopes=envelopes,
        first=first,
        long=long and not first and re.match(rb'\{\s*"', lines[0]) is not None,
    )


_LISTED: Final = frozenset((*ENVELOPES, *LISTS))
_BESIDE: Final = _LISTED | ABOUT_A_LIST | ABOUT_A_MESSAGE | {*WRAPPERS, "fields", "schema", "highlighted"}


def _holds_list(found: dict[str, object]) -> bool:
    """Whether an object has a list of objects under an envelope's key."""
    for key in _LISTED.intersection(found):
        held = found.get(key)
        if key == "hits" and isinstance(held, dict):
            held = held.get("hits")
        if _is_list(held):
            return True
    wrapped = (found.get(key) for key in WRAPPERS if key in found)
    return any(
        _is_list(held.get(key)) for held in wrapped if isinstance(held, dict) for key in _LISTED & held.keys()
    )


def _is_list(held: object) -> bool:
    return isinstance(held, list) and bool(held) and isinstance(held[0], dict)


def read_object(line: bytes) -> dict[str, object] | None:
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        found = _loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _loads(line: bytes) -> object:
    from comity.evidence.bulk import fast_loads

    loads = fast_loads()
    if loads is not None:
        with suppress(ValueError):  # which it says of some that are read all the same
            return loads(line)
    return json.loads(line)


# Records of OpenTelemetry


def read_batches(text: bytes, lines: Sequence[bytes], objects: Objects) -> Detected | None:
    """Logs in OpenTelemetry's protocol: an object of it each line, or one over several."""
    if b'"resourceLogs"' not in text:
        return None
    begun = [found[1] for found in map(otlp.BEGINS.match, lines) if found is not None]
    if not (b"Logs" in begun and nearly_all(len(begun), len(lines))):
        found = otlp.BEGINS.match(text)
        if found is None or found[1] != b"Logs" or objects.are_nearly_all or leaves_document(lines):
            return None
    return Detected(
        format="opaque/1",
        why="logs in OpenTelemetry's protocol: sealed whole, and derived to a JSON line for each record",
        unpack="otlp",
    )


# JSON documents

_DOCUMENT = re.compile(rb"(?:Record [0-9]{1,20}\s)?[\s\x1e]*" + VALUE)


def is_document(lines: Sequence[bytes], text: bytes) -> bool:
    """Whether a text is JSON that is not one object a line."""
    if not _DOCUMENT.match(text):
        return False
    if lines[0].lstrip().startswith((b"[", b"Record ", b"\x1e")) or is_more_than_lines(text):
        return True
    # A value that goes on on the next line breaks off between tokens; a torn line of JSON lines does not, and
    # the line after it is an object.
    if len(lines) < 2 or not lines[0].rstrip().endswith((b"{", b"[", b",", b":")):
        return False
    try:
        return not isinstance(json.loads(lines[1]), dict)
    except (ValueError, RecursionError):
        return True


_IN_DOCUMENT = re.compile(
    rb"\s*+(?:[,\]}\x1e]|\{\s*(?:\Z|[\"{}])|\[\s*(?:\Z|[\"{}\[\]]|[-+.eE0-9]++\s*(?:,|\]|\Z))"
    rb'|"(?:[^"\\]|\\.)*+(?:"\s*+(?::|,?[\s\]}]*+,?\s*+\Z)|\Z)'
    rb"|(?:[-+.eE0-9]++|true|false|null)\s*(?:[,\]}]|\Z)|Record [0-9]{1,20}\Z)"
)


def leaves_document(lines: Sequence[bytes]) -> bool:
    """Whether nearly all behind the first line can neither be inside of a JSON value nor begin one, and is
    not merely a little text behind a long line."""
    others = [line for line in lines[1:] if not _IN_DOCUMENT.match(line)]
    return nearly_all(len(others), len(lines) - 1) and are_many(others, lines)


AHEAD: Final = 8
AHEAD_OF_JSON: Final = 64
"""So many lines may stand before the first value of a text; of a file whose name says that it is JSON."""


def read_behind_others(suffix: str, text: bytes, lines: Sequence[bytes]) -> Detected | None:
    """A document of JSON, or objects each in a line, behind a few other lines: what a tool says of itself, a
    comment, a command's echo."""
    at = begins_in(text)
    if at <= 0:
        return None
    ahead = sum(bool(line.strip()) for line in text[:at].split(b"\n"))
    behind = lines[ahead:] or [text[at:]]
    if not 0 < ahead <= (AHEAD_OF_JSON if suffix in _JSON_NAMES else AHEAD):
        return None
    others = sum(not _IN_DOCUMENT.match(line) for line in behind)
    if others > 2 and 10 * others > len(behind):
        return None
    if is_document(behind, text[at:]) and not leaves_document(behind) and _is_whole(text[at:]):
        return Detected(
            format="opaque/1",
            why=f"a JSON document behind {ahead} other lines: sealed whole, and derived to a line for each",
            unpack="json",
        )
    objects = count_objects(behind, b"")
    found = objects.decide(suffix) if suffix in _JSON_NAMES and objects.whole == len(behind) else None
    why = f"all lines of its head behind the first {ahead} are JSON objects"
    return None if found is None else Detected(format=found.format, why=why)


def _is_whole(text: bytes) -> bool:
    """Whether a document holds objects, or the beginning of one that is longer than the head, and no more
    than two stretches of other text."""
    try:
        lines = list(read_objects([text]))
    except Malformed:
        return False
    whole = sum(read_object(line) is not None for line in lines)
    long = len(lines) == 1 and len(lines[0]) >= HEAD_BYTES // 2
    return len(lines) - whole <= 2 and (whole > 0 or long)


def is_torn(line: bytes) -> bool:
    """Whether a first line breaks off inside of an object: as a document all behind it would be lost."""
    try:
        return any(read_object(each) is None for each in read_objects([line]))
    except Malformed:
        return True
