"""The rules of the exchange; more kinds have theirs in ``rules_of_*.py``, and all stand in one table here.

The numbers are those of ``spec/05-rules.md``.

A record is judged against its causal past only: its own chain, and the records that it references, all
of which are held and judged before it. So a judgement never depends on what arrives later or on
the order of arrival. A rule reads frames, the record's own content, and the content of referenced
records, whose audience includes the record's own (rule 6); it never reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable

from comity.case import rules_of_custody as custody
from comity.case.assessed import first_flaw, rests_on
from comity.case.attempts import open_contacts
from comity.case.equivocation import verify_equivocation
from comity.case.judging import (
    STATING,
    Broken,
    Judging,
    assertions_of,
    missing_from,
    require_assertions,
    require_matches,
    require_numbers,
    require_reach,
    require_supports,
    require_target,
    short_names,
)
from comity.case.rules_of_actions import ACTION_RULES
from comity.case.rules_of_consultation import CONSULTATION_RULES
from comity.case.rules_of_disclosure import DISCLOSURE_RULES, judge_terms
from comity.case.rules_of_matching import MATCHING_RULES
from comity.case.rules_of_procedure import PROCEDURE_RULES
from comity.case.rules_of_reruns import RERUN_RULES
from comity.case.rules_of_statements import STATEMENT_RULES
from comity.errors import ComityError
from comity.ledger import note
from comity.phrases import phrase
from comity.records import envelopes, kinds
from comity.records.kinds import Target


def judge(j: Judging) -> None:
    """Return if the record breaks no rule; raise ``Broken`` with the lowest-numbered rule that it breaks."""
    _rule_1_case(j)
    _rule_3_opening(j)
    _rule_4_seen(j)
    _rule_6_closure(j)
    _rule_7_version(j)
    _BY_KIND[j.frame.kind](j)


# Rule 2 (the chain: prev is the same author's record with the seq before) is checked by ``fold`` where it
# walks the chain; rule 5 (references are held and took effect) where it gathers them.


def _rule_1_case(j: Judging) -> None:
    """1. A record belongs to the case that its frame names."""
    if j.frame.case != j.case:
        raise Broken(1, "belongs to another case")


def _rule_3_opening(j: Judging) -> None:
    """3. ``case.open`` is the opener's first record; every other chain begins by referencing it."""
    if isinstance(j.content, kinds.Open):
        if j.seq or j.frame.seen or j.frame.references:
            raise Broken(3, "a case is opened by the first record of a chain, which builds on nothing")
        if envelopes.case_id(j.content.key_hash, j.author) != j.case:
            raise Broken(3, "the case id does not name this opener and key")
        policy = j.content.policy
        if policy.quorum > len(policy.witnesses) + len(policy.authorities):
            raise Broken(3, "the time policy asks for more witnesses and authorities than it names")
        if len({_witness_key(w) for w in policy.witnesses}) != len(policy.witnesses):
            raise Broken(3, "the time policy names a witness twice")
        if len({a.certificate for a in policy.authorities}) != len(policy.authorities):
            raise Broken(3, "the time policy names an authority twice")
        if j.frame.rules < 2 and (
            policy.couriers or policy.approvals or any(w.url for w in policy.witnesses)
        ):
            raise Broken(3, "couriers, approvals, and the address of a witness, need rules 2")
        if list(policy.couriers) != sorted(set(policy.couriers)):
            raise Broken(3, "couriers are not sorted, or one stands twice")
    elif j.seq == 0 and not any(isinstance(r.content, kinds.Open) for r in j.references.values()):
        raise Broken(3, "the first record of a chain references the opening of the case")


def _witness_key(named: kinds.Witness) -> bytes:
    # A key under two names is one witness, and one that nobody can read would close the case to proof.
    try:
        vkey = note.Vkey.parse(named.vkey)
    except ComityError as error:
        raise Broken(3, phrase("the time policy names no witness key: {}", error.why)) from None
    if vkey.kind != note.COSIGNATURE:
        raise Broken(3, "the time policy names a key that is not a witness's")
    return vkey.key


def _rule_4_seen(j: Judging) -> None:
    """4. ``seen`` names at most one record of each other author, and never goes backwards."""
    now: dict[str, int] = {}
    for author, seq in j.seen_seq:
        if author == j.author:
            raise Broken(4, "names its own author's record as seen")
        if author in now:
            raise Broken(4, "names two records of one author as seen")
        now[author] = seq
    for before in j.earlier():
        for author, seq in before.items():
            if now.get(author, -1) < seq:
                raise Broken(
                    4, phrase("has seen less of {}… than an earlier record of its author", author[:12])
                )


