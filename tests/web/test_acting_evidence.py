"""Evidence in the pages: taken in, sealed, searched, chosen row by row, found, claimed and disclosed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Refused, Unavailable
from comity.evidence.disclose import VerifiedRows
from comity.evidence.seal import Declared
from comity.exchange import acts, evidence, findings, handing_over, proposing
from comity.exchange.erasing import PROPOSED
from comity.exchange.node import Node
from comity.exchange.ports import Room, Write
from comity.findings.finding import Parameters
from comity.records import kinds
from comity.web import intake
from comity.web.intake import file_name
from comity.web.rowtext import read_rows, write_rows
from tests.exchange.test_disclosing import OFFICES
from tests.web.acting import Person, hidden, mistakes, person_at
from tests.web.stage import RULE, Live, tell

LOG = b"time,user,action\n" + b"".join(
    b"2026-10-03T02:%02d:00,u%d,%s\n" % (n, n, b"export" if n == 7 else b"read") for n in range(60)
)


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("acted"))


@pytest.fixture
def officer(acted: Live) -> Iterator[Person]:
    with person_at(acted.world.nodes[0]) as person:
        yield person


def content_at(node: Node, case: str, record: str) -> kinds.Content:
    content = node.state(case).accepted[record].content
    assert content is not None
    return content


def take_in(person: Person, case: str, name: str, data: bytes) -> str:
    """Send one file; the page that asks what it is."""
    page = f"/act/{case}/files"
    csrf = hidden(person.open(page))["csrf"][0]
    answer = person.client.post(
        page, data={"csrf": csrf}, files={"files": (name, data)}, follow_redirects=False
    )
    assert answer.status_code == 303, mistakes(answer.text)
    return str(answer.headers["location"])


def seal_file(person: Person, case: str, name: str, data: bytes, **declared: str) -> str:
    """Take a file in and seal it; the root of the item."""
    place = take_in(person, case, name, data)
    form = {"format": "csv/1", "zone": "", "origin": "", "collected-from": "", **declared}
    answer = person.send(place, "seal", form)
    assert answer.status_code == 303, mistakes(answer.text)
    for _ in range(200):
        page = person.open(f"/act/{case}/files")
        if "sealing," not in page:
            break
        assert 'http-equiv="refresh"' in page
        time.sleep(0.05)
    found = re.findall(r"/seal\?item=([0-9a-f]{64})", page)
    assert found, page[-1500:]
    return str(found[0])


def test_seal_find_claim_and_disclose(acted: Live, officer: Person) -> None:
    node, other = acted.world.nodes[:2]
    case = acted.case
    root = seal_file(officer, case, "C:\\logs\\night mail.csv", LOG, zone="+02:00", origin="gateway 2")
    assert root in evidence.held_items(node)
    assert f"/act/{case}/seal?item={root}" in officer.open(f"/evidence/{root}")
    fields: dict[str, str | list[str]] = {
        "show-name": "yes",
        "by": "Duty desk",
        "method": "export",
        "began": "2026-10-04 08:00",
    }
    seal = officer.sign(f"/act/{case}/seal?item={root}", fields)
    sealed = content_at(node, case, seal)
    assert isinstance(sealed, kinds.Seal)
    assert (sealed.name, sealed.zone, sealed.origin, sealed.bytes) == (
        "night mail.csv",
        "+02:00",
        "gateway 2",
        len(LOG),
    )
    assert sealed.custody.method == "export"
    assert "its seal is signed" in officer.open(f"/act/{case}/files")

    assert 'value="+02:00"' in officer.open(f"/act/{case}/find?seal={seal}")
    rule: dict[str, str | list[str]] = {
        "seal": seal,
        "zone": "+02:00",
        "rule-name": "night.yml",
        "rule": RULE.decode(),
        "logsource": "product=mail",
    }
    finding = officer.sign(f"/act/{case}/find", rule)
    found = content_at(node, case, finding)
    assert isinstance(found, kinds.Report)
    assert [m.rows for m in found.matches] == [((9, 1),)]
    assert f"on-1-1={finding}" in officer.open(f"/findings/{finding}")

    page = officer.open(f"/evidence/{root}?q=export")
    assert page.count('type="checkbox"') == 1
    chosen = officer.open(f"/evidence/{root}?q=export&row=9&on-page=9&chosen=4-5")
    assert "Disclose the 3 rows chosen" in chosen
    assert "rows=4-5%2C%209" in chosen or "rows=4-5%2C9" in chosen
    unmarked = officer.open(f"/evidence/{root}?on-page=4&on-page=5&row=5&chosen=4-5%2C9")
    assert "Chosen so far: 5, 9" in unmarked

    path = f"/act/{case}/disclose?seal={seal}&rows=4-5,9"
    terms: dict[str, str | list[str]] = {
        "level": "rows",
        "rows": "4–5, 9",
        "to": [other.party.id],
        "use": "defence",
        "onward": "no",
        "basis": "Our law",
        "consent": "own",
        "understood": "yes",
    }
    review = officer.review(path, terms)
    assert "4 of 61 rows" in review
    assert review.count('class="leaves"') == 4
    assert review.count('class="stays"') == 5
    shown = officer.sign(path, terms)
    acted.world.settle()
    opened = handing_over.open_package(other, case, shown)
    assert isinstance(opened, VerifiedRows)
    assert sorted(opened.rows) == [1, 4, 5, 9]
    assert "rows 1, 4–5, 9" in officer.open(f"/evidence/{root}")


def test_a_disclosure_of_what_a_finding_matched_and_of_a_whole_item(acted: Live, officer: Person) -> None:
    node, other = acted.world.nodes[:2]
    path = f"/act/{acted.case}/disclose?seal={acted.seal}&finding={acted.finding}"
    terms: dict[str, str | list[str]] = {
        "to": [other.party.id],
        "use": "information",
        "onward": "ask",
        "basis": "x",
        "consent": "own",
        "understood": "yes",
    }
    record = officer.sign(path, {**terms, "level": "finding", "finding": acted.finding})
    content = content_at(node, acted.case, record)
    assert isinstance(content, kinds.Disclose)
    assert (content.level, content.onward) == ("rows", "ask")
    record = officer.sign(path, {**terms, "level": "whole"})
    content = content_at(node, acted.case, record)
    assert isinstance(content, kinds.Disclose)
    assert content.level == "whole"


def test_rows_shown_to_everyone_are_agreed_to_with_their_terms(acted: Live, officer: Person) -> None:
    path = f"/act/{acted.case}/disclose?seal={acted.seal}"
    terms: dict[str, str | list[str]] = {
        "level": "rows",
        "rows": "3",
        "to": ["public"],
        "use": "information",
        "onward": "yes",
        "basis": "x",
        "consent": "own",
        "understood": "yes",
    }
    page = officer.review(path, terms)
    assert "Everyone." in page
    changed = officer.send(path, "sign", {"rows": "3, 4"}, page)
    assert changed.status_code == 200
    assert "has changed. This is what it is now." in changed.text
    record = officer.sign(path, terms)
    content = content_at(acted.world.nodes[0], acted.case, record)
    assert isinstance(content, kinds.Disclose)
    assert content.to == ("public",)


def test_what_waits_for_approval_for_everyone_opens_no_seal_yet(tmp_path: Path) -> None:
    live = tell(tmp_path)
    node = live.world.nodes[0]
    with person_at(node) as officer:
        root = seal_file(officer, live.case, "closed.csv", LOG)
        seal = officer.sign(f"/act/{live.case}/seal?item={root}", {"audience": []})
        offices = "".join(f"{office.office} = {office.key}\n" for office in OFFICES[:2])
        officer.sign(f"/act/{live.case}/approvers", {"offices": offices, "needed": "1"})
        terms: dict[str, str | list[str]] = {
            "level": "rows",
            "rows": "3",
            "to": ["public"],
            "use": "information",
            "onward": "yes",
            "basis": "x",
            "consent": "own",
            "understood": "yes",
        }
        path = f"/act/{live.case}/disclose?seal={seal}"
        page = officer.review(path, terms)
        assert "Two records are signed" not in page
        proposed = officer.send(path, "sign", {}, page)
        assert proposed.status_code == 303
        (kept,) = proposing.proposals(node)
        assert kept.content.to == ("public",)
        assert not node.state(live.case).readable_by(seal, kinds.PUBLIC)

        # A note of it that cannot be read any more is told, and keeps nobody from the pages.
        (name,) = node.journal.notes(PROPOSED)
        node.journal.write(Write(notes={name: b"\xff"}))
        for place in ("/", f"/case/{live.case}"):
            assert "[proposal.note]" in officer.open(place)
        node.journal.forget(name)


def test_what_cannot_be_disclosed_or_found_is_told(acted: Live, officer: Person) -> None:
    path = f"/act/{acted.case}/disclose?seal={acted.seal}"
    terms: dict[str, str | list[str]] = {
        "level": "rows",
        "to": [acted.world.nodes[1].party.id],
        "use": "defence",
        "onward": "no",
        "basis": "x",
        "consent": "own",
        "understood": "yes",
    }
    for rows in ("", "0", "9999999", "3-", "a", "7-3", "1-99999999", "1 2 x"):
        answer = officer.send(path, "review", {**terms, "rows": rows})
        assert answer.status_code == 422, rows
        assert mistakes(answer.text)
    answer = officer.send(path, "review", {**terms, "rows": "3", "to": [], "basis": ""})
    assert len(mistakes(answer.text)) == 2
    whole = officer.send(path, "review", {**terms, "level": "whole", "to": ["public"]})
    assert any("not given to everyone" in m for m in mistakes(whole.text))
    rule: dict[str, str | list[str]] = {
        "seal": acted.seal,
        "rule-name": "x.yml",
        "rule": "title: [",
        "zone": "2",
        "logsource": "a=b",
    }
    found = mistakes(officer.send(f"/act/{acted.case}/find", "review", rule).text)
    assert any("time zone" in m for m in found)
    assert any("product, category and service" in m for m in found)
    broken: dict[str, str | list[str]] = {**rule, "zone": "", "logsource": ""}
    assert any(
        "[rule." in m for m in mistakes(officer.send(f"/act/{acted.case}/find", "review", broken).text)
    )


def test_rare_values_are_named_before_they_leave_and_terms_accepted_before_they_come(
    acted: Live, officer: Person
) -> None:
    node, other = acted.world.nodes[:2]
    case = acted.case
    root = seal_file(officer, case, "rare.csv", LOG)
    seal = officer.sign(f"/act/{case}/seal?item={root}", {"show-name": "yes"})
    path = f"/act/{case}/disclose?seal={seal}"
    terms: dict[str, str | list[str]] = {
        "level": "rows",
        "rows": "9",
        "to": [other.party.id],
        "use": "defence",
        "onward": "no",
        "basis": "x",
        "consent": "given",
        "accept": "yes",
    }
    found = mistakes(officer.send(path, "review", terms).text)
    assert any("whose it is" in m for m in found)
    assert any("how it consented" in m for m in found)
    terms |= {"originator": "Gateway Ltd", "why": "by letter"}
    found = mistakes(officer.send(path, "review", terms).text)
    assert any("Look twice" in m and "only" in m for m in found)
    shown = officer.sign(path, {**terms, "understood": "yes"})
    acted.world.settle()
    with pytest.raises(ComityError):
        handing_over.open_package(other, case, shown)
    with person_at(other) as reader:
        assert "accept-terms" in reader.open(f"/record/{shown}")
        accept = f"/act/{case}/accept-terms?about-record={shown}"
        wrong = reader.send(accept, "review", {"answer": "declines", "reason": ""})
        assert any("reason" in m for m in mistakes(wrong.text))
        reader.sign(accept, {"answer": "accepts"})
    acted.world.settle()
    acted.world.settle()
    opened = handing_over.open_package(other, case, shown)
    assert isinstance(opened, VerifiedRows)
    assert node.state(case).of("disclosure.accept")


def test_running_a_finding_again(acted: Live) -> None:
    with person_at(acted.world.nodes[2]) as person:
        assert "Run it again" in person.open(f"/findings/{acted.finding}")
        path = f"/act/{acted.case}/rerun?finding={acted.finding}"
        record = person.sign(path, {"note": "Once more."})
    content = content_at(acted.world.nodes[2], acted.case, record)
    assert isinstance(content, kinds.Replicate)
    assert content.verdict == "same"
    with person_at(acted.world.nodes[0]) as person:
        assert person.client.get(path).status_code == 409


def test_running_a_finding_again_with_another_zone(acted: Live) -> None:
    """The one difference that a clock makes is named as one of parameters, before it is signed."""
    node = acted.world.nodes[2]
    path = f"/act/{acted.case}/rerun?finding={acted.finding}"
    with person_at(node) as person:
        assert "the whole item, which is held here" in person.open(path)
        assert person.send(path, "review", {"over": "held", "zone": "CET"}).status_code == 422
        backwards = {"over": "held", "since": "2026-10-04 00:00", "until": "2026-10-03 00:00"}
        assert person.send(path, "review", backwards).status_code == 422
        record = person.sign(path, {"over": "held", "zone": "+02:00"})
    content = content_at(node, acted.case, record)
    assert isinstance(content, kinds.Replicate)
    assert (content.verdict, content.cause, content.part) == ("different", "parameters", "zone")


def test_a_package_that_does_not_open_is_told_before_a_re_run_is_signed(acted: Live) -> None:
    """Else who signs takes the rows of the others for all that were shown."""
    node, other = acted.world.nodes[:2]
    shown = content_at(node, acted.case, acted.rows)
    assert isinstance(shown, kinds.Disclose)
    broken = node.blobs.put(b"broken")
    content = msgspec.structs.replace(shown, package=broken, bytes=6)
    said = acts.say(node, acted.case, content, [acted.seal], to=[other.party.id], packages=[broken])
    acted.world.settle()
    path = f"/act/{acted.case}/rerun?finding={acted.finding}"
    with person_at(other) as person:
        review = person.send(path, "review", {"over": "held"}).text
    assert said.value.id in other.state(acted.case).accepted
    assert re.search(r"<dt>not run, as it does not open</dt><dd[^>]*>№ \d+</dd>", review)


def test_running_a_finding_over_an_item_of_one_s_own(acted: Live) -> None:
    node = acted.world.nodes[1]
    path = f"/act/{acted.case}/rerun?finding={acted.finding}"
    with person_at(node) as person:
        assert "the rows that were shown to you: " in person.open(path)
        root = seal_file(person, acted.case, "own.csv", LOG + b"2026-10-03T05:00:00,u4,read\n", zone="+00:00")
        sealed = {"by": "Duty desk", "method": "export", "began": "2026-10-04 08:00"}
        seal = person.sign(f"/act/{acted.case}/seal?item={root}", {**sealed})
        assert "an item of your own: " in person.open(path)
        record = person.sign(path, {"over": seal})
        assert person.send(path, "review", {"over": acted.seal}).status_code == 422
    content = content_at(node, acted.case, record)
    assert isinstance(content, kinds.Replicate)
    assert (content.scope, content.cause, content.part) == ("whole", "evidence", "item")
    assert isinstance(content.item, kinds.Item)


def test_a_re_run_opens_no_whole_item(acted: Live, officer: Person) -> None:
    """What is reviewed is what is signed: one record, and no receipt before it."""
    node, other = acted.world.nodes[:2]
    root = seal_file(
        officer, acted.case, "rerun.csv", LOG + b"2026-10-03T04:00:00,u9,export\n", zone="+00:00"
    )
    fields: dict[str, str | list[str]] = {"by": "Duty desk", "method": "export", "began": "2026-10-04 08:00"}
    seal = officer.sign(f"/act/{acted.case}/seal?item={root}", fields)
    found, _ = findings.report(node, acted.case, seal, [("night.yml", RULE)], Parameters(zone="+00:00"))
    handing_over.disclose_whole(
        node, acted.case, seal, to=[other.party.id], use="defence", basis="our own law"
    )
    acted.world.settle()
    before = len(other.state(acted.case).accepted)
    with person_at(other) as person:
        record = person.sign(f"/act/{acted.case}/rerun?finding={found.value.id}", {"note": ""})
    content = content_at(other, acted.case, record)
    assert isinstance(content, kinds.Replicate)
    assert (content.scope, content.verdict) == ("rows", "not-possible")
    assert len(other.state(acted.case).accepted) == before + 1
    assert root not in evidence.held_items(other)


def test_a_declaration_without_meaning_keeps_the_file_and_what_was_typed(
    acted: Live, officer: Person
) -> None:
    place = take_in(officer, acted.case, "x.log", b"a\nb\n")
    assert "lines of text" in officer.open(place)
    answer = officer.send(place, "seal", {"format": "lines/1", "zone": "CET", "origin": "kept origin"})
    assert answer.status_code == 422
    assert any("+02:00" in m for m in mistakes(answer.text))
    assert "kept origin" in answer.text
    assert officer.send(place, "drop", {}).status_code == 303
    assert officer.client.get(place).status_code == 404


def test_several_files_at_once(acted: Live, officer: Person) -> None:
    page = f"/act/{acted.case}/files"
    csrf = hidden(officer.open(page))["csrf"][0]
    files = [("files", (f"{n}.log", b"x" * n)) for n in range(3)]
    answer = officer.client.post(page, data={"csrf": csrf}, files=files, follow_redirects=False)
    assert answer.headers["location"] == page
    text = officer.open(page)
    for n in range(3):
        assert f"<bdi>{n}.log</bdi>" in text


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"x"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken"),
        ("multipart/form-data; boundary=b", b""),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\nabc',
        ),
    ],
)
def test_what_is_no_form_with_files_is_refused(
    acted: Live, officer: Person, content_type: str, body: bytes
) -> None:
    answer = officer.client.post(
        f"/act/{acted.case}/files", content=body, headers={"content-type": content_type}
    )
    assert answer.status_code in (400, 422)


def test_a_file_before_its_word_or_with_a_wrong_one_is_not_stored(acted: Live, officer: Person) -> None:
    page = f"/act/{acted.case}/files"
    for word in ("", "0" * 64):
        before = officer.open(page)
        answer = officer.client.post(page, data={"csrf": word}, files={"files": ("sly.log", b"sly")})
        assert answer.status_code == 400
        assert "sly.log" not in officer.open(page)
        assert before.count("<tr>") == officer.open(page).count("<tr>")
    own = hidden(officer.open(page))["csrf"][0]
    late = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="sly.log"\r\n\r\nsly\r\n'
        b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + own.encode() + b"\r\n--b--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert officer.client.post(page, content=late, headers=headers).status_code == 400
    assert "sly.log" not in officer.open(page)


def test_a_full_disk_is_told_before_a_file_is_taken(
    acted: Live, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = acted.world.nodes[0]
    page = f"/act/{acted.case}/files"
    csrf = hidden(officer.open(page))["csrf"][0]
    monkeypatch.setattr(node, "room", lambda: Room(free=1, floor=2, where="here"))
    answer = officer.client.post(page, data={"csrf": csrf}, files={"files": ("a.log", b"a")})
    assert answer.status_code == 422
    assert "disk.low" in answer.text
    monkeypatch.undo()

    def full(chunks: object) -> str:
        raise Unavailable("disk.low", "here", "no room")

    monkeypatch.setattr(node.blobs, "put_stream", full)
    answer = officer.client.post(page, data={"csrf": csrf}, files={"files": ("a.log", b"a" * 3_000_000)})
    assert answer.status_code == 422
    assert "disk.low" in answer.text


def test_what_fails_while_it_is_sealed_says_so(
    acted: Live, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = take_in(officer, acted.case, "fails.log", b"a\n")

    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(evidence, "keep_sealed", broken)
    assert officer.send(place, "seal", {"format": "lines/1"}).status_code == 303
    for _ in range(100):
        page = officer.open(f"/act/{acted.case}/files")
        if "not sealed: OSError: the disk is gone" in page:
            break
        time.sleep(0.02)
    assert "not sealed: OSError: the disk is gone" in page


@given(st.sets(st.integers(1, 5000), max_size=60))
def test_rows_are_read_as_they_are_written(rows: set[int]) -> None:
    assert read_rows(write_rows(rows)) == sorted(rows)


@given(st.text(max_size=40))
def test_any_other_text_is_no_row(text: str) -> None:
    try:
        found = read_rows(text)
    except ValueError:
        return
    assert all(n > 0 for n in found)


@given(st.text(max_size=300))
def test_a_name_of_a_file_is_one_label(given_name: str) -> None:
    name = file_name(given_name)
    assert 0 < len(name) <= 200
    assert not set(name) & {"/", "\\", "\n", "\x00"}


def test_a_path_is_cut_to_its_name(tmp_path: Path) -> None:
    assert file_name("../../etc/passwd") == "passwd"
    assert file_name("C:\\a\\b.evtx") == "b.evtx"
    assert file_name("") == file_name(None) == "file"


def test_a_file_waits_over_a_restart_and_sealing_is_stopped_and_taken_up_again(acted: Live) -> None:
    node, case = acted.world.nodes[0], acted.case
    raw = b"time,user\n" + b"".join(b"%d,u\n" % n for n in range(5000))
    first = intake.Intake(node)
    taken = first.take(case, "waits.csv", iter([raw]))
    again = intake.Intake(node)
    (kept,) = [t for t in again.of(case) if t.id == taken.id]
    assert (kept.name, kept.size, kept.detected.format) == ("waits.csv", len(raw), "csv/1")
    with again._turn:  # another file is being sealed, so this one has to wait for its turn
        again.seal(case, kept.id, "csv/1", Declared())
        with pytest.raises(Refused, match="stop that first"):
            again.drop(case, kept.id)
        again.stop(case, kept.id)
    wait_for(lambda: kept.stage == "waiting")
    again.seal(case, kept.id, "csv/1", Declared())
    wait_for(lambda: kept.stage == "sealed")
    assert all(t.id != taken.id for t in intake.Intake(node).of(case))
    other = again.take(case, "dropped.csv", iter([b"a\n1\n"]))
    again.drop(case, other.id)
    assert not node.blobs.has(other.blob)
    again.drop(case, kept.id)
    assert node.blobs.has(kept.blob), "what an item is made of stays"


def test_sealed_files_keep_no_others_out(acted: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list went on counting them as files that wait, until the node was started anew."""
    node, case = acted.world.nodes[0], acted.case
    files = intake.Intake(node)
    waiting = len(files._held)
    most = waiting + 2
    monkeypatch.setattr(intake, "FILES", most)
    for n in range(most + 1):
        files.require_space()
        taken = files.take(case, f"{n}.log", iter([b"a line that must not stay %d\n" % n]))
        files.seal(case, taken.id, "lines/1", Declared())
        wait_for(lambda taken=taken: taken.stage == "sealed")  # type: ignore[misc]
        assert taken.head == b""
    wait_for(lambda: len(files._held) == waiting + most)
    for n in range(2):
        files.require_space()
        files.take(case, f"{n}.waits", iter([b"x %d\n" % n]))
    with pytest.raises(Refused, match="files wait here"):
        files.require_space()


def wait_for(done: Callable[[], bool]) -> None:
    for _ in range(2000):
        if done():
            return
        time.sleep(0.005)
    raise AssertionError("it did not come to its end")
