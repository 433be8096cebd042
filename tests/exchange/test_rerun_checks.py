"""What a re-run states is held against the two records and the rows that are here; each false word by
name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from comity.case.support import assertions
from comity.cli.asserted import Rechecked
from comity.dossier.render_reruns import check_lines, reruns_json
from comity.dossier.rerun_checks import RerunCheck
from comity.dossier.rows_here import Effort
from comity.errors import Unavailable
from comity.evidence.seal import Declared
from comity.exchange import acts, evidence, findings, handing_over
from comity.exchange.rerun_checks import _KEPT, check_here, false_here
from comity.findings.finding import Parameters, result_digest
from comity.records import kinds
from comity.statements.standing import gather_standings
from comity.web.finding_views import view_finding
from comity.web.reading import Reading
from tests import world as w
from tests.cli.running import run
from tests.exchange.network import lines
from tests.exchange.test_reasons import SOURCES
from tests.exchange.test_replicate import EXPORTS, TOLD, Two, own_result

LATER = Parameters(zone="+05:00", since="2026-10-03T00:00:00Z", logsource=TOLD.logsource)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


def open_whole(two: Two) -> None:
    whole = handing_over.disclose_whole(
        two.a, two.case, two.seal, to=[two.b.party.id], use="defence", basis="our own law"
    )
    two.world.settle()
    handing_over.open_package(two.b, two.case, whole.value.id)


def check_last(two: Two, finding: str = "") -> RerunCheck:
    """What Birch's node finds of the newest re-run."""
    state = two.b.state(two.case)
    return check_here(two.b, state, finding or two.finding)[state.of("finding.replicate")[-1].id]


def sign(two: Two, said: kinds.Replicate, **changes: Any) -> RerunCheck:
    """A re-run signed by Birch with other words than its run gave, as Birch's node then finds it."""
    content = msgspec.structs.replace(said, **changes)
    made = acts.say(two.b, two.case, content, [content.finding])
    two.world.settle()
    state = two.b.state(two.case)
    return check_here(two.b, state, content.finding)[made.value.id]


def result_of(two: Two, hits: list[tuple[str, int]]) -> str:
    item = two.report().item
    return result_digest(f"rows:{item.size}:{item.root}", hits)


def test_an_honest_re_run_over_rows_is_computed_again(two: Two) -> None:
    two.show([5, 6])
    two.again()
    check = check_last(two)
    assert (check.result, check.rows, check.of, check.unshown) == ("recomputed", 2, 2, 0)
    assert list(check_lines(check)) == ["recomputed here over its 2 rows, with the result that it states"]


def test_an_honest_re_run_with_other_parameters_is_computed_again_with_those(two: Two) -> None:
    two.show([5, 6])
    assert two.again(parameters=LATER).verdict == "different"
    assert check_last(two).result == "recomputed"


def test_an_honest_re_run_over_the_whole_item_is_computed_again_where_it_can_be(two: Two) -> None:
    open_whole(two)
    two.again()
    two.again(parameters=LATER)
    found = check_here(two.b, two.b.state(two.case), two.finding)
    assert [check.result for check in found.values()] == ["in part", "in part"]
    assert next(iter(found.values())).why == "not-here"


def test_a_party_that_holds_nothing_is_told_that_nothing_was_recomputed(tmp_path: Path) -> None:
    two = Two(tmp_path, names=("alder", "birch", "cedar"))
    two.show([5, 6])
    said = two.again()
    cedar = two.world.nodes[2]
    (check,) = check_here(cedar, cedar.state(two.case), two.finding).values()
    assert (said.verdict, check.result, check.why) == ("shown-rows-match", "stated", "not-here")
    assert list(check_lines(check)) == ["not recomputed here: its rows are not shown here"]


