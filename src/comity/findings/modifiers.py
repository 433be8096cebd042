"""Field modifiers: from ``Field|modifier|…: value`` to atoms (Sigma specification 2, modifiers).

Values are changed from left to right (``wide|base64offset|contains``); the comparison is the one
given by ``contains``, ``startswith``, ``endswith``, ``re``, ``cidr``, ``lt`` and so on, or equality.
A modifier that is not known, or that makes no sense where it stands, makes the rule unusable.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from comity.findings.atoms import (
    And,
    Atom,
    Node,
    Not,
    Or,
    Pattern,
    Wild,
    atom_of,
    parse_pattern,
    widen,
)
from comity.findings.reasons import RuleError
from comity.findings.regexes import compile_regex

if TYPE_CHECKING:
    from comity.findings.yaml_source import Yaml

DASHES = ("-", "/", "\N{EN DASH}", "\N{EM DASH}", "\N{HORIZONTAL BAR}")
DASHES_LIMIT = 4
"""A value with more dashes to vary than this would grow to thousands: it is refused."""

_PLACES = {"contains": (True, True), "startswith": (False, True), "endswith": (True, False)}
_ORDERS = ("lt", "lte", "gt", "gte")
_CLOCK = ("minute", "hour", "day", "week", "month", "year")
_CODECS = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16-le"}
_FLAGS = {
    "i": "i",
    "ignorecase": "i",
    "m": "m",
    "multiline": "m",
    "s": "s",
    "dotall": "s",
}
_CHANGES = (*_CODECS, "base64", "base64offset", "windash")
_COMPARISONS = (*_PLACES, *_ORDERS, "re", "cidr", "exists", "fieldref")
_INSTEAD = {"equalsfield": "'fieldref'", "endswithfield": "'fieldref|endswith'"}
"""What rules of other tools say, and Sigma otherwise."""
# A dash that begins a word and does not end one, as options of a command line do.
_DASH = re.compile(r"(?<![0-9A-Za-z_])[-/](?=[0-9A-Za-z_])", re.ASCII)
_PLACEHOLDER = re.compile(r"\\%|%(?P<name>[^%\s]{1,128})%|[^%\\]+|.", re.DOTALL)
EXPANDED = 10_000
"""How many values the placeholders of one value may give together."""
_NUMBER = re.compile(r"-?[0-9]{1,64}(?:\.[0-9]{1,64})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    changes: tuple[str, ...]
    comparison: str
    flags: str
    every: bool
    cased: bool
    negated: bool
    unit: str
    expanded: bool


def _read_chain(names: Iterable[str]) -> _Chain:
    changes: list[str] = []
    comparison = flags = unit = ""
    every = cased = negated = expanded = False
    for name in names:
        if name in _FLAGS and comparison == "re":
            flags += _FLAGS[name]
        elif name in _CHANGES:
            changes.append(name)
        elif name in _COMPARISONS:
            if comparison == "fieldref" and name in _PLACES:
                comparison = f"fieldref:{name}"
            elif name == "fieldref" and comparison in _PLACES:
                comparison = f"fieldref:{comparison}"
            elif comparison:
                raise RuleError(f"the modifiers {comparison!r} and {name!r} exclude each other")
            else:
                comparison = name
        elif name == "all":
            every = True
        elif name == "cased":
            cased = True
        elif name == "neq":
            negated = True
        elif name == "expand":
            expanded = True
        elif name in _CLOCK:
            if unit:
                raise RuleError(f"the modifiers {unit!r} and {name!r} exclude each other")
            unit = name
        else:
            instead = f": Sigma says {_INSTEAD[name]}" if name in _INSTEAD else ""
            raise RuleError(f"the modifier {name!r} is not run by comity-find/1{instead}")
    if changes and comparison not in ("", *_PLACES):
        raise RuleError(f"the modifiers {changes[-1]!r} and {comparison!r} exclude each other")
    if cased and comparison not in ("", *_PLACES) and not comparison.startswith("fieldref"):
        raise RuleError(f"the modifiers 'cased' and {comparison!r} exclude each other")
    if unit and (changes or cased or comparison not in ("", *_ORDERS)):
        other = comparison or ("cased" if cased else changes[-1])
        raise RuleError(f"the modifiers {unit!r} and {other!r} exclude each other")
    return _Chain(
        changes=tuple(changes),
        comparison=comparison,
        flags="".join(sorted(set(flags))),
        every=every,
        cased=cased,
        negated=negated,
        unit=unit,
        expanded=expanded,
    )


Placeholders: TypeAlias = Mapping[str, tuple[str, ...]]
"""What each placeholder stands for (``expand``): Sigma texts, of which any may fit."""

_NONE: Placeholders = MappingProxyType({})


def compile_field(key: str, values: Yaml, placeholders: Placeholders = _NONE) -> Node:
    """The node of one entry of a detection; an empty field name asks the whole row."""
    name, *modifiers = key.split("|")
    chain = _read_chain(modifiers)
    items = values if isinstance(values, list) else [values]
    if not items:
        raise RuleError(f"{key!r} has an empty list of values")
    nodes = tuple(_compile_item(name or None, key, chain, item, placeholders) for item in items)
    node: Node = nodes[0]
    if len(nodes) > 1:
        node = And(nodes) if chain.every else Or(nodes)
    return Not(node) if chain.negated else node


def compile_keyword(value: Yaml) -> Node:
    """The node of a value that stands without a field: anywhere in the row."""
    if isinstance(value, dict | list):
        raise RuleError("a keyword that is not a single value")
    return compile_field("", value)


def _compile_item(name: str | None, key: str, chain: _Chain, item: Yaml, placeholders: Placeholders) -> Node:
    if not chain.expanded or not isinstance(item, str):
        return _compile_value(name, key, chain, item)
    nodes = tuple(_compile_value(name, key, chain, text) for text in _expand(item, placeholders))
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def find_placeholders(section: Yaml) -> set[str]:
    """The names of all placeholders in a detection section."""
    if isinstance(section, list):
        return {name for item in section for name in find_placeholders(item)}
    found: set[str] = set()
    for key, value in section.items() if isinstance(section, dict) else ():
        if "expand" in key.split("|")[1:]:
            texts = value if isinstance(value, list) else [value]
            for text in texts:
                if isinstance(text, str):
                    found |= {each["name"] for each in _PLACEHOLDER.finditer(text) if each["name"]}
        else:
            found |= find_placeholders(value)
    return found


def _expand(text: str, placeholders: Placeholders) -> list[str]:
    """Every text that ``text`` stands for; ``\\%`` is a plain percent sign (Sigma, placeholders)."""
    pieces: list[tuple[str, ...]] = []
    count = 1
    for found in _PLACEHOLDER.finditer(text):
        if found["name"] is None:
            pieces.append(("%" if found[0] == "\\%" else found[0],))
            continue
        if found["name"] not in placeholders:
            raise RuleError(f"the placeholder %{found['name']}% has no value here")
        pieces.append(placeholders[found["name"]])
        count *= len(pieces[-1])
        if count > EXPANDED:
            raise RuleError(f"its placeholders give more than {EXPANDED} values")
    return ["".join(choice) for choice in itertools.product(*pieces)]


def _compile_value(name: str | None, key: str, chain: _Chain, value: Yaml) -> Node:
    if isinstance(value, dict | list):
        raise RuleError(f"{key!r} has a value that is not a single one")
    comparison = chain.comparison
    if comparison == "exists":
        if not isinstance(value, bool) or name is None:
            raise RuleError(f"{key!r}: 'exists' needs a field and true or false")
        return Atom(name, "exists", "true" if value else "false")
    if value is None:
        if name is None or chain.changes or comparison or chain.unit:
            raise RuleError(f"{key!r}: null can only be asked of a field, without modifiers")
        return Atom(name, "null", "")
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if chain.unit:
        return _clock(name, chain, text)
    special = _SPECIAL_COMPARISONS.get(comparison.partition(":")[0])
    if special is not None:
        if name is None and comparison != "re":
            raise RuleError(f"{key!r}: {comparison!r} needs a field")
        return special(name, chain, text)
    left, right = _PLACES.get(comparison, (False, False))
    if name is None:
        left = right = True
    patterns = _change(chain.changes, text)
    atoms = tuple(
        atom_of(name, widen(pattern, left=left, right=right), cased=chain.cased) for pattern in patterns
    )
    return atoms[0] if len(atoms) == 1 else Or(atoms)


def _change(changes: tuple[str, ...], text: str) -> list[Pattern]:
    """Every pattern that the value stands for once it is changed."""
    patterns = [parse_pattern(text)]
    raws: list[bytes] | None = None
    varied = True
    for change in changes:
        if change == "windash":
            if raws is not None:
                raise RuleError("'windash' must come before encodings")
            patterns = [each for pattern in patterns for each in _vary_dashes(pattern)]
            continue
        # Each form of a value whose dashes were varied is encoded by itself.
        if len(patterns) > 1 and not varied:
            raise RuleError(f"{change!r} cannot follow a modifier that gives several values")
        if change in _CODECS:
            if raws is not None:
                raise RuleError(f"{change!r} cannot follow another encoding")
            raws = [_in_utf16(_plain(pattern, change), change) for pattern in patterns]
            continue
        sources = raws or [_plain(pattern, change).encode() for pattern in patterns]
        raws = None
        if change == "base64":
            patterns = [(base64.b64encode(source).decode(),) for source in sources]
        else:
            patterns = [(form,) for source in sources for form in _base64_forms(source)]
            varied = False
    if raws is not None:
        raise RuleError("UTF-16 text can only be looked for inside base64")
    return patterns


def _in_utf16(text: str, change: str) -> bytes:
    # UTF-16 by that name alone has its mark, and is in one byte order on every machine.
    return b"\xff\xfe" + text.encode("utf-16-le") if change == "utf16" else text.encode(_CODECS[change])


def _plain(pattern: Pattern, change: str) -> str:
    if any(isinstance(part, Wild) for part in pattern):
        raise RuleError(f"{change!r} cannot be applied to a value with wildcards")
    text = "".join(part for part in pattern if isinstance(part, str))
    if not text:
        raise RuleError(f"{change!r} cannot be applied to an empty value")
    return text


def _base64_forms(raw: bytes) -> list[str]:
    """How ``raw`` reads inside a longer base64 text, at each of the three offsets.

    The characters at either end that also depend on neighbouring bytes are cut off.
    """
    forms = []
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw).decode()
        start = (0, 2, 3)[offset]
        end = len(text) - (0, 3, 2)[(offset + len(raw)) % 3]
        if end <= start:
            raise RuleError("the value is too short for 'base64offset'")
        forms.append(text[start:end])
    return forms


def _vary_dashes(pattern: Pattern) -> list[Pattern]:
    pieces: list[tuple[str | Wild, ...]] = []
    count = 0
    for part in pattern:
        if isinstance(part, Wild):
            pieces.append((part,))
            continue
        last = 0
        for found in _DASH.finditer(part):
            pieces.append((part[last : found.start()],))
            pieces.append(DASHES)
            last = found.end()
            count += 1
        pieces.append((part[last:],))
    if count > DASHES_LIMIT:
        raise RuleError(f"'windash' on a value with {count} dashes; {DASHES_LIMIT} are the most")
    return [_join(choice) for choice in itertools.product(*pieces)]


def _join(parts: Iterable[str | Wild]) -> Pattern:
    joined: list[str | Wild] = []
    for part in parts:
        if part == "":
            continue
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _regex(name: str | None, chain: _Chain, text: str) -> Node:
    expression = f"(?{chain.flags}){text}" if chain.flags else text
    compile_regex(expression)
    return Atom(name, "regex", expression, cased=True)


def _cidr(name: str | None, _chain: _Chain, text: str) -> Node:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise RuleError(f"not a network: {error}") from None
    return Atom(name, "cidr", str(network))


def _order(name: str | None, chain: _Chain, text: str) -> Node:
    if not _NUMBER.fullmatch(text):
        raise RuleError(f"{chain.comparison!r} needs a decimal number, not {text!r}")
    return Atom(name, chain.comparison, text)


def _clock(name: str | None, chain: _Chain, text: str) -> Node:
    if name is None:
        raise RuleError(f"{chain.unit!r} needs a field")
    if not _NUMBER.fullmatch(text) or "." in text:
        raise RuleError(f"{chain.unit!r} needs a whole number, not {text!r}")
    return Atom(name, "time", f"{chain.unit}:{chain.comparison or 'eq'}:{text}")


def _fieldref(name: str | None, chain: _Chain, text: str) -> Node:
    _, _, place = chain.comparison.partition(":")
    if not text:
        raise RuleError("'fieldref' needs the name of a field")
    return Atom(name, "fieldref", f"{place or 'equals'}:{text}", chain.cased)


_SPECIAL_COMPARISONS: dict[str, Callable[[str | None, _Chain, str], Node]] = {
    "re": _regex,
    "cidr": _cidr,
    "fieldref": _fieldref,
    **dict.fromkeys(_ORDERS, _order),
}
