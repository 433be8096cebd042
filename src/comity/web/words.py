"""Every state that a page shows, as a symbol and words: never a colour alone, and one word for both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.web.phrases import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A state: its ``code`` as computed, a symbol, and words that stand without it."""

    code: str
    symbol: str
    words: str


def _table(**rows: tuple[str, str]) -> Mapping[str, Label]:
    named = {name.replace("_", "-"): row for name, row in rows.items()}
    return {
        code: Label(code=code, symbol=symbol, words=phrase(words)) for code, (symbol, words) in named.items()
    }


def label(table: Mapping[str, Label], code: str) -> Label:
    """The label of a code; one that this version has no words for is shown as it is."""
    return table.get(code) or Label(code=code, symbol="·", words=code)


MARKINGS = {
    "TLP:CLEAR": phrase("to anybody"),
    "TLP:GREEN": phrase("within the community of its readers, and not in public"),
    "TLP:AMBER": phrase("within the organisations of its readers and to their clients, to whoever needs it"),
    "TLP:AMBER+STRICT": phrase("within the organisations of its readers, to whoever needs it"),
    "TLP:RED": phrase("to nobody: its readers alone"),
}
"""How far what is marked so may be passed on (TLP 2.0)."""

RECORDS = {
    "party.card": phrase("Card of a party"),
    "party.rotate": phrase("Change of a key"),
    "party.revoke": phrase("Revocation of a key"),
    "party.bind": phrase("Binding to another key"),
    "party.contact": phrase("Change of address"),
    "party.recipient": phrase("Key for what is sent closed"),
    "case.open": phrase("Opening of the case"),
    "case.invite": phrase("Invitation"),
    "case.grant": phrase("Opening of records to a party"),
    "case.close": phrase("Word on closing the case"),
    "evidence.seal": phrase("Seal"),
    "evidence.derive": phrase("Derived item"),
    "evidence.disclose": phrase("Disclosure"),
    "evidence.transfer": phrase("Handing over of an item"),
    "evidence.receive": phrase("Taking over of an item"),
    "evidence.hold": phrase("Hold on an item"),
    "evidence.erase": phrase("Erasure of an item"),
    "record.erase": phrase("Erasure of a record's content"),
    "record.received": phrase("Receipt"),
    "finding.report": phrase("Finding"),
    "finding.replicate": phrase("Re-run of a finding"),
    "claim.state": phrase("Claim"),
    "claim.amend": phrase("Amendment"),
    "claim.withdraw": phrase("Withdrawal"),
    "response.make": phrase("Response"),
    "endorsement.make": phrase("Endorsement"),
    "endorsement.withdraw": phrase("Withdrawal of an endorsement"),
    "notice.give": phrase("Notice"),
    "notice.acknowledge": phrase("Acknowledgement of a notice"),
    "delivery.attempt": phrase("Attempt to deliver a notice"),
    "request.make": phrase("Request"),
    "request.answer": phrase("Answer to a request"),
    "request.extend": phrase("Word on more time for a request"),
    "request.withdraw": phrase("Withdrawal of a request"),
    "disclosure.approvers": phrase("Who approves disclosures"),
    "disclosure.accept": phrase("Answer to terms of a disclosure"),
    "disclosure.receipt": phrase("Receipt of a disclosure"),
    "match.offer": phrase("Offer of private matching"),
    "match.ask": phrase("Question in private matching"),
    "match.answer": phrase("Answer in private matching"),
    "assessment.make": phrase("Assessment"),
    "statement.publish": phrase("Statement"),
    "statement.join": phrase("Word on a statement"),
    "statement.correct": phrase("Correction of a statement"),
    "action.propose": phrase("Proposed action"),
    "action.accept": phrase("Answer to a proposed action"),
    "action.report": phrase("Report of an action"),
    "initiative.table": phrase("Tabled text"),
    "suggestion.make": phrase("Suggestion to a text"),
    "suggestion.position": phrase("Position on a suggestion"),
    "suggestion.dispose": phrase("Disposition of a suggestion"),
    "equivocation.prove": phrase("Proof of two histories"),
    "dossier.publish": phrase("Publication of a dossier"),
}
"""What a record of each kind is, as a person calls it."""


def name_record(kind: str) -> str:
    """What a record is, by its kind; a kind that this version has no words for is shown as it is."""
    return RECORDS.get(kind, kind)


BEARING = _table(
    contested=("≠", "contested"),
    supported=("▪", "supports are named"),
    stated=("▫", "stated without support"),
    withdrawn=("⊘", "withdrawn"),
    not_addressed=("–", "not addressed"),
)
"""How what is said to bear on an element of law stands. None of them says that anything is shown."""

ELEMENTS = {
    "conduct": phrase("conduct"),
    "object": phrase("what it is done to"),
    "authorisation": phrase("authorisation"),
    "mental": phrase("mental"),
    "consequence": phrase("consequence"),
    "threshold": phrase("threshold"),
    "nexus": phrase("nexus"),
}
"""Kinds of elements in the catalogue of law."""

STANCES = _table(claims=("", "claims"), denies=("", "denies"), counters=("", "counter-claims"))

