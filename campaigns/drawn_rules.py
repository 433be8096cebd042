"""Sigma rules and rows drawn at random, of small alphabets and from one another, so that they meet."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from comity.findings.rows import Row

FIELDS: Final = ("F", "G", "H")
LETTERS: Final = "aAbB-/ .1k\N{KELVIN SIGN}é\\"
NAMES: Final = ("sel", "sel_x", "_aside")

_WORDS = ("abc", "ABc", "1-é", "bab1", "/a-b", "kéK")
_OPTIONS = ("-a", "/b", "-a*", "a -b", "-a /b", "a-b", "-", "*/a")
_EXPRESSIONS = ("a", "^a", "b$", "a.b", "[ab]+1", "(?i)ab", "a|B", "^$", "k", "-.?/", "a.*k", "^b.", "1{1,3}")
_NETWORKS = ("10.0.0.0/24", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1/32")
_ADDRESSES = ("10.0.0.1", "10.0.1.1", "11.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "10.0.0.01", "10.0.0")
_NUMBERS = (-3, -2, 0, 1, 2, 3, "1.5", "-2", "2.0", 0.5, -1.5, "1e1", "+1", "1.", "0x1", 10**30)
_BOUNDS = (-2, 0, 1, 2, "1.5", "-1.5", "10")
_DATES = (
    *("2026-01-01", "2026-01-01T09:30:00Z", "2026/12/31 10:29", "2026-02-30", "2026-01-01T9:00"),
    *("2026-01-011", "2025-12-29_23:59", "2024-02-29 00:00", "2026-06-15T10:00"),
)
_CLOCK: Final[Mapping[str, tuple[int, ...]]] = {
    "minute": (0, 29, 30, 59),
    "hour": (0, 9, 10, 23),
    "day": (1, 15, 29, 31),
    "week": (1, 9, 25, 53),
    "month": (1, 2, 6, 12),
    "year": (2024, 2025, 2026),
}
_PLACES = ("contains", "startswith", "endswith")
_ORDERS = ("lt", "lte", "gt", "gte")
_CODECS = ("wide", "utf16le", "utf16be", "utf16")
VALUES: Final[Mapping[str, list[str]]] = {"who": ["ab", "k*", "1"], "what": ["B", "-"]}
"""What placeholders stand for in every rule drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A rule's source, and what of the language it uses."""

    raw: bytes
    uses: frozenset[str]


Draw = Callable[[random.Random], tuple[str, Any, tuple[str, ...]]]
"""Modifiers as written behind a field, the value, and the names under which it is counted."""


def _text(rng: random.Random, letters: str = LETTERS, most: int = 6) -> str:
    return "".join(rng.choice(letters) for _ in range(rng.randint(0, most)))


def _pattern(rng: random.Random) -> str:
    return rng.choice(_WORDS)[: rng.randint(1, 4)] if rng.random() < 0.3 else _text(rng, LETTERS + "*?\\*?")


def _listed(rng: random.Random, draw: Callable[[random.Random], Any]) -> Any:
    return draw(rng) if rng.random() < 0.6 else [draw(rng) for _ in range(rng.randint(1, 3))]


