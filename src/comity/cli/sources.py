"""Which of the paths named are rules and which are evidence, decided by what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.cli.inputs import Listing, list_files, open_file, read_file
from comity.errors import ComityError

if TYPE_CHECKING:
    from comity.findings.pack import Pack

RULE_LIMIT: Final = 4 * 1024 * 1024
"""The longest rule file, in bytes."""

LIST_LIMIT: Final = 256 * 1024 * 1024
"""The longest list of indicators, in bytes."""

RECORD_LIMIT: Final = 200_000
"""The longest rule that a finding in a record can carry, in characters."""

PACK_LIMIT: Final = 256 * 1024 * 1024
"""The longest pack of rules, in bytes."""

_SIGMA = (".yml", ".yaml")
_NAMED = (*_SIGMA, ".ioc", ".stix", ".yar", ".yara", ".sql", ".pack")
_TEXTS = (".md", ".rst")
_PAPERS = frozenset(("readme", "license", "licence", "copying"))


@dataclass(slots=True)
class Sorted:
    """Rule files, evidence files, what was passed over and what could not be read."""

    rules: list[Path] = field(default_factory=list)
    evidence: list[Path] = field(default_factory=list)
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    failed: list[ComityError] = field(default_factory=list)


def is_rule(path: Path) -> bool:
    """Whether a file is a rule: a Sigma rule, STIX pattern or pack by its name, an indicator list by name and
    content.

    A ``.txt`` file is an indicator list where no line of its beginning but comments holds a space:
    lines of a log do. A ``.json`` file is one where it is a bundle of STIX, an indicator, an event of MISP or
    a pulse of OTX. Other feeds are rules where somebody says so: their endings are those of evidence.
    """
    name = path.name.lower()
    if name.endswith(_NAMED):
        return True
    if not name.endswith((".txt", ".json")):
        return False
    try:
        with open_file(path) as file:
            head = file.read(65_536)
    except (ComityError, OSError):
        return False  # reading it as evidence will name what is wrong
    if name.endswith(".json"):
        from comity.findings.feeds import form_of
        from comity.findings.parting import looks_like_stix

        return looks_like_stix(head) or bool(form_of(name, head))
    lines = [line.strip() for line in head.split(b"\n")]
    told = [line for line in lines if line and not line.startswith(b"#")]
    return bool(told) and b"\0" not in head and not any(b" " in line or b"\t" in line for line in told)


def sort_paths(paths: Iterable[Path], rules: Iterable[Path]) -> Sorted:
    """Sort what was named: ``rules`` are rules because someone said so; a folder among ``paths`` is rules
    where every file in it is one (read-me files and licences aside), evidence otherwise."""
    found = Sorted()
    explicit = list_files(rules)
    _take(found, explicit)
    found.rules += rule_files(explicit)
    given = 1 if found.rules else 0
    for path in paths:
        listing = list_files([path])
        _take(found, listing)
        told = rule_files(listing)
        if told and all(is_rule(p) for p in told):
            found.rules += told
            given += 1
        else:
            found.evidence += listing.files
    if given > 1:
        found.rules = sorted(dict.fromkeys(found.rules))
    # By their texts: paths themselves are slow to hash, and there may be thousands of rules.
    rules_found = set(map(str, found.rules))
    found.evidence = sorted(path for path in dict.fromkeys(found.evidence) if str(path) not in rules_found)
    return found


def rule_files(listing: Listing) -> list[Path]:
    """The files of what somebody called rules: all but read-me files and licences."""
    return [path for path in listing.files if not _about(path)] or listing.files


def _take(found: Sorted, listing: Listing) -> None:
    found.skipped += listing.skipped
    found.failed += listing.failed


def _about(path: Path) -> bool:
    name = path.name.lower()
    return name.endswith(_TEXTS) or name.rpartition(".")[0] in _PAPERS or name in _PAPERS


def fits_record(raw: bytes) -> bool:
    """Whether a rule can stand in a signed finding, which carries the text of each of its rules."""
    return len(raw.decode("utf-8", "replace")) <= RECORD_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Rules ready to run: the ``sources`` they were compiled from (after linking), ``unread`` files as
    (name, reason), ``joined`` as what was put behind which, and filters and the like that were ``used``."""

    pack: Pack
    sources: tuple[tuple[str, bytes], ...]
    unread: tuple[tuple[str, str], ...]
    joined: Mapping[str, tuple[str, ...]]
    used: tuple[str, ...]


def read_sources(paths: Iterable[Path]) -> tuple[list[tuple[str, bytes]], list[tuple[str, str]]]:
    """Rule files as (name, bytes), and those that cannot be read as (name, reason). A name is text: what no
    record could hold stands in it as its escape."""
    from comity.evidence.seal import escape_name
    from comity.findings.feeds import FEED_ENDINGS, LIMIT
    from comity.findings.pack import INDICATOR_ENDINGS
    from comity.findings.pack_file import ENDING
    from comity.findings.parting import STIX_ENDINGS

    sources: list[tuple[str, bytes]] = []
    unread: list[tuple[str, str]] = []
    for path in paths:
        name = escape_name(str(path))
        if path.name.lower().endswith(ENDING):
            sources.append((name, read_file(path, PACK_LIMIT)))
            continue
        try:
            listed = path.name.lower().endswith((*INDICATOR_ENDINGS, ".csv"))
            feed = path.name.lower().endswith((*FEED_ENDINGS, *STIX_ENDINGS))
            sources.append((name, read_file(path, LIST_LIMIT if listed else LIMIT if feed else RULE_LIMIT)))
        except ComityError as error:
            unread.append((name, error.why))
    return sources, unread


def load_rules(paths: Iterable[Path], placeholders: Mapping[str, tuple[str, ...]] | None = None) -> Loaded:
    """Read, link and compile rule files and packs. A pack that is not what it states to be is an error: it
    would be another pack."""
    return link_sources(*read_sources(paths), placeholders)


def link_sources(
    given: Iterable[tuple[str, bytes]],
    unread: Iterable[tuple[str, str]],
    placeholders: Mapping[str, tuple[str, ...]] | None = None,
) -> Loaded:
    """The same of what was read before: its bytes, and what could not be read."""
    from comity.findings.link import link
    from comity.findings.notes import merge_notes
    from comity.findings.pack import compile_pack, merge_packs
    from comity.findings.pack_file import ENDING, check_pack, read_pack

    sources: list[tuple[str, bytes]] = []
    packs, packed = [], []
    for name, raw in given:
        if name.lower().endswith(ENDING):
            stated, inside = read_pack(raw, name)
            pack = compile_pack(inside)
            check_pack(pack, stated, name)
            packs.append(pack)
            packed += inside
        else:
            sources.append((name, raw))
    linked = link(sources, placeholders)
    made = compile_pack(linked.sources)
    made = replace(
        made,
        unusable=tuple(
            replace(each, reason=linked.failed.get(each.source_name, each.reason)) for each in made.unusable
        ),
        notes=merge_notes([made.notes, linked.notes]),
    )
    return Loaded(
        pack=merge_packs([made, *packs]) if packs else made,
        sources=(*linked.sources, *packed),
        unread=tuple(unread),
        joined=linked.joined,
        used=linked.used,
    )
