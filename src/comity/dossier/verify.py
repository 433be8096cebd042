"""Verifying a dossier offline: integrity and identity as two results, and what neither says.

The steps, numbered as in ``spec/12-dossier.md`` §5:
   1. the container (``container.py``)
   2. to 13. its files (``checks.py``)
  14. the publication: by the publisher, it commits this manifest, follows the publisher's newest record
      here, cites nothing that is left out, breaks no rule, and stands in the publisher's ledger
  15. findings run again over the rows shown, the re-runs of others held against that (``replay.py``), and
      assessments computed again (``reweigh.py``): results, not failures
  16. identities, by a trust file (``identity.py``); witnesses, by a policy of the reader's (``quorum.py``)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comity.case import clocks as case_clocks
from comity.case.fold import fold
from comity.case.state import State
from comity.case.verified import Verified, verify_read
from comity.dossier import layout, limits
from comity.dossier.checking import Failure
from comity.dossier.checks import Checker
from comity.dossier.checks_of_ledgers import decode_note
from comity.dossier.container import unpack
from comity.dossier.identity import (
    CONFIRMED,
    CONTRADICTED,
    NOT_CONFIRMED,
    CheckBinding,
    Identity,
    Trusted,
    judge_identities,
)
from comity.dossier.material import receipt_head
from comity.dossier.quorum import Quorum, judge_quorum
from comity.dossier.replay import FindingCheck, Shown, replay_findings, replay_reruns
from comity.dossier.rerun_checks import RerunCheck
from comity.dossier.reweigh import AssessmentCheck, reweigh
from comity.errors import ComityError, NotVerified
from comity.ledger import merkle, note
from comity.ledger.policy import TextPolicy
from comity.records import bodies
from comity.records.bundles import Record, parse_bundle, read_bundle
from comity.records.kinds import Publish
from comity.records.parties import Party

INTACT_AND_CONFIRMED = 0
"""Intact, and every identity confirmed."""
NOT_INTACT = 1
"""Something does not hold."""
NOT_IDENTIFIED = 3
"""Intact; the trust file, if any, does not know every party."""
MISIDENTIFIED = 4
"""Intact, but the trust file contradicts a name or key."""
DIVIDED = 5
"""Each intact; together they prove that a party signed two histories (``compare.py``)."""
NOT_WITNESSED = 7
"""Intact; the witnesses that the reader's own policy asks for did not see every ledger."""

LAST_WORD = "Intact and reproduced is not the same as true."


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """How the publisher put it out: the record, and each of its assertions about another party with how far
    notice had come (``received``, ``given`` or ``none``) and the reason stated for none."""

    record: str
    notices: tuple[tuple[str, int, str, str], ...] = ()  # record, assertion, party named, before
    without_notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What an intact dossier holds, for pages and comparisons. ``state`` includes the publication."""

    manifest: layout.Manifest
    parties: Mapping[str, Party]
    state: State
    checkpoints: Mapping[str, tuple[str, note.Checkpoint]]
    # (ledger, size) → root, for every head that is proven to be a prefix of the checkpoint.
    heads: Mapping[tuple[str, int], bytes]
    disclosures: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying gives. ``failures`` empty means intact; ``identities`` is a result of its own, and so is
    ``quorum``, where the reader brought a policy.

    ``not_checked`` and ``not_shown`` are plain sentences about the limits of the two.
    """

    failures: tuple[Failure, ...]
    identities: tuple[Identity, ...] = ()
    contents: Contents | None = None
    publication: Publication | None = None
    findings: tuple[FindingCheck, ...] = ()
    reruns: tuple[RerunCheck, ...] = ()
    assessments: tuple[AssessmentCheck, ...] = ()
    quorum: Quorum | None = None
    facts: bytes = b""
    not_checked: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()
    last_word: str = field(default=LAST_WORD, init=False)

    @property
    def intact(self) -> bool:
        """Whether every byte is as published and everything in it holds."""
        return not self.failures

    @property
    def identity(self) -> str:
        """``confirmed``, ``not confirmed`` or ``contradicted``: the worst of all parties."""
        results = {identity.result for identity in self.identities}
        if CONTRADICTED in results:
            return CONTRADICTED
        return CONFIRMED if results == {CONFIRMED} else NOT_CONFIRMED

    @property
    def exit_code(self) -> int:
        """One of the codes above."""
        if not self.intact:
            return NOT_INTACT
        if self.identity == CONTRADICTED:
            return MISIDENTIFIED
        if self.quorum is not None and not self.quorum.met:
            return NOT_WITNESSED
        return INTACT_AND_CONFIRMED if self.identity == CONFIRMED else NOT_IDENTIFIED


