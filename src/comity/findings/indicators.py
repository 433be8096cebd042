"""Indicator lists: one indicator a line, each matched as a whole token of its own type.

A line is stripped; empty lines and lines that begin with ``#`` are skipped. ``[.]`` and ``(.)`` read as
a dot, ``hxxp`` as ``http``. Where each type begins and ends:

========  ==========================================================================================
address   IPv4, IPv6 or a network. A token is a run of letters, digits, ``_``, ``.`` (and ``:``
          for IPv6) without the dots around it, so ``1.2.3.4`` is not in ``11.2.3.45``, in
          ``1.2.3.4.5`` nor in ``v1.2.3.4``; it is in ``1.2.3.4:443``. An IPv4 address mapped into
          IPv6 counts as itself.
hash      32, 40 or 64 hexadecimal digits: a run of letters and digits of just that length.
email     a run of letters, digits and ``. _ % + - @`` without the dots around it.
domain    a run of letters, digits and ``. _ -`` without the dots and dashes around it. The name
          itself only; a line ``*.name`` or ``.name`` stands for every name below it.
URL       the text with ``://``; what follows is its end or not a character of a URL.
text      anything else: the text, and where it begins or ends with a letter or digit, none adjoins.
========  ==========================================================================================

Letters compare by ASCII folding. Tokens are looked for in the row's text and in each of its values.
A list is one rule; its digest is the SHA-256 of its bytes.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from comity.findings.atoms import Atom
from comity.findings.columns import Budget, Column, texts_of_row
from comity.findings.kept import Kept
from comity.findings.lines import pieces_of, sort_lines
from comity.findings.reasons import RuleError
from comity.findings.rows import Value, elements, fold
from comity.findings.sigma import Unusable
from comity.findings.tokens import Tokens
from comity.records.canonical import Json

if TYPE_CHECKING:
    from comity.findings.sweep import Rows

LINE = 4096
BOM: Final = b"\xef\xbb\xbf"
REMEMBERED = 65_536
_SEARCHED: Final = 1 << 20
"""Values of so many bytes are searched where they lie."""
_ESCAPED: Final = bytes({*range(32), *b'"\\'} - {10})

_XML: Final = re.compile(rb"<(?:\?xml|!--|!DOCTYPE|[a-z][\w-]*:?[\w-]*[ \t\r\n>])", re.I)
_JSON: Final = re.compile(rb'\{\s*"[^"]*"\s*:|\[\s*(?:\{\s*"|"[^"]*"\s*[,\]])')

_WORD = r"0-9A-Za-z_\x80-\U0010ffff"
_PART = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS_STARTS = frozenset("0123456789abcdef:")


class _Forms:
    """Expressions, each compiled when it is first asked: their classes of characters are large, and most
    runs have no list."""

    def __init__(self, **expressions: str) -> None:
        self._expressions = expressions

    def __getattr__(self, name: str) -> re.Pattern[str]:
        if name not in self._expressions:
            raise AttributeError(name)
        made = re.compile(self._expressions[name])
        setattr(self, name, made)
        return made


_FORMS: Final = _Forms(
    address_run=rf"[{_WORD}.]+",
    address6_run=rf"[{_WORD}.:]+",
    hash_run=rf"[{_WORD}]+",
    name_run=rf"[{_WORD}.\-]+",
    email_run=rf"[{_WORD}.%+\-@]+",
    hash=r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}",
    email=rf"[{_WORD}.%+\-]+@[{_WORD}\-]+(?:\.[{_WORD}\-]+)+",
    domain=rf"(?:\*?\.)?(?:[{_WORD}\-]+\.)+[{_WORD}\-]*[A-Za-z\x80-\U0010ffff][{_WORD}\-]*",
    url=r"[a-z][a-z0-9+.\-]*://\S+",
    url_character=r"[0-9A-Za-z\-._~:/?#\[\]@!$&'()*+,;=%\x80-\U0010ffff]",
    address4=rf"{_PART}(?:\.{_PART}){{3}}",
    letter=rf"[{_WORD}]",
)

Entry: TypeAlias = tuple[str, str]
"""A type (``ip``, ``net``, ``hash``, ``email``, ``domain``, ``below``, ``url``, ``text``), a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorList:
    """A list ready to run. ``values`` are those of each type, in the order of types: UTF-8, sorted, each
    once, a line feed after each. ``table`` may hold the same made ready to be looked up in
    (:mod:`comity.findings.tokens_cache`)."""

    digest: str
    source_name: str
    title: str
    values: tuple[tuple[str, bytes], ...]
    table: Kept | None = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.table is None:
            return _make_list, (self.digest, self.source_name, self.title, self.values)
        from comity.findings.tokens_cache import restore_list

        # All that it has is in the table, which another process may map.
        return restore_list, (self.table, self.digest, self.source_name)

    def __len__(self) -> int:
        return sum(values.count(b"\n") for _, values in self.values)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries one by one, sorted."""
        return tuple((kind, value) for kind, _ in self.values for value in self.values_of(kind))

    def values_of(self, kind: str) -> list[str]:
        """The values of one type, sorted."""
        return [value for told, raw in self.values if told == kind for value in raw.decode().split("\n")[:-1]]

    def to_json(self) -> Json:
        """The compiled list, as it enters the pack's digest."""
        return {
            "entries": [list(entry) for entry in self.entries],
            "kind": "indicators",
            "rule": self.digest,
        }

    def render(self) -> bytes:
        """The same in canonical JSON, at once: a text needs no change but where it holds a quote, a
        backslash or a control character."""
        return b"".join(self.rendered())

    def rendered(self) -> Iterator[bytes]:
        """That, piece by piece."""
        yield b'{"entries":['
        between = b""
        for kind, raw in self.values:
            head = f'["{kind}","'.encode()
            for begin, end in pieces_of(raw):
                some = raw[begin:end]
                if len(some.translate(None, _ESCAPED)) == len(some):
                    told = head + some[:-1].replace(b"\n", b'"],' + head) + b'"]'
                else:
                    pairs = [[kind, value] for value in some.decode().split("\n")[:-1]]
                    told = json.dumps(pairs, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
                yield between + told
                between = b","
        yield b'],"kind":"indicators","rule":"%b"}' % self.digest.encode()


def _make_list(
    digest: str, source_name: str, title: str, values: tuple[tuple[str, bytes], ...]
) -> IndicatorList:
    return IndicatorList(digest=digest, source_name=source_name, title=title, values=values)


def parse_indicators(source_name: str, raw: bytes) -> IndicatorList | Unusable:
    """Compile one list; a single unreadable line makes the list unusable, and is named."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        _check_form(raw)
        gathered = _gather(raw)
    except RuleError as error:
        return Unusable(source_name=source_name, digest=digest, reason=str(error))
    # One type after another, so that only one is there value by value.
    values = tuple((kind, sort_lines(gathered.pop(kind))) for kind in sorted(gathered))
    title = source_name.rpartition("/")[2]
    return IndicatorList(digest=digest, source_name=source_name, title=title, values=values)


def _check_form(raw: bytes) -> None:
    """Feeds in other forms would be lists of lines that nothing holds: they are named instead."""
    head = raw[:4096].removeprefix(BOM).lstrip()
    if _XML.match(head):
        raise RuleError(
            "XML is no list of one indicator a line, and no document of OpenIOC (STIX 1 is not read): "
            "write its values one a line"
        )
    if _JSON.match(head):
        raise RuleError(
            "JSON is no list of one indicator a line, nor an indicator of STIX, an event of MISP or a pulse "
            "of OTX: write its values one a line"
        )


def _gather(raw: bytes) -> dict[str, list[bytes]]:
    """The values of each type in runs, sorted by themselves, a line feed after each. The order of characters
    is that of UTF-8."""
    gathered: defaultdict[str, list[bytes]] = defaultdict(list)
    first = len(BOM) if raw.startswith(BOM) else 0
    for begin, end in pieces_of(raw, first):
        try:
            raw[begin:end].decode()
        except UnicodeDecodeError as error:
            raise RuleError(f"not UTF-8 at byte {begin - first + error.start}") from None
    number = 0
    for begin, end in pieces_of(raw, first):
        found: defaultdict[str, list[str]] = defaultdict(list)
        for line in raw[begin:end].decode().removesuffix("\n").split("\n"):
            number += 1
            value = line.strip(" \t\r")
            if not value or value.startswith("#"):
                continue
            if len(value) > LINE:
                raise RuleError(f"line {number}: longer than {LINE} characters")
            if "\0" in value:
                raise RuleError(f"line {number}: holds a zero byte")
            kind, plain = classify(value)
            found[kind].append(plain)
        for kind, some in found.items():
            some.sort()
            gathered[kind].append(("\n".join(some) + "\n").encode())
    if not gathered:
        raise RuleError("the list holds no indicator")
    return dict(gathered)


def classify(value: str) -> Entry:
    """The type of a line and its value in the one form that it is compared in."""
    plain = fold(value)
    if "[.]" in plain or "(.)" in plain:
        plain = plain.replace("[.]", ".").replace("(.)", ".")
    if plain.startswith("hxxp"):
        plain = "http" + plain[4:]
    # Each form is tried only on what reads like one: most fail late.
    if "/" in plain or ":" in plain:
        if plain[0] in _ADDRESS_STARTS:
            try:
                if "/" in plain:
                    return "net", str(ipaddress.ip_network(plain, strict=False))
                return "ip", str(_unmapped(ipaddress.ip_address(plain)))
            except ValueError:
                pass
        if "://" in plain and "@" not in plain and _FORMS.url.fullmatch(plain):
            return "url", plain
    elif plain[0].isdigit() and _FORMS.address4.fullmatch(plain):
        return "ip", plain
    if "@" in plain:
        if _FORMS.email.fullmatch(plain):
            return "email", plain
        if _FORMS.url.fullmatch(plain):
            return "url", plain
    if len(plain) in (32, 40, 64) and _FORMS.hash.fullmatch(plain):
        return "hash", plain
    if "." in plain and _FORMS.domain.fullmatch(plain):
        if plain.startswith(("*.", ".")):
            return "below", plain.lstrip("*").lstrip(".")
        return "domain", plain
    return "text", fold(value)


_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def _unmapped(address: _Address) -> _Address:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


class Values:
    """The values of one type, to be asked whether they hold one.

    A long list stays as it is, and is searched by halves: a row that is looked at by itself is rare.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._few = frozenset(raw.decode().split("\n")[:-1]) if len(raw) < _SEARCHED else None
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._raw)

    def __contains__(self, value: str) -> bool:
        if self._few is not None:
            return value in self._few
        known = self._known.get(value)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[value] = self._search(value.encode("utf-8", "surrogatepass"))
        return known

    def _search(self, wanted: bytes) -> bool:
        raw = self._raw
        low, high = 0, len(raw)
        while low < high:
            middle = (low + high) // 2
            start = raw.rfind(b"\n", low, middle) + 1 or low
            end = raw.index(b"\n", middle)
            found = raw[start:end]
            if found == wanted:
                return True
            if found < wanted:
                low = end + 1
            else:
                high = start
        return False


