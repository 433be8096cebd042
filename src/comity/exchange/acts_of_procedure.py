"""Further verbs of a case: close, amend, extend, take back, state in public, act together, consult.

As in ``acts.py``, each signs exactly one record, or declines and writes nothing; the rules decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.case.clocks import notices
from comity.case.rules_of_procedure import proposed_due
from comity.case.state import Accepted, State
from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange.acts import reach_of, say
from comity.exchange.node import Node
from comity.exchange.noticing import unnoticed
from comity.records import kinds
from comity.records.bundles import Record
from comity.records.kinds import Assertion, Support, Target
from comity.records.kinds_of_actions import Accept, Propose, ReportAction
from comity.records.kinds_of_consultation import Clause, Dispose, Suggest, Table, TakePosition
from comity.records.kinds_of_procedure import (
    Amend,
    Close,
    Extend,
    Revision,
    WithdrawEndorsement,
    WithdrawRequest,
)
from comity.records.kinds_of_statements import Announce, Correct, Join


def _cited(supports: Iterable[Support]) -> set[str]:
    return {s.record for s in supports if s.record}


def _record(state: State, record: str, kind: str) -> Accepted:
    found = state.accepted.get(record)
    if found is None or found.frame.kind != kind:
        raise Refused("record.unknown", record[:12], f"names no accepted {kind} of this case")
    return found


# -- closing, amending, more time, taking back ------------------------------------------------------


def close_case(node: Node, case: str, content: Close) -> Verified[Record]:
    """Say that this party considers the case closed, or takes it up again. It blocks nobody."""
    return say(node, case, content, {content.reopens} - {""})


def newest_closing(state: State, me: str) -> str:
    """The closing that ``me`` may take back; ``Refused`` (``case.closed``) where it has closed nothing."""
    own = [r for r in state.of("case.close") if r.author == me]
    content = own[-1].content if own else None
    if not isinstance(content, Close) or content.outcome == "reopened":
        raise Refused("case.closed", state.case[:12], "this party has not closed the case")
    return own[-1].id


def amend(
    node: Node, case: str, target: str, revisions: Sequence[tuple[int, Assertion]], reason: str
) -> Verified[Record]:
    """Say own assertions again in other words: pairs of number (from 0) and new version."""
    made = tuple(Revision(n=n, assertion=assertion) for n, assertion in sorted(revisions, key=lambda r: r[0]))
    content = Amend(target=target, revisions=made, reason=reason)
    cited = {s for revision in made for s in _cited(revision.assertion.supports)}
    against = [r.assertion.against for r in made]
    cited |= {a.record for a in against if isinstance(a, Target)}
    return say(node, case, content, {target, *cited}, to=reach_of(node, node.state(case), target, cited))


def propose_time(node: Node, case: str, request: str, due: str, text: str = "") -> Verified[Record]:
    """Ask for more time for a request, or offer it; the other side answers."""
    content = Extend(request=request, step="proposes", due=due, text=text)
    return say(node, case, content, [request])


def answer_time(node: Node, case: str, proposal: str, *, accept: bool, text: str = "") -> Verified[Record]:
    """Accept another side's proposal of another instant, or refuse it with a reason."""
    state = node.state(case)
    found = state.accepted.get(proposal)
    request = getattr(found.content, "request", "") if found else ""
    due = proposed_due(found, request) if found and request else ""
    if not due:
        raise Refused("record.unknown", proposal[:12], "proposes no other instant for a request")
    content = Extend(
        request=request,
        step="accepts" if accept else "refuses",
        proposal=proposal,
        due=due if accept else "",
        text=text,
    )
    return say(node, case, content, [request, proposal])


def withdraw_request(node: Node, case: str, request: str, reason: str) -> Verified[Record]:
    """No longer ask."""
    content = WithdrawRequest(request=request, reason=reason)
    return say(node, case, content, [request], to=reach_of(node, node.state(case), request))


def withdraw_endorsement(node: Node, case: str, endorsement: str, reason: str) -> Verified[Record]:
    """Take an own endorsement back; that it was given stays."""
    content = WithdrawEndorsement(endorsement=endorsement, reason=reason)
    return say(node, case, content, [endorsement], to=reach_of(node, node.state(case), endorsement))


# -- statements -------------------------------------------------------------------------------------


