"""Private matching from offer to result over three nodes, and what each of them comes to hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from comity.case.awaiting import awaited
from comity.case.matching import offers, use_of
from comity.errors import Malformed, NotVerified, Refused
from comity.evidence.seal import Declared
from comity.exchange import acts, evidence, matching
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.matching import packages, voprf
from comity.matching.indicators import Indicator, canonical
from comity.records import kinds
from tests.exchange.homes import Homes
from tests.exchange.network import World, lines

OURS = [canonical(t) for t in ("203.0.113.9", "relay.example", "198.51.100.7", "ab" * 16)]
THEIRS = [canonical(t) for t in ("203.0.113.9", "198.51.100.8", "RELAY.example", "a@b.example")]


class Three:
    """A case of three: the first offers, the second asks, the third reads the case."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, ["offerer", "asker", "reader"])
        self.offerer, self.asker, self.reader = self.world.nodes
        witness = kinds.Witness(vkey=self.reader.party.card.witness, party=self.reader.party.id)
        self.case = acts.open_case(
            self.offerer, "2031-03-01", kinds.Policy(quorum=1, witnesses=(witness,)), ""
        )
        for node in (self.asker, self.reader):
            acts.invite(self.offerer, self.case, node.party.id)
        self.world.settle()

    def offer(self, indicators: list[Indicator] = OURS, quota: int = 10, **how: object) -> str:
        signed = matching.offer_list(
            self.offerer,
            self.case,
            "Relays",
            indicators,
            to=[self.asker.party.id],
            quota=quota,
            purpose="To find what both saw.",
            **how,  # type: ignore[arg-type]
        )
        self.world.settle()
        return signed.value.id

    def ask(self, offer: str, indicators: list[Indicator] = THEIRS) -> str:
        signed, _ = matching.ask_list(self.asker, self.case, offer, indicators, purpose="We saw some.")
        self.world.settle()
        return signed.value.id

    def answer(self, ask: str) -> kinds.Matched:
        content = matching.answer_ask(self.offerer, self.case, ask).value.content
        assert isinstance(content, kinds.Matched)
        self.world.settle()
        return content


@pytest.fixture
def three(tmp_path: Path) -> Three:
    return Three(tmp_path)


def holds(node: Node, digest: str) -> bool:
    return node.blobs.has(digest)


def test_two_learn_what_they_share_and_nobody_else_does(three: Three) -> None:
    offer = three.offer(pad_to=40)
    ask = three.ask(offer)
    with pytest.raises(Refused, match="no answer has come"):
        matching.read_answer(three.asker, three.case, ask)
    assert matching.open_asks(three.offerer, three.case) == [ask]
    state = three.reader.state(three.case)
    (waits,) = awaited(state, ())
    assert (waits.what, waits.party, waits.record) == ("question", three.offerer.party.id, ask)
    assert three.answer(ask).used == 3
    assert awaited(three.reader.state(three.case), ()) == ()
    result = matching.read_answer(three.asker, three.case, ask)
    # The e-mail address is of a type that the list does not hold, so it was not asked.
    assert [str(one) for one, _ in result.matches] == ["domain relay.example", "ip 203.0.113.9"]
    assert len(result.found) == 3
    assert matching.read_answer(three.asker, three.case, ask) == result == matching.results(three.asker)[0]
    (listed,) = offers(three.reader.state(three.case))
    assert listed.content.count == 40
    assert (listed.uses[0].asked, listed.uses[0].answered, listed.uses[0].over) == (3, 3, False)
    question = three.reader.state(three.case).accepted[ask].content
    answered = three.reader.state(three.case).accepted[listed.asks[0].answer].content
    assert isinstance(question, kinds.Ask)
    assert isinstance(answered, kinds.Matched)
    for digest in (listed.content.package, question.package, answered.package):
        assert not holds(three.reader, digest)
    assert holds(three.asker, listed.content.package)
    assert holds(three.offerer, question.package)
    # What left the asking node says nothing of what it asked, and its blinds are forgotten.
    sent = b"".join(body for _, _, body in three.world.network.log) + three.offerer.blobs.get(
        question.package
    )
    assert b"relay.example" not in sent
    assert not three.asker.journal.note(matching.ASK + question.root)


def test_what_was_asked_of_a_version_is_not_asked_again(three: Three) -> None:
    offer = three.offer()
    ask = three.ask(offer, THEIRS[:1])
    three.answer(ask)
    matching.read_answer(three.asker, three.case, ask)
    _signed, asked = matching.ask_list(three.asker, three.case, offer, THEIRS[:2], purpose="More.")
    assert asked == [THEIRS[1]]
    with pytest.raises(Refused, match="not asked before"):
        matching.ask_list(three.asker, three.case, offer, THEIRS[:1], purpose="Again.")