def test_digests_that_are_made_up_do_not_hold(two: Two) -> None:
    two.show([5, 6])
    said = two.again()
    check = sign(two, said, inputs="a" * 64, result="a" * 64)
    assert (check.result, check.faults) == ("false", ("inputs", "result"))
    assert next(check_lines(check)).startswith("this does NOT hold: its inputs digest is not that")


def test_a_match_on_rows_that_the_finding_does_not_name_is_no_match(tmp_path: Path) -> None:
    """Whoever holds nothing can sign that nothing agreed with nothing."""
    two = Two(tmp_path, SOURCES[:1])
    two.show([5, 6])
    said = two.again()
    check = sign(two, said, rows=((6, 1),), result=result_of(two, []))
    assert check.faults == ("verdict",)


def test_a_match_on_rows_that_its_author_never_had_says_so(two: Two) -> None:
    """A digest can be computed from the finding alone: that the rows were had is told from disclosures."""
    two.show([5, 6])
    said = two.again()
    alone = [r.digest for r in two.report().rules if r.digest not in said.left_out]
    hits = [
        (m.rule, row)
        for m in two.report().matches
        if m.rule in alone
        for row in EXPORTS
        if row in kinds.rows_of(m.rows)
    ]
    check = sign(two, said, rows=((5, 1), (11, 1)), result=result_of(two, hits))
    assert (check.result, check.rows, check.of, check.unshown) == ("in part", 1, 2, 1)
    rest = "its other rows are not shown here"
    assert list(check_lines(check)) == [
        f"recomputed here over 1 of its 2 rows, with the result that it states; {rest}",
        "for 1 row of these, no disclosure opened here shows that its author had them",
    ]


def test_a_difference_that_blames_an_engine_is_run_here(two: Two) -> None:
    two.show([5, 6])
    said = two.again()
    check = sign(
        two, said, verdict="different", cause="engine", part="", matches=(), result=result_of(two, [])
    )
    assert check.faults == ("rows",)
    told = list(check_lines(check))
    assert told[0] == "this does NOT hold: run here over the same rows, the rules name other rows"
    assert told[1] == "recomputed here over its 2 rows"


def test_a_difference_over_the_whole_item_that_leaves_rows_out_is_seen_in_rows_that_are_shown(
    two: Two,
) -> None:
    two.show([5, 6])
    said = two.again()
    check = sign(
        two,
        said,
        scope="whole",
        verdict="different",
        cause="engine",
        rows=(),
        left_out=(),
        result=result_of(two, []),
    )
    assert check.faults == ("rows",)
    assert check.unshown == len(two.rows) - 3


def test_a_difference_of_an_engine_where_both_name_the_same_rows_does_not_follow(tmp_path: Path) -> None:
    two = Two(tmp_path, SOURCES[:1])
    two.show([5, 6])
    said = two.again()
    matches = (kinds.Match(rule=two.report().rules[0].digest, rows=((5, 1),)),)
    check = sign(two, said, verdict="different", cause="engine", matches=matches)
    assert check.faults == ("verdict",)


@pytest.mark.parametrize(
    ("cause", "part", "faults"),
    [
        ("parameters", "zone", ("part", "cause")),
        ("identity", "result", ("part", "cause")),
        ("evidence", "item", ("part", "cause")),
        ("evidence", "", ("cause",)),
        ("engine", "zone", ("part",)),
    ],
)
def test_a_cause_that_is_none_is_named(two: Two, cause: Any, part: str, faults: tuple[str, ...]) -> None:
    two.show([5, 6])
    said = two.again()
    check = sign(
        two, said, verdict="different", cause=cause, part=part, matches=(), result=result_of(two, [])
    )
    assert check.faults[: len(faults)] == faults


def test_other_parameters_are_no_fault_of_an_engine(two: Two) -> None:
    two.show([5, 6])
    said = two.again(parameters=LATER)
    assert (said.cause, said.part) == ("parameters", "zone, since")
    assert sign(two, said, cause="engine", part="").faults == ("cause",)


