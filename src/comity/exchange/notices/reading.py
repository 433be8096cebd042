"""A notice as it is checked: whatever form it came in, one party signed it, and its words are those signed.

A notice travels as text, as a page, or as text that OpenPGP signed in the clear. Each has a readable part
made from the signed bytes, and it must equal what they give, so nobody can put other words around a genuine
signature (``spec/08-ledger.md`` §11). Reading records nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.judging import assertions_of
from comity.case.verified import Verified, verify_party, verify_read
from comity.errors import Malformed, NotVerified
from comity.exchange.node import parse_party_file
from comity.records import cbor, envelopes, kinds
from comity.records.bundles import Record, open_record, parse_bundle
from comity.records.kinds import Assertion
from comity.records.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFile:
    """A notice that was checked: who gives it, about which assertions, and where a reply goes.

    ``giver`` proves only that one key signed all of it; whose key that is must be learned elsewhere.
    """

    giver: Party
    case: str
    case_key: bytes
    opening: Verified[Record]
    claim: Verified[Record]
    notice: Verified[Record]
    reply_to: str

    @property
    def give(self) -> kinds.Give:
        content = self.notice.value.content
        assert isinstance(content, kinds.Give)
        return content

    @property
    def assertions(self) -> tuple[tuple[int, Assertion], ...]:
        """The assertions that the notice is of, with their numbers."""
        content = self.claim.value.content
        assert content is not None
        stated = assertions_of(content)
        return tuple((n, stated[n]) for n in self.give.assertions)


def read_signed(data: bytes, where: str = "notice") -> NoticeFile:
    """Check the signed bytes of a notice: form, signatures, receipts, and that they are of these assertions
    of this case."""
    match cbor.decode(data, where, other="notice.form"):
        case [1, bytes() as key, [*cards], [*records], str() as to] if (
            len(records) == 3 and cbor.all_bytes(cards) and cbor.all_bytes(records)
        ):
            pass
        case _:
            raise Malformed("notice.form", where, "not a notice")
    known: dict[str, Party] = {}
    for n, raw in enumerate(cards):
        file = parse_party_file(raw, f"{where}.parties[{n}]")
        party = verify_party(file.card, file.rotations, None, f"{where}.parties[{n}]")
        known[party.id] = party
    told: list[Verified[Record]] = []
    for n, raw in enumerate(records):
        at = f"{where}.records[{n}]"
        bundle = parse_bundle(raw, at)
        record = open_record(envelopes.open_envelope(bundle.envelope, at), bundle.opening, at)
        author = known.get(record.envelope.iss)
        if author is None:
            raise NotVerified("party.unknown", at, "the card of its author is not in the file")
        told.append(verify_read(record, bundle.receipt, author, author, at))
        if record.envelope.sub != envelopes.alias(key, author.id):
            raise NotVerified("case.alias", at, "does not carry its author's alias for this case")
    opened, stated, given = (v.value for v in told)
    if not isinstance(opened.content, kinds.Open) or envelopes.key_hash(key) != opened.content.key_hash:
        raise NotVerified("case.key", where, "the case key is not the key of this case")
    case = envelopes.case_id(opened.content.key_hash, opened.envelope.iss)
    give = given.content
    if not isinstance(give, kinds.Give) or give.target != stated.id or stated.content is None:
        raise NotVerified("notice.target", where, "is not a notice of the claim beside it")
    if any(record.frame is None or record.frame.case != case for record in (opened, stated, given)):
        raise NotVerified("notice.case", where, "its records are of different cases")
    if stated.envelope.iss != given.envelope.iss or not 0 <= give.assertions[0] <= give.assertions[-1]:
        raise NotVerified("notice.target", where, "is of what another party said")
    if give.assertions[-1] >= len(assertions_of(stated.content)):
        raise NotVerified("notice.target", where, "is of an assertion that the claim does not state")
    return NoticeFile(
        giver=known[given.envelope.iss],
        case=case,
        case_key=key,
        opening=told[0],
        claim=told[1],
        notice=told[2],
        reply_to=to,
    )
