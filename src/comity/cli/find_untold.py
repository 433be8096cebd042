"""What is said of rows of which nothing tells what they are a log of: which rules were not asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from comity.cli.output import count

if TYPE_CHECKING:
    from comity.cli.scan_task import Scanned
    from comity.findings.pack import Pack

DECLARE: Final = "--logsource product=…,category=…,service=…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many rules of a pack wait to be told whose log rows are: those of products whose rows say that they
    are theirs; and those that look for nothing but words in one product's log, which are asked of text."""

    products: int
    words: int

    def rules_of(self, scanned: Scanned) -> int:
        """How many rules were not asked of some row of a file because nothing tells what it is a log of."""
        return (self.products if scanned.untold_rows else 0) + (self.words if scanned.wordless else 0)

    def tell(self, scanned: Scanned) -> str:
        """What is said of a file with such rows; nothing where every rule was asked of them all the same."""
        if not self.rules_of(scanned):
            return ""
        rows = scanned.untold_rows
        missing = [f"{count(self.products, 'rule')} for Windows or Zeek"] if self.products else []
        if self.words and scanned.wordless:
            fewer = f" (of {scanned.wordless})" if scanned.wordless < rows else ""
            missing.append(f"{count(self.words, 'rule')} for words in the log of one product{fewer}")
        return (
            f"{rows} of {count(scanned.rows, 'row')} {'does' if rows == 1 else 'do'} not say what log"
            f" {'it is' if rows == 1 else 'they are'} of: {' and '.join(missing)} not asked of"
            f" {'it' if rows == 1 else 'them'}, all others asked (declare it: {DECLARE})"
        )


def find_waiting(pack: Pack) -> Waiting:
    """The rules of a pack that wait to be told."""
    from comity.findings.logsource import looks_for_words_of_one, must_be_told
    from comity.findings.needs import MadeNeeds
    from comity.findings.sigma import Rule

    rules = [rule for rule in pack.rules if isinstance(rule, Rule)]
    needs = pack.needs or MadeNeeds(part for rule in rules for part in rule.parts)
    asking = frozenset(place for group in needs.groups if group.reads for place in group.places)
    products = words = place = 0
    for rule in rules:
        told = [(part.logsource, place + n in asking) for n, part in enumerate(rule.parts)]
        place += len(rule.parts)
        if any(must_be_told(logsource) for logsource, _ in told):
            products += 1
        elif any(looks_for_words_of_one(logsource, reads) for logsource, reads in told):
            words += 1
    return Waiting(products=products, words=words)
