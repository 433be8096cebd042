"""What stands ahead of an object is the same to who says that its fields are read and to who reads them."""

from __future__ import annotations

import pytest

from comity.evidence.detecting import explain_format
from comity.findings.exports import Exports
from comity.line_heads import SYSLOG, stands_behind_head

HEADS = (
    "2026-03-04T05:06:07.000Z ",
    "2026-03-04T05:06:07.1Z stdout F ",
    "2026-03-04 05:06:07,089 [main] INFO  lab.Trail - ",
    "05:06:07.089 [main] INFO  lab.Trail - ",
    'time="2026-03-04T05:06:07Z" level=info msg=',
    "lab_1  | ",
    "Mar  4 05:06:07 lab relay[7]: ",
    "<13>1 2026-03-04T05:06:07Z lab relay 7 - - ",
)
WORDS = (
    "ada said ",
    "2026-03-04T05:06:07Z ada went in and said that it was so: ",
    "Mar  4 05:06:07 lab relay[7]: ada said ",
    "2026-03-04 05:06:07 192.0.2.1 GET /x ",
    "x" * 300 + " ",
)


@pytest.mark.parametrize("ahead", [*HEADS, *WORDS])
def test_an_object_that_is_not_read_is_told(ahead: str) -> None:
    line = ahead + '{"keeper": "ada", "n": 1}'
    read = "keeper" in Exports(()).read({"message": line})
    assert read is (ahead in HEADS)
    assert ("behind a prefix" in explain_format("x.log", f"{line}\n".encode() * 9).doubt) is not read


def test_what_is_asked_of_a_server_stands_behind_no_head() -> None:
    for line, expected in (("2026-03-04 05:06:07 lab ", True), ("2026-03-04 05:06:07 lab GET /x ", False)):
        assert stands_behind_head(line, len(line), SYSLOG.match(line)) is expected
