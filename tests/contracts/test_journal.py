"""What every journal promises, whatever it is kept in."""

from __future__ import annotations

import hashlib
import itertools
import tempfile
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.memory_journal import MemoryJournal
from comity.adapters.sqlite_journal import SqliteJournal
from comity.exchange.ports import LONGEST_WAIT, Conflict, Held, Journal, Leaf, Message, Write
from comity.records.bundles import Opening
from comity.records.kinds import NO_CASE, SELF

A, B, CASE, CASE_2 = "a" * 64, "b" * 64, "c" * 64, "d" * 64
FRAME = Opening(salt_f=b"f" * 32, frame=b'{"kind":"x"}', cc=b"c" * 32)
WHOLE = Opening(salt_f=b"f" * 32, frame=b'{"kind":"x"}', cc=b"c" * 32, salt_c=b"s" * 32, content=b'{"t":"x"}')


def make_id(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def leaf(index: int, seq: int | None = None, *, iss: str = A, sub: str = CASE, name: str = "") -> Leaf:
    seq = index if seq is None else seq
    name = name or make_id(iss, sub, seq)
    return Leaf(index=index, id=name, iss=iss, sub=sub, seq=seq, envelope=f"{iss}{sub}{seq}".encode())


def held(
    seq: int, opening: Opening | None = None, receipt: bytes = b"", case: str = CASE, tag: str = ""
) -> Held:
    name = make_id(case, seq, tag)
    return Held(
        id=name,
        case=case,
        iss=A,
        sub=B,
        seq=seq,
        home=A,
        envelope=name.encode(),
        receipt=receipt,
        opening=opening,
    )


def message(to: str, body: bytes = b"body") -> Message:
    return Message(to=to, path="/inbox", body=body)


def test_an_empty_journal_is_empty(journal: Journal) -> None:
    assert journal.size() == 0
    assert journal.leaves(0, 10) == []
    assert journal.leaf_of(make_id(1)) is None
    assert journal.last_of(A, CASE) is None
    assert list(journal.held(CASE)) == []
    assert journal.held_record(make_id(1)) is None
    assert journal.cases() == []
    assert journal.attestations(CASE) == []
    assert journal.note("x") is None
    assert journal.notes("") == {}
    assert journal.due(10**12) == []
    assert journal.pending() == []


def test_what_is_appended_is_read_back_in_order(journal: Journal) -> None:
    first = [leaf(0), leaf(1), leaf(2, 0, iss=B)]
    journal.write(Write(expected=0, leaves=first))
    journal.write(Write(expected=3, leaves=[leaf(3, 2)]))
    assert journal.size() == 4
    assert journal.leaves(0, 4) == [*first, leaf(3, 2)]
    assert journal.leaves(1, 3) == first[1:]
    assert journal.leaf_of(first[1].id) == first[1]
    assert journal.last_of(A, CASE) == leaf(3, 2)
    assert journal.last_of(B, CASE) == first[2]
    assert journal.last_of(A, CASE_2) is None


@pytest.mark.parametrize(
    ("start", "stop"), [(-5, 2), (3, 1), (0, 0), (2, 10**30), (10**30, 10**31), (-9, -1)]
)
def test_any_range_is_answered(journal: Journal, start: int, stop: int) -> None:
    leaves = [leaf(n) for n in range(4)]
    journal.write(Write(expected=0, leaves=leaves))
    assert journal.leaves(start, stop) == leaves[max(start, 0) : max(stop, 0)]


def test_news_are_what_came_or_became_fuller_since_a_mark(journal: Journal) -> None:
    assert list(journal.news(CASE, 0)) == []
    journal.write(Write(held=[held(1), held(0, case=CASE_2), held(2, FRAME)]))
    first = list(journal.news(CASE, 0))
    assert [record for _, record in first] == [held(1), held(2, FRAME)]
    mark = first[-1][0]
    assert list(journal.news(CASE, mark)) == []
    # Nothing more is known after these.
    journal.write(Write(held=[held(1), held(2), held(2, FRAME)], notes={"n": b"n"}))
    journal.erase(held(2).id)
    assert list(journal.news(CASE, mark)) == []
    journal.write(Write(held=[held(3)]))
    journal.write(Write(held=[held(1, WHOLE)]))
    journal.write(Write(held=[held(3, receipt=b"r"), held(3, FRAME)]))
    later = list(journal.news(CASE, mark))
    assert [record for _, record in later] == [held(1, WHOLE), held(3, FRAME, b"r")]
    marks = [mark for mark, _ in [*first, *later]]
    assert marks == sorted(set(marks))
    assert marks[0] > 0
    assert [record for _, record in journal.news(CASE, 0)] == [
        held(2, FRAME),
        held(1, WHOLE),
        held(3, FRAME, b"r"),
    ]
    assert [record for _, record in journal.news(CASE_2, 0)] == [held(0, case=CASE_2)]


def test_a_refused_write_is_no_news(journal: Journal) -> None:
    journal.write(Write(held=[held(1)]))
    with pytest.raises(Conflict):
        journal.write(Write(held=[held(2), replace(held(1), envelope=b"other")]))
    assert [record for _, record in journal.news(CASE, 0)] == [held(1)]


def test_many_news_are_all_given(journal: Journal) -> None:
    many = [held(n, FRAME if n % 2 else WHOLE) for n in range(1201)]
    journal.write(Write(held=many))
    found = list(journal.news(CASE, 0))
    assert [record for _, record in found] == many
    assert list(journal.news(CASE, found[600][0])) == found[601:]


def test_attestations_after_the_first_few(journal: Journal) -> None:
    given = [(f"t{n}", bytes([n])) for n in range(4)]
    for name, raw in given:
        journal.write(Write(attestations=[(CASE, name, raw), (CASE_2, f"other {name}", raw)]))
    for skip in range(6):
        assert journal.attestations(CASE, skip) == given[skip:]


@pytest.mark.parametrize(
    "prefix", ["", "a", "a/", "b", "\ud7ff", "\U0010ffff", "a\U0010ffff", "a\U0010ffff\U0010ffff", "c"]
)
def test_notes_are_found_by_any_prefix(journal: Journal, prefix: str) -> None:
    names = ["a", "a/", "a/1", "a0", "aa", "b", "\ud7ffx", "\ue000", "\U0010ffff", "\U0010ffffz"]
    names += ["a\U0010ffff", "a\U0010ffffb", "a\U0010ffff\U0010ffff", "A", "a\x00b"]
    journal.write(Write(notes={name: name.encode() for name in names}))
    assert list(journal.notes(prefix)) == sorted(name for name in names if name.startswith(prefix))


CONFLICTS: list[tuple[str, int, Sequence[Leaf]]] = [
    ("journal.moved", 1, [leaf(1, 7)]),
    ("journal.moved", 3, []),
    ("journal.index", 2, [leaf(3, 7)]),
    ("journal.index", 2, [leaf(1, 7)]),
    ("journal.index", 2, [leaf(2, 7), leaf(4, 8)]),
    ("journal.leaf", 2, [leaf(2, 7, name=leaf(0).id)]),
    ("journal.leaf", 2, [leaf(2, 7), leaf(3, 8, name=leaf(2, 7).id)]),
    ("journal.seq", 2, [leaf(2, 1, name=make_id("fork"))]),
    ("journal.seq", 2, [leaf(2, 7), leaf(3, 7, name=make_id("fork"))]),
]


@pytest.mark.parametrize(("code", "expected", "leaves"), CONFLICTS)
def test_a_conflict_writes_nothing_of_the_act(
    journal: Journal, code: str, expected: int, leaves: Sequence[Leaf]
) -> None:
    journal.write(Write(expected=0, leaves=[leaf(0), leaf(1)]))
    before = journal.version()
    with pytest.raises(Conflict) as caught:
        journal.write(
            Write(
                expected=expected,
                leaves=leaves,
                held=[held(1)],
                attestations=[(CASE, "t", b"t")],
                outbox=[message("x")],
                notes={"n": b"n"},
            )
        )
    assert caught.value.code == code
    assert journal.leaves(0, 9) == [leaf(0), leaf(1)]
    assert journal.version() == before
    assert (journal.cases(), journal.attestations(CASE), journal.pending(), journal.notes("")) == (
        [],
        [],
        [],
        {},
    )


LATE_CONFLICTS = {
    "journal.held": Write(notes={"n": b"2"}, held=[held(2), replace(held(1), envelope=b"other")]),
    "journal.attestation": Write(notes={"n": b"2"}, held=[held(2)], attestations=[(CASE, "t", b"other")]),
}


@pytest.mark.parametrize("code", sorted(LATE_CONFLICTS))
def test_other_bytes_under_a_known_id_are_refused_whole(journal: Journal, code: str) -> None:
    journal.write(Write(held=[held(1)], attestations=[(CASE, "t", b"t")], notes={"n": b"1"}))
    with pytest.raises(Conflict) as caught:
        journal.write(LATE_CONFLICTS[code])
    assert caught.value.code == code
    assert list(journal.held(CASE)) == [held(1)]
    assert journal.attestations(CASE) == [("t", b"t")]
    assert journal.note("n") == b"1"


def test_two_envelopes_under_one_id_in_one_act_are_refused(journal: Journal) -> None:
    with pytest.raises(Conflict):
        journal.write(Write(held=[held(1), replace(held(1), envelope=b"other")]))
    with pytest.raises(Conflict):
        journal.write(Write(attestations=[(CASE, "t", b"1"), (CASE, "t", b"2")]))
    assert journal.cases() == []


def test_an_append_names_the_size_it_was_computed_against(journal: Journal) -> None:
    with pytest.raises(ValueError, match="size"):
        journal.write(Write(leaves=[leaf(0)]))
    assert journal.size() == 0


def test_cards_of_guests_stand_beside_the_own_card(journal: Journal) -> None:
    cards = [leaf(n, 0, iss=SELF, sub=NO_CASE, name=make_id("card", n)) for n in range(3)]
    journal.write(Write(expected=0, leaves=cards))
    assert journal.leaves(0, 9) == cards
    with pytest.raises(Conflict) as caught:
        journal.write(Write(expected=3, leaves=[replace(cards[1], index=3)]))
    assert caught.value.code == "journal.leaf"


def test_a_retry_never_forks(journal: Journal) -> None:
    act = Write(expected=0, leaves=[leaf(0)])
    journal.write(act)
    with pytest.raises(Conflict):
        journal.write(act)
    with pytest.raises(Conflict):
        journal.write(replace(act, expected=1, leaves=[replace(leaf(0), index=1)]))
    assert journal.leaves(0, 9) == [leaf(0)]


def test_records_come_back_in_the_order_of_their_first_arrival(journal: Journal) -> None:
    journal.write(Write(held=[held(5), held(0, case=CASE_2), held(3)]))
    journal.write(Write(held=[held(4), held(5, FRAME)]))
    assert [one.seq for one in journal.held(CASE)] == [5, 3, 4]
    assert journal.cases() == [CASE, CASE_2]
    assert journal.held_record(held(5).id) == held(5, FRAME)


def test_key_records_are_held_outside_every_case(journal: Journal) -> None:
    journal.write(Write(held=[held(0, case=NO_CASE), held(1)]))
    assert journal.cases() == [CASE]
    assert list(journal.held(NO_CASE)) == [held(0, case=NO_CASE)]


def test_more_records_than_one_page_come_whole(journal: Journal) -> None:
    many = [held(n, FRAME if n % 2 else WHOLE) for n in range(1201)]
    journal.write(Write(held=many))
    assert list(journal.held(CASE)) == many


def test_a_fork_is_held_with_both_branches(journal: Journal) -> None:
    journal.write(Write(held=[held(1, tag="left"), held(1, tag="right")]))
    assert [one.id for one in journal.held(CASE)] == [held(1, tag="left").id, held(1, tag="right").id]


OPENINGS = [None, FRAME, WHOLE]


@pytest.mark.parametrize("steps", list(itertools.permutations(OPENINGS)))
def test_held_records_only_become_fuller(journal: Journal, steps: Sequence[Opening | None]) -> None:
    fullest: Opening | None = None
    for opening in steps:
        journal.write(Write(held=[held(1, opening)]))
        fullest = max(fullest, opening, key=OPENINGS.index)
        assert journal.held_record(held(1).id) == held(1, fullest)
    # The same within one act.
    journal.write(Write(held=[held(2, opening) for opening in steps]))
    assert journal.held_record(held(2).id) == held(2, WHOLE)


def test_the_first_receipt_is_kept(journal: Journal) -> None:
    for receipt in (b"", b"first", b"", b"second"):
        journal.write(Write(held=[held(1, receipt=receipt)]))
    assert journal.held_record(held(1).id) == held(1, receipt=b"first")


def test_case_and_home_stay_as_first_stored(journal: Journal) -> None:
    journal.write(Write(held=[held(1)]))
    journal.write(Write(held=[replace(held(1), case=CASE_2, home=B)]))
    assert journal.held_record(held(1).id) == held(1)


def test_erased_content_is_gone_for_good(journal: Journal) -> None:
    journal.write(Write(held=[held(1, WHOLE, b"r"), held(2, WHOLE)]))
    journal.erase(held(1).id)
    assert journal.held_record(held(1).id) == held(1, FRAME, b"r")
    assert journal.held_record(held(2).id) == held(2, WHOLE)
    journal.write(Write(held=[held(1, WHOLE)]))
    journal.erase(held(1).id)
    assert journal.held_record(held(1).id) == held(1, FRAME, b"r")


@pytest.mark.parametrize("first", [None, FRAME])
def test_erasure_holds_for_content_that_comes_later(journal: Journal, first: Opening | None) -> None:
    journal.write(Write(held=[held(1, first)]))
    for seq in (1, 2):
        journal.erase(held(seq).id)
        journal.write(Write(held=[held(seq, WHOLE)]))
        assert journal.held_record(held(seq).id) == held(seq, FRAME)


def test_a_forgotten_note_is_gone(journal: Journal) -> None:
    journal.write(Write(notes={"item/a": b"1", "item/b": b"2"}))
    before = journal.version()
    journal.forget("item/a")
    journal.forget("item/none")
    assert journal.notes("item/") == {"item/b": b"2"}
    assert journal.note("item/a") is None
    assert journal.version() > before
    journal.write(Write(notes={"item/a": b"3"}))
    assert journal.note("item/a") == b"3"


def test_attestations_are_a_set_in_order_of_arrival(journal: Journal) -> None:
    journal.write(Write(attestations=[(CASE, "z", b"1"), (CASE, "a", b"2"), (CASE_2, "z", b"3")]))
    journal.write(Write(attestations=[(CASE, "z", b"1"), (CASE, "b", b"4")]))
    assert journal.attestations(CASE) == [("z", b"1"), ("a", b"2"), ("b", b"4")]
    assert journal.attestations(CASE_2) == [("z", b"3")]


def test_notes_are_replaced_and_found_by_prefix(journal: Journal) -> None:
    journal.write(Write(notes={"peer/b": b"1", "peer/a": b"2", "peerage": b"3", "PEER/c": b"4", "p%": b""}))
    journal.write(Write(notes={"peer/b": b"5"}))
    assert list(journal.notes("peer/").items()) == [("peer/a", b"2"), ("peer/b", b"5")]
    assert journal.notes("p%") == {"p%": b""}
    assert journal.note("peer/b") == b"5"
    assert list(journal.notes("")) == ["PEER/c", "p%", "peer/a", "peer/b", "peerage"]


def test_the_version_grows_with_every_change(journal: Journal) -> None:
    seen = [journal.version()]
    journal.write(Write(outbox=[message("x")]))
    seen.append(journal.version())
    journal.failed(journal.pending()[0].id, 0, "no")
    seen.append(journal.version())
    journal.delivered(journal.pending()[0].id)
    seen.append(journal.version())
    journal.erase(make_id("x"))
    seen.append(journal.version())
    assert seen == sorted(set(seen))


def test_addresses_take_turns_oldest_first(journal: Journal) -> None:
    sent = [message("busy", b"1"), message("busy", b"2"), message("busy", b"3"), message("calm", b"4")]
    journal.write(Write(outbox=sent))
    assert [one.body for one in journal.due(0)] == [b"1", b"4", b"2", b"3"]
    assert [one.body for one in journal.due(0, 2)] == [b"1", b"4"]
    assert [one.body for one in journal.pending()] == [b"1", b"2", b"3", b"4"]
    assert len({one.id for one in journal.pending()} - {0}) == 4
    assert journal.due(0, 0) == []


def test_a_failed_message_waits_longer_each_time_and_is_never_dropped(journal: Journal) -> None:
    journal.write(Write(outbox=[message("x")]))
    (first,) = journal.due(1000)
    assert (first.tries, first.error) == (0, "")
    now, waits = 1000, []
    for tries in range(1, 16):
        journal.failed(first.id, now, f"error {tries}")
        (waiting,) = journal.pending()
        assert (waiting.tries, waiting.error, waiting.body) == (tries, f"error {tries}", b"body")
        waits.append(bisect_left(range(LONGEST_WAIT + 1), True, key=lambda n: bool(journal.due(now + n))))
        now += waits[-1]
    assert waits[0] < waits[1] < waits[2]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_a_delivered_message_is_forgotten(journal: Journal) -> None:
    journal.write(Write(outbox=[message("x", b"1"), message("x", b"2")]))
    first, second = journal.pending()
    journal.delivered(first.id)
    journal.delivered(first.id)
    journal.failed(first.id, 0, "late")
    assert journal.pending() == [second]


def test_a_message_id_is_never_used_again(journal: Journal) -> None:
    journal.write(Write(outbox=[message("x")]))
    (first,) = journal.pending()
    journal.delivered(first.id)
    journal.write(Write(outbox=[message("x")]))
    assert journal.pending()[0].id > first.id


def append_one(journal: Journal, worker: int, seq: int) -> int:
    """Append a leaf as a node does: compute against the size, try again where it moved."""
    tries = 0
    while True:
        size = journal.size()
        new = leaf(size, seq, iss=f"{worker:064x}")
        try:
            journal.write(Write(expected=size, leaves=[new], held=[held(seq, case=f"{worker:064x}")]))
        except Conflict:
            tries += 1
        else:
            return tries


def test_threads_leave_no_gap_and_no_duplicate(journal: Journal) -> None:
    def work(worker: int) -> None:
        for seq in range(50):
            append_one(journal, worker, seq)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    leaves = journal.leaves(0, 1000)
    assert [one.index for one in leaves] == list(range(400))
    assert {(one.iss, one.seq) for one in leaves} == {(f"{w:064x}", s) for w in range(8) for s in range(50)}
    for worker in range(8):
        assert [one.seq for one in leaves if one.iss == f"{worker:064x}"] == list(range(50))
        assert [one.seq for one in journal.held(f"{worker:064x}")] == list(range(50))
    assert journal.version() == 400


def acts() -> st.SearchStrategy[Write]:
    seqs = st.integers(0, 3)
    leaves = st.lists(st.builds(leaf, st.integers(0, 4), seqs), max_size=2)
    records = st.lists(
        st.builds(held, seqs, st.sampled_from(OPENINGS), st.sampled_from([b"", b"r", b"q"]), st.just(CASE)),
        max_size=3,
    )
    attested = st.tuples(st.just(CASE), st.sampled_from("ab"), st.sampled_from([b"1", b"2"]))
    return st.builds(
        Write,
        expected=st.integers(0, 4),
        leaves=leaves,
        held=records,
        attestations=st.lists(attested, max_size=2),
        outbox=st.lists(st.builds(message, st.sampled_from("xy")), max_size=1),
        notes=st.dictionaries(st.sampled_from("mn"), st.binary(max_size=2), max_size=2),
    )


STEPS = st.lists(
    st.one_of(
        acts(),
        st.builds(lambda seq: ("erase", held(seq).id), st.integers(0, 3)),
        st.builds(lambda n: ("failed", n), st.integers(1, 3)),
        st.builds(lambda n: ("delivered", n), st.integers(1, 3)),
    ),
    max_size=12,
)


def take(journal: Journal, step: Write | tuple[str, object]) -> str:
    """Do one step; the code of the conflict, or nothing."""
    try:
        match step:
            case Write():
                journal.write(step)
            case ("erase", str(record)):
                journal.erase(record)
            case ("failed", int(number)):
                journal.failed(number, 5, "no")
            case ("delivered", int(number)):
                journal.delivered(number)
    except Conflict as conflict:
        return conflict.code
    return ""


def look(journal: Journal) -> object:
    """Everything that can be read of a journal but its version, which only orders."""
    return (
        journal.size(),
        journal.leaves(0, 99),
        journal.last_of(A, CASE),
        list(journal.held(CASE)),
        journal.cases(),
        journal.attestations(CASE),
        journal.notes(""),
        journal.pending(),
        journal.due(0),
        journal.due(99),
    )


@settings(max_examples=40)
@given(STEPS)
def test_all_journals_answer_alike(steps: list[Write | tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one, two = MemoryJournal(), SqliteJournal(Path(folder) / "journal.db")
        for step in steps:
            assert take(one, step) == take(two, step)
            assert look(one) == look(two)
        two.close()
        again = SqliteJournal(Path(folder) / "journal.db")
        assert look(again) == look(one)
        again.close()


def test_places_and_tips_are_found_for_many_at_once(journal: Journal) -> None:
    leaves = [leaf(0), leaf(1), leaf(2, 0, iss=B), leaf(3, 0, sub=CASE_2), leaf(4, 2)]
    journal.write(Write(expected=0, leaves=leaves))
    wanted = [leaves[4].id, make_id("unknown"), leaves[0].id, leaves[0].id]
    assert journal.indexes_of(wanted) == {leaves[4].id: 4, leaves[0].id: 0}
    assert journal.indexes_of([]) == {}
    chains = [(A, CASE), (B, CASE), (A, CASE_2), (B, CASE_2), (A, CASE), ("'\"\\", "x")]
    assert journal.tips_of(chains) == {
        (A, CASE): (2, leaves[4].id),
        (B, CASE): (0, leaves[2].id),
        (A, CASE_2): (0, leaves[3].id),
    }
    assert journal.tips_of([]) == {}