MARKS = _table(
    withdrawn=("⊘", "withdrawn by its author"),
    amended=("↻", "amended by its author; what was said of this version stays with it"),
    contested=("≠", "contested"),
    forked=("⋎", "its author signed two histories"),
    key_suspect=("†", "signed with a key its author had replaced"),
)

ACCESS = _table(
    stated=("○", "Stated: nothing sealed stands behind it."),
    sealed=("◐", "Sealed: fixed row by row; no disclosure recorded."),
    disclosed=("●", "Disclosed."),
)

SEEN = _table(
    sent=("○", "sent; it said nothing"),
    awaits=("–", "not sent: it has not accepted the terms"),
    accepted=("◐", "accepted the terms"),
    declined=("⊘", "declined the terms"),
    verified=("●", "opened; every proof holds"),
    failed=("≠", "opened; a proof does not hold"),
)

NOT_CHECKED = phrase("completeness, counts, absence and correlations not checked")

RERUNS = _table(
    not_applicable=("–", "Nothing to run: it rests on no finding."),
    not_tried=("○", "Not tried by another party."),
    shown_rows_match=("◐", f"Shown rows match; {NOT_CHECKED}."),
    same=("●", "Same result over the whole item."),
    different=("≠", "Different result."),
    mixed=("≠", "Results differ between re-runs."),
    not_possible=("–", "Tried, and not possible."),
)

VERDICTS = _table(
    shown_rows_match=("◐", "shown rows match"),
    same=("●", "same"),
    different=("≠", "different"),
    not_possible=("–", "not possible"),
)

CAUSES = _table(
    identity=("", "what was run is not what the finding says"),
    parameters=("", "parameters"),
    evidence=("", "another item of evidence"),
    engine=("", "same inputs, another result: an engine is wrong, or the list is not what any engine gave"),
)

PARTS = {
    "source": phrase("the source of a rule is not what its digest names"),
    "inputs": phrase("the inputs digest of the finding is not that of what it lists"),
    "result": phrase("the result digest of the finding is not that of the rows it lists"),
    "rules": phrase("the rules"),
    "pack": phrase("what the rules compile to"),
    "semantics": phrase("the version of the rules of matching"),
    "item": phrase("the item"),
    "logsource": phrase("what the item was declared to be a log of"),
}
"""Parts in which a re-run differs, as its record names them."""

RERUN_SYMBOLS = {"recomputed": "●", "in part": "◐", "stated": "○", "false": "≠"}
"""How far what a re-run states was computed again here."""

ADDS_NOTHING = _table(
    author=("", "by the finding's own author: adds nothing"),
    origin=("", "by a party that holds evidence of the same declared origin: adds nothing"),
    forked=("", "its author signed two histories: adds nothing"),
    other_item=("", "over another item than the finding's: adds nothing"),
    not_held=("", "it does not hold: adds nothing"),
    repeated=("", "repeats what the same party said before: adds nothing"),
    withdrawn=("", "taken back by its author: adds nothing"),
    circular=("", "rests, by way of others, on its own author's word: adds nothing"),
)

COULD_ADD = _table(
    seal_what_is_cited=("+", "sealing what is cited"),
    disclose_rows_or_whole=("+", "disclosing rows, or the whole item"),
    re_run_by_another_party=("+", "a re-run by another party"),
    re_run_over_the_whole_item=("+", "a re-run over the whole item"),
    declare_the_origin=("+", "declaring where it was collected"),
    what_could_bear_on_it=("+", "any sealed record of the place and time that it speaks of"),
    state_a_support=("+", "saying what it rests on"),
    evidence_of_another_origin=("+", "evidence of another declared origin"),
)

POSITIONS = _table(
    accepts=("=", "accepts"),
    disputes=("≠", "disputes"),
    disputes_in_part=("≠", "disputes in part"),
    cannot_confirm=("?", "cannot confirm"),
    needs_evidence=("?", "asks for evidence"),
    mitigated=("=", "says it has been mitigated"),
)

BASES = _table(
    own_evidence=("", "own evidence"),
    reviewed=("", "reviewed the evidence of another"),
    trust=("", "trust"),
    undeclared=("", "basis not declared"),
)

CLOCK_BASES = _table(
    asked=("", "asked by one side"),
    agreed=("", "agreed by both"),
    instrument=("", "asked by one side, which cites an instrument"),
)

AWAITED = _table(
    terms=("", "terms of a disclosure, neither accepted nor declined"),
    package=("", "a disclosure, of which nothing is said yet"),
    question=("", "a question against a list of indicators"),
    transfer=("", "a transfer of evidence, its other half not signed"),
    more_time=("", "more time for a request, neither accepted nor refused"),
    action=("", "a proposed action"),
    statement=("", "a statement, neither joined nor declined"),
    text=("", "a text to be consulted on"),
    suggestion=("", "a suggestion to its text, without a disposition"),
)

CLOCKS = _table(
    open=("◷", "open"),
    in_time=("●", "answered in time"),
    late=("◑", "answered late"),
    timing_unproven=("◌", "answered; timing unproven"),
    lapsed=("○", "the agreed time passed without an answer"),
    no_answer_by_time_asked=("○", "no answer recorded by the time asked"),
    refused=("⊝", "declined"),
    due_before_asked=("–", "asked for an instant that had passed; no clock runs"),
    withdrawn=("⊘", "withdrawn by who asked"),
)

