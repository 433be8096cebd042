"""A finding run again: false in itself, false in its list, over some rows, and what the record says of it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from comity.case.reruns import ran_nothing, rows_apart
from comity.dossier.rerun import reported
from comity.errors import Malformed, Refused
from comity.evidence.seal import Declared
from comity.exchange import acts, disclosing, evidence, findings, handing_over
from comity.exchange.reasons import resolve_row
from comity.exchange.shown import Shut
from comity.findings.finding import Parameters, result_digest
from comity.records import kinds
from tests.cli.running import run
from tests.exchange.network import World, lines
from tests.exchange.test_reasons import SOURCES

TOLD = Parameters(zone="+00:00", logsource=(("product", "mail"),))
EXPORTS = (5, 11)


class Two:
    """Alder seals a log and reports a finding over it; Birch runs it again."""

    def __init__(
        self,
        folder: Path,
        sources: list[tuple[str, bytes]] = SOURCES,
        names: tuple[str, ...] = ("alder", "birch"),
    ) -> None:
        self.world = World(folder, list(names))
        self.a, self.b = self.world.nodes[:2]
        policy = kinds.Policy(
            quorum=1,
            witnesses=tuple(
                kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in self.world.nodes
            ),
        )
        self.case = acts.open_case(self.a, "2026-10-05", policy, "Mail system")
        for other in self.world.nodes[1:]:
            acts.invite(self.a, self.case, other.party.id)
        rows = self.rows = ["time,user,action,from"]
        rows += [
            f"2026-10-03T01:{m:02}:00,u2,{'export' if m in (3, 9) else 'read'},10.0.0.2" for m in range(12)
        ]
        seal, _ = evidence.seal_item(
            self.a, self.case, lines(rows), "mail.csv", "csv/1", Declared(zone="+00:00")
        )
        self.seal = seal.value.id
        found, _ = findings.report(self.a, self.case, self.seal, sources, TOLD)
        self.finding = found.value.id
        self.world.settle()

    def report(self, finding: str = "") -> kinds.Report:
        return findings.reported_at(self.a.state(self.case), finding or self.finding)

    def lie(self, **changes: Any) -> str:
        """The finding, signed again by Alder with other fields."""
        content = msgspec.structs.replace(self.report(), **changes)
        said = acts.say(self.a, self.case, content, [self.seal])
        self.world.settle()
        return said.value.id

    def show(self, rows: list[int]) -> None:
        handing_over.disclose_rows(
            self.a, self.case, self.seal, rows, to=[self.b.party.id], use="defence", basis="our own law"
        )
        self.world.settle()

    def again(self, finding: str = "", **how: Any) -> kinds.Replicate:
        made, _ = findings.replicate(self.b, self.case, finding or self.finding, **how)
        self.world.settle()
        content = self.a.state(self.case).accepted[made.value.id].content
        assert isinstance(content, kinds.Replicate)
        return content


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


def own_result(report: kinds.Report) -> str:
    told = reported(report)
    return result_digest(told.item, told.rows)


@pytest.mark.parametrize("shown", ["nothing", "rows", "whole"])
@pytest.mark.parametrize("part", ["result", "inputs", "source"])
def test_a_finding_that_is_false_in_itself_differs_by_its_part(two: Two, part: str, shown: str) -> None:
    if shown == "rows":
        two.show([5, 6])
    elif shown == "whole":
        whole = handing_over.disclose_whole(
            two.a, two.case, two.seal, to=[two.b.party.id], use="defence", basis="our own law"
        )
        two.world.settle()
        handing_over.open_package(two.b, two.case, whole.value.id)
    first = two.report().rules[0]
    forged = msgspec.structs.replace(first, source=first.source + "\n")
    lie = {part: "0" * 64} if part != "source" else {"rules": (forged, *two.report().rules[1:])}
    said = two.again(two.lie(**lie))
    assert (said.verdict, said.cause, said.part) == ("different", "identity", part)
    assert part in said.note
    assert said.scope == ("whole" if shown == "whole" and part != "source" else "rows")
    if part == "source":
        assert not said.matches
        assert not said.rows
    elif shown != "nothing":
        apart = rows_apart(two.report(), said)
        assert apart is not None
        assert (apart.there, apart.here) == (0, 0)


def test_a_re_run_over_rows_names_them_and_the_rules_it_left_out(two: Two) -> None:
    two.show([5, 6])
    said = two.again()
    assert (said.verdict, said.scope, said.rows) == ("shown-rows-match", "rows", ((5, 2),))
    names = {rule.digest: rule.name for rule in two.report().rules}
    assert sorted(names[rule] for rule in said.left_out) == ["burst.yml", "first.sql", "tool.yar"]


def test_what_is_disclosed_later_changes_no_re_run(two: Two) -> None:
    """Rows of rules that only the whole item decides were once counted as found by one side alone."""
    two.show([5, 6])
    said = two.again(parameters=Parameters(zone="+05:00", logsource=TOLD.logsource))
    before = rows_apart(two.report(), said)
    two.show([11, 12, 13])
    assert before is not None
    assert (before.there, before.here) == (0, 0)
    assert rows_apart(two.report(), said) == before


def test_a_row_that_was_left_out_of_the_list_is_named(two: Two) -> None:
    """No engine gave this list, and the record says which of the rows shown are missing from it."""
    cut = tuple(
        msgspec.structs.replace(m, rows=tuple(r for r in m.rows if r[0] != EXPORTS[0]))
        for m in two.report().matches
    )
    short = msgspec.structs.replace(two.report(), matches=tuple(m for m in cut if m.rows))
    lie = two.lie(matches=short.matches, result=own_result(short))
    two.show([5, 6])
    said = two.again(lie)
    assert (said.verdict, said.cause) == ("different", "engine")
    apart = rows_apart(two.report(lie), said)
    assert apart is not None
    assert not apart.there
    assert set(map(tuple, apart.only_here.values())) == {((5, 5),)}


def test_a_record_that_does_not_say_which_rows_it_saw_gives_no_rows(two: Two) -> None:
    two.show([5, 6])
    said = two.again(parameters=Parameters(zone="+05:00", logsource=TOLD.logsource))
    assert rows_apart(two.report(), msgspec.structs.replace(said, rows=(), left_out=())) is None


def seal_own(two: Two, rows: list[str]) -> str:
    seal, _ = evidence.seal_item(two.b, two.case, lines(rows), "own.csv", "csv/1", Declared(zone="+00:00"))
    return seal.value.id


def test_an_own_copy_is_another_item_and_its_rows_are_compared(two: Two) -> None:
    two.show([5, 6])
    changed = [*two.rows[:5], two.rows[5].replace("read", "export"), *two.rows[6:]]
    said = two.again(own=seal_own(two, changed))
    assert (said.verdict, said.cause, said.part, said.scope) == ("different", "evidence", "item", "whole")
    assert isinstance(said.item, kinds.Item)
    assert said.note == "of 3 disclosed rows of the finding's item, 1 are not the same here: 6"
    apart = rows_apart(two.report(), said)
    assert apart is not None
    assert (apart.there, apart.here > 0) == (0, True)
    said = two.again(own=seal_own(two, two.rows))
    assert said.cause == "evidence"
    assert "all 3 disclosed rows" in said.note
    assert rows_apart(two.report(), said) == type(apart)(only_there={}, only_here={})


def test_the_same_bytes_held_twice_run_the_finding_itself(two: Two) -> None:
    whole = handing_over.disclose_whole(
        two.a, two.case, two.seal, to=[two.b.party.id], use="defence", basis="our own law"
    )
    two.world.settle()
    handing_over.open_package(two.b, two.case, whole.value.id)
    said = two.again(own=seal_own(two, two.rows))
    assert (said.verdict, said.item) == ("same", msgspec.UNSET)


def test_an_item_that_another_sealed_is_not_one_s_own(two: Two) -> None:
    with pytest.raises(Refused) as error:
        two.again(own=two.seal)
    assert error.value.code == "replicate.item"


def test_a_whole_item_that_came_stays_unopened(two: Two) -> None:
    """Opening is an act of its own, with a receipt."""
    two.show([5, 6])
    whole = handing_over.disclose_whole(
        two.a, two.case, two.seal, to=[two.b.party.id], use="defence", basis="our own law"
    )
    two.world.settle()
    item = two.report().item
    assert findings.find_unopened(two.b, two.b.state(two.case), item) == whole.value.id
    assert findings.find_unopened(two.a, two.a.state(two.case), item) == ""
    assert two.again().verdict == "shown-rows-match"
    assert item.root not in evidence.held_items(two.b)
    assert not two.a.state(two.case).of("disclosure.receipt")
    handing_over.open_package(two.b, two.case, whole.value.id)
    assert findings.find_unopened(two.b, two.b.state(two.case), item) == ""
    assert two.again().verdict == "same"


def test_rows_of_a_disclosure_that_not_all_may_read_are_not_named(tmp_path: Path) -> None:
    """A third member is told nothing of which rows were shown to another, nor of which differ."""
    two = Two(tmp_path, names=("alder", "birch", "cedar"))
    to = [two.b.party.id]
    drawn = handing_over.draft_rows(
        two.a, two.case, two.seal, [5, 6], to=to, use="defence", basis="our own law"
    )
    shown = acts.say(two.a, two.case, drawn, [two.seal], to=to, packages=[drawn.package])
    two.world.settle()
    assert not two.a.state(two.case).readable_by(shown.value.id, two.world.nodes[2].party.id)
    said = two.again()
    assert (said.verdict, said.rows, said.left_out) == ("shown-rows-match", (), ())
    changed = [*two.rows[:5], two.rows[5].replace("read", "export"), *two.rows[6:]]
    said = two.again(own=seal_own(two, changed))
    assert said.note == "of 3 disclosed rows of the finding's item, 1 are not the same here"
    said = two.again(two.lie(result="0" * 64))
    assert (said.cause, said.rows, said.matches) == ("identity", (), ())
    assert ran_nothing(said, 2)
    assert not ran_nothing(said, 1)


def test_matches_that_differ_among_rows_that_not_all_may_read_are_not_listed(tmp_path: Path) -> None:
    """They would say to a third member which rows were shown."""
    two = Two(tmp_path, names=("alder", "birch", "cedar"))
    to = [two.b.party.id]
    drawn = handing_over.draft_rows(
        two.a, two.case, two.seal, [5, 6], to=to, use="defence", basis="our own law"
    )
    acts.say(two.a, two.case, drawn, [two.seal], to=to, packages=[drawn.package])
    two.world.settle()
    said = two.again(parameters=Parameters(zone="+05:00", logsource=TOLD.logsource))
    assert (said.verdict, said.cause, said.matches, said.rows) == ("different", "parameters", (), ())
    assert not ran_nothing(said, 2)


def test_a_run_over_an_own_item_is_refused_under_rules_1_before_it_runs(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = seal_own(two, two.rows)
    monkeypatch.setattr(findings, "opened_under", lambda _: 1)
    monkeypatch.setattr(evidence, "item_rows", lambda *_: pytest.fail("it was run"))
    with pytest.raises(Refused) as error:
        two.again(own=own)
    assert error.value.code == "replicate.rules"


def test_rows_that_were_read_without_a_receipt_are_told(two: Two) -> None:
    two.show([5, 6])
    item = two.report().item
    (shown,) = findings.find_unreceipted(two.b, two.b.state(two.case), item)
    assert findings.find_unreceipted(two.a, two.a.state(two.case), item) == []
    disclosing.open_disclosure(two.b, two.case, shown)
    assert findings.find_unreceipted(two.b, two.b.state(two.case), item) == []


def send_broken(two: Two) -> str:
    """A disclosure of Alder whose package is no package; the record."""
    broken = two.a.blobs.put(b"broken")
    said = acts.say(
        two.a,
        two.case,
        msgspec.structs.replace(
            two.a.state(two.case).of("evidence.disclose")[0].content, package=broken, bytes=6
        ),
        [two.seal],
        to=[two.b.party.id],
        packages=[broken],
    )
    two.world.settle()
    return said.value.id


@pytest.mark.parametrize("own", [False, True])
def test_a_package_that_does_not_open_is_named_and_the_others_are_run(two: Two, own: bool) -> None:
    """One broken package once stopped the whole re-run."""
    two.show([5, 6])
    broken = send_broken(two)
    two.show([11])
    shut: Shut = {}
    said = two.again(shut=shut, own=seal_own(two, two.rows) if own else "")
    assert said.verdict == ("different" if own else "shown-rows-match")
    assert said.rows == (() if own else ((5, 2), (11, 1)))
    assert [(record, error.code, error.where) for record, error in shut.items()] == [
        (broken, "disclosure.form", broken[:12])
    ]


def test_where_no_package_opens_nothing_is_signed(two: Two) -> None:
    two.show([5, 6])
    broken = send_broken(two)
    for record in two.b.state(two.case).of("evidence.disclose"):
        if record.id != broken and isinstance(record.content, kinds.Disclose):
            two.b.blobs.erase(record.content.package)
    with pytest.raises(Malformed) as error:
        two.again()
    assert (error.value.code, error.value.where) == ("disclosure.form", broken[:12])
    assert not two.b.state(two.case).of("finding.replicate")


def test_a_row_is_found_behind_a_package_that_does_not_open(two: Two) -> None:
    two.show([6])
    broken = send_broken(two)
    two.show([5])
    found = resolve_row(two.b, two.case, two.finding, 5)
    assert found.raw.startswith(b"2026-10-03T01:03")
    assert found.disclosure not in ("", broken)
    with pytest.raises(Malformed) as error:
        resolve_row(two.b, two.case, two.finding, 11)
    assert error.value.where == broken[:12]


def test_a_window_that_ends_before_it_begins_is_refused(two: Two) -> None:
    """Nothing is in it: the run would differ, and say nothing of why."""
    two.show([5, 6])
    turned = Parameters(since="2026-10-04T00:00:00Z", until="2026-10-03T00:00:00Z", logsource=TOLD.logsource)
    for signing in (
        lambda: two.again(parameters=turned),
        lambda: findings.report(two.a, two.case, two.seal, SOURCES, turned),
    ):
        with pytest.raises(Refused) as error:
            signing()
        assert error.value.code == "window.order"


def test_a_finding_over_a_window_without_rows_is_run_as_it_states(two: Two) -> None:
    two.show([5, 6])
    turned = kinds.Parameters(zone="+00:00", since="2026-10-04T00:00:00Z", until="2026-10-03T00:00:00Z")
    said = two.again(two.lie(parameters=turned, matches=()))
    assert said.verdict == "different"
    assert "inputs" in said.part


def test_the_command_names_the_package_that_does_not_open(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.show([5, 6])
    broken = send_broken(two)
    monkeypatch.setattr("comity.cli.disclose.open_home", lambda home: SimpleNamespace(node=two.b))
    said = run("replicate", two.finding, "--case", two.case)
    assert (said.code, "shown rows match" in said.out) == (2, True)
    assert f"disclosure {broken[:12]} did not open, so its rows were not run: " in said.err
    told = run("replicate", two.finding, "--case", two.case, "--json")
    assert [(each["record"], each["code"]) for each in told.one("record")["shut"]] == [
        (broken, "disclosure.form")
    ]