def test_a_client_that_walks_a_network_is_stopped_and_shown(three: Three) -> None:
    """A hostile client does not count for itself; the answering node and the case do."""
    quota = 40
    offer = three.offer(quota=quota)
    learned = 0
    for block in range(4):
        ask = ask_beyond_measure(three, offer, 112 + block, 16)
        answer = three.answer(ask)
        learned += 16 if answer.outcome == "answered" else 0
        assert answer.ground == ("" if block < 2 else "quota")
    assert learned == 32 <= quota
    use = use_of(three.reader.state(three.case), offer, three.asker.party.id)
    assert (use.asked, use.answered, use.refused, use.quota, use.over) == (64, 32, 32, quota, True)


def ask_beyond_measure(three: Three, offer: str, block: int, count: int) -> str:
    """What a client asks that does not count for itself."""
    blinds = [voprf.make_scalar(three.asker.effects.random(64)) for _ in range(count)]
    walked = [canonical(f"203.0.{block}.{n}").data for n in range(count)]
    elements = packages.Parts(parts=tuple(map(voprf.blind, walked, blinds)))
    raw = packages.render_elements(elements)
    content = kinds.Ask(
        offer=offer, count=count, root=elements.root, package=three.asker.blobs.put(raw), bytes=len(raw),
        purpose="Checking.",
    )  # fmt: skip
    asked = acts.say(three.asker, three.case, content, [offer], packages=[content.package])
    three.world.settle()
    return asked.value.id


