"""What a query may hold: what has no one answer is refused, and named."""

from __future__ import annotations

import pytest

from comity.findings.sigma import Unusable
from comity.findings.sql import parse_sql


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