def test_agreement_with_a_finding_that_is_false_in_itself_does_not_hold(two: Two) -> None:
    two.show([5, 6])
    said = two.again()
    lie = two.lie(result="0" * 64)
    assert sign(two, said, finding=lie).faults == ("agrees",)


def test_a_rule_that_is_decided_row_by_row_is_not_left_out(two: Two) -> None:
    """A respondent could leave out the one rule that goes against it."""
    two.show([5, 6])
    said = two.again()
    every = tuple(sorted(rule.digest for rule in two.report().rules))
    assert "left-out" in sign(two, said, left_out=every).faults


def test_a_rule_that_needs_the_whole_item_blames_nobody_over_rows(two: Two) -> None:
    two.show([5, 6])
    said = two.again()
    check = sign(
        two,
        said,
        verdict="different",
        cause="engine",
        left_out=(),
        matches=tuple(
            kinds.Match(rule=m.rule, rows=((5, 1),))
            for m in two.report().matches
            if m.rule not in said.left_out and 5 in kinds.rows_of(m.rows)
        ),
    )
    assert "needs-whole" in check.faults


def test_a_re_run_over_an_own_item_is_its_author_s_word(two: Two) -> None:
    two.show([5, 6])
    changed = [*two.rows[:5], two.rows[5].replace("read", "export"), *two.rows[6:]]
    seal, _ = evidence.seal_item(two.b, two.case, lines(changed), "own.csv", "csv/1", Declared(zone="+00:00"))
    two.again(own=seal.value.id)
    check = check_last(two)
    assert (check.result, check.why, check.unshown) == ("stated", "own-item", 0)


@pytest.mark.parametrize("part", ["result", "inputs", "source"])
def test_an_honest_word_on_a_finding_that_is_false_in_itself_holds(two: Two, part: str) -> None:
    two.show([5, 6])
    first = two.report().rules[0]
    forged = msgspec.structs.replace(first, source=first.source + "\n")
    lie = two.lie(**({part: "0" * 64} if part != "source" else {"rules": (forged, *two.report().rules[1:])}))
    two.again(lie)
    assert not check_last(two, lie).faults


def test_what_takes_long_is_said_not_done(two: Two) -> None:
    two.show([5, 6])
    two.again()
    state = two.b.state(two.case)
    (check,) = check_here(two.b, state, two.finding, Effort(0)).values()
    assert (check.result, check.why) == ("stated", "size")


def test_nothing_that_could_be_run_makes_no_word_false(two: Two) -> None:
    two.again()
    check = check_last(two)
    assert (check.result, check.why) == ("stated", "nothing")


def test_the_check_stands_beside_the_re_run_as_data(two: Two) -> None:
    two.show([5, 6])
    two.again()
    state = two.b.state(two.case)
    checks = check_here(two.b, state, two.finding)
    (told,) = reruns_json(state, checks.values())
    assert isinstance(told, dict)
    assert told["check"] == {
        "result": "recomputed",
        "faults": [],
        "rows": 2,
        "of": 2,
        "why": "",
        "unshown": 0,
    }


def test_a_re_run_is_computed_again_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.show([5, 6])
    two.again()
    state = two.b.state(two.case)
    first = check_here(two.b, state, two.finding)
    monkeypatch.setattr("comity.exchange.rerun_checks.check_reruns", None)
    assert check_here(two.b, state, two.finding) is first
    assert findings.reported_at(state, two.finding).matches


def cut_short(two: Two) -> str:
    """The finding signed again by Alder without row 5, with digests that hold."""
    cut = [
        msgspec.structs.replace(m, rows=tuple(r for r in m.rows if r[0] != 5)) for m in two.report().matches
    ]
    short = msgspec.structs.replace(two.report(), matches=tuple(m for m in cut if m.rows))
    return two.lie(matches=short.matches, result=own_result(short))


