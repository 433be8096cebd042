"""A second matcher: one Sigma rule on one row, slow and obvious.

It reads the rule's mapping directly and shares with the fast path only the reading of YAML, so that a
mistake in compiling, merging, indexing or remembering shows as a difference. Strings are compared
character by character; regular expressions run in Python's ``re`` (whose time is not bounded, and
whose dialect differs from RE2's in corners: this is for checking, never for a verdict).
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import TypeAlias

from comity.findings.rows import Row, Value
from comity.findings.taxonomy_exports import SAME
from comity.findings.yaml_source import Yaml, read_documents

Names: TypeAlias = Mapping[str, str]
# What one place of a pattern accepts: a free run (None), any character (True), or one of these.
_Place: TypeAlias = "bool | frozenset[str] | None"

_DASHES = frozenset("-/–—―")


def matches(raw: bytes, row: Row, names: Names | None = None) -> bool:
    """Whether one of the rule's detections is true of ``row``; its logsource is not looked at.

    ``names`` gives the row's name of a field where it differs from the rule's. The rule must be one
    that compiles: what is unusable there may raise anything here.
    """
    return any(judge_detection(detection, row, names, values) for detection, values in read_rule(raw))


def matches_in(raw: bytes, readings: Iterable[tuple[Row, Iterable[Names]]]) -> bool:
    """Whether one of the rule's detections is true of a row as it is read in one way or another (spec 11,
    clause 43): each reading is judged by itself, under the names of each kind that it is asked as, and no
    other has a say. So a reading more never makes what was true false."""
    return any(matches(raw, row, names) for row, known in readings for names in known)


def room_of_readings(fields: Mapping[str, Value]) -> int:
    """How many fields the readings of a row have together at most, each counted with 16 more (spec 11, clause
    48)."""
    length = 0
    for name, value in fields.items():
        for each in (name, *(value if isinstance(value, list) else (value,))):
            length += len(each) if isinstance(each, str) else 0
    return max(512, 4 * (16 + len(fields)), length // 4)


def asked_readings(
    fields: Mapping[str, Value], readings: Sequence[Mapping[str, Value]]
) -> tuple[list[Mapping[str, Value]], bool]:
    """The readings of a row that are asked by themselves, of all in their order, and whether there are more
    (spec 11, clause 48)."""
    for count in range(len(readings), 0, -1):
        if sum(16 + len(each) for each in readings[:count]) <= room_of_readings(fields):
            return list(readings[:count]), count < len(readings)
    return [], bool(readings)


def read_rule(raw: bytes) -> list[tuple[Mapping[str, Yaml], Mapping[str, Sequence[str]]]]:
    """The detections of a source, each with the values of its placeholders."""
    documents = [document for document in read_documents(raw) if isinstance(document, dict)]
    values: dict[str, list[str]] = {}
    for document in documents:
        given = document.get("placeholders", {})
        assert isinstance(given, dict)
        for name, items in given.items():
            values[name] = [str(item) for item in (items if isinstance(items, list) else [items])]
    found = [document["detection"] for document in documents if "detection" in document]
    return [(detection, values) for detection in found if isinstance(detection, dict)]


def judge_detection(
    detection: Mapping[str, Yaml],
    row: Row,
    names: Names | None = None,
    values: Mapping[str, Sequence[str]] | None = None,
) -> bool:
    """Whether one ``detection`` section is true of ``row``."""
    return _Judge(detection, row, names or {}, values or {}).verdict()


def judge_condition(text: str, truths: Mapping[str, bool]) -> bool:
    """Whether a condition is true where each name in it is as ``truths`` says."""
    detection: dict[str, Yaml] = {name: {"F": "1"} if truth else {"F": "0"} for name, truth in truths.items()}
    return judge_detection({**detection, "condition": text}, Row(index=1, text="", fields={"F": "1"}))


def list_texts(value: Value) -> list[str]:
    """Every text that a value stands for."""
    return _texts(value)


class _Judge:
    def __init__(
        self,
        detection: Mapping[str, Yaml],
        row: Row,
        names: Names,
        values: Mapping[str, Sequence[str]],
    ) -> None:
        self.values = values
        self.detection = detection
        self.row = row
        self.names = names

    def verdict(self) -> bool:
        condition = self.detection["condition"]
        texts = condition if isinstance(condition, list) else [condition]
        return any(self.condition(re.findall(r"[()]|[^()\s]+", str(text))) for text in texts)

    def condition(self, tokens: list[str]) -> bool:
        """Split at the loosest operator outside parentheses, and judge the sides."""
        for operator, combine in (("or", any), ("and", all)):
            sides = _split(tokens, operator)
            if len(sides) > 1:
                return combine([self.condition(side) for side in sides])
        if tokens[0].lower() == "not":
            return not self.condition(tokens[1:])
        if tokens[0] == "(":
            return self.condition(tokens[1:-1])
        if len(tokens) == 3:
            names = [name for name in self.searches() if _fits_name(name, tokens[2])]
            truths = [self.search(self.detection[name]) for name in names]
            return all(truths) if tokens[0].lower() == "all" else any(truths)
        return self.search(self.detection[tokens[0]])

    def searches(self) -> list[str]:
        return [name for name in self.detection if name not in ("condition", "timeframe")]

    def search(self, search: Yaml) -> bool:
        if isinstance(search, dict):
            return all(self.entry(key, value) for key, value in search.items())
        if isinstance(search, list):
            return any(self.search(item) for item in search)
        return self.entry("", search)

    def entry(self, key: str, wanted: Yaml) -> bool:
        field, *modifiers = key.split("|")
        items = list(wanted) if isinstance(wanted, list) else [wanted]
        truths = []
        for item in items:
            texts = (
                _expanded(item, self.values) if "expand" in modifiers and isinstance(item, str) else [item]
            )
            truths.append(any(self.value(field, modifiers, text) for text in texts))
        truth = all(truths) if "all" in modifiers else any(truths)
        return not truth if "neq" in modifiers else truth

    def texts(self, field: str) -> list[str]:
        """Every text that the field stands for; the whole row and all its values for no field."""
        if field == "":
            everything: list[Value] = [self.row.text, *self.row.fields.values()]
            return _texts(everything)
        return _texts(self.held(field)[1])

    def place(self, field: str) -> str:
        """The row's own name of a field: as it is written, else the first that differs in letter case, else
        the first that differs in that and in marks (spec 11, clause 24)."""
        name = self.names.get(field, field)
        if name in self.row.fields:
            return name
        wanted = [_lower(char) for char in name]
        for other in self.row.fields:
            if [_lower(char) for char in other] == wanted:
                return other
        letters = [char for char in wanted if _is_letter(char)]
        for other in self.row.fields:
            if letters and [_lower(char) for char in other if _is_letter(char)] == letters:
                return other
        return next((other for other in SAME.get(name, ()) if other in self.row.fields), name)

    def held(self, field: str) -> tuple[bool, Value]:
        """Whether the row has a field, and its value; of one that it has as an object, all values."""
        name = self.place(field)
        if name in self.row.fields:
            return True, self.row.fields[name]
        start = [_lower(char) for char in name] + ["."]
        parts: list[Value] = []
        inside = False
        for other, value in self.row.fields.items():
            if [_lower(char) for char in other[: len(start)]] == start:
                inside = name != "" and "Channel" not in self.row.fields
                parts += value if isinstance(value, list) else [value]
        return inside, parts if inside else None

    def value(self, field: str, modifiers: Sequence[str], wanted: Yaml) -> bool:
        there, value = self.held(field)
        if "exists" in modifiers:
            return there == wanted
        if wanted is None:
            return not there or _has_null(value)
        spelled = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
        test = self.test(field, modifiers, spelled)
        return any(test(text) for text in self.texts(field))

    def test(self, field: str, modifiers: Sequence[str], wanted: str) -> Callable[[str], bool]:
        if "re" in modifiers:
            return _regex_test(modifiers, wanted)
        if "cidr" in modifiers:
            return lambda text: _in_network(text, wanted)
        for unit in ("minute", "hour", "day", "week", "month", "year"):
            if unit in modifiers:
                return lambda text, unit=unit: _on_clock(text, unit, modifiers, wanted)  # type: ignore[misc]
        for order in ("lt", "lte", "gt", "gte"):
            if order in modifiers:
                return lambda text, order=order: _compares(text, order, wanted)  # type: ignore[misc]
        whole = field != "" and not {"contains", "startswith", "endswith"} & set(modifiers)
        before = field == "" or bool({"contains", "endswith"} & set(modifiers))
        after = field == "" or bool({"contains", "startswith"} & set(modifiers))
        if whole:
            before = after = False
        cased = "cased" in modifiers
        if "fieldref" in modifiers:
            others = [
                [frozenset({char if cased else _lower(char)}) for char in text] for text in self.texts(wanted)
            ]
            plain: list[list[_Place]] = [list(other) for other in others]
            return lambda text: any(_fits(text, p, before, after, cased=cased) for p in plain)
        patterns = _patterns(modifiers, wanted, cased)
        return lambda text: any(_fits(text, p, before, after, cased=cased) for p in patterns)


def _expanded(text: str, values: Mapping[str, Sequence[str]]) -> list[str]:
    """Every text that ``text`` stands for, with each ``%name%`` replaced by one of its values."""
    found = re.search(r"\\%|%([^%\s]{1,128})%", text)
    if found is None:
        return [text]
    before, after = text[: found.start()], _expanded(text[found.end() :], values)
    choices = ["%"] if found[1] is None else values[found[1]]
    return [before + choice + rest for choice in choices for rest in after]


def _split(tokens: list[str], operator: str) -> list[list[str]]:
    sides: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and token.lower() == operator:
            sides.append([])
        else:
            sides[-1].append(token)
    return sides


def _fits_name(name: str, pattern: str) -> bool:
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    if pattern == "them":
        return True
    places: list[_Place] = [None if c == "*" else frozenset({c}) for c in pattern]
    return _fits(name, places, before=False, after=False, cased=True)


def _texts(value: Value) -> list[str]:
    if value is None:
        return []
    if value is True or value is False:
        return [str(value).lower()]
    if isinstance(value, str):
        return ["".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value)]
    if isinstance(value, int | float):
        return [repr(value)]
    return [text for item in value for text in _texts(item)]


def _has_null(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_null(item) for item in value)
    return value is None


def _lower(char: str) -> str:
    return chr(ord(char) + 32) if "A" <= char <= "Z" else char


def _is_letter(char: str) -> bool:
    return char > "\x7f" or char.isalnum()


def _patterns(modifiers: Sequence[str], wanted: str, cased: bool) -> list[list[_Place]]:
    """The places of every pattern that a value stands for."""
    encoded = _encoded(modifiers, wanted)
    if encoded is not None:
        lower = (lambda c: c) if cased else _lower
        return [[frozenset({lower(c)}) for c in text] for text in encoded]
    places: list[_Place] = []
    plain: list[str] = []
    at = 0
    while at < len(wanted):
        if wanted[at] == "\\" and wanted[at + 1 : at + 2] in ("*", "?", "\\"):
            at += 1
            char, place = wanted[at], frozenset({wanted[at]})
            places.append(place)
            plain.append(char)
        elif wanted[at] in "*?":
            places.append(None if wanted[at] == "*" else True)
            plain.append("")
        else:
            places.append(frozenset({wanted[at] if cased else _lower(wanted[at])}))
            plain.append(wanted[at])
        at += 1
    if "windash" in modifiers:
        for n, char in enumerate(plain):
            left = n > 0 and _is_word(plain[n - 1])
            right = n + 1 < len(plain) and _is_word(plain[n + 1])
            if char in ("-", "/") and right and not left:
                places[n] = _DASHES
    return [places]


def _is_word(char: str) -> bool:
    return char != "" and char.isascii() and (char.isalnum() or char == "_")


def _encoded(modifiers: Sequence[str], wanted: str) -> list[str] | None:
    if not {"base64", "base64offset"} & set(modifiers):
        return None
    # Values with wildcards do not compile with an encoding, so only escapes are left to undo.
    text = re.sub(r"\\([*?\\])", r"\1", wanted)
    if "windash" not in modifiers:
        return _encoded_one(modifiers, text)
    forms = [""]
    for n, char in enumerate(text):
        left, right = n > 0 and _is_word(text[n - 1]), _is_word(text[n + 1 : n + 2])
        dashes = _DASHES if char in ("-", "/") and right and not left else {char}
        forms = [form + dash for form in forms for dash in dashes]
    return [each for form in forms for each in _encoded_one(modifiers, form)]


def _encoded_one(modifiers: Sequence[str], text: str) -> list[str]:
    raw = text.encode()
    if {"wide", "utf16le"} & set(modifiers):
        raw = b"".join(bytes([unit & 255, unit >> 8]) for unit in _utf16(text))
    elif "utf16" in modifiers:
        raw = b"\xff\xfe" + b"".join(bytes([unit & 255, unit >> 8]) for unit in _utf16(text))
    elif "utf16be" in modifiers:
        raw = b"".join(bytes([unit >> 8, unit & 255]) for unit in _utf16(text))
    if "base64" in modifiers:
        return [base64.b64encode(raw).decode()]
    return [_certain_characters(raw, offset) for offset in range(3)]


def _utf16(text: str) -> list[int]:
    units: list[int] = []
    for code in map(ord, text):
        if code < 0x10000:
            units.append(code)
        else:
            high, low = divmod(code - 0x10000, 0x400)
            units += [0xD800 + high, 0xDC00 + low]
    return units


def _certain_characters(raw: bytes, offset: int) -> str:
    """The base64 characters that stay the same whatever stands before and after ``raw``."""
    fills = (b"\x00", b"\xff")
    forms = [base64.b64encode(f * offset + raw + f * 3).decode() for f in fills]
    return "".join(a for a, b in zip(*forms, strict=True) if a == b != "=")


def _fits(text: str, places: list[_Place], before: bool, after: bool, *, cased: bool) -> bool:
    """Whether ``places`` can be laid over ``text``: the set of reachable positions, place by place."""
    reachable = set(range(len(text) + 1)) if before else {0}
    for place in places:
        if place is None:
            reachable = set(range(min(reachable), len(text) + 1)) if reachable else set()
            continue
        step = set()
        for at in reachable:
            if at < len(text):
                char = text[at] if cased else _lower(text[at])
                if place is True or (isinstance(place, frozenset) and char in place):
                    step.add(at + 1)
        reachable = step
    return bool(reachable) if after else len(text) in reachable


def _regex_test(modifiers: Sequence[str], wanted: str) -> Callable[[str], bool]:
    flags = re.NOFLAG
    for names, flag in (
        (("i", "ignorecase"), re.IGNORECASE),
        (("m", "multiline"), re.MULTILINE),
        (("s", "dotall"), re.DOTALL),
    ):
        if set(names) & set(modifiers):
            flags |= flag
    expression = re.compile(_in_python(wanted), flags)
    return lambda text: expression.search(text) is not None


_VERTICAL = "\\n-\\r\\x85\\u2028\\u2029"


def _in_python(wanted: str) -> str:
    """What PCRE means by white space and by ends of a text (``$`` is the same), as Python writes it."""
    written = []
    inside = False
    for piece in re.findall(r"\\.|\[\^?\]?|.", wanted, re.DOTALL):
        if inside:
            piece = {r"\s": "\t-\r ", r"\S": "\x00-\x08\x0e-\x1f!-\U0010ffff", r"\v": _VERTICAL}.get(
                piece, piece
            )
            inside = len(piece) > 2 or not piece.endswith("]") or piece == r"\]"
        else:
            inside = piece.startswith("[")
            changed = {r"\s": "[\t-\r ]", r"\S": "[^\t-\r ]", r"\v": f"[{_VERTICAL}]"}
            piece = {**changed, r"\Z": r"(?=\n?\Z)", r"\z": r"\Z"}.get(piece, piece)
        written.append(piece)
    return "".join(written)


def _in_network(text: str, wanted: str) -> bool:
    network = ipaddress.ip_network(wanted)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address in network or (mapped is not None and mapped in network)


def _on_clock(text: str, unit: str, modifiers: Sequence[str], wanted: str) -> bool:
    number = _unit_of(text, unit)
    if number is None:
        return False
    orders = [order for order in ("lt", "lte", "gt", "gte") if order in modifiers]
    return _compares(str(number), orders[0], wanted) if orders else number == int(wanted)


def _unit_of(text: str, unit: str) -> int | None:
    """The number of a unit in a text, read character by character; None where the text does not tell it."""
    digits = [int(char) if char in "0123456789" else None for char in text[:17]] + [None] * 17

    def two(at: int) -> int | None:
        tens, ones = digits[at], digits[at + 1]
        return None if tens is None or ones is None else 10 * tens + ones

    century, years, month, day = (two(at) for at in (0, 2, 5, 8))
    if century is None or years is None or month is None or day is None or digits[10] is not None:
        return None
    if text[4] not in "-/" or text[7] not in "-/":
        return None
    try:
        at = datetime(100 * century + years, month, day, tzinfo=UTC)
    except ValueError:
        return None
    if unit not in ("hour", "minute"):
        return at.isocalendar().week if unit == "week" else int(getattr(at, unit))
    hour, minute = two(11), two(14)
    if text[10:11] not in ("T", "t", " ", "_") or text[13:14] != ":":
        return None
    if hour is None or hour > 23 or minute is None or minute > 59 or digits[16] is not None:
        return None
    # What stands behind may be seconds with a fraction, and then the mark of a clock of twelve hours.
    behind = text[16:]
    if behind[:1] == ":" and behind[1:3].isascii() and behind[1:3].isdigit() and len(behind[1:3]) == 2:
        rest = behind[3:]
        if rest[:1] in (".", ","):
            rest = rest[1:].lstrip("0123456789")
        behind = rest
    word = behind.lstrip(" ")
    for mark in ("am", "pm", "a.m", "p.m"):
        after = word[len(mark) : len(mark) + 1]
        if word[: len(mark)].lower() == mark and not (after.isascii() and after.isalnum()):
            return None
    return hour if unit == "hour" else minute


def _compares(text: str, order: str, wanted: str) -> bool:
    form = r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?"
    if re.fullmatch(form, text) is None:
        return False
    left, right = Fraction(text), Fraction(wanted)
    return {"lt": left < right, "lte": left <= right, "gt": left > right, "gte": left >= right}[order]