DISPOSITIONS = _table(
    accepted=("", "accepts"),
    partial=("", "answers in part"),
    refused=("", "declines"),
    clarify=("", "asks what is meant"),
    fulfilled=("", "answers"),
)

NOTICES = _table(
    none=("○", "no notice recorded"),
    given=("◔", "given; no receipt recorded"),
    delivery_attempted=("◔", "delivery attempted by couriers; no receipt recorded"),
    received=("◑", "received"),
    acknowledged=("●", "acknowledged"),
    received_by_name=("◑", "received by one of that name; sender not authenticated"),
    acknowledged_by_name=("◑", "acknowledged by one of that name; sender not authenticated"),
)

BEFORE = _table(
    none=("○", "published; no notice before it"),
    given=("◔", "published after notice was given"),
    received=("●", "published after notice was received"),
)

ATTEMPTS = _table(
    reached=("", "its address took it; that proves no reading"),
    refused=("", "its address refused it"),
    no_answer=("", "its address did not answer"),
)

CONDITIONS = _table(
    intact=("", "intact"),
    damaged=("", "damaged"),
    not_accepted=("", "not accepted"),
)

CHECKED = _table(
    root=("", "its root recomputed"),
    digest=("", "its digest compared"),
    container=("", "the container's seal looked at"),
    nothing=("", "not checked"),
)

MATCHED = _table(open=("◷", "not answered"), answered=("●", "answered"), refused=("⊝", "refused"))

REQUESTS = _table(
    evidence=("", "evidence"),
    clarify=("", "clarification"),
    preserve=("", "preservation"),
    assist=("", "assistance"),
    consult=("", "consultation"),
)

LEVELS = _table(tactical=("", "tactical"), operational=("", "operational"), strategic=("", "strategic"))

METHODS = _table(
    live=("", "from the running system"),
    dead=("", "from storage that was off"),
    remote=("", "over a network"),
    export=("", "as an export"),
)

CLOSINGS = _table(
    settled=("", "considers the case closed: settled"),
    not_settled=("", "considers the case closed: not settled"),
    moved=("", "considers the case closed: it goes on elsewhere"),
    reopened=("", "takes the case up again"),
)

EXTENSIONS = _table(
    open=("◷", "not answered"),
    accepted=("●", "accepted"),
    refused=("⊝", "refused"),
)

ACTIONS = _table(
    mitigate=("", "mitigate"),
    block=("", "block"),
    takedown=("", "take down"),
    warn=("", "warn those affected"),
    watch=("", "watch"),
    restore=("", "restore"),
)

UNDERTAKINGS = _table(
    none=("", "no answer recorded"),
    accepts=("", "undertakes it"),
    accepts_in_part=("", "undertakes a part of it"),
    declines=("", "declines it"),
)

PROGRESS = _table(
    under_way=("", "under way"),
    done=("", "done"),
    done_in_part=("", "done in part"),
    failed=("", "failed"),
    stopped=("", "stopped"),
)

VIEWS = _table(
    supports=("", "supports it"),
    objects=("", "objects"),
    reserves=("", "reserves its view"),
    no_view=("", "has no view"),
)

DISPOSALS = _table(
    adopted=("", "adopted"),
    adopted_in_part=("", "adopted in part"),
    declined=("", "declined"),
    deferred=("", "deferred"),
)

CHANGES = _table(
    added=("", "added"), retired=("", "retired"), changed=("", "changed"), as_before=("", "as before")
)

EXTENDS = {
    "accepts": phrase("accepts the time proposed by"),
    "refuses": phrase("refuses the time proposed by"),
    "proposes": phrase("proposes another time for request"),
}
USES = {
    "information": phrase("information only"),
    "defence": phrase("defence of systems"),
    "proceedings": phrase("legal proceedings"),
}
ONWARD = {"no": phrase("no"), "ask": phrase("only after asking you"), "yes": phrase("yes")}
"""May a disclosure be passed on: asked of whoever showed it."""

BEFELL = {
    "sealed": phrase("sealed"),
    "derived": phrase("derived"),
    "derived from": phrase("derived from"),
    "shown whole": phrase("shown whole"),
    "rows shown": phrase("rows shown"),
    "handed over": phrase("handed over"),
    "held": phrase("held"),
    "released": phrase("released"),
    "erased": phrase("erased"),
}
WAYS = {
    "call-back": phrase("a call back"),
    "published-key": phrase("a key it published"),
    "directory": phrase("a directory"),
}
"""How this node learned whose key a guest's is."""
ENTRIES = {
    "none": phrase("This node was started without a token, so its pages are closed."),
    "other": phrase("The token in the address is not the one of this start of the node."),
    "closed": phrase("These pages are for the party that runs this node."),
}

WINDOW = {"zone": phrase("zone"), "since": phrase("since"), "until": phrase("until")}
"""Parameters of a finding that a re-run can have otherwise."""
