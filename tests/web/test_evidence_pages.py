"""Pages over real evidence: rows, what was shown, and why two runs differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from comity.web.evidence_views import Search
from tests.web.stage import Live, app_of, enter
from tests.web.test_pages import text_of


def test_rows_are_paged_from_the_first_to_the_last(holder: TestClient[Litestar], live: Live) -> None:
    seen: list[int] = []
    first = 1
    while first:
        view = holder.get(f"/evidence/{live.root}.json", params={"from": first}).json()
        seen += [row["number"] for row in view["rows"]]
        first = view["following"]
    assert seen == list(range(1, view["item"]["rows"] + 1))


def test_pages_of_rows_lead_both_ways_and_keep_their_columns(
    holder: TestClient[Litestar], live: Live
) -> None:
    size = holder.get(f"/evidence/{live.root}.json").json()["item"]["rows"]
    second = holder.get(f"/evidence/{live.root}.json", params={"from": 101}).json()
    assert (second["earlier"], second["last"]) == (1, size - 99)
    assert second["columns"] == "time,user,action"
    assert holder.get(f"/evidence/{live.root}.json").json()["columns"] == ""
    page = holder.get(f"/evidence/{live.root}", params={"from": 251}).text
    for place in (1, 151, 351, size - 99):
        assert f'href="?from={place}&' in page or f'href="?from={place}#' in page, place
    assert "Go to row" in page
    assert "251–350" in text_of(page)
    found = holder.get(f"/evidence/{live.root}.json", params={"q": "export", "from": 2}).json()
    assert found["columns"] == "time,user,action"


def test_a_search_is_of_plain_text(holder: TestClient[Litestar], live: Live) -> None:
    rows = holder.get(f"/evidence/{live.root}.json", params={"q": "EXPORT"}).json()["rows"]
    assert len(rows) == 24
    assert all("export" in row["text"] for row in rows)
    assert holder.get(f"/evidence/{live.root}.json", params={"q": ".*"}).json()["rows"] == []


def test_the_item_says_who_has_seen_what(holder: TestClient[Litestar], live: Live) -> None:
    page = text_of(holder.get(f"/evidence/{live.root}").text)
    assert "the whole item" in page
    assert "What a recipient passed on stands in no record" in page
    assert "Cedar" in page[page.index("Disclosures of this item") :]
    listing = text_of(holder.get("/evidence").text)
    assert "showed rows" in listing
    assert "Birch" in listing


def test_rows_shown_are_read_with_their_proofs(shown: TestClient[Litestar], live: Live) -> None:
    assert "read them" in shown.get("/evidence").text
    page = text_of(shown.get(f"/shown/{live.rows}").text)
    assert "Each row's proof was checked just now" in page
    assert "export" in page
    item = text_of(shown.get(f"/evidence/{live.root}").text)
    assert "not held whole here" in item
    assert "rows shown" in item
    assert shown.get(f"/evidence/{'0' * 64}").status_code == 404


def test_changed_rows_are_not_shown(live: Live, shown: TestClient[Litestar]) -> None:
    node = live.world.nodes[1]
    real = node.blobs

    class Changed:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def get(self, digest: str) -> bytes:
            return real.get(digest).replace(b"export", b"exporT")

    node.blobs = Changed()  # type: ignore[assignment]
    try:
        answer = shown.get(f"/shown/{live.rows}")
    finally:
        node.blobs = real
    assert answer.status_code == 500
    assert "row." in answer.text
    assert "exporT" not in answer.text


def test_a_finding_says_why_a_re_run_differs(live: Live) -> None:
    for node in live.world.nodes:
        with TestClient(app_of(node)) as client:
            enter(client)
            for path in (f"/findings/{live.finding}", f"/case/{live.case}"):
                page = text_of(client.get(path).text)
                assert (
                    "parameters — zone +00:00 in the finding, +02:00 in the re-run: "
                    "2 rows only in the finding, 2 only in the re-run" in page
                )


def test_a_finding_shows_the_rows_as_far_as_they_are_open(live: Live, shown: TestClient[Litestar]) -> None:
    view = shown.get(f"/findings/{live.finding}.json").json()
    assert (view["matched"], view["readable"]) == (6, 2)
    assert len([row for row in view["rows"] if not row["heading"]]) == 2
    assert view["rerun"]["code"] == "mixed"
    said = "shown rows match; completeness, counts, absence and correlations not checked"
    assert said in text_of(shown.get(f"/case/{live.case}").text)


def test_matched_rows_come_in_pages_under_the_row_that_names_their_columns(
    live: Live, holder: TestClient[Litestar], shown: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.web.finding_views.MATCHED", 4)
    for client, readable in ((holder, 6), (shown, 2)):
        numbers: list[int] = []
        place = 1
        while place:
            view = client.get(f"/findings/{live.finding}.json?from={place}").json()
            rows = [row["number"] for row in view["rows"] if not row["heading"]]
            assert len(rows) <= 4
            numbers += rows
            place = view["later"]
        assert len(numbers) == len(set(numbers)) == readable
        assert numbers == sorted(numbers)
    assert "Earlier matches" in holder.get(f"/findings/{live.finding}?from=5").text
    assert "2 of 6 matched rows are open here." in shown.get(f"/findings/{live.finding}").text


@given(
    st.lists(st.text("aAbBKkſßK\u0130é7 ", max_size=6), max_size=8),
    st.text("aAbBKkſßK\u0130é7 ", max_size=3),
)
def test_rows_are_passed_over_together_only_where_none_holds_the_text(rows: list[str], text: str) -> None:
    search = Search(text)
    raws = [row.encode() for row in rows]
    held = [text.casefold() in row.casefold() for row in rows]
    assert [search.holds(raw) for raw in raws] == held
    if search.none_of(raws):
        assert not any(held)
    if rows and not any(held) and all(row.isascii() for row in rows):
        assert search.none_of(raws)
