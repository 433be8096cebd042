"""What every check of a dossier shares: its files, what held so far, and failures, all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType

from comity.case.state import State
from comity.case.verified import (
    Attestation,
    Verified,
)
from comity.dossier import layout
from comity.errors import ComityError, NotVerified
from comity.evidence.disclose import VerifiedRows
from comity.ledger import note
from comity.records import kinds
from comity.records.bundles import Bundle, Record
from comity.records.kinds import Item, Open
from comity.records.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One check that a dossier fails: a stable code, the place, and one sentence."""

    code: str
    where: str
    why: str


class Guard:
    """Lets the checks go on behind one that fails: an error inside becomes a ``Failure``, once."""

    def __init__(self, failures: list[Failure]) -> None:
        self._failures = failures

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, ComityError):
            return False
        failure = Failure(code=error.code, where=error.where, why=error.why)
        if failure not in self._failures:
            self._failures.append(failure)
        return True


class Collected:
    """What the checks of a dossier found so far; ``failures`` is empty if it is intact."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.failures: list[Failure] = []
        self.manifest: layout.Manifest | None = None
        self.parties: dict[str, Party] = {}
        self.bundles: dict[str, Bundle] = {}
        self.records: dict[str, Verified[Record]] = {}
        # Ids of records that are here and do not hold: they are not missing as well.
        self.broken: set[str] = set()
        self.checkpoints: dict[str, tuple[str, note.Checkpoint]] = {}
        self.attestations: dict[str, Verified[Attestation]] = {}
        self.state: State | None = None
        self.shown: dict[Item, list[VerifiedRows]] = {}
        # (home, size) → the root said to be the tree's at that size, and who says so.
        self.heads: dict[tuple[str, int], dict[bytes, str]] = {}
        # Key records: id → (home, leaf index).
        self.key_places: dict[str, tuple[str, int]] = {}

    def guard(self) -> Guard:
        """Turn an error inside the ``with`` into a failure."""
        return Guard(self.failures)

    def fail(self, code: str, where: str, why: str) -> None:
        """Collect a failure that stops nothing."""
        with self.guard():
            raise NotVerified(code, where, why)

    def named(self, folder: str, ending: str) -> Iterator[tuple[str, str]]:
        """Files of a folder: (name, what stands between folder and ending), sorted."""
        for name in sorted(self.files):
            if name.startswith(folder) and name.endswith(ending):
                yield name, name[len(folder) : len(name) - len(ending)]

    @property
    def policies(self) -> tuple[kinds.Policy, ...]:
        """The time policies of openings of this case."""
        found = []
        for fact in self.records.values():
            content, frame = fact.value.content, fact.value.frame
            if isinstance(content, Open) and self.manifest and frame and frame.case == self.manifest.case:
                found.append(content.policy)
        return tuple(found)

    def author_of(self, iss: str, where: str) -> Party:
        """The party of this id; ``NotVerified`` where no card of it holds here."""
        party = self.parties.get(iss)
        if party is None:
            raise NotVerified("dossier.party-missing", where, f"no card that holds for {iss[:16]}…")
        return party