def _rule_6_closure(j: Judging) -> None:
    """6. Whoever may read the record may read what it references (``case.open`` excepted)."""
    for record in j.references.values():
        if isinstance(record.content, kinds.Open):
            continue
        missing = missing_from(j.frame.audience, j.audience_of(record) | {record.author})
        if missing:
            raise Broken(
                6, phrase("references {}…, which {} may not read", record.id[:12], short_names(missing))
            )


def _rule_7_version(j: Judging) -> None:
    """7. What needs later rules than the first references a ``case.open`` that pinned them."""
    if j.frame.rules == 1 or isinstance(j.content, kinds.Open):
        return
    pinned = [r.frame.rules for r in j.references.values() if isinstance(r.content, kinds.Open)]
    if max(pinned, default=0) < j.frame.rules:
        raise Broken(
            7, phrase("needs rules {}, and references no opening of the case under them", j.frame.rules)
        )


def _party(_: Judging) -> None:
    raise Broken(1, "a key record stands outside every case")


def _open(_: Judging) -> None:
    """Rule 3 says it all."""


def _invite(j: Judging) -> None:
    """10. An invitation is to another party."""
    assert isinstance(j.content, kinds.Invite)
    if j.content.to == j.author:
        raise Broken(10, "invites its own author")


def _grant(j: Judging) -> None:
    """11. A grant covers the grantor's own records, and names at least one."""
    if not any(record.author == j.author for record in j.references.values()):
        raise Broken(11, "grants nothing")
    for record in j.references.values():
        if record.author != j.author and not isinstance(record.content, kinds.Open):
            raise Broken(11, phrase("grants {}…, which another party wrote", record.id[:12]))


def _seal(j: Judging) -> None:
    """12. A seal stands alone: its form, and its custody's, says all there is to check."""
    assert isinstance(j.content, kinds.Seal)
    custody.judge_custody(j, j.content.custody)


def _derive(j: Judging) -> None:
    """13. A derivation links two items that its author sealed."""
    assert isinstance(j.content, kinds.Derive)
    own = [
        r.content.item
        for r in j.references.values()
        if isinstance(r.content, kinds.Seal) and r.author == j.author
    ]
    if j.content.source not in own or j.content.result not in own:
        raise Broken(13, "references no seal of its own for the source or the result")
    if j.content.source == j.content.result:
        raise Broken(13, "an item is not derived from itself")


def _disclose(j: Judging) -> None:
    """14. A disclosure is of an item its author sealed; rows are within it, and none for a whole item."""
    assert isinstance(j.content, kinds.Disclose)
    seals = [
        r
        for r in j.references.values()
        if isinstance(r.content, kinds.Seal) and r.author == j.author and r.content.item == j.content.item
    ]
    if not seals:
        raise Broken(14, "references no seal of its own for this item")
    if (j.content.level == "rows") != bool(j.content.rows):
        raise Broken(14, "rows are named exactly where rows are disclosed")
    if any(first + count > j.content.item.size for first, count in j.content.rows):
        raise Broken(14, "a row number is beyond the item")
    if list(j.content.to) != sorted(set(j.content.to)) or missing_from(
        j.content.to, {*j.frame.audience, j.author}
    ):
        raise Broken(14, "recipients are not sorted, stand twice, or may not read the record itself")
    judge_terms(j)


def _report(j: Judging) -> None:
    """15. A finding names an item by its seal; its rules are sorted, and only they match."""
    assert isinstance(j.content, kinds.Report)
    seals = [r for r in j.references.values() if isinstance(r.content, kinds.Seal)]
    if not any(s.content.item == j.content.item for s in seals if isinstance(s.content, kinds.Seal)):
        raise Broken(15, "references no seal of this item")
    digests = [r.digest for r in j.content.rules]
    if not digests or digests != sorted(set(digests)):
        raise Broken(15, "rules are missing, not sorted by digest, or stand twice")
    require_matches(15, j.content.matches, digests, j.content.item.size)


def _state(j: Judging) -> None:
    """17. Each support of an assertion is a finding, an item or a citation; a denial names its target."""
    assert isinstance(j.content, kinds.State)
    require_assertions(j, 17, j.content.assertions)


