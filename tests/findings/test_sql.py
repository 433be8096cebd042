"""SQL queries: one answer, no way out, and a reason for whatever has not got one."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from comity.findings import sql
from comity.findings.rows import Row
from comity.findings.sigma import Unusable
from comity.findings.sql import SqlQuery, SqlRun, explain_sql, parse_sql, text_of

ROWS = [
    Row(
        index=n,
        text=f"row {n}",
        fields={
            "Image": f"C:\\x{n % 3}.EXE",
            "Host": f"h{n % 2}",
            "N": n,
            "odd.name": "v" if n == 4 else None,
        },
        time=n * 1_000_000,
    )
    for n in range(1, 13)
]


SEQUENCE = """
WITH a AS (SELECT row, Image, lag(Image) OVER (PARTITION BY Host ORDER BY row_time, row) AS before FROM rows)
SELECT row FROM a WHERE before LIKE '%x2%' AND Image LIKE '%x1%' ORDER BY 1
"""


def ready(text: str) -> SqlQuery:
    made = parse_sql("rules/q.sql", text.encode())
    assert isinstance(made, SqlQuery), made
    return made


def found(text: str, rows: Sequence[Row] = ROWS) -> list[int]:
    run = SqlRun(ready(text))
    for row in rows:
        run.add(row)
    numbers = sorted(run.rows())
    assert run.refused == ""
    return numbers


def refused(text: str, rows: Sequence[Row] = ROWS) -> str:
    run = SqlRun(ready(text))
    for row in rows:
        run.add(row)
    assert run.rows() == set()
    return run.refused


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT row FROM rows WHERE Image LIKE '%x1.exe' ORDER BY row", []),
        ("SELECT row FROM rows WHERE fold(Image) LIKE '%x1.exe' ORDER BY row LIMIT 2", [1, 4]),
        ("SELECT row FROM rows WHERE \"odd.name\" = 'v' ORDER BY row", [4]),
        ("SELECT row FROM rows WHERE CAST(N AS BIGINT) // 2 > 4 ORDER BY row", [10, 11, 12]),
        ("SELECT row FROM rows WHERE row_text = 'row 3' OR row_time = 5000000 ORDER BY row", [3, 5]),
        ("SELECT min(row) AS row FROM rows GROUP BY Host HAVING count(*) > 3 ORDER BY row", [1, 2]),
        (
            SEQUENCE,
            [4, 7, 10],
        ),
        ("SELECT a.row FROM rows a JOIN rows b ON a.row = b.row + 11 ORDER BY a.row", [12]),
        (
            "SELECT row FROM rows WHERE NOT EXISTS (SELECT 1 FROM rows b WHERE b.row>rows.row) ORDER BY row",
            [12],
        ),
        (
            "SELECT row FROM rows WHERE row < 2 UNION SELECT row FROM rows WHERE row > 11 ORDER BY row",
            [1, 12],
        ),
        ("SELECT row FROM rows WHERE nowhere IS NULL AND Host = 'h1' ORDER BY row", [1, 3, 5, 7, 9, 11]),
        ("SELECT row FROM rows WHERE regexp_matches(Image, '^C:.x[12]') ORDER BY row DESC LIMIT 1", [11]),
    ],
)
def test_what_a_query_finds(text: str, rows: list[int]) -> None:
    assert found(text) == rows
    shuffled = list(ROWS)
    random.Random(3).shuffle(shuffled)
    assert found(text, shuffled) == rows


@pytest.mark.parametrize(
    "text", ["", "ab", "e\u0301x", "\U0001f468\u200d\U0001f469", "\U0001f1e6\U0001f1e7", "\r\n"]
)
def test_texts_are_turned_round_by_their_characters(text: str) -> None:
    turned = [Row(index=1, text="", fields={"a": text, "b": text[::-1]})]
    assert found("SELECT row FROM rows WHERE reverse(a) = b ORDER BY row", turned) == [1]


def test_bytes_that_are_no_query() -> None:
    for raw, told in ((b"\xff", "not UTF-8 at byte 0"), (b" " * 70_000, "longer than 65536 bytes")):
        made = parse_sql("q.sql", raw)
        assert isinstance(made, Unusable)
        assert told in made.reason
    deep = parse_sql("q.sql", b"SELECT row FROM rows WHERE " + b"(" * 3000 + b"1" + b")" * 3000)
    assert isinstance(deep, Unusable)


def test_without_the_engine_a_query_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError("duckdb")

    monkeypatch.setattr(sql, "_connect", missing)
    made = parse_sql("q.sql", b"SELECT row FROM rows ORDER BY row")
    assert isinstance(made, Unusable)
    assert made.reason == "SQL queries need duckdb: pip install '.[sql]' in a copy of the source"


def test_what_goes_wrong_over_the_rows_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Could not convert string" in refused(
        "SELECT row FROM rows WHERE CAST(Image AS BIGINT) > 1 ORDER BY row"
    )
    assert (
        refused("SELECT row + 100 AS row FROM rows ORDER BY row")
        == "it gives numbers that are no rows of the item"
    )
    assert refused("SELECT NULL::BIGINT AS row FROM rows ORDER BY row") == (
        "it gives numbers that are no rows of the item"
    )
    monkeypatch.setattr(sql, "LISTED", 3)
    assert refused("SELECT row FROM rows ORDER BY row") == "it finds more than 3 rows"
    monkeypatch.setattr(sql, "SECONDS", 1)
    many = [Row(index=n, text="", fields={}) for n in range(1, 30_001)]
    assert refused(
        "SELECT min(a.row) AS row FROM rows a, rows b WHERE a.row * b.row % 7 = 8 ORDER BY row", many
    ) == ("it takes more than 1 seconds on this item")


def test_a_query_without_memory_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "MEMORY", "24MB")
    long = [Row(index=n, text=f"{n}" * 500, fields={}) for n in range(1, 40_001)]
    assert refused("SELECT row FROM rows WHERE row_text = 'x' ORDER BY row", long) == (
        "it needs more than 24MB of memory on this item"
    )


def test_values_as_texts() -> None:
    assert [text_of(v) for v in (None, [], "", 5, True, 1.5, ["a"], ["a", "b\n"], [None, "x"])] == [
        None,
        None,
        "",
        "5",
        "true",
        "1.5",
        "a",
        '["a","b\\n"]',
        '[null,"x"]',
    ]


def test_what_the_comments_say_and_what_the_columns_hold() -> None:
    query = ready(
        "-- title: Odd hosts\n-- tags: attack.t1059, x\n\nSELECT row FROM rows WHERE Host = 'h1' ORDER BY row"
    )
    assert (query.title, query.tags, query.columns) == ("Odd hosts", ("attack.t1059", "x"), ("Host",))
    assert explain_sql(query, ROWS[0]) == ["Host is 'h1'"]
    assert ready("SELECT row FROM rows ORDER BY row").title == "q.sql"


def test_a_query_in_capitals_runs() -> None:
    made = parse_sql("q.sql", b"SELECT ROW FROM ROWS WHERE ROW_TEXT LIKE '%a%' AND Host = 'x' ORDER BY ROW")
    assert isinstance(made, SqlQuery), made
    assert made.columns == ("Host",)


def test_long_rows_are_counted_before_a_batch_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "KEPT", 2 << 20)
    monkeypatch.setattr(sql, "PENDING", 1 << 20)
    text = "SELECT row FROM rows WHERE Image = 'x' ORDER BY row"
    run = SqlRun(ready(text), lambda work, memory, seconds: work())
    rows = 0
    while not run.refused:
        rows += 1
        assert rows < 10
        run.add(Row(index=rows, text="", fields={"Image": "x" * (1 << 19)}))
    assert run.refused == f"it needs more than {sql.MEMORY} of memory on this item"
    assert found(text, [Row(index=n, text="", fields={"Image": "x" * (n % 2)}) for n in range(1, 6)]) == [
        1,
        3,
        5,
    ]
