"""Which of the paths named are rules and which are evidence, decided by what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from comity.cli.inputs import Listing, list_files, open_file, read_file
from comity.errors import ComityError

RULE_LIMIT: Final = 4 * 1024 * 1024
"""The longest rule file, in bytes."""

RECORD_LIMIT: Final = 200_000
"""The longest rule that a finding in a record can carry, in characters."""

_SIGMA = (".yml", ".yaml")
_TEXTS = (".md", ".rst")


@dataclass(slots=True)
class Sorted:
    """Rule files, evidence files, what was passed over and what could not be read."""

    rules: list[Path] = field(default_factory=list)
    evidence: list[Path] = field(default_factory=list)
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    failed: list[ComityError] = field(default_factory=list)


def is_rule(path: Path) -> bool:
    """Whether a file is a rule: a Sigma rule by its name, an indicator list by name and content.

    A ``.txt`` file is an indicator list where no line of its beginning but comments holds a space:
    lines of a log do.
    """
    name = path.name.lower()
    if name.endswith((*_SIGMA, ".ioc")):
        return True
    if not name.endswith(".txt"):
        return False
    try:
        with open_file(path) as file:
            head = file.read(65_536)
    except (ComityError, OSError):
        return False  # reading it as evidence will name what is wrong
    lines = [line.strip() for line in head.split(b"\n")]
    told = [line for line in lines if line and not line.startswith(b"#")]
    return bool(told) and b"\0" not in head and not any(b" " in line or b"\t" in line for line in told)


def sort_paths(paths: Iterable[Path], rules: Iterable[Path]) -> Sorted:
    """Sort what was named: ``rules`` are rules because someone said so; a folder among ``paths`` is rules
    where every file in it is one (read-me files and licences aside), evidence otherwise."""
    found = Sorted()
    explicit = list_files(rules)
    _take(found, explicit)
    found.rules += [p for p in explicit.files if not _about(p)] or explicit.files
    for path in paths:
        listing = list_files([path])
        _take(found, listing)
        told = [p for p in listing.files if not _about(p)] or listing.files
        if told and all(is_rule(p) for p in told):
            found.rules += told
        else:
            found.evidence += listing.files
    found.rules = sorted(set(found.rules))
    found.evidence = sorted(set(found.evidence) - set(found.rules))
    return found


def _take(found: Sorted, listing: Listing) -> None:
    found.skipped += listing.skipped
    found.failed += listing.failed


def _about(path: Path) -> bool:
    return path.name.lower().endswith(_TEXTS) or path.stem.upper() in (
        "README",
        "LICENSE",
        "LICENCE",
        "COPYING",
    )


def fits_record(raw: bytes) -> bool:
    """Whether a rule can stand in a signed finding, which carries the text of each of its rules."""
    return len(raw.decode("utf-8", "replace")) <= RECORD_LIMIT


def read_rules(paths: Iterable[Path]) -> tuple[list[tuple[str, bytes]], list[tuple[str, str]]]:
    """``(name, bytes)`` of every rule file, and (name, reason) of those that cannot be read."""
    sources, unread = [], []
    for path in paths:
        try:
            sources.append((str(path), read_file(path, RULE_LIMIT)))
        except ComityError as error:
            unread.append((str(path), error.why))
    return sources, unread
