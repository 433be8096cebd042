"""Vectors of approvals: one disclosure, in one case, by one author."""

from __future__ import annotations

from typing import Any

from comity.records import bodies, kinds
from comity.records.approvals import approve
from tests.rulebook import changed
from tests.rulebook_of_disclosure import SEEDS, approvers
from tests.world import digest
from vectors.story import STORY, A, Made, vector

LIST = approvers(*SEEDS[:2])
SHOWN = STORY.records["disclose-rows"].value.content
assert isinstance(SHOWN, kinds.Disclose)
APPROVED: kinds.Disclose = changed(
    SHOWN, approvals=tuple(approve(STORY.case.id, A.id, SHOWN, seed) for seed in SEEDS[:2])
)


def _made(name: str, content: kinds.Disclose = APPROVED, **changes: Any) -> dict[str, Any]:
    fields = {"case": STORY.case.id, "author": A.id} | changes
    raw = bodies.render(content).hex()
    return vector("approval", name, raw=raw, approvers=bodies.render(LIST).hex(), **fields)


def approval_accepted() -> Made:
    yield _made("by two offices")
    yield _made("by one", changed(APPROVED, approvals=APPROVED.approvals[:1]))
    yield _made("by nobody", SHOWN)


def approval_refused() -> Made:
    one, two = APPROVED.approvals
    yield _made("in another order", changed(APPROVED, approvals=(two, one)))
    yield _made("one twice", changed(APPROVED, approvals=(one, one)))
    stranger = approve(STORY.case.id, A.id, SHOWN, SEEDS[2])
    yield _made("by a stranger", changed(SHOWN, approvals=(stranger,)))
    yield _made("of other rows", changed(APPROVED, rows=((3, 1),)))
    yield _made("of another package", changed(APPROVED, package=digest("another package")))
    yield _made("in another case", case=digest("another case"))
    yield _made("by another author", author=STORY.respondent.id)
    forged = changed(one, signature=two.signature)
    yield _made("with the signature of the other", changed(APPROVED, approvals=(forged,)))