def _withdraw(j: Judging) -> None:
    """18. Only the author withdraws, and tells all whom the assertion reached."""
    assert isinstance(j.content, kinds.Withdraw)
    record = j.reference(j.content.target, 18, *STATING)
    if record.author != j.author:
        raise Broken(18, "withdraws what another party said")
    require_numbers(18, j.content.assertions, record)
    require_reach(j, 18, record, phrase("a withdrawal"))


def _give(j: Judging) -> None:
    """19. A notice is of the giver's own assertions, to a party that each of them names."""
    assert isinstance(j.content, kinds.Give)
    record = j.reference(j.content.target, 19, *STATING)
    if record.author != j.author:
        raise Broken(19, "gives notice of what another party said")
    require_numbers(19, j.content.assertions, record)
    for n in j.content.assertions:
        if j.content.to not in assertions_of(record.content)[n].about:
            raise Broken(19, phrase("assertion {} does not name the party that is told of it", n + 1))
    if j.content.to.party and missing_from([j.content.to.party], j.frame.audience):
        raise Broken(19, "the party that is told may not read the notice")


def _acknowledge(j: Judging) -> None:
    """20. Only the party that was told acknowledges, and the giver of the notice learns of it."""
    assert isinstance(j.content, kinds.Acknowledge)
    notice = j.reference(j.content.notice, 20, "notice.give")
    assert isinstance(notice.content, kinds.Give)
    # A party that had no key when it was told is named in words only; its key is bound by other means.
    if notice.content.to.party not in ("", j.author) or notice.author == j.author:
        raise Broken(20, "acknowledges a notice to another party")
    if missing_from([notice.author], j.frame.audience):
        raise Broken(20, "the giver of the notice may not read the acknowledgement")


def _received(j: Judging) -> None:
    """21. A receipt is for another party's record that the author may read, and that party learns of it."""
    assert isinstance(j.content, kinds.Received)
    record = j.reference(j.content.record, 21)
    if record.author == j.author or missing_from([j.author], j.audience_of(record)):
        raise Broken(21, "receipts a record that was not addressed to it")
    if missing_from([record.author], j.frame.audience):
        raise Broken(21, "the sender may not read the receipt")


def _request(j: Judging) -> None:
    """22. A request goes to another party, which may read it."""
    assert isinstance(j.content, kinds.Request)
    if j.content.to == j.author or missing_from([j.content.to], j.frame.audience):
        raise Broken(22, "asks its own author, or a party that may not read the request")
    if j.content.instrument and j.frame.rules < 2:
        raise Broken(22, "an instrument that a clock is said to follow from needs rules 2")
    if isinstance(j.content.about, Target):
        require_target(j, 22, j.content.about)
    for item in j.content.items:
        j.reference(item, 22, "evidence.seal", "finding.report")


def _answer(j: Judging) -> None:
    """23. Only the party that was asked answers; agreeing to a clock repeats its instant."""
    assert isinstance(j.content, kinds.Answer)
    request = j.reference(j.content.request, 23, "request.make")
    assert isinstance(request.content, kinds.Request)
    if request.content.to != j.author:
        raise Broken(23, "answers a request to another party")
    if j.content.agrees and j.content.agrees != request.content.due:
        raise Broken(23, "agrees to another instant than the one that was asked for")
    if j.content.agrees and j.content.due:
        raise Broken(23, "agrees to a clock and proposes another")
    if (j.content.disposition == "refused") != bool(j.content.ground):
        raise Broken(23, "a ground is given exactly where the request is refused")
    for record in j.content.fulfils:
        if j.reference(record, 23).author != j.author:
            raise Broken(23, "fulfils a request with another party's record")
    if missing_from([request.author], j.frame.audience):
        raise Broken(23, "the party that asked may not read the answer")


def _response(j: Judging) -> None:
    """24. A response is to another party's assertions, one position for each, and reaches their readers."""
    assert isinstance(j.content, kinds.Response)
    record = j.reference(j.content.target, 24, *STATING)
    if record.author == j.author:
        raise Broken(24, "responds to its own author")
    stated = assertions_of(record.content)
    taken: list[tuple[int, object]] = []
    for position in j.content.positions:
        if position.n >= len(stated):
            raise Broken(24, phrase("takes a position on assertion {}, which is not there", position.n + 1))
        if isinstance(position.support, int) and position.support >= len(stated[position.n].supports):
            raise Broken(
                24, phrase("takes a position on support {}, which is not there", position.support + 1)
            )
        if (position.n, position.support) in taken:
            raise Broken(24, "takes two positions on one assertion or support")
        taken.append((position.n, position.support))
        require_supports(j, 24, position.supports)
    if not j.content.positions and not j.content.assertions:
        raise Broken(24, "takes no position and asserts nothing")
    require_assertions(j, 24, j.content.assertions)
    require_reach(j, 24, record, phrase("a response"))


