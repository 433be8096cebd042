"""YARA rules: from a source to questions about the bytes of a whole item, through yara-x (extra ``yara``).

A source is one rule of a pack, however many YARA rules it holds: it matches where one of them that is not
private does. It can read nothing but the item: ``include`` is off, there are no external variables, and
modules that look elsewhere (``time``, ``cuckoo``, ``vt``, ``console``) are never on. What the other modules
say of a file changes with the engine, so a source that imports one names the engine's version in a comment
before its first rule, ``// pinned: yara-x 1.23.0``, and runs under that version only.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from comity.findings.apart import ENDED, LATE, Apart, Patience, StoppedError
from comity.findings.sigma import Unusable
from comity.records.canonical import Json

SIZE: Final = 4 << 20
LENGTH: Final = 64 << 20
"""The longest item that rules are asked of, in bytes."""
SECONDS: Final = 60
"""How long a source may take over one item, of processor where it is asked apart. A source that takes longer
gives no verdict on it."""
SHOWN: Final = 16
"""How many places of a pattern are told, and how many bytes of each."""

PINNED: Final = frozenset(
    ("crx", "dex", "dotnet", "elf", "hash", "lnk", "macho", "math", "pe", "string", "zip")
)
"""Modules whose answers follow from the bytes and the engine's version alone."""