def _plain(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    kind = rng.randrange(6)
    if kind == 0:
        return "", None, ("null",)
    if kind == 1:
        return "", "", ("empty",)
    if kind == 2:
        return "", rng.choice((0, 1, -2, True, False)), ("number or truth value",)
    if kind == 3:
        return "", _listed(rng, lambda r: r.choice((None, "", "a", 1))), ("null", "empty")
    return "", _listed(rng, _pattern), ("equals",)


def _texts(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    place = rng.choice(("", *_PLACES))
    more = [name for name in ("all", "cased", "windash", "neq") if rng.random() < 0.3]
    names = [name for name in (place, *more) if name]
    rng.shuffle(names)
    dashed = "windash" in names and rng.random() < 0.6
    draw = (lambda r: r.choice(_OPTIONS)) if dashed else _pattern
    return _chain(names), _listed(rng, draw), tuple(names) or ("equals",)


def _chain(names: list[str]) -> str:
    return "".join(f"|{name}" for name in names)


def _expanded(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    place = rng.choice(("", *_PLACES))
    text = rng.choice(("%who%", "a%who%", "%what%%who%", "\\%who%", "%who%*", "%", "100%"))
    names = [name for name in (place, "expand") if name]
    return _chain(names), text, tuple(names)


def _encoded(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    codec = rng.choice(("", "", *_CODECS))
    names = [codec] if codec else []
    names += ["base64offset", "contains"] if rng.random() < 0.6 else ["base64"]
    return _chain(names), _listed(rng, lambda r: r.choice(_WORDS)), tuple(names)


def _regex(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    flags = [name for name in ("i", "m", "s") if rng.random() < 0.3]
    long = {"i": "ignorecase", "m": "multiline", "s": "dotall"}
    names = ["re", *(long[flag] if rng.random() < 0.4 else flag for flag in flags)]
    more = ["all"] if rng.random() < 0.2 else []
    return _chain(names + more), _listed(rng, lambda r: r.choice(_EXPRESSIONS)), tuple(names + more)


def _clock(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    unit = rng.choice(list(_CLOCK))
    names = [unit] + ([rng.choice(_ORDERS)] if rng.random() < 0.5 else [])
    return _chain(names), rng.choice(_CLOCK[unit]), tuple(names)


def _reference(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    names = ["fieldref"] + ([rng.choice(_PLACES)] if rng.random() < 0.6 else [])
    rng.shuffle(names)
    return _chain(names), rng.choice(FIELDS), ("fieldref " + "".join(set(names) - {"fieldref"}),)


def _order(rng: random.Random) -> tuple[str, Any, tuple[str, ...]]:
    order = rng.choice(_ORDERS)
    return f"|{order}", _listed(rng, lambda r: r.choice(_BOUNDS)), (order,)


_ENTRIES: Final[tuple[Draw, ...]] = (
    _plain,
    _texts,
    _texts,
    _expanded,
    _encoded,
    _regex,
    _clock,
    _reference,
    _order,
    lambda rng: ("|cidr", _listed(rng, lambda r: r.choice(_NETWORKS)), ("cidr",)),
    lambda rng: ("|exists", rng.random() < 0.5, ("exists",)),
)

USES: Final = frozenset(
    (
        *("equals", "null", "empty", "number or truth value", *_PLACES, "all", "cased", "windash", "neq"),
        *("expand", *_CODECS, "base64", "base64offset", "re", "i", "ignorecase", "m", "multiline", "s"),
        *("dotall", *_CLOCK, *_ORDERS, "cidr", "exists", "fieldref ", *(f"fieldref {p}" for p in _PLACES)),
        *("keywords", "keywords all", "list of maps", "1 of", "all of", "them", "and", "or", "not"),
    )
)
"""Everything of the language that must have been true of a row, and false of one."""


def _map(rng: random.Random, uses: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(rng.choice((1, 1, 2, 3))):
        chain, value, names = rng.choice(_ENTRIES)(rng)
        found[rng.choice(FIELDS) + chain] = value
        uses.update(names)
    return found


def _search(rng: random.Random, uses: set[str], wordless: bool) -> Any:
    kind = rng.randrange(2 if wordless else 0, 8)
    if kind == 0:
        uses.add("keywords")
        return [rng.choice((_pattern(rng), rng.randint(0, 9))) for _ in range(rng.randint(1, 3))]
    if kind == 1:
        uses.add("keywords all")
        return {"|all": [_pattern(rng) for _ in range(rng.randint(1, 3))]}
    if kind == 2:
        uses.add("list of maps")
        return [_map(rng, uses) for _ in range(rng.randint(1, 2))]
    return _map(rng, uses)


def _condition(rng: random.Random, uses: set[str], depth: int = 0) -> str:
    kind = rng.randrange(6) if depth < 3 else 5
    if kind == 0:
        uses.add("not")
        return f"not {rng.choice(NAMES)}"
    if kind == 1:
        uses.add("not")
        return f"not ({_condition(rng, uses, depth + 1)})"
    if kind in (2, 3):
        word = rng.choice(("and", "or"))
        uses.add(word)
        return f"({_condition(rng, uses, depth + 1)}) {word} {_condition(rng, uses, depth + 1)}"
    quantity, what = rng.choice(("1", "any", "all")), rng.choice(("sel*", "them", "sel_*"))
    if kind == 4:
        uses |= {"all of" if quantity == "all" else "1 of"} | ({"them"} if what == "them" else set())
        return f"{quantity} of {what}"
    return rng.choice(NAMES)


def draw_rule(rng: random.Random, wordless: bool = False) -> Drawn:
    """One rule: every other one is a single search, so that its verdict is that of a modifier. ``wordless``:
    one that looks for no words in whole rows."""
    uses: set[str] = set()
    if rng.random() < 0.5:
        chain, value, names = rng.choice(_ENTRIES)(rng)
        uses.update(names)
        detection: dict[str, Any] = {"sel": {rng.choice(FIELDS) + chain: value}, "condition": "sel"}
    else:
        detection = {name: _search(rng, uses, wordless) for name in NAMES}
        detection["condition"] = _condition(rng, uses)
    body = {"logsource": {"product": "test"}, "detection": detection}
    documents = [json.dumps(body, ensure_ascii=False)]
    if "expand" in uses:
        documents.append(json.dumps({"placeholders": VALUES}))
    return Drawn(raw="\n---\n".join(documents).encode(), uses=frozenset(uses))


def _single(rng: random.Random) -> Any:
    kind = rng.randrange(14)
    if kind == 0:
        return None
    if kind == 1:
        return rng.choice(_DATES)
    if kind == 2:
        return rng.choice(_ADDRESSES)
    if kind == 3:
        return rng.choice(_NUMBERS)
    if kind == 4:
        return rng.random() < 0.5
    if kind in (5, 6):
        raw = (
            (_text(rng, most=3) + rng.choice(_WORDS) + _text(rng, most=3))
            if kind == 5
            else rng.choice(_WORDS)
        )
        codec = rng.choice(("utf-8", "utf-16-le", "utf-16-be", "utf-16"))
        return base64.b64encode(raw.encode(codec)).decode()
    if kind == 7:
        return rng.choice(("a\ud800b", "a\nb", "1\nab1", "", "-a", "\N{EN DASH}a", "/b", "a \N{EM DASH}b"))
    if kind == 8:
        return _text(rng, most=2) + rng.choice(_WORDS) + _text(rng, most=2)
    return _text(rng)


def draw_row(rng: random.Random, index: int) -> Row:
    """One row: fields that are missing, null, empty, single or several."""
    fields: dict[str, Any] = {}
    for name in FIELDS:
        if rng.random() < 0.75:
            several = rng.random() < 0.15
            fields[name] = [_single(rng) for _ in range(rng.randint(0, 3))] if several else _single(rng)
    for name in FIELDS:
        # A field in other letters stands in where the field is not there, and only there.
        if rng.random() < 0.15:
            fields[name.lower()] = _single(rng)
    if len(fields) > 1 and rng.random() < 0.2:
        first, second = rng.sample(sorted(fields), 2)
        fields[first] = fields[second]
    return Row(index=index, text=_text(rng), fields=fields)
