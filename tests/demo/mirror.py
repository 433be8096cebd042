"""What a telling shows, with every party and record called by its place in the story.

Two tellings with claimant and respondent exchanged must then read the same. Names become roles. A record's
id becomes its author's role, its kind and its number among such; its number in a docket becomes that too,
as which of two concurrent records stands first depends on their ids. Any other digest, root, key or
signature is just that, and so is a time of the telling itself; times that the story speaks of stay. Sizes
in bytes go, because the names in the logs have other lengths.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from comity.case.state import State
from demo.cast import ROLES, Cast, Role

_HEX = re.compile(r"\b(?:(?=[0-9a-f]*[0-9])[0-9a-f]{8,})\b…?")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}=*")
_PLACE = re.compile(r"\bat (leaf )?\d+\b")
_GROUPED = re.compile(r"\b[0-9a-f]{4}(?:\s[0-9a-f]{4}){3,}\b")
_CASE = re.compile(r"C-[0-9a-f]{8}-")
_VKEY = re.compile(r"\S+\+[0-9a-f]{8}\+\S+")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_SIZE = re.compile(r'\b[\d.,]+\s(?:bytes|[kKMG]i?B)\b|(?<="bytes": )\d+')
_TIME = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z| UTC)")
_NUMBER = re.compile(r"№\s*(\d+)")
_FIGURE = re.compile(r"[\d.,]+")
_TAG = re.compile(r"<[^>]*>")

# What several parties may do at the same time: these stand in the order of their ids.
_CONCURRENT = {"reruns", "contests", "endorsements"}

# A telling happens now; its story ended before this.
_NOW = datetime(2026, 10, 10, tzinfo=UTC).timestamp()


def name_records(state: State, roles: Mapping[str, Role]) -> dict[str, str]:
    """Record id → ``author's role, kind, number among such``, for what is held opened."""
    counted: Counter[tuple[str, str]] = Counter()
    names = {}
    for record in sorted(state.accepted.values(), key=lambda r: (r.author, r.seq)):
        place = (roles[record.author], record.frame.kind)
        counted[place] += 1
        names[record.id] = f"<{place[0]} {place[1]} {counted[place]}>"
    return names


class Mirror:
    """Calls things by their place: ``roles`` and ``records`` by id, ``case`` an id."""

    def __init__(self, cast: Cast, roles: Mapping[str, Role], case: str, records: Mapping[str, str]) -> None:
        self.ids = {party: f"<{role}>" for party, role in roles.items()} | dict(records) | {case: "<case>"}
        words: dict[str, str] = {}
        for role in ROLES:
            party = cast.of(role)
            words |= {
                party.office: f"<{role} office>",
                party.name: f"<{role}>",
                party.label: f"<{role} label>",
            }
        # All at once, and the longest first: one name may be part of another.
        self._words = words
        self._names = re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)))
        self.numbers: dict[int, str] = {}

    def text(self, text: str) -> str:
        """A text in terms of the story."""
        text = self._names.sub(lambda found: self._words[found[0]], text)
        text = _VKEY.sub("<key>", _ADDRESS.sub("<address>", _SIZE.sub("<size>", text)))
        text = _TIME.sub(_time, _CASE.sub("C-<case>-", _GROUPED.sub("<digest>", text)))
        text = _NUMBER.sub(lambda found: self.numbers.get(int(found[1]), found[0]), text)
        return _BASE64.sub("<digest>", _HEX.sub(self._digest, _PLACE.sub("at <place>", text)))

    def value(self, value: Any, dropped: frozenset[str] = frozenset()) -> Any:
        """JSON in terms of the story, less the keys ``dropped``; lists of texts are sorted anew."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            found = {self.text(k): self.value(v, dropped) for k, v in value.items() if k not in dropped}
            return {k: sorted(v, key=str) if k in _CONCURRENT else v for k, v in found.items()}
        if isinstance(value, list):
            items = [self.value(v, dropped) for v in value]
            return sorted(items) if all(isinstance(v, str) for v in items) else items
        if isinstance(value, int) and not isinstance(value, bool) and value > _NOW:
            return "<now>"
        return value

    def lines(self, page: str) -> list[str]:
        """The words of a page, element by element and sorted: what it says, wherever it stands."""
        page = re.sub(r"<(head|svg)\b.*?</\1>", "", page, flags=re.DOTALL)
        lines = (" ".join(html.unescape(part).split()) for part in _TAG.split(page))
        return sorted(self.text(line) for line in lines if line and not _FIGURE.fullmatch(line))

    def _digest(self, found: re.Match[str]) -> str:
        start = found[0].rstrip("…")
        known = [name for one, name in self.ids.items() if one.startswith(start)]
        return known[0] if len(known) == 1 else "<digest>"


def _time(found: re.Match[str]) -> str:
    text = found[0].replace(" UTC", "Z").replace(" ", "T")
    at = datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    return "<now>" if at > _NOW else found[0]