def announce(node: Node, case: str, content: Announce, *, to: Sequence[str] = ()) -> Verified[Record]:
    """Publish a statement, or put a draft of a joint one to others.

    To everybody it is a publication like a dossier: where it is tied to an own assertion that names a party
    to which no notice was given, it states why (``Refused``, ``publish.no-notice``).
    """
    if kinds.PUBLIC in to:
        require_told(node, case, content)
    tied = {target.record for sentence in content.sentences for target in sentence.assertions}
    return say(node, case, content, {*tied, content.before} - {""}, to=to)


def require_told(node: Node, case: str, content: Announce) -> None:
    """Return only if a public statement would say of every party it is about that it was told, or why not;
    ``Refused`` (``publish.no-notice``) otherwise. Signs nothing."""
    tied = {target for sentence in content.sentences for target in sentence.assertions}
    untold = [
        n.target
        for n in notices(node.state(case), node.parties())
        if n.author == node.party.id and n.state == "none" and n.target in tied
    ]
    if untold and not content.without_notice:
        raise unnoticed(untold)


def join_statement(node: Node, case: str, content: Join) -> Verified[Record]:
    """Join one version of a statement on an own basis, or decline."""
    state = node.state(case)
    references = {content.statement, *_cited(content.supports)}
    return say(node, case, content, references, to=reach_of(node, state, content.statement))


def correct(node: Node, case: str, content: Correct) -> Verified[Record]:
    """Correct sentences of an own statement; both texts stay."""
    return say(
        node, case, content, [content.statement], to=reach_of(node, node.state(case), content.statement)
    )


# -- acting together --------------------------------------------------------------------------------


def propose_action(node: Node, case: str, content: Propose, *, to: Sequence[str] = ()) -> Verified[Record]:
    """Ask parties to do something against harm; indicators in it are released for defence."""
    references = set(content.items)
    if isinstance(content.about, Target):
        references.add(content.about.record)
    return say(node, case, content, references, to=to)


def answer_action(node: Node, case: str, content: Accept) -> Verified[Record]:
    """Undertake an action, or decline it on a ground. Admits nothing."""
    return say(node, case, content, [content.action], to=reach_of(node, node.state(case), content.action))


def report_action(node: Node, case: str, content: ReportAction) -> Verified[Record]:
    """Say what was done, and what shows it."""
    references = {content.action, *_cited(content.supports)}
    return say(node, case, content, references, to=reach_of(node, node.state(case), content.action))


# -- consultation -----------------------------------------------------------------------------------


def table(node: Node, case: str, content: Table, *, to: Sequence[str] = ()) -> Verified[Record]:
    """Put a text in clauses to others, a later version of it, or a translation."""
    if content.translates:
        to = reach_of(node, node.state(case), content.translates)
    return say(node, case, content, {content.before, content.translates} - {""}, to=to)


def next_version(state: State, before: str, clauses: Sequence[Clause]) -> Table:
    """A version that follows ``before`` with these clauses; title, language and retired ids as needed."""
    old = _record(state, before, "initiative.table").content
    assert isinstance(old, Table)
    ids = {clause.id for clause in clauses}
    gone = ({clause.id for clause in old.clauses} | set(old.retired)) - ids
    return Table(
        title=old.title,
        clauses=tuple(clauses),
        language=old.language,
        before=before,
        retired=tuple(sorted(gone)),
        parties=old.parties,
    )


def suggest(node: Node, case: str, content: Suggest) -> Verified[Record]:
    """Suggest other words for words of a clause, or a new clause, with the reason."""
    references = {content.initiative, *_cited(content.supports)}
    return say(node, case, content, references, to=reach_of(node, node.state(case), content.initiative))


def take_position(node: Node, case: str, content: TakePosition) -> Verified[Record]:
    """Support a suggestion, object, or reserve."""
    references = {content.suggestion, *_cited(content.supports)}
    return say(node, case, content, references, to=reach_of(node, node.state(case), content.suggestion))


def dispose(node: Node, case: str, content: Dispose) -> Verified[Record]:
    """Say what became of a suggestion to an own text, with the reason."""
    state = node.state(case)
    suggestion = _record(state, content.suggestion, "suggestion.make").content
    assert isinstance(suggestion, Suggest)
    references = {content.suggestion, suggestion.initiative, content.version} - {""}
    return say(node, case, content, references, to=reach_of(node, state, content.suggestion))