def verify(
    raw: bytes,
    trust: Sequence[Trusted] | None = None,
    check: CheckBinding | None = None,
    policy: TextPolicy | None = None,
    weigh_all: bool = False,
    rerun_all: bool = False,
    now: int | None = None,
) -> Verdict:
    """The verdict on a dossier's bytes, by what the reader trusts. Never raises for what the bytes are.

    ``check`` checks a binding to an OpenPGP key that ``trust`` names; it bears on identity alone. ``policy``
    is the reader's own, of witnesses; it bears on ``quorum`` alone. ``weigh_all`` computes every assessment
    again, however large, and ``rerun_all`` runs the rules for every finding and re-run, however many. ``now``
    (seconds since 1970 UTC) is the reader's own time: clocks that are read later than that are told, and
    nothing else hangs on it.
    """
    try:
        files = unpack(raw)  # 1
    except ComityError as error:
        failure = Failure(code=error.code, where=error.where, why=error.why)
        return Verdict(failures=(failure,), not_checked=limits.after_failure())
    checker = Checker(files)
    checker.check()  # 2 to 13
    published: Verified[Record] | None = None
    if checker.manifest is not None:
        with checker.guard():
            published = _check_publication(checker, checker.manifest)  # 14
    identities = judge_identities(checker.parties, trust, check)  # 16
    manifest, state = checker.manifest, checker.state
    if checker.failures or manifest is None or state is None or published is None:
        return Verdict(
            failures=tuple(checker.failures), identities=identities, not_checked=limits.after_failure()
        )
    shown = Shown(state, checker.shown)
    findings = replay_findings(state, shown, rerun_all)  # 15
    reruns = replay_reruns(state, shown, rerun_all)
    assessments = reweigh(state, weigh_all, [one.card.name for one in checker.parties.values()])
    after = fold([published], state)
    contents = Contents(
        manifest=manifest,
        parties=checker.parties,
        state=after,
        checkpoints=checker.checkpoints,
        heads={place: next(iter(roots)) for place, roots in checker.heads.items()},
        disclosures=frozenset(digest for _, digest in checker.named("disclosures/", ".rows")),
    )
    return Verdict(
        failures=(),
        identities=identities,
        contents=contents,
        publication=_publication(after, published, checker.parties),
        findings=findings,
        reruns=reruns,
        assessments=assessments,
        quorum=judge_quorum(policy, state, checker.parties, checker.checkpoints) if policy else None,
        facts=files[layout.FACTS],
        not_checked=limits.not_checked(
            state,
            findings,
            checker.parties,
            assessments,
            reruns,
            witnessed=policy is not None,
            publisher=manifest.publisher,
            read_at=manifest.as_of,
            now="" if now is None else bodies.time_text(now),
        ),
        not_shown=limits.not_shown(state, checker.parties, checker.shown, contents.disclosures, reruns),
    )