def test_a_difference_with_a_finding_that_leaves_out_a_row_is_confirmed(tmp_path: Path) -> None:
    two = Two(tmp_path, SOURCES[:1])
    lie = cut_short(two)
    two.show([5, 11])
    assert two.again(lie).cause == "engine"
    check = check_last(two, lie)
    assert (check.result, check.rows) == ("recomputed", 2)


def test_agreement_with_a_finding_that_leaves_out_a_row_does_not_hold(tmp_path: Path) -> None:
    """Both sides can want the row unseen; whoever has it sees it."""
    two = Two(tmp_path, SOURCES[:1])
    lie = cut_short(two)
    two.show([5, 11])
    honest = two.again()
    hits = [(two.report().rules[0].digest, 11)]
    said = sign(two, honest, finding=lie, result=result_of(two, hits))
    assert said.faults == ("rows",)


def test_an_item_of_too_many_named_rows_is_said_to_take_long_and_not_to_be_missing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_whole(two)
    two.again()
    monkeypatch.setattr("comity.exchange.rerun_checks.PICKED", 1)
    check = check_last(two)
    assert (check.result, check.why) == ("stated", "size")
    assert list(check_lines(check)) == ["not recomputed here: that takes long"]


def test_an_item_held_whole_is_never_said_not_to_be_shown(tmp_path: Path) -> None:
    """Where neither run names a row, none is looked at."""
    nobody = [("none.yml", SOURCES[0][1].replace(b"export", b"no such word"))]
    two = Two(tmp_path, nobody)
    open_whole(two)
    two.again()
    check = check_last(two)
    assert (check.result, check.why) == ("stated", "none-named")
    assert list(check_lines(check)) == [
        "not recomputed here: neither run names a row, and the whole item was not run here"
    ]


