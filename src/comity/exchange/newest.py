"""The record with the newest receipt of each ledger, of all that are held here.

Anyone may ask for it (``/x/heads``), so it is not looked for anew each time: what came since is added.
"""

from __future__ import annotations

from comity.errors import ComityError
from comity.exchange.ports import Journal
from comity.ledger.receipt import peek_receipt


class Newest:
    """What was read so far. Two threads may read the same news at once; both come to the same."""

    def __init__(self) -> None:
        self._marks: dict[str, int] = {}
        self._found: dict[str, tuple[int, str, bytes]] = {}

    def of(self, journal: Journal, home: str) -> tuple[str, bytes] | None:
        """(record id, receipt) with the largest tree size in the ledger of ``home``; None without any."""
        for case in journal.cases():
            for mark, held in journal.news(case, self._marks.get(case, 0)):
                if held.receipt:
                    self._add(held.home, held.id, held.receipt)
                self._marks[case] = mark
        best = self._found.get(home)
        return None if best is None else best[1:]

    def _add(self, home: str, record: str, receipt: bytes) -> None:
        try:
            _, size, _ = peek_receipt(receipt)
        except ComityError:
            return  # what cannot be read shows no size, and hides no other
        best = self._found.get(home)
        if best is None or size > best[0]:
            self._found[home] = size, record, receipt
