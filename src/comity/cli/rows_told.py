"""How far the reading of a sealed item is, by its rows."""

from __future__ import annotations

import time
from collections.abc import Callable

from comity.cli.output import Out, count, left_text


def tell_rows(out: Out, what: str, total: int) -> Callable[[int], None]:
    """Shows on a terminal how many of ``total`` rows are read, how many a second, and the time left."""
    began = time.monotonic()

    def tell(done: int) -> None:
        if not out.may_draw():
            return
        rate = done / max(time.monotonic() - began, 1e-3)
        more = f", {rate:,.0f} rows/s, {left_text((total - done) / rate)} left" if rate > 0 else ""
        out.progress(f"{what}: {done:,} of {count(total, 'row')}{more}")

    return tell
