"""Nobody is named in public untold: what declines an act that shows such words to everybody.

``case/clocks.py`` says of each assertion whether the party that it names was told. Here stands what this
node refuses because of that, before it signs; what others signed is shown as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from comity.case.clocks import NoticeFacts, notices
from comity.case.judging import assertions_of
from comity.case.state import State
from comity.errors import Refused
from comity.records import kinds
from comity.records.kinds import Target
from comity.records.kinds_of_procedure import Amend
from comity.records.parties import Party

_OLD = "names a party that was not told of it; give notice first, or state the reason why not"
_NEW = "would name a party in public before it was told: say it to members, give notice, then publish it"


def unnoticed(targets: Iterable[Target], why: str = _OLD) -> Refused:
    """What declines to publish own assertions of which the party that they name was not told."""
    return Refused("publish.no-notice", ", ".join(f"{t.record[:12]}#{t.n + 1}" for t in targets), why)


def require_told_first(before: State, after: State, author: str, parties: Mapping[str, Party]) -> None:
    """Return only if nothing that ``author`` said of others becomes public untold between two states;
    ``Refused`` (``publish.no-notice``) otherwise.

    Two things need no notice of their own, since whoever says them may not say them to fewer than those whom
    its target reached: an answer may name the party that it answers, which reads it; an amendment may name
    whom the words that it changes name, and what became public with those is known.
    """
    newly = {
        record.id
        for record in after.accepted.values()
        if record.author == author
        and assertions_of(record.content)
        and kinds.PUBLIC in after.audiences[record.id]
        and kinds.PUBLIC not in before.audiences.get(record.id, ())
    }
    if not newly:
        return
    untold = [n.target for n in _untold(after, author, parties, newly) if not _excused(before, after, n)]
    if untold:
        # A record that is only about to be signed can be told to nobody yet, and publishing states a reason.
        raise unnoticed(untold, _OLD if all(t.record in before.accepted for t in untold) else _NEW)


def _untold(
    state: State, author: str, parties: Mapping[str, Party], records: Collection[str]
) -> Iterable[NoticeFacts]:
    return (
        n
        for n in notices(state, parties)
        if n.author == author and n.state == "none" and n.target.record in records
    )


def _excused(before: State, after: State, fact: NoticeFacts) -> bool:
    content = after.accepted[fact.target.record].content
    if isinstance(content, kinds.Response):
        target = before.accepted.get(content.target)
        return target is not None and target.author == fact.to.party
    if isinstance(content, Amend):
        old = before.accepted.get(content.target)
        if old is None or kinds.PUBLIC not in before.audiences[old.id]:
            return False
        n = content.revisions[fact.target.n].n
        return fact.to in assertions_of(old.content)[n].about
    return False
