"""A node that is put back to an old copy of itself signs nothing until it has what it signed since."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from comity import compose
from comity.adapters import node_settings
from comity.adapters.key_files import KeyFiles
from comity.errors import ComityError, NotVerified, Refused, Unavailable
from comity.exchange import continuity, delivery, mirroring, recovery, witnessing, working
from comity.exchange.appending import register_entries
from comity.exchange.founding import change_contacts, rotate
from comity.exchange.node import Node
from comity.exchange.ports import Continuity, Kept, Mark
from comity.ledger import note, witness
from comity.ledger.merkle import EMPTY_ROOT
from tests.exchange.homes import NAMES, Homes, overwrite, put_back


class Restarted:
    """A mark that was written before the machine started."""

    def __init__(self, kept: Continuity) -> None:
        self._kept = kept

    def read(self) -> Kept:
        return replace(self._kept.read(), restarted=True)

    def write(self, mark: Mark) -> None:
        self._kept.write(mark)

    def begin(self, mark: Mark) -> None:
        self._kept.begin(mark)

    def beat(self) -> None:
        self._kept.beat()


def add_checkpoint(homes: Homes) -> str:
    """A request to cosign, by another ledger."""
    text = homes.node("birch").public.read("checkpoint")
    assert text is not None
    return witness.format_add_checkpoint(0, [], text.decode())


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Homes]:
    made = Homes(tmp_path)
    yield made
    made.close()


def require_one_history(homes: Homes) -> None:
    """No number of any chain was signed twice, in whatever copy; nobody saw a fork; all states agree."""
    seen: dict[tuple[str, str, int], str] = {}
    for node in homes.nodes:
        for held in node.journal.held(homes.case):
            assert seen.setdefault((held.iss, held.sub, held.seq), held.id) == held.id
        assert not mirroring.forks(node)
        assert not node.state(homes.case).forks
    one, *others = (set(node.state(homes.case).records) for node in homes.nodes)
    assert all(other == one for other in others)


def require_held(node: Node, state: str, act: Callable[[], object]) -> None:
    assert continuity.standing(node).state == state
    before = node.journal.size(), node.public.read("checkpoint")
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == f"journal.{state}"
    assert "comity ledger recover" in refused.value.why or state == "forked"
    assert (node.journal.size(), node.public.read("checkpoint")) == before


def recover_and_go_on(homes: Homes, name: str) -> recovery.Recovered:
    done = recovery.recover(homes.node(name), homes.network)
    assert done.standing.state == "current"
    homes.say(name, "After the recovery.")
    homes.settle()
    require_one_history(homes)
    return done


@pytest.mark.parametrize("how", [put_back, overwrite])
@pytest.mark.parametrize("running", [True, False], ids=["live", "stopped"])
def test_a_restored_home_asks_is_refused_and_recovers(
    homes: Homes, how: Callable[[Path, Path], None], running: bool
) -> None:
    homes.say("alder", "Before the backup.")
    if running:
        # The write-ahead log is copied with the file, in whatever state the two are.
        backup = homes.snapshot("alder")
    else:
        homes.homes["alder"].close()
        backup = homes.snapshot("alder")
        homes.start("alder")
    since = [homes.say("alder", f"Since the backup, {n}.") for n in range(3)]
    homes.settle()
    homes.say("birch", "Said to all since the backup.")
    homes.settle()
    size = homes.node("alder").journal.size()
    with homes.stopped("alder") as home:
        public = home / "public"
        public.rename(homes.folder / "public.lost")
        how(backup, home)
    node = homes.node("alder")
    assert node.journal.size() < size
    # Nothing is signed before anyone was asked, and nothing after somebody showed the newer head.
    assert continuity.standing(node).held
    with pytest.raises(Refused, match=r"journal\.(unsure|behind)"):
        homes.say("alder", "A second history.")
    found = recovery.inquire(node, homes.network)
    assert found.answered == 2
    require_held(node, "behind", lambda: homes.say("alder", "A second history."))
    done = recover_and_go_on(homes, "alder")
    assert done.appended >= 3
    assert node.journal.size() > size
    assert not done.closed
    assert all(node.journal.leaf_of(record) for record in since)


def test_a_held_node_reads_receives_and_serves(homes: Homes) -> None:
    backup = homes.snapshot("alder")
    homes.say("alder", "Since the backup.")
    homes.settle()
    with homes.stopped("alder") as home:
        put_back(backup, home)
    node = homes.node("alder")
    said = homes.say("birch", "To one that is held.")
    for _ in range(3):
        for other in homes.nodes:
            turn = working.tick(other, homes.network)
            if other is node:
                assert [error.code for _, error in turn.failures][:1] == ["journal.behind"]
    assert node.journal.held_record(said) is not None
    assert said in node.state(homes.case).records
    assert node.public.read("checkpoint") is not None
    recover_and_go_on(homes, "alder")


def test_a_record_of_its_own_that_comes_back_holds_it(homes: Homes) -> None:
    """Whoever got what was signed last shows it by sending it on, before any head was seen by anyone."""
    backup = homes.snapshot("alder")
    record = homes.say("alder", "The last words before the disk went.")
    birch = homes.node("birch")
    for message in homes.node("alder").journal.pending():
        homes.network.post(message.to, message.path, message.body)
    with homes.stopped("alder") as home:
        put_back(backup, home)
    node = homes.node("alder")
    assert continuity.known_head(node) is None
    held = birch.journal.held_record(record)
    assert held is not None
    parcel = delivery.Parcel(case=homes.case, bundles=[birch.held_bundle(held, True)])
    delivery.take_parcel(node, parcel)
    require_held(node, "behind", lambda: homes.say("alder", "A second history."))
    # The others say it when they are asked, too.
    raw = recovery.answer_heads(homes.node("cedar"), node.id)
    assert record in raw.hex()
    recover_and_go_on(homes, "alder")


def test_the_journal_alone_put_back(homes: Homes) -> None:
    """The mark beside it knows better, and the published files have what is missing: nobody need be asked."""
    homes.homes["alder"].close()
    backup = homes.snapshot("alder")
    homes.start("alder")
    homes.say("alder", "Since the backup.")
    with homes.stopped("alder") as home:
        for path in home.glob("journal.sqlite*"):
            path.unlink()
        shutil.copy(backup / "journal.sqlite", home / "journal.sqlite")
    homes.network.down |= set(homes.network.nodes)
    node = homes.node("alder")
    require_held(node, "behind", lambda: homes.say("alder", "A second history."))
    # The published checkpoint is larger; it stays as it is.
    assert node.public.read("checkpoint") == (homes.folder / "alder/public/checkpoint").read_bytes()
    done = recovery.recover(node, homes.network, alone=True)
    assert (done.appended, done.standing.state) == (1, "current")
    # What that leaf said came back from nobody: it is named.
    assert done.closed == (node.journal.size() - 1,)
    homes.network.down.clear()


def test_the_public_folder_alone_put_back(homes: Homes) -> None:
    """It holds no truth: it is written again from the journal, and every tile of it is the same."""
    backup = homes.snapshot("alder")
    homes.say("alder", "Since the backup.")
    homes.settle()
    files = {p: p.read_bytes() for p in (homes.folder / "alder/public/tile").rglob("*") if p.is_file()}
    with homes.stopped("alder") as home:
        put_back(backup / "public", home / "public")
    assert continuity.standing(homes.node("alder")).state == "current"
    assert all(p.read_bytes() == raw for p, raw in files.items() if p.exists())
    homes.say("alder", "And on.")
    homes.settle()
    require_one_history(homes)


def test_keys_alone_put_back_after_a_rotation(homes: Homes) -> None:
    backup = homes.snapshot("alder")
    rotate_key(homes, "alder")
    homes.homes["alder"].close()
    put_back(backup / "keys", homes.folder / "alder/keys")
    with pytest.raises(Refused, match=r"key\.other"):
        compose.open_home(homes.folder / "alder")


def rotate_key(homes: Homes, name: str) -> None:
    signer = homes.node(name).signer
    assert isinstance(signer, KeyFiles)
    rotate(homes.node(name), signer.prepare(), "in turn")


def test_a_journal_from_before_a_rotation(homes: Homes) -> None:
    """The keys are newer than the journal: it is held, and the others have the key record."""
    homes.homes["alder"].close()
    backup = homes.snapshot("alder")
    homes.start("alder")
    rotate_key(homes, "alder")
    homes.say("alder", "Signed with the new key.")
    homes.settle()
    with homes.stopped("alder") as home:
        for path in home.glob("journal.sqlite*"):
            path.unlink()
        shutil.copy(backup / "journal.sqlite", home / "journal.sqlite")
        shutil.rmtree(home / "continuity")
        put_back(backup / "public", home / "public")
    node = homes.node("alder")
    require_held(node, "behind", lambda: homes.say("alder", "A second history."))
    recover_and_go_on(homes, "alder")
    assert len(node.party.keys) == 2


def test_a_node_that_nobody_can_reach_goes_on_if_nothing_was_put_back(
    homes: Homes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    homes.network.down |= set(homes.network.nodes)
    asked = []
    with homes.stopped("alder"):
        pass
    homes.node("alder").inquire = lambda: asked.append(1)
    homes.say("alder", "No question was needed.")
    assert not asked
    # After a restart of the machine others are asked first; their silence is no obstacle.
    boot = tmp_path / "boot_id"
    boot.write_text("00000000-0000-0000-0000-000000000001\n")
    monkeypatch.setattr("comity.adapters.continuity_files.BOOT", boot)
    assert continuity.standing(homes.node("alder")).state == "restarted"
    homes.say("alder", "Asked, and nobody answered.")
    assert asked == [1]
    assert continuity.standing(homes.node("alder")).state == "current"


def test_a_missing_mark_needs_an_answer_or_an_officer(homes: Homes) -> None:
    with homes.stopped("alder") as home:
        shutil.rmtree(home / "continuity")
    homes.network.down |= set(homes.network.nodes)
    node = homes.node("alder")
    require_held(node, "unsure", lambda: homes.say("alder", "Unsure."))
    with pytest.raises(Refused, match=r"0 of the 2 others .* recover --alone \[journal\.unsure\]"):
        recovery.recover(node, homes.network)
    homes.network.down = {"http://birch.example"}
    # One of two is not more than half.
    assert recovery.inquire(node, homes.network).standing.state == "unsure"
    homes.network.down = set()
    assert recovery.inquire(node, homes.network).standing.state == "current"
    homes.say("alder", "Sure now.")
    with homes.stopped("alder") as home:
        (home / "continuity/mark").write_bytes(b"comity-mark/1 something else\n")
    homes.network.down |= set(homes.network.nodes)
    node = homes.node("alder")
    assert recovery.recover(node, homes.network, alone=True).standing.state == "current"
    homes.say("alder", "On an officer's word.")


@pytest.mark.parametrize("how", ["flipped", "cut", "noise"])
def test_a_damaged_public_checkpoint_stops_nobody_and_is_written_anew(homes: Homes, how: str) -> None:
    homes.settle()
    with homes.stopped("alder") as home:
        path = home / "public/checkpoint"
        good = path.read_bytes()
        at = good.index(b"\n\n") + 60
        spoilt = {
            "flipped": good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :],
            "cut": good[:40],
            "noise": b"\xff\0",
        }
        path.write_bytes(spoilt[how])
    node = homes.node("alder")
    assert node.public.read("checkpoint") == spoilt[how]  # reading changes nothing, and the check can name it
    homes.say("alder", "Written anew.")
    head = note.verify_checkpoint(
        (node.public.read("checkpoint") or b"").decode(), note.Vkey.parse(node.party.card.checkpoint)
    )
    assert head.size == node.journal.size()
    homes.settle()
    require_one_history(homes)


def test_another_ledgers_checkpoint_is_never_written_over(homes: Homes) -> None:
    foreign = homes.node("birch").public.read("checkpoint") or b""
    node = homes.node("alder")
    node.public.write("checkpoint", foreign)
    with pytest.raises(NotVerified):
        homes.say("alder", "Into another's place.")
    assert node.public.read("checkpoint") == foreign


def test_a_copy_of_a_home_that_is_served_is_refused(homes: Homes) -> None:
    homes.settle()
    copy = homes.snapshot("alder")
    second = compose.open_home(copy)
    try:
        second.node.inquire = None
        assert continuity.standing(second.node).state == "unsure"
        found = recovery.inquire(second.node, homes.network)
        assert found.standing.state == "twin"
        with pytest.raises(Refused, match=r"journal\.twin"):
            second.node.seed("statement")
        with pytest.raises(Refused, match=r"journal\.twin"):
            recovery.recover(second.node, homes.network, alone=True)
        # The first is not troubled by it.
        homes.say("alder", "The one that is served.")
    finally:
        second.close()


def test_what_nobody_holds_keeps_the_node_held(homes: Homes) -> None:
    backup = homes.snapshot("alder")
    lost = homes.say("alder", "Signed, and sent to nobody.")
    # Somebody saw the head, and no more.
    text = homes.node("alder").public.read("checkpoint")
    assert text is not None
    with homes.stopped("alder") as home:
        put_back(backup, home)
    node = homes.node("alder")
    continuity.take_checkpoint(node, text.decode())
    size = node.journal.size()
    with pytest.raises(Unavailable) as missing:
        recovery.recover(node, homes.network)
    assert (missing.value.code, missing.value.where) == ("recover.missing", f"leaf {size}")
    assert node.journal.size() == size
    require_held(node, "behind", lambda: homes.say("alder", "A second history."))
    assert node.journal.leaf_of(lost) is None


def test_a_lie_about_heads_holds_nobody(homes: Homes) -> None:
    """A head that this ledger did not sign proves nothing, whoever shows it."""
    node = homes.node("alder")
    vkey = note.Vkey.parse(node.party.card.checkpoint)
    head = note.Checkpoint(origin=vkey.name, size=10_000, root=EMPTY_ROOT)
    with pytest.raises(NotVerified):
        continuity.take_checkpoint(node, note.sign_checkpoint(head, bytes(range(32))))
    assert continuity.standing(node).state == "current"


def test_two_histories_are_never_mended_by_fetching(homes: Homes) -> None:
    """A home put back that signed on where nobody could tell it: shown as that, for good."""
    backup = homes.snapshot("alder")
    homes.say("alder", "One history.")
    text = homes.node("alder").public.read("checkpoint")
    assert text is not None
    with homes.stopped("alder") as home:
        put_back(backup, home)
    node = homes.node("alder")
    continuity.go_on(node)
    homes.say("alder", "Another history.")
    continuity.take_checkpoint(node, text.decode())
    require_held(node, "forked", lambda: homes.say("alder", "No more."))
    with pytest.raises(Refused, match=r"journal\.forked"):
        recovery.recover(node, homes.network, alone=True)


def test_a_witness_that_was_put_back_cosigns_nothing_while_it_is_held(homes: Homes) -> None:
    backup = homes.snapshot("birch")
    homes.say("alder", "Cosigned by all.")
    homes.settle()
    homes.say("birch", "So that there is something to be behind of.")
    homes.settle()
    with homes.stopped("birch") as home:
        put_back(backup, home)
    text = homes.node("alder").public.read("checkpoint")
    assert text is not None
    body = witness.format_add_checkpoint(0, [], text.decode())
    with pytest.raises((Refused, witness.Conflict)):
        witnessing.cosign(homes.node("birch"), body)
    recovery.inquire(homes.node("birch"), homes.network)
    with pytest.raises(Refused, match=r"journal\.behind"):
        witnessing.cosign(homes.node("birch"), body)


def test_a_mark_is_a_head(homes: Homes) -> None:
    node = homes.node("cedar")
    assert node.continuity is not None
    kept = node.continuity.read()
    tree = node.tree()
    assert kept.mark == Mark(size=tree.size, root=tree.root())
    instances = {homes.node(name).continuity.read().instance for name in NAMES}  # type: ignore[union-attr]
    assert len(instances) == 3
    for one, other in combinations(homes.nodes, 2):
        assert recovery.answer_heads(one, other.id) != recovery.answer_heads(other, other.id)
    assert continuity.check_proofs(node) == 0


def test_planted_cards_neither_hold_a_node_nor_let_it_go(homes: Homes, tmp_path: Path) -> None:
    """A member that has others carry cards of its own parties gains nothing by them."""
    node = homes.node("alder")
    for n in range(4):
        settings = node_settings.settings_for("127.0.0.1:8731", f"http://planted{n}.example")
        planted = compose.create_home(tmp_path / f"planted{n}", name=f"Planted {n}", settings=settings)
        delivery.learn_party(node, planted.node.party_file(planted.node.id))
        planted.node.inquire = None
        homes.network.nodes[f"http://planted{n}.example"] = planted.node
        planted.close()
    planted_too = [f"http://planted{n}.example" for n in range(4)]
    with homes.stopped("alder") as home:
        shutil.rmtree(home / "continuity")
    node = homes.node("alder")
    # Obliging ones answer that they know of nothing; those that share the case are away.
    homes.network.down = {"http://birch.example", "http://cedar.example", *planted_too[2:]}
    found = recovery.inquire(node, homes.network)
    assert (found.asked, found.answered, found.standing.state) == (2, 0, "unsure")
    # Silent ones stop nobody.
    homes.network.down = set(planted_too)
    found = recovery.inquire(node, homes.network)
    assert (found.asked, found.answered, found.standing.state) == (2, 2, "current")


def test_silent_parties_are_not_asked_for_ever(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    node = homes.node("alder")
    start = node.effects.now()
    monkeypatch.setattr(recovery, "AT_ONCE", 1)
    late = iter([start, start, start + recovery.ASKING_TIME + 1])
    monkeypatch.setattr(node.effects, "now", lambda: next(late, start + 1000))
    found = recovery.inquire(node, homes.network)
    assert found.answered == 1
    assert [error.code for _, error in found.failures] == ["heads.late"]


@pytest.mark.parametrize("beats", [True, False], ids=["served", "never served"])
def test_two_copies_of_one_running_machine(homes: Homes, tmp_path: Path, beats: bool) -> None:
    """Files, inodes, change times, the machine's start and its memory are those of both. That which answers
    at the node's address goes on; the other is held within a minute. Of copies that nobody serves, both sign,
    and each is held for good when others show it what the other signed."""
    homes.say("alder", "Before the snapshot.")
    homes.settle()
    one = homes.node("alder")
    two = compose.open_home(homes.snapshot("alder"))
    shared = one.continuity
    assert shared is not None
    alive = {id(one): "1", id(two.node): "1"}

    class Cloned:
        """The mark of either copy, as a snapshot of the whole machine leaves it: without a doubt."""

        def __init__(self, node: Node) -> None:
            self.node = node
            tree = node.tree()
            self.mark = Mark(size=tree.size, root=tree.root())

        def read(self) -> Kept:
            return Kept(mark=self.mark, instance=alive[id(self.node)])

        def write(self, mark: Mark) -> None:
            self.mark = mark

        begin = write

        def beat(self) -> None:
            alive[id(self.node)] += f" {id(self.node)}"

    for node in (one, two.node):
        node.continuity = Cloned(node)
        node.inquire, node.served = None, beats
        assert continuity.standing(node).state == "current"
    if beats:
        for node in (one, two.node, one):
            working.tick(node, homes.network)
        assert (one.twin, two.node.twin) == (False, True)
        require_held(two.node, "twin", lambda: change_contacts(two.node, ()))
        homes.say("alder", "The one that others reach goes on.")
        homes.settle()
        require_one_history(homes)
    else:
        homes.say("alder", "By the first copy.")
        change_contacts(two.node, ())
        homes.settle()
        recovery.inquire(two.node, homes.network)
        require_held(two.node, "forked", lambda: change_contacts(two.node, ()))
        text = two.node.public.read("checkpoint")
        assert text is not None
        continuity.take_checkpoint(one, text.decode())
        require_held(one, "forked", lambda: homes.say("alder", "And no more."))
    two.close()


def test_a_slow_peer_stops_no_other_act(homes: Homes) -> None:
    """While one act asks the others, the node's lock is free."""
    node = homes.node("alder")
    state: list[str] = []

    def asks() -> None:
        with ThreadPoolExecutor(1) as pool:
            state.append(pool.submit(lambda: continuity.standing(node).state).result(timeout=20))

    kept = node.continuity
    assert kept is not None
    node.continuity = Restarted(kept)
    for act in (
        lambda: homes.say("alder", "After a restart."),
        lambda: witnessing.cosign(node, add_checkpoint(homes)),
        lambda: register_entries(node, []),
        lambda: rotate(node, {}),
    ):
        node.inquire = asks
        with contextlib.suppress(ComityError):
            act()
        assert node.inquire is None
    assert state == ["restarted"] * 4
