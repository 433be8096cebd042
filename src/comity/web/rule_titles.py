"""What the rules of a finding call themselves. People read titles; a file's name is for who looks for it."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from textwrap import shorten
from typing import Final

from comity.findings.pack import SQL_ENDINGS, STIX_ENDINGS, YARA_ENDINGS
from comity.findings.reasons import RuleError
from comity.findings.yaml_source import read_documents
from comity.records import kinds
from comity.web.phrases import phrase

RULES = 40
"""Rules of one finding that are asked for their titles, or for their reasons on one page."""
TITLE = 120
"""Characters of a rule's title that a page shows."""
NAMED = 3
"""So many rules of a finding are named in a line; of more, one less, and how many others there are."""

HEAD: Final = 16_384
"""Characters of a source in which its title is looked for."""
_SIGMA: Final = re.compile(r"^title:[ \t]+(\S.*)$", re.MULTILINE)
_JOINS: Final = re.compile(r"^correlation:", re.MULTILINE)
_PARTED: Final = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)
_YARA: Final = re.compile(r"^[ \t]*(?:(?:private|global)[ \t]+)*rule[ \t]+(\w+)", re.MULTILINE)
_SQL: Final = re.compile(r"^[ \t]*--[ \t]*title:[ \t]*(\S.*)$", re.MULTILINE)
_STIX: Final = re.compile(r'"name"\s*:\s*("(?:[^"\\]|\\.){0,480}")')
_INNER = str.maketrans("“”«»", "‘’‹›")


def titles_of(content: kinds.Report) -> dict[str, str]:
    """What each rule calls itself, by its digest. Of many rules those that match rows are asked first, and
    no more than ``RULES``; the others, and those without a title, go by the names of their files."""
    naming = {match.rule for match in content.matches}
    asked = sorted(content.rules, key=lambda rule: rule.digest not in naming)[:RULES]
    own = {rule.digest: _title(rule.name, rule.source) for rule in asked}
    return {rule.digest: own.get(rule.digest) or rule.name for rule in content.rules}


def name_rules(content: kinds.Report) -> str:
    """The rules of a finding in one line, those that match rows first. What a rule is called is its
    author's words, and stands in quotation marks that it cannot close."""
    naming = {match.rule for match in content.matches}
    rules = sorted(content.rules, key=lambda rule: rule.digest not in naming)
    named = rules if len(rules) <= NAMED else rules[: NAMED - 1]
    said = ", ".join(_quoted(_title(rule.name, rule.source) or rule.name) for rule in named)
    return (
        said if len(rules) == len(named) else phrase("{} and {} more", said, f"{len(rules) - len(named):,}")
    )


def _quoted(title: str) -> str:
    return f"“{title.translate(_INNER)}”"


@lru_cache(maxsize=512)
def _title(name: str, source: str) -> str:
    """What a rule calls itself at its beginning; "" where it says nothing there. Read, not compiled: a case
    names the rules of all its findings on one page, and whoever writes a rule decides how long it takes to be
    made ready."""
    head, lower = source[:HEAD], name.lower()
    title = ""
    if lower.endswith(YARA_ENDINGS):
        found = _YARA.findall(head)
        title = found[0] if len(found) == 1 and len(head) == len(source) else ""
    elif lower.endswith((*SQL_ENDINGS, *STIX_ENDINGS)):
        told = (_SQL if lower.endswith(SQL_ENDINGS) else _STIX).search(head)
        title = _scalar(told[1]) if told else ""
    elif lower.endswith((".yml", ".yaml")):
        parts = _PARTED.split(head)
        joins = [part for part in parts if _JOINS.search(part)]
        titles = [told[1] for part in joins or parts if (told := _SIGMA.search(part))]
        title = _scalar(titles[0]) if titles else ""
    return shorten(title, TITLE, placeholder="…")


def _scalar(written: str) -> str:
    """The text that a line writes; as it stands where it is none by itself."""
    with suppress(RuleError):
        for said in read_documents(written[: 4 * TITLE].encode()):
            if isinstance(said, str):
                return said
    return written.strip("|>\"' ")