@pytest.mark.parametrize("same", [True, False], ids=["the same question", "two questions"])
def test_two_processes_that_answer_at_once_keep_to_the_quota(
    three: Three, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    """The second answers while the first computes: what it spent is counted before the first is written."""
    node = three.offerer
    twin = Node(
        journal=node.journal,
        blobs=node.blobs,
        public=node.public,
        signer=node.signer,
        boxes=node.boxes,
        effects=node.effects,
    )
    offer = three.offer(quota=10)
    first = ask_beyond_measure(three, offer, 112, 6)
    second = first if same else ask_beyond_measure(three, offer, 113, 6)
    compute = voprf.evaluate_blinded
    waiting = [second]

    def compute_slowly(*given: object) -> object:
        if waiting:
            matching.answer_ask(twin, three.case, waiting.pop())
        return compute(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(voprf, "evaluate_blinded", compute_slowly)
    if same:
        with pytest.raises(Refused, match="answered already"):
            matching.answer_ask(node, three.case, first)
    else:
        content = matching.answer_ask(node, three.case, first).value.content
        assert isinstance(content, kinds.Matched)
        assert (content.outcome, content.ground, content.used) == ("refused", "quota", 6)
    use = use_of(node.state(three.case), offer, three.asker.party.id)
    assert (use.answered, len(node.state(three.case).of("match.answer"))) == (6, 1 if same else 2)


def test_an_honest_node_does_not_ask_beyond_its_quota(three: Three) -> None:
    offer = three.offer(quota=2)
    with pytest.raises(Refused, match="asks 3 indicators, and 2 can still") as error:
        three.ask(offer)
    assert error.value.code == "match.quota"
    assert not offers(three.asker.state(three.case))[0].asks


def test_a_new_version_has_a_new_key_and_the_old_quota(three: Three) -> None:
    first = three.offer(quota=4)
    ask = three.ask(first)
    three.answer(ask)
    late = three.ask(first, [canonical("198.51.100.99")])
    second = three.offer([*OURS, canonical("198.51.100.8")], quota=4)
    content = three.offerer.state(three.case).accepted[second].content
    assert isinstance(content, kinds.Offer)
    assert (content.version, content.replaces) == (2, first)
    assert three.answer(late).ground == "superseded"
    with pytest.raises(Refused, match="0 can still be asked"):
        three.ask(second, [canonical("198.51.100.8")])
    assert offers(three.reader.state(three.case))[0].next == second


def test_a_lower_quota_afterwards_makes_nobody_ask_beyond_it(three: Three) -> None:
    """Who offers could show the asking party as one that went too far."""
    first = three.offer(quota=10)
    three.answer(three.ask(first))
    second = three.offer(quota=1)
    use = use_of(three.reader.state(three.case), second, three.asker.party.id)
    assert (use.asked, use.quota, use.over) == (3, 1, False)
    ask_beyond_measure(three, second, 112, 1)
    assert use_of(three.reader.state(three.case), second, three.asker.party.id).over


def dishonest(three: Three, ask: str, told: list[bytes], proof: bytes) -> None:
    """An answer signed and sent as if it had been computed."""
    parts = packages.Parts(parts=tuple(told))
    raw = packages.render_elements(parts)
    content = three.offerer.state(three.case).accepted[ask].content
    assert isinstance(content, kinds.Ask)
    answer = kinds.Matched(
        ask=ask, outcome="answered", used=content.count, root=parts.root, bytes=len(raw),
        package=three.offerer.blobs.put(raw), proof=proof.hex(),
    )  # fmt: skip
    acts.say(three.offerer, three.case, answer, [ask, content.offer], packages=[answer.package])
    three.world.settle()


@pytest.mark.parametrize("way", ["another key", "made up", "too few", "no element"])
def test_an_answer_that_does_not_hold_is_not_used(three: Three, way: str) -> None:
    offer = three.offer()
    ask = three.ask(offer)
    content = three.offerer.state(three.case).accepted[ask].content
    assert isinstance(content, kinds.Ask)
    blinded = packages.open_elements(three.offerer.blobs.get(content.package), content.count, content.root)
    told, proof = voprf.evaluate_blinded(voprf.derive_key(bytes(32)), blinded.parts, b"\1" * 64)
    if way == "made up":
        told = list(blinded.parts)
    if way == "too few":
        told = told[:-1]
    if way == "no element":
        told = [hashlib.sha256(t).digest()[:-1] + b"\xff" for t in told]
    dishonest(three, ask, told, proof)
    with pytest.raises((NotVerified, Malformed)) as error:
        matching.read_answer(three.asker, three.case, ask)
    assert error.value.code == {"too few": "match.root", "no element": "match.element"}.get(
        way, "match.proof"
    )
    assert not matching.results(three.asker)
    assert three.asker.journal.note(matching.ASK + content.root)


def test_a_question_that_is_not_in_form_is_refused_on_the_record(three: Three) -> None:
    offer = three.offer()
    parts = packages.Parts(parts=(bytes(32),))
    raw = packages.render_elements(parts)
    content = kinds.Ask(
        offer=offer, count=1, root=parts.root, package=three.asker.blobs.put(raw), bytes=len(raw), purpose="x"
    )
    asked = acts.say(three.asker, three.case, content, [offer], packages=[content.package])
    three.world.settle()
    answer = three.answer(asked.value.id)
    assert (answer.outcome, answer.ground) == ("refused", "form")
    with pytest.raises(Refused, match="no element of ristretto255"):
        matching.read_answer(three.asker, three.case, asked.value.id)


def test_only_the_offering_party_answers_and_only_once(three: Three) -> None:
    offer = three.offer()
    ask = three.ask(offer)
    with pytest.raises(Refused, match="another party's list"):
        matching.answer_ask(three.reader, three.case, ask)
    three.answer(ask)
    with pytest.raises(Refused, match="answered already"):
        matching.answer_ask(three.offerer, three.case, ask)


def test_what_is_not_a_matching_is_named(three: Three) -> None:
    offer = three.offer()
    with pytest.raises(Refused, match="holds no indicator"):
        three.offer([])
    for wrong in (matching.offer_at, matching.ask_at):
        with pytest.raises(Refused, match="not an accepted"):
            wrong(three.offerer.state(three.case), three.case)
    ask = three.ask(offer)
    three.answer(ask)
    content = three.asker.state(three.case).accepted[ask].content
    assert isinstance(content, kinds.Ask)
    for raw in (b"\x80", b"\x82\x81\x82\x62ip\x01\x40", b"\x82\x80\x41\x00"):
        three.asker.journal.write(Write(notes={matching.ASK + content.root: raw}))
        with pytest.raises(Malformed, match="damaged"):
            matching.read_answer(three.asker, three.case, ask)


def test_indicators_come_out_of_a_sealed_log(three: Three) -> None:
    log = lines(
        ["ts,src,host", "1,203.0.113.9,relay.example", "2,10.0.0.1,setup.exe", "3,198.51.100.7,b.example"]
    )
    sealed, item = evidence.seal_item(
        three.offerer, three.case, log, "proxy.csv", "csv/1", Declared(zone="+00:00", origin="proxy")
    )
    taken = matching.indicators_of_item(three.offerer, item.item, ["ip"])
    assert [one.value for one in taken] == ["198.51.100.7", "203.0.113.9"]
    named = matching.indicators_of_item(three.offerer, item.item, ["domain"], ["host"])
    assert [one.value for one in named] == ["b.example", "relay.example", "setup.exe"]
    offer = three.offer(list(taken), seals=[sealed.value.id])
    assert sealed.value.id in three.reader.state(three.case).accepted[offer].frame.references


def test_a_question_outlives_a_restart_of_both(tmp_path: Path) -> None:
    homes = Homes(tmp_path)
    try:
        alder, birch = homes.node("alder"), homes.node("birch")
        offer = matching.offer_list(
            alder, homes.case, "Relays", OURS, to=[birch.id], quota=9, purpose="Shared."
        )
        homes.settle()
        asked, _ = matching.ask_list(birch, homes.case, offer.value.id, THEIRS, purpose="Ours.")
        homes.settle()
        for name in ("alder", "birch"):
            with homes.stopped(name):
                pass
        matching.answer_ask(homes.node("alder"), homes.case, asked.value.id)
        homes.settle()
        result = matching.read_answer(homes.node("birch"), homes.case, asked.value.id)
        assert len(result.matches) == 2
    finally:
        homes.close()