def _check_publication(checker: Checker, manifest: layout.Manifest) -> Verified[Record]:
    """Step 14; raises what stops it, collects the rest."""
    for name in layout.PUBLISHED:
        if name not in checker.files:
            raise NotVerified("dossier.publish-missing", name, "nothing shows who published this, and when")
    where = layout.PUBLISH_RECORD
    bundle = parse_bundle(checker.files[where], where)
    record = read_bundle(bundle, where)
    content, envelope = record.content, record.envelope
    if not isinstance(content, Publish):
        raise NotVerified("dossier.publish-kind", where, "not an opened publication")
    if envelope.iss != manifest.publisher:
        raise NotVerified(
            "dossier.publish-author", where, "published by another party than the manifest names"
        )
    if content.manifest != layout.digest_of(checker.files[layout.MANIFEST]):
        raise NotVerified("dossier.publish-manifest", where, "it commits another manifest")
    if record.frame is not None and manifest.as_of > record.frame.at:
        # Clocks run out by the publisher's own time at the latest; one form makes instants compare as text.
        why = f"its clocks are read at {manifest.as_of}, after the time that its publication names"
        raise NotVerified("dossier.as-of", layout.MANIFEST, why)
    if record.frame is None or record.frame.case != manifest.case:
        raise NotVerified("dossier.other-case", where, "a publication in another case")
    publisher = checker.parties.get(manifest.publisher)
    home = checker.parties.get(publisher.home) if publisher else None
    if publisher is None or home is None:
        raise NotVerified("dossier.party-missing", where, "no card that holds for the publisher")
    verified = verify_read(record, bundle.receipt, publisher, home, where)
    _check_place(checker, verified, bundle.receipt, home)
    if checker.failures:
        return verified  # a chain with gaps has no newest record to follow
    siblings = [f.value.envelope for f in checker.records.values() if f.value.envelope.iss == envelope.iss]
    follows = [e for e in siblings if e.id == envelope.prev and e.sub == envelope.sub]
    newest = not any(e.prev == envelope.prev for e in siblings) if follows else not siblings
    if bool(follows) != bool(envelope.seq) or not newest or any(f.seq + 1 != envelope.seq for f in follows):
        why = "it does not follow the newest record of its author here"
        raise NotVerified("dossier.publish-chain", where, why)
    checker.cites_here(record, where)
    if checker.state is not None:
        refused = fold([verified], checker.state).refused.get(record.id)
        if refused is not None:
            raise NotVerified("dossier.publish-refused", where, f"breaks rule {refused.rule}: {refused.why}")
    return verified


def _check_place(checker: Checker, published: Verified[Record], receipt: bytes, home: Party) -> None:
    """The publication in its ledger, and that this ledger goes on from the checkpoint in the dossier."""
    text = decode_note(checker.files[layout.PUBLISH_NOTE], layout.PUBLISH_NOTE)
    head = checker.check_note(text, home, layout.PUBLISH_NOTE)
    if len(note.open_note(text, layout.PUBLISH_NOTE)[1]) != 1:
        # Nothing commits this file, so it holds nothing that a stranger could add, drop or reorder.
        why = "only the ledger's own signature stands here"
        raise NotVerified("dossier.note-line", layout.PUBLISH_NOTE, why)
    where = layout.PUBLISH_PATH
    proof = layout.parse_publish_path(checker.files[where], where)
    if proof.leaf.index != published.index:
        raise NotVerified("dossier.path-index", where, "the receipt names another place in the ledger")
    leaf = bytes.fromhex(published.value.id)
    merkle.verify_inclusion(leaf, proof.leaf.index, head.size, proof.leaf.path, head.root, where)
    before = receipt_head(receipt, published.value.id, layout.PUBLISH_RECORD)
    earlier = [(before.size, before.root, proof.receipt)]
    if home.id in checker.checkpoints:
        checkpoint = checker.checkpoints[home.id][1]
        earlier.append((checkpoint.size, checkpoint.root, proof.checkpoint))
    for size, root, path in earlier:
        if size > head.size:
            why = "the checkpoint of the publication is older than what it must contain"
            raise NotVerified("dossier.publish-behind", layout.PUBLISH_NOTE, why)
        merkle.verify_consistency(size, head.size, root, head.root, path, where)


def _publication(state: State, published: Verified[Record], parties: Mapping[str, Party]) -> Publication:
    content = published.value.content
    assert isinstance(content, Publish)
    found = []
    for notice in case_clocks.notices(state, parties):
        for record, before, _ in notice.published:
            if record == published.value.id:
                named = notice.to.party or notice.to.name
                found.append((notice.target.record, notice.target.n, named, before))
    return Publication(record=published.value.id, notices=tuple(found), without_notice=content.without_notice)
