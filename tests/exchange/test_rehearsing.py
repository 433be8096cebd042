"""What is shown before a signature is what is signed, and showing it writes nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import acts, handing_over
from comity.exchange.node import Node
from comity.exchange.rehearsing import Act, Rehearsal, rehearse, sign_as_seen
from comity.records import bodies, kinds
from comity.records.bundles import Record
from tests.web.stage import Live, tell


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("rehearsed"))


def asking(live: Live, node: Node, text: str = "Show it.") -> Act:
    content = kinds.Request(
        to=live.world.nodes[0].party.id, type="evidence", text=text, due=acts.time_in(node, 7200)
    )
    return lambda n: acts.request(n, live.case, content)


def test_a_rehearsal_writes_nothing(live: Live) -> None:
    node = live.world.nodes[1]
    before = node.journal.version(), node.journal.size(), node.state(live.case), node.tree().size
    found = rehearse(node, live.case, asking(live, node))
    assert (node.journal.version(), node.journal.size(), node.state(live.case), node.tree().size) == before
    assert found.frame.kind == "request.make"
    assert found.frame.author == node.party.id


def test_what_is_signed_is_what_was_shown(live: Live) -> None:
    node = live.world.nodes[1]
    act = asking(live, node)
    shown = rehearse(node, live.case, act)
    signed = sign_as_seen(node, live.case, act, shown.digest)
    assert not isinstance(signed, Rehearsal)
    content = node.state(live.case).accepted[signed.value.id].content
    assert content is not None
    assert bodies.render(content) == shown.content
    frame = node.state(live.case).accepted[signed.value.id].frame
    assert (frame.audience, frame.marking) == (shown.frame.audience, shown.frame.marking)


def test_other_words_are_not_signed(live: Live) -> None:
    node = live.world.nodes[1]
    shown = rehearse(node, live.case, asking(live, node))
    before = node.journal.size()
    other = sign_as_seen(node, live.case, asking(live, node, "Show all."), shown.digest)
    assert isinstance(other, Rehearsal)
    assert other.digest != shown.digest
    assert node.journal.size() == before


def test_a_rehearsal_is_refused_as_the_act_would_be(live: Live) -> None:
    node = live.world.nodes[2]
    notice = next(r.id for r in node.state(live.case).of("notice.give"))
    before = node.journal.size()
    with pytest.raises(Refused, match="rule"):
        rehearse(node, live.case, lambda n: acts.acknowledge(n, live.case, notice))
    assert node.journal.size() == before


def test_a_disclosure_tried_out_keeps_no_package(live: Live, tmp_path: Path) -> None:
    node = live.world.nodes[0]
    to = [live.world.nodes[1].party.id]
    act: Act = partial(_disclose, live, to)
    shown = rehearse(node, live.case, act)
    content = bodies.parse_content("evidence.disclose", shown.content)
    assert isinstance(content, kinds.Disclose)
    assert not node.blobs.has(content.package)
    signed = sign_as_seen(node, live.case, act, shown.digest)
    assert not isinstance(signed, Rehearsal)
    assert node.blobs.has(content.package)


def _disclose(live: Live, to: list[str], node: Node) -> Verified[Record]:
    return handing_over.disclose_rows(
        node, live.case, live.seal, [5, 6, 9], to=to, use="defence", basis="law"
    )


def test_an_act_that_writes_no_record_is_refused(live: Live) -> None:
    node = live.world.nodes[0]
    earlier = node.state(live.case).of("request.make")[0]
    verified = node.state(live.case).records[earlier.id]
    with pytest.raises(Refused) as caught:
        rehearse(node, live.case, lambda n: verified)
    assert caught.value.code == "act.nothing"
