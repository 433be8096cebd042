"""The journalist's part: both dossiers, checked offline by the command that anyone would use."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from demo.feed import Feed
from demo.stage import COMITY
from demo.teller import Told

INTACT_UNCONFIRMED = 3


def verify_both(feed: Feed, told: Told) -> bool:
    """Run ``comity verify`` on both dossiers together; whether it says that they are intact."""
    feed.chapter("13. A journalist checks both, offline")
    names = [path.name for path in told.dossiers]
    feed.say(f"comity verify {' '.join(names)} --trust {told.trust.name}")
    done = subprocess.run(
        [*COMITY, "verify", *map(str, told.dossiers), "--trust", str(told.trust)],
        capture_output=True,
        text=True,
        check=False,
    )
    report = told.trust.with_name("verify.txt")
    report.write_text(done.stdout + done.stderr, encoding="utf-8")
    for line in _shorten(done.stdout.replace(f"{told.trust.parent}/", "").splitlines()):
        print("  │ " + line, flush=True)
    if done.returncode != INTACT_UNCONFIRMED:
        feed.say(f"!! Exit code {done.returncode}, and not {INTACT_UNCONFIRMED}: see {report}.")
        return False
    feed.say(
        f"Exit code {done.returncode}: intact; the key of the party without a node was confirmed by nobody. The whole "
        f"report is in {report.name}. It names what it did not check, what neither dossier shows, and what each left "
        "out that the other has."
    )
    return True


def _shorten(lines: list[str]) -> Iterator[str]:
    """The report as a first look takes it: of longer lists, as far as they are about one dossier, the length."""
    left_out, together = 0, False
    for line in (*(each for each in lines if each.strip()), ""):
        together |= line.startswith("together:")
        if line.startswith("    ") and not together:
            left_out += 1
            continue
        if left_out:
            yield f"    … {left_out} lines"
            left_out = 0
        if line:
            yield line
