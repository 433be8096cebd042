"""What the rules of a finding call themselves. People read titles; a file's name is for who looks for it."""

from __future__ import annotations

from functools import lru_cache
from textwrap import shorten

from comity.findings.pack import compile_source
from comity.records import kinds
from comity.web.phrases import phrase

RULES = 40
"""Rules of one finding that are asked for their titles, or for their reasons on one page."""
TITLE = 120
"""Characters of a rule's title that a page shows."""
NAMED = 3
"""So many rules of a finding are named in a line; of more, one less, and how many others there are."""

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
    title = getattr(compile_source(name, source.encode()), "title", "")
    return shorten(title, TITLE, placeholder="…")
