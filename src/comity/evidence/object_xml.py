"""Objects as PowerShell keeps them in a file (``Export-Clixml``, MS-PSRP 2.2.5), a JSON line for each.

An object of the file is a line: its properties under their names, lists as lists, objects inside of it
likewise. An object without properties is the text that PowerShell shows of it, and a security identifier is
its text. There is no document type and no entity but XML's own five.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from comity.errors import Malformed

PARSER: Final = "comity-object-xml"
VERSION: Final = "1"
DEPTH: Final = 64
OBJECT_BYTES: Final = 8 << 20
"""The most text of one object, in bytes."""
BEGINS: Final = re.compile(
    rb"(?:<\?xml[^>]{0,200}\?>)?\s*<Objs [^>]{0,200}http://schemas\.microsoft\.com/powershell/2004/04"
)
"""How such a file begins."""

_NUMBERS: Final = frozenset(("By", "SB", "I16", "U16", "I32", "U32", "I64", "U64"))
_LISTS: Final = frozenset(("LST", "IE", "QUE", "STK"))
_MEMBERS: Final = frozenset(("Props", "MS"))
_PASSED: Final = frozenset(("TN", "TNRef", "T"))
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_IDENTIFIER: Final = frozenset(("BinaryLength", "Value"))


@dataclass(slots=True)
class _Node:
    tag: str
    name: str
    text: list[str] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)
    items: list[Any] | None = None
    shown: str | None = None


def read_shell_objects(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, without line breaks, of a file of objects, in the memory of one object.

    Raises ``Malformed``: ``xml.doctype``, ``xml.depth``, ``xml.event`` for an object that is too long,
    ``xml.form`` for what is not such a file. Lines that came before stand.
    """
    reader = _Reader()
    for chunk in chunks:
        for at in range(0, len(chunk), 1 << 16):
            reader.feed(chunk[at : at + (1 << 16)])
            yield from reader.take()
    reader.feed(b"", final=True)
    yield from reader.take()


class _Reader:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.buffer_text = True
        self._stack: list[_Node] = []
        self._held = 0
        self._lines: list[bytes] = []

    def feed(self, data: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            told = expat.ErrorString(error.code)
            raise Malformed("xml.form", f"line {error.lineno}", f"not XML: {told}") from None

    def take(self) -> list[bytes]:
        lines, self._lines = self._lines, []
        return lines

    def _where(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"

    def _doctype(self, *_: object) -> None:
        raise Malformed("xml.doctype", self._where(), "a file of objects has no DOCTYPE")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._stack and tag != "Objs":
            raise Malformed("xml.form", self._where(), f"the outermost element is {tag[:80]!r}, not Objs")
        if len(self._stack) >= DEPTH:
            raise Malformed("xml.depth", self._where(), f"elements are nested deeper than {DEPTH}")
        if len(self._stack) == 1:
            self._held = 0
        self._count(len(tag) + sum(map(len, attributes.values())))
        self._stack.append(_Node(tag, _unescape(attributes.get("N", ""))))

    def _count(self, length: int) -> None:
        self._held += length
        if self._held > OBJECT_BYTES:
            raise Malformed("xml.event", self._where(), f"an object is longer than {OBJECT_BYTES} bytes")

    def _data(self, text: str) -> None:
        self._count(len(text))
        if len(self._stack) > 1:  # what stands between objects is nobody's
            self._stack[-1].text.append(text)

    def _end(self, _tag: str) -> None:
        node = self._stack.pop()
        if not self._stack or node.tag in _PASSED:
            return
        if len(self._stack) == 1:
            row = node.members or {"Value": _value_of(node)}
            self._lines.append(json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode())
            return
        above = self._stack[-1]
        if node.tag in _MEMBERS:
            above.members.update(node.members)
        elif node.tag in _LISTS:
            above.items = node.items or []
        elif node.tag == "DCT":
            above.members.update(node.members)
        elif node.tag == "En":
            key = node.members.get("Key")
            above.members[str(key)] = node.members.get("Value")
        elif node.tag == "ToString":
            above.shown = _unescape("".join(node.text))
        elif above.tag in _LISTS:
            above.items = above.items if above.items is not None else []
            above.items.append(_value_of(node))
        else:
            above.members[node.name] = _value_of(node)


def _value_of(node: _Node) -> Any:
    if node.tag == "Obj":
        if node.items is not None:
            return node.items
        if node.members.keys() >= _IDENTIFIER:
            return node.members["Value"]
        return node.members or node.shown
    text = "".join(node.text)
    if node.tag in ("Nil", "Ref"):
        return None
    if node.tag == "B":
        return text == "true"
    if node.tag in _NUMBERS and re.fullmatch(r"-?[0-9]{1,20}", text):
        return int(text)
    return _unescape(text)


def _unescape(text: str) -> str:
    """Characters that XML has no form for are ``_xHHHH_``, two of them for one beyond the first plane."""
    if "_x" not in text:
        return text
    units = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