def _endorse(j: Judging) -> None:
    """25. An endorsement is of another's assertion; "own evidence" rests on a record of the endorser."""
    assert isinstance(j.content, kinds.Endorse)
    record = require_target(j, 25, j.content.target)
    if record.author == j.author:
        raise Broken(25, "endorses its own author")
    require_supports(j, 25, j.content.supports)
    if list(j.content.origins) != sorted(set(j.content.origins)):
        raise Broken(25, "declared origins are not sorted, or one stands twice")
    own = [s for s in j.content.supports if s.record and j.references[s.record].author == j.author]
    if j.content.basis == "own-evidence" and not own:
        raise Broken(25, "declares own evidence, and rests on no record of its own")


def _publish(_: Judging) -> None:
    """26. Anyone may publish; what the dossier lacks is the verifier's to say."""


def _prove(j: Judging) -> None:
    """27. A proof of two histories holds from its own bytes."""
    assert isinstance(j.content, kinds.Prove)
    try:
        verify_equivocation(j.content)
    except ComityError as error:
        raise Broken(27, phrase("proves no two histories: {}", error.why)) from None


def _attempt(j: Judging) -> None:
    """28. An attempt is by a listed courier, at an address that the addressee's own records give."""
    assert isinstance(j.content, kinds.Attempt)
    try:
        listed = open_contacts(j.content)
    except ComityError as error:
        raise Broken(28, phrase("shows no card of the addressee: {}", error.why)) from None
    if j.content.to == j.author:
        raise Broken(28, "attempts to deliver to its own author")
    if not any(c.kind == "node" and c.address == j.content.address for c in listed):
        raise Broken(28, "went to an address that the addressee's card does not give")
    named = {c.address for c in listed if c.kind == "courier"}
    for opening in j.references.values():
        if isinstance(opening.content, kinds.Open):
            named.update(opening.content.policy.couriers)
    if j.author not in named:
        raise Broken(28, "is by a courier that neither the addressee's card nor the opening lists")


def _assess(j: Judging) -> None:
    """29. An assessment is well formed, and rests on seals, findings and assertions that it references."""
    assert isinstance(j.content, kinds.Assess)
    if flaw := first_flaw(j.content):
        raise Broken(29, flaw)
    for record in rests_on(j.content):
        j.reference(record, 29, "evidence.seal", "finding.report", *STATING)
    if any(question.to == j.author for question in j.content.questions):
        raise Broken(29, "asks its own author")
    if isinstance(j.content.about, Target):
        require_target(j, 29, j.content.about)


_BY_KIND: dict[str, Callable[[Judging], None]] = {
    "party.card": _party,
    "party.rotate": _party,
    "party.revoke": _party,
    "party.bind": _party,
    "party.contact": _party,
    "party.recipient": _party,
    "case.open": _open,
    "case.invite": _invite,
    "case.grant": _grant,
    "evidence.seal": _seal,
    "evidence.derive": _derive,
    "evidence.disclose": _disclose,
    "finding.report": _report,
    **RERUN_RULES,
    "claim.state": _state,
    "claim.withdraw": _withdraw,
    "notice.give": _give,
    "notice.acknowledge": _acknowledge,
    "record.received": _received,
    "request.make": _request,
    "request.answer": _answer,
    "response.make": _response,
    "endorsement.make": _endorse,
    "dossier.publish": _publish,
    "equivocation.prove": _prove,
    "delivery.attempt": _attempt,
    "assessment.make": _assess,
    **PROCEDURE_RULES,
    **STATEMENT_RULES,
    **ACTION_RULES,
    **CONSULTATION_RULES,
    **DISCLOSURE_RULES,
    **MATCHING_RULES,
    "evidence.transfer": custody.judge_transfer,
    "evidence.receive": custody.judge_receive,
    "evidence.hold": custody.judge_hold,
    "evidence.erase": custody.judge_erase,
    "record.erase": custody.judge_erase_record,
}