class Lookup:
    """A list made ready to look tokens up in."""

    def __init__(self, source: IndicatorList) -> None:
        self._source = source
        self._raw = dict(source.values)
        self.tokens = Tokens(source)
        self.memo: dict[str, bool] = {}

    def _values(self, kind: str) -> Values:
        return Values(self._raw.get(kind, b""))

    @cached_property
    def addresses(self) -> Values:
        return self._values("ip")

    @cached_property
    def hashes(self) -> Values:
        return self._values("hash")

    @cached_property
    def emails(self) -> Values:
        return self._values("email")

    @cached_property
    def domains(self) -> Values:
        return self._values("domain")

    @cached_property
    def below(self) -> Values:
        return self._values("below")

    @cached_property
    def networks(self) -> Mapping[tuple[int, int], set[int]]:
        """Networks by version and bits of the host."""
        found: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        for value in self._source.values_of("net"):
            network = ipaddress.ip_network(value)
            shift = network.max_prefixlen - network.prefixlen
            found[network.version, shift].add(int(network.network_address) >> shift)
        return found

    @cached_property
    def any_address(self) -> bool:
        """Whether an address of any kind is wanted."""
        return "ip" in self._raw or "net" in self._raw

    @cached_property
    def any_address6(self) -> bool:
        """Whether an IPv6 address is wanted."""
        return b":" in self._raw.get("ip", b"") or any(version == 6 for version, _ in self.networks)

    @cached_property
    def phrases(self) -> Sequence[Entry]:
        """Texts and locations, which are looked for wherever they stand."""
        return [(kind, value) for kind in ("text", "url") for value in self._source.values_of(kind)]

    @cached_property
    def phrase_column(self) -> Column:
        """All of those together."""
        return Column(
            ((n, Atom(None, "contains", value)) for n, (_, value) in enumerate(self.phrases)), Budget()
        )

    def matches(self, text: str, fields: Mapping[str, Value]) -> bool:
        """Whether an indicator stands in the row's text or in one of its values."""
        values = (element for value in fields.values() for element in elements(value))
        return any(map(self._found, texts_of_row(text, values)))

    def find_rows(self, rows: Rows) -> list[int]:
        """The places of the rows of a batch in which an indicator stands."""
        sure, others = self.tokens.sort_out(rows)
        found = [at for at in others if at not in sure and self.matches(rows.text(at), rows.fields[at])]
        return sorted((*sure, *found))

    def _found(self, text: str) -> bool:
        known = self.memo.get(text)
        if known is None:
            known = any(True for _ in self.find(text))
            if len(text) <= 256:
                if len(self.memo) >= REMEMBERED:
                    self.memo.clear()
                self.memo[text] = known
        return known

    def find(self, text: str) -> Iterable[Entry]:
        """Every indicator in ``text``, as (type, the token as found)."""
        folded = fold(text)
        if self.any_address:
            yield from self._find_addresses(text)
        if self.hashes:
            yield from (("hash", t) for t in _FORMS.hash_run.findall(folded) if t in self.hashes)
        if self.emails:
            tokens = (t.strip(".") for t in _FORMS.email_run.findall(folded))
            yield from (("email", t) for t in tokens if t in self.emails)
        if self.domains or self.below:
            yield from self._find_names(folded)
        if self.phrases:
            for n in sorted(self.phrase_column.hits(text)):
                kind, value = self.phrases[n]
                if kind == "url":
                    stands = _stands_in(value, folded, None, _FORMS.url_character)
                else:
                    left = _FORMS.letter if _FORMS.letter.match(value[0]) else None
                    right = _FORMS.letter if _FORMS.letter.match(value[-1]) else None
                    stands = _stands_in(value, folded, left, right)
                if stands:
                    yield kind, value

    def _find_addresses(self, text: str) -> Iterable[Entry]:
        for token in _FORMS.address_run.findall(text):
            plain = token.strip(".")
            if plain.count(".") == 3 and self._holds_address(plain):
                yield "ip", plain
        # An IPv4 indicator also stands in its IPv6-mapped form, which has colons.
        if self.any_address6 or "ffff:" in text.lower():
            for token in _FORMS.address6_run.findall(text):
                plain = token.strip(".")
                if plain.count(":") < 2:
                    continue
                if plain.endswith(":") and not plain.endswith("::"):
                    plain = plain[:-1]
                if self._holds_address(plain):
                    yield "ip", plain

    def _holds_address(self, token: str) -> bool:
        if len(token) > 45:
            return False
        try:
            address = _unmapped(ipaddress.ip_address(token))
        except ValueError:
            return False
        if str(address) in self.addresses:
            return True
        return any(
            version == address.version and int(address) >> shift in prefixes
            for (version, shift), prefixes in self.networks.items()
        )

    def _find_names(self, folded: str) -> Iterable[Entry]:
        for token in _FORMS.name_run.findall(folded):
            name = token.strip(".-")
            if "." not in name or len(name) > 255:
                continue
            if name in self.domains:
                yield "domain", name
            if self.below:
                parent = name.partition(".")[2]
                while parent:
                    if parent in self.below:
                        yield "domain", name
                        break
                    parent = parent.partition(".")[2]


def _stands_in(value: str, text: str, left: re.Pattern[str] | None, right: re.Pattern[str] | None) -> bool:
    """Whether ``value`` occurs in ``text`` with none of the given characters beside it."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        before = left is not None and at > 0 and left.match(text[at - 1])
        after = right is not None and end < len(text) and right.match(text[end])
        if not before and not after:
            return True
        at = text.find(value, at + 1)
    return False
