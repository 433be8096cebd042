"""The journalist's part: both dossiers, checked offline by the command that anyone would use."""

from __future__ import annotations

import subprocess

from demo.feed import Feed
from demo.stage import COMITY
from demo.story import Told

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
    folder = f"{told.trust.parent}/"
    for line in done.stdout.replace(folder, "").splitlines():
        if line.strip():
            print("  │ " + line, flush=True)
    feed.say(
        f"Exit code {done.returncode}: intact; the key of the party without a node was confirmed by nobody. The whole "
        f"report is in {report.name}. It names what it did not check, what neither dossier shows, and what each left "
        "out that the other has."
    )
    return done.returncode == INTACT_UNCONFIRMED
