"""The page of a finding: what is declared beside its digests."""

from __future__ import annotations

from comity.web.finding_views import view_finding
from tests.exchange.test_partly import two as two
from tests.exchange.test_replicate import Two


def test_the_page_names_rows_that_were_not_asked_whole(two: Two) -> None:
    told = {str(name): value for name, value in view_finding(two.b, two.finding).digests}
    assert told["rows not asked whole, as declared"] == "2"