def test_an_item_that_cannot_be_read_says_so(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    open_whole(two)
    two.again()

    def gone(*_: object) -> None:
        raise Unavailable("blob.missing", "item", "not held")

    monkeypatch.setattr(evidence, "pick_item_rows", gone)
    check = check_last(two)
    assert (check.result, check.why) == ("stated", "unreadable")
    assert list(check_lines(check)) == ["not recomputed here: the item is held here and cannot be read"]


def test_a_re_run_over_the_row_of_names_alone_compared_nothing(two: Two) -> None:
    two.show([5, 6])
    said = two.again()
    check = sign(two, said, rows=((1, 1),), result=result_of(two, []))
    assert check.why == "nothing"
    assert "no row was compared" in list(check_lines(check))[-1]


@pytest.mark.parametrize(
    ("part", "called"),
    [
        ("semantics", "the version of the rules of matching"),
        ("pack", "what the rules compile to"),
        ("rules", "the rules"),
        ("logsource", "what the item was declared to be a log of"),
    ],
)
def test_a_run_under_another_version_is_its_author_s_word_and_not_false(
    tmp_path: Path, part: str, called: str
) -> None:
    """Of what it ran no record shows more, so that its rows are others here blames nobody."""
    two = Two(tmp_path, SOURCES[:1])
    two.show([5, 6])
    said = two.again()
    check = sign(
        two,
        said,
        verdict="different",
        cause="parameters" if part == "logsource" else "identity",
        part=part,
        result=result_of(two, []),
        inputs="a" * 64,
    )
    assert (check.result, check.faults) == ("stated", ())
    assert list(check_lines(check)) == [
        f"not recomputed here: the rules cannot run here; it states other inputs than the finding: {called}"
    ]


def test_a_package_that_does_not_open_hides_no_row_that_is_here(two: Two) -> None:
    """Whoever sealed an item could send a broken package of it, and no reader would run a re-run again."""
    two.show([5, 6])
    two.again()
    shown = two.a.state(two.case).of("evidence.disclose")[0].content
    broken = two.a.blobs.put(b"broken")
    acts.say(
        two.a,
        two.case,
        msgspec.structs.replace(shown, package=broken, bytes=6),
        [two.seal],
        to=[two.b.party.id],
        packages=[broken],
    )
    two.world.settle()
    assert two.b.blobs.has(broken)
    assert check_last(two).result == "recomputed"


def test_rows_that_were_shown_to_others_alone_take_nothing(tmp_path: Path) -> None:
    two = Two(tmp_path, names=("alder", "birch", "cedar"))
    two.show([5, 6])
    two.again()
    state = two.b.state(two.case)
    enough = _least(lambda n: not _takes_long(two, n))
    cedar = two.world.nodes[2].party.id
    shown = two.a.state(two.case).of("evidence.disclose")[0].content
    more = msgspec.structs.replace(shown, rows=((1, len(two.rows) - 1),), to=(cedar,), package="c" * 64)
    acts.say(two.a, two.case, more, [two.seal], to=sorted([two.b.party.id, cedar]))
    two.world.settle()
    assert len(two.b.state(two.case).of("evidence.disclose")) == len(state.of("evidence.disclose")) + 1
    assert not _takes_long(two, enough)


def _least(fits: Callable[[int], bool]) -> int:
    """The least effort that is enough."""
    return bisect_left(range(20_000), True, key=fits)


def _takes_long(two: Two, effort: int) -> bool:
    _KEPT.clear()
    (check,) = check_here(two.b, two.b.state(two.case), two.finding, Effort(effort)).values()
    return check.why == "size"


def test_many_re_runs_are_bounded_together(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look for what each author was given takes its time too, whether a rule is run or not."""
    two.show([5, 6])
    two.again()
    two.again()
    monkeypatch.setattr("comity.dossier.replay.RANGES", 1)
    listed = sum(count for match in two.report().matches for _, count in match.rows)
    found = check_here(two.b, two.b.state(two.case), two.finding, Effort(listed))
    assert {check.why for check in found.values()} == {"size"}


def test_what_is_read_past_in_a_long_item_takes_its_time(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    open_whole(two)
    two.again()
    monkeypatch.setattr("comity.exchange.rerun_checks.PASSED", 0.0001)
    assert check_last(two).why == "size"


def test_agreement_that_names_a_part_that_differs_does_not_hold(two: Two) -> None:
    two.show([5, 6])
    said = two.again()
    for part in ("zone", "semantics", "result"):
        assert "part" in sign(two, said, part=part).faults


def test_one_listing_looks_at_each_finding_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looked again for each re-run had nothing left for those that it could have run."""
    two.show([5, 6])
    two.again()
    two.again(parameters=LATER)
    state = two.b.state(two.case)
    runs = [record.id for record in state.of("finding.replicate")]
    enough = _least(lambda n: not _all_take_long(two, n))
    _KEPT.clear()
    monkeypatch.setattr("comity.web.reading.WAITED", enough)
    monkeypatch.setattr("comity.exchange.rerun_checks.WAITED", enough)
    page, listing = Reading(two.b, two.case), Rechecked(two.b, state)
    results = [page.check_reruns(two.finding)[run].why for run in runs]
    assert sorted(results) == ["", "size"]
    assert [page.check_reruns(two.finding)[run].why for run in runs] == results
    assert [listing.check(two.finding, run).why for run in runs] == results


def _all_take_long(two: Two, effort: int) -> bool:
    _KEPT.clear()
    found = check_here(two.b, two.b.state(two.case), two.finding, Effort(effort)).values()
    return all(check.why == "size" for check in found)


def test_many_runs_over_few_rows_are_bounded(two: Two) -> None:
    """A run of rules takes its time however few its rows are, and an engine of queries most of all."""
    two.show([5, 6])
    said = two.again()
    for minute in range(30):
        changed = msgspec.structs.replace(said, parameters=kinds.Parameters(zone=f"+05:{minute:02}"))
        acts.say(two.b, two.case, changed, [two.finding])
    two.world.settle()
    found = check_here(two.b, two.b.state(two.case), two.finding).values()
    assert 10 < sum(check.why == "size" for check in found) < 25


def test_packages_are_opened_by_their_bytes_and_not_by_what_they_announce(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few rows can be of any length, and the size that a record announces is its author's word."""
    two.show([5, 6])
    two.again()
    assert check_last(two).result == "recomputed"
    _KEPT.clear()
    monkeypatch.setattr("comity.exchange.rerun_checks.OPENED", 100)
    check = check_last(two)
    assert (check.result, check.why) == ("stated", "size")


def test_long_rows_take_their_time(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.show([5, 6])
    two.again()
    enough = _least(lambda n: not _takes_long(two, n))
    monkeypatch.setattr("comity.dossier.rows_here.ROW_BYTES", 1)
    assert _takes_long(two, enough)


def _claimed_and_blamed(two: Two) -> str:
    """Alder claims on the finding, and Birch signs falsely that an engine is wrong; the re-run."""
    two.show([5, 6])
    said = two.again()
    acts.say(
        two.a,
        two.case,
        w.claim(kinds.Support(kind="finding", record=two.finding, inference="two exports")),
        [two.finding],
    )
    two.world.settle()
    content = msgspec.structs.replace(
        said, verdict="different", cause="engine", part="", matches=(), result=result_of(two, [])
    )
    made = acts.say(two.b, two.case, content, [content.finding])
    two.world.settle()
    return made.value.id


def test_a_false_re_run_is_not_counted_where_a_reader_is_told_what_stands_behind(two: Two) -> None:
    """Whoever signed anything at all could turn agreement into "re-runs disagree"."""
    false = _claimed_and_blamed(two)
    state = two.b.state(two.case)
    (facts,) = assertions(state)
    assert facts.supports[0].rerun == "mixed"
    assert false_here(two.b, state) == {false}
    (support,) = Rechecked(two.b, state).recount(facts).supports
    assert (support.rerun, [run.counts for run in support.reruns]) == ("shown-rows-match", ["", "not-held"])
    (shown,) = Reading(two.b, two.case).facts[0].supports
    assert shown == support
    behind = gather_standings(state, parties=(), false=false_here(two.b, state))
    assert (behind.standings[0].differing, behind.false_reruns) == (0, 1)
    assert gather_standings(state, parties=()).standings[0].differing == 1


def test_who_holds_no_rows_takes_a_re_run_on_its_author_s_word(tmp_path: Path) -> None:
    two = Two(tmp_path, names=("alder", "birch", "cedar"))
    _claimed_and_blamed(two)
    cedar = two.world.nodes[2]
    state = cedar.state(two.case)
    assert false_here(cedar, state) == frozenset()
    assert Reading(cedar, two.case).facts[0].supports[0].rerun == "mixed"


def test_case_show_the_pages_and_lint_say_what_is_not_counted(
    two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _claimed_and_blamed(two)
    node = SimpleNamespace(node=two.b)
    monkeypatch.setattr("comity.cli.case.open_home", lambda home: node)
    told = run("case", "show", "--case", two.case)
    assert "re-run:  shown rows match" in told.out, told
    assert "different, because of engine, as it states, which does NOT hold – not counted" in told.out
    one = run("case", "show", "--case", two.case, "--json").one("assertion")["supports"][0]
    assert (one["rerun"], [each["counts"] for each in one["reruns"]]) == (
        "shown-rows-match",
        ["", "not-held"],
    )
    page = view_finding(two.b, two.finding)
    assert page.rerun is not None
    assert page.rerun.code == "shown-rows-match"
    assert [each.adds for each in page.reruns] == ["", "it does not hold: adds nothing"]
    monkeypatch.setattr("comity.cli.lint.open_home", lambda home: node)
    text = tmp_path / "said.txt"
    text.write_text("The account exported mail twice [#1].\n")
    said = run("lint", text, "--case", two.case, "--home", tmp_path)
    assert "not counted, as run here it does NOT hold: 1 re-run" in said.out, said
