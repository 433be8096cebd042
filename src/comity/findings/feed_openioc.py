"""Indicators of OpenIOC (1.0 and 1.1): terms that stand for themselves; a term that counts only together with
others, or only where it is not found, is no line of a list.

A document type is refused before anything of it is read, so nothing is put in for anything else.
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

from comity.findings.feed_types import Gathered
from comity.findings.indicators import classify
from comity.findings.reasons import RuleError

DEPTH: Final = 64
TEXT: Final = 65_536
_ROOT: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*+-->\s*)*+(?:<!DOCTYPE.{0,4096}?)?"
    rb"<(?:[\w.-]+:)?(?:ioc|OpenIOC)[\s>]",
    re.DOTALL,
)
_TERMS: Final = {
    **dict.fromkeys(("md5sum", "sha1sum", "sha256sum", "md5", "sha1", "sha256"), "hash"),
    **dict.fromkeys(("dns", "host", "hostname", "recordname", "domain"), "domain"),
    **dict.fromkeys(("remoteip", "ipaddress", "ip", "ipv4", "localip", "recorddata"), "ip"),
    **dict.fromkeys(("uri", "url", "requesturl"), "url"),
    **dict.fromkeys(("from", "sender", "fromaddress"), "email"),
}
_WHOLE: Final = frozenset({"is", "contains", "matches", ""})


def is_openioc(head: bytes) -> bool:
    """Whether a text that begins so is a document of OpenIOC."""
    return _ROOT.match(head) is not None


def gather_openioc(raw: bytes) -> Gathered:
    """The terms of a document. ``RuleError`` where it is not XML, has a DOCTYPE, or is nested deeply."""
    reader = _Reader()
    reader.read(raw)
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found = Gathered("OpenIOC")
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._depth = 0
        self._groups: list[bool] = []  # whether each open group joins its members by AND
        self._number = 0
        self._search = self._condition = ""
        self._negated = False
        self._text: list[str] | None = None
        self._held = 0

    def read(self, raw: bytes) -> None:
        try:
            self._parser.Parse(raw, True)
        except expat.ExpatError as error:
            raise RuleError(f"line {error.lineno}: not XML: {expat.ErrorString(error.code)}") from None

    def _doctype(self, *_: object) -> None:
        raise RuleError(f"line {self._parser.CurrentLineNumber}: a document of OpenIOC has no DOCTYPE")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise RuleError(f"line {self._parser.CurrentLineNumber}: elements are nested deeper than {DEPTH}")
        name = tag.rpartition(":")[2]
        if name == "Indicator":
            self._groups.append(attributes.get("operator", "").upper() == "AND")
        elif name == "IndicatorItem":
            self._number += 1
            self._search, self._condition = "", attributes.get("condition", "").lower()
            self._negated = attributes.get("negate", "").lower() == "true" or self._condition.startswith(
                "isnot"
            )
        elif name == "Context":
            self._search = attributes.get("search", "")
        elif name == "Content":
            self._text, self._held = [], 0

    def _data(self, text: str) -> None:
        if self._text is not None:
            self._held += len(text)
            if self._held > TEXT:
                raise RuleError(
                    f"line {self._parser.CurrentLineNumber}: a term is longer than {TEXT} characters"
                )
            self._text.append(text)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        name = tag.rpartition(":")[2]
        if name == "Indicator" and self._groups:
            self._groups.pop()
        elif name == "IndicatorItem":
            self._take("".join(self._text or ()).strip())
            self._text = None

    def _take(self, value: str) -> None:
        place = f"term {self._number}"
        kind = _TERMS.get(self._search.rpartition("/")[2].lower(), "")
        if not value:
            self.found.put_aside(self._search, "it has no content", value, place)
        elif self._negated or self._condition not in _WHOLE:
            how = "where it is not found" if self._negated else f"by {self._condition[:40]!r}"
            self.found.put_aside(self._search, f"it counts {how}, which a list does not ask", value, place)
        elif any(self._groups):
            # Asked alone it would name what its maker calls harmless without the rest.
            self.found.put_aside(self._search, "it counts only together with other terms", value, place)
        else:
            self.found.take(kind or self._search or "no search", value, place)
            if kind == "domain" and self._condition == "contains" and classify(value)[0] == "domain":
                # Most such terms mean the names below it.
                self.found.take(kind, f"*.{value}", place)