_PIN = re.compile(r"\s*//\s*pinned:\s*yara-x\s+([0-9][0-9A-Za-z.+-]{0,31})\s*")
_IMPORT = re.compile(r'\bimport\s*"([^"\\\n]{0,64})"')
_ABOUT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class YaraSource:
    """A source ready to run; ``names`` are its rules, in the order written. ``text`` is what runs."""

    digest: str
    source_name: str
    title: str
    author: str
    text: str
    names: tuple[str, ...]
    modules: tuple[str, ...] = ()
    rule_id: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """What enters the pack's digest; the source's own digest says the rest."""
        return {"kind": "yara", "names": list(self.names), "rule": self.digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a pattern of a rule matched: ``offset`` and ``length`` in bytes of the item."""

    rule: str
    pattern: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one source says of an item: the names of its rules that match, and every place where their
    patterns do; ``refused`` is why it gives no verdict."""

    names: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    refused: str = ""


def parse_yara(source_name: str, raw: bytes) -> YaraSource | Unusable:
    """Compile one source; what is wrong with it is named as the engine names it, by line and column."""
    digest = hashlib.sha256(raw).hexdigest()

    def unusable(reason: str) -> Unusable:
        return Unusable(source_name=source_name, digest=digest, reason=reason)

    if len(raw) > SIZE:
        return unusable(f"the source is longer than {SIZE} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return unusable(f"the source is not UTF-8 at byte {error.start}")
    try:
        engine = _engine()
    except ImportError:
        return unusable("YARA rules need yara-x: pip install '.[yara]' in a copy of the source")
    modules = tuple(sorted(set(_IMPORT.findall(_ABOUT.sub(" ", text)))))
    if why := _refuse_modules(modules, text):
        return unusable(why)
    try:
        rules = _compile([("", text)])
    except engine.CompileError as error:
        return unusable(_explain(error))
    found = list(rules)
    if not found:
        return unusable("the source holds no rule")
    about = {key: value for rule in reversed(found) for key, value in rule.metadata}
    return YaraSource(
        digest=digest,
        source_name=source_name,
        title=found[0].identifier if len(found) == 1 else source_name.rpartition("/")[2],
        author=str(about.get("author", "")),
        text=text,
        names=tuple(rule.identifier for rule in found),
        modules=modules,
        tags=tuple(dict.fromkeys(tag for rule in found for tag in rule.tags)),
    )


def _engine() -> Any:
    import yara_x

    return yara_x


def _compile(sources: Iterable[tuple[str, str]]) -> Any:
    compiler = _engine().Compiler(includes_enabled=False)
    for space, text in sources:
        if space:
            compiler.new_namespace(space)
        compiler.add_source(text)
    return compiler.build()


def engine_version() -> str:
    """The version of yara-x that runs here."""
    from importlib import metadata

    return metadata.version("yara-x")


def _refuse_modules(modules: Sequence[str], text: str) -> str:
    for module in modules:
        if module not in PINNED:
            return f"the module {module!r} is not run: its answers would rest on more than the item's bytes"
    if not modules:
        return ""
    pin = _pin(text)
    if pin is None:
        return (
            f"the module {modules[0]!r} answers as the engine's version does: name it in a first line "
            f"'// pinned: yara-x {engine_version()}'"
        )
    if pin != engine_version():
        return f"it is pinned to yara-x {pin}, and {engine_version()} runs here"
    return ""


def _pin(text: str) -> str | None:
    """The version that a comment before the first rule or import names."""
    for line in text.splitlines():
        if found := _PIN.fullmatch(line):
            return found[1]
        if line.strip() and not line.lstrip().startswith("//"):
            break
    return None


def _explain(error: Exception) -> str:
    """The engine's words on one line: what is wrong, and where."""
    lines = [line.strip() for line in str(error).splitlines()]
    head = lines[0].partition(": ")[2] or lines[0]
    where = next((line[3:].strip() for line in lines if line.startswith("-->")), "")
    detail = next((line.lstrip("|^- ").strip() for line in lines if "^" in line), "")
    told = f"YARA: {head}{f', at {where}' if where else ''}{f' ({detail})' if detail else ''}"
    return told if told.isprintable() else ascii(told)


class YaraScanner:
    """Sources made ready to be asked together. One pass serves all of them; where it takes too long, each
    is asked alone, so that no source's verdict depends on what it is asked beside. One that ran out of time
    is asked alone from then on, and given up after :data:`~comity.findings.apart.LOST` items."""

    def __init__(self, sources: Sequence[YaraSource], seconds: int = SECONDS) -> None:
        self._sources = {source.digest: source for source in sources}
        self._seconds = seconds
        self._patience = Patience()
        self._made: dict[tuple[str, ...], Any] = {}

    def _make(self, digests: tuple[str, ...]) -> Any:
        rules = self._made.get(digests)
        if rules is None:
            rules = _compile((f"s{digest}", self._sources[digest].text) for digest in digests)
            if len(digests) > 1 or len(self._sources) == 1:
                self._made = {digests: rules}
        return _engine().Scanner(rules)

    def judge(self, raw: bytes, apart: Apart | None = None) -> dict[str, Judged]:
        """What each source says of these bytes, by its digest; asked ``apart``, if there is a way."""
        if len(raw) > LENGTH:
            why = f"the item is longer than {LENGTH} bytes"
            return {digest: Judged(refused=why) for digest in self._sources}
        found: dict[str, Judged] = {}
        alone: list[str] = []
        together: list[str] = []
        for digest in self._sources:
            if why := self._patience.given_up(digest):
                found[digest] = Judged(refused=why)
            else:
                (alone if self._patience.doubts(digest) else together).append(digest)
        if len(together) > 1:
            try:
                found |= self._ask(tuple(together), raw, apart)
                together = []
            except (StoppedError, _engine().TimeoutError, _engine().ScanError):
                pass
        for digest in (*together, *alone):
            found |= self._ask_alone(digest, raw, apart)
        return found

    def _ask_alone(self, digest: str, raw: bytes, apart: Apart | None) -> dict[str, Judged]:
        """What one source says. Where it was the only one there was no pass before."""
        try:
            return self._ask((digest,), raw, apart)
        except (StoppedError, _engine().TimeoutError) as error:
            if isinstance(error, StoppedError) and error.why != "time":
                why = ENDED
            else:
                self._patience.lose(digest)
                measure = "of processor " if apart is not None else ""
                why = f"{LATE}{self._seconds} seconds {measure}on this item"
        except _engine().ScanError as error:
            why = f"the engine stops: {ascii(str(error))[:200]}"
        return {digest: Judged(refused=why)}

    def _ask(self, digests: tuple[str, ...], raw: bytes, apart: Apart | None) -> dict[str, Judged]:
        scanner = self._make(digests)
        if apart is None:
            scanner.set_timeout(self._seconds)
            return self._read(scanner, raw, digests)

        def work() -> bytes:
            judged = self._read(scanner, raw, digests)
            told = {
                digest: [one.names, [(p.rule, p.pattern, p.offset, p.length) for p in one.places]]
                for digest, one in judged.items()
            }
            return json.dumps(told).encode()

        told = json.loads(apart(work, 0, self._seconds))
        return {
            digest: Judged(
                names=tuple(names),
                places=tuple(
                    Place(rule=rule, pattern=pattern, offset=offset, length=length)
                    for rule, pattern, offset, length in places
                ),
            )
            for digest, (names, places) in told.items()
        }

    def _read(self, scanner: Any, raw: bytes, digests: tuple[str, ...]) -> dict[str, Judged]:
        names: dict[str, list[str]] = {digest: [] for digest in digests}
        places: dict[str, set[tuple[int, int, str, str]]] = {digest: set() for digest in digests}
        for rule in scanner.scan(raw).matching_rules:
            digest = rule.namespace.removeprefix("s")
            names[digest].append(rule.identifier)
            for pattern in rule.patterns:
                for match in pattern.matches:
                    place = match.offset, match.length, rule.identifier, pattern.identifier
                    places[digest].add(place)
        return {
            digest: Judged(
                names=tuple(sorted(names[digest])),
                places=tuple(
                    Place(rule=rule, pattern=pattern, offset=offset, length=length)
                    for offset, length, rule, pattern in sorted(places[digest])
                ),
            )
            for digest in digests
        }


def rows_of_places(judged: Judged, starts: Sequence[int]) -> set[int]:
    """The rows of a match, numbered from 1: those in which a place begins, and the first where a rule
    matches without any. ``starts`` are the offsets at which the rows begin."""
    if not judged.names or not starts:
        return set()
    rows = {bisect_right(starts, place.offset) for place in judged.places}
    told = {place.rule for place in judged.places}
    return rows if told.issuperset(judged.names) else rows | {1}


@lru_cache(maxsize=16)
def _alone(source: YaraSource) -> YaraScanner:
    return YaraScanner((source,))


def explain_yara(source: YaraSource, raw: bytes) -> list[str]:
    """Which rules of ``source`` match these bytes, and where their patterns do, with what stands there."""
    return explain_places(source, raw, {1: (0, len(raw) + 1)})[1]


def explain_places(
    source: YaraSource, raw: bytes, spans: Mapping[int, tuple[int, int]]
) -> dict[int, list[str]]:
    """The same of some rows of the bytes of an item: ``spans`` are, by row, where the row begins and where
    the next one does. Only places that begin in a row are told of it; a match without a place, of row 1."""
    judged = _alone(source).judge(raw)[source.digest]
    if judged.refused:
        return {row: [f"no verdict: {judged.refused}"] for row in spans}
    return {row: list(_tell_places(judged, raw, row, *span)) for row, span in spans.items()}


def _tell_places(judged: Judged, raw: bytes, row: int, start: int, end: int) -> Iterator[str]:
    placed = {place.rule for place in judged.places}
    for name in judged.names:
        if name not in placed and row == 1:
            yield f"{name}: its condition holds without a pattern"
        by_pattern: dict[str, list[Place]] = {}
        for place in judged.places:
            if place.rule == name and start <= place.offset < end:
                by_pattern.setdefault(place.pattern, []).append(place)
        for pattern, places in sorted(by_pattern.items()):
            told = ", ".join(_show(raw, place) for place in places[:SHOWN])
            more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
            yield f"{name}: {pattern} at {told}{more}"


def _show(raw: bytes, place: Place) -> str:
    found = raw[place.offset : place.offset + min(place.length, SHOWN)]
    cut = "…" if place.length > SHOWN else ""
    return f"{place.offset} ({place.length} bytes: {found.decode('latin-1')!a}{cut})"
