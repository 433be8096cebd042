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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT row FROM rows", "no ORDER BY row"),
        ("SELECT b.row FROM rows a, rows b ORDER BY a.row LIMIT 3", "no ORDER BY row"),
        ("SELECT row FROM rows ORDER BY Host LIMIT 3", "no ORDER BY row"),
        ("SELECT * FROM rows ORDER BY row", "'*' is not run"),
        ("SELECT Host FROM rows ORDER BY 1", "the first column of the query is not row"),
        ("SELECT Host AS row FROM rows ORDER BY row", "the first column of the query is not row"),
        ("SELECT row FROM read_csv('/etc/passwd') ORDER BY row", "no other source"),
        ("SELECT row FROM '/etc/passwd' ORDER BY row", "there is no table '/etc/passwd'"),
        ("SELECT row FROM duckdb_settings() ORDER BY row", "no other source"),
        ("SELECT row FROM information_schema.tables ORDER BY row", "there is no table"),
        ("SELECT row FROM main.rows ORDER BY row", "there is no table"),
        ("SELECT row FROM rows WHERE random() > 0 ORDER BY row", "the function 'random' is not run"),
        ("SELECT row FROM rows WHERE now() IS NULL ORDER BY row", "is not run"),
        ("SELECT row FROM rows WHERE getenv('HOME') = 'x' ORDER BY row", "the function 'getenv' is not run"),
        ("SELECT row FROM rows WHERE lower(Host) = 'h1' ORDER BY row", "the function 'lower' is not run"),
        ("SELECT row FROM rows WHERE Host ILIKE 'H1' ORDER BY row", "the function '~~*' is not run"),
        ("SELECT row FROM rows WHERE Host COLLATE NOCASE = 'H1' ORDER BY row", "collate is not run"),
        ("SELECT row FROM rows WHERE row > 1.5 ORDER BY row", "the number 1.5 is not run"),
        ("SELECT row FROM rows WHERE row > 1e1 ORDER BY row", "the number 1e1 is not run"),
        ("SELECT row FROM rows WHERE row / 2 > 1 ORDER BY row", "use //"),
        ("SELECT row FROM rows GROUP BY row HAVING avg(row) > 1 ORDER BY row", "'avg' is not run"),
        ("SELECT row FROM rows WHERE CAST(N AS DOUBLE) > 1 ORDER BY row", "a cast to DOUBLE is not run"),
        ("SELECT row FROM rows WHERE N > 4 ORDER BY row", "explicit cast is required"),
        ("SELECT row FROM (SELECT row FROM rows LIMIT 2) a ORDER BY row", "a LIMIT inside the query"),
        ("SELECT DISTINCT ON (Host) row FROM rows ORDER BY row", "DISTINCT ON is not run"),
        ("SELECT row FROM rows TABLESAMPLE 10% ORDER BY row", "a sample differs"),
        ("SELECT row, row_number() OVER (ORDER BY Host) FROM rows ORDER BY row", "over rows that are equal"),
        (
            "SELECT a.row, lag(a.Host) OVER (ORDER BY a.row) FROM rows a, rows b ORDER BY a.row",
            "over rows that are equal",
        ),
        (
            "SELECT row, sum(row) OVER (ORDER BY Host ROWS 2 PRECEDING) FROM rows ORDER BY row",
            "over rows that are equal",
        ),
        ("SELECT a.row FROM rows a POSITIONAL JOIN rows b ORDER BY a.row", "a positional join is not run"),
        (
            "WITH RECURSIVE t AS (SELECT 1 AS row UNION SELECT row FROM t) SELECT row FROM t ORDER BY row",
            "it may not end",
        ),
        ("SELECT row FROM rows GROUP BY ALL ORDER BY row", "GROUP BY ALL is not run"),
        ("SELECT row FROM rows WHERE Image = 'a' OR image = 'b' ORDER BY row", "are one name in SQL"),
        ("SELECT row FROM rows WHERE Row_Text = 'a' ORDER BY row", "are one name in SQL"),
        ("SELECT row FROM rows WHERE Event.System = 'a' ORDER BY row", "stands in double quotes"),
        ("WITH rows AS (SELECT 1 AS row) SELECT row FROM rows ORDER BY row", "can be no other name"),
        ("SELECT row FROM rows WHERE Host = $1 ORDER BY row", "parameter is not run"),
        ("SELECT 1; SELECT 2", "holds 2"),
        ("COPY rows TO 'x'", "Only SELECT"),
        ("ATTACH 'x.db'", "SQL: "),
        ("SET threads = 2", "SQL: "),
        ("SELEC", "syntax error"),
        ("", "holds 0"),
    ],
)
def test_what_has_no_one_answer_is_named(text: str, told: str) -> None:
    made = parse_sql("q.sql", text.encode())
    assert isinstance(made, Unusable), made
    assert told in made.reason
    assert made.reason.isprintable()


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
    assert made.reason == "SQL queries need duckdb: pip install 'comity[sql]'"


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
    assert explain_sql(query, ROWS[0]) == ["the query gives its number", "Host is 'h1'"]
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
