"""The third party's log: what its resolvers were asked, and what they answered."""

from __future__ import annotations

import random
from typing import Any, Final

from demo.cast import Cast
from demo.evidence_incident import CALLBACK, DROP, Incident
from demo.evidence_sheet import Sheet, between, line_of, moment, pick, spell_fine, spread

_WORDS: Final = ("harbor", "ledger", "garden", "signal", "copper", "meadow", "bridge", "ferry")


def write_resolver(rng: random.Random, cast: Cast, plan: Incident) -> Sheet:
    """Passive DNS of three sensors, 2 to 4 October, UTC: names and answers, never who asked."""
    sheet = Sheet(
        splitter="jsonl/1",
        origin="regional resolver sensors",
        logsource={"category": "dns", "product": "resolver", "service": "passive"},
    )
    sensors = [f"rs-{n}.{cast.third.domain}" for n in (1, 2, 3)]
    names = [
        f"{pick(rng, ('www', 'mail', 'api', 'img'))}.{pick(rng, _WORDS)}-{pick(rng, _WORDS)}.example"
        for _ in range(400)
    ]

    def add(t: int, name: str, kind: str, answer: str, *rules: str) -> None:
        fields: dict[str, Any] = {
            "time": f"{spell_fine(t)}Z",
            "sensor": sensors[t % 3],
            "qname": name,
            "qtype": kind,
            "answer": answer,
            "ttl": pick(rng, (60, 300, 900, 3_600)),
            "askers": between(rng, 1, 40),
        }
        sheet.add(t, line_of(fields), *rules)

    for t in spread(rng, "2026-10-02", (92, 50, 40), 17_500):
        name = pick(rng, names)
        if rng.random() < 0.7:
            add(t, name, "A", f"198.51.100.{between(rng, 20, 250)}")
        else:
            add(t, name, "AAAA", f"2001:db8:{between(rng, 1, 4096):x}::{between(rng, 2, 99):x}")
    # The name moved: first into the respondent's public pool, after midnight to the drop.
    moved = moment("2026-10-04", "00:00:00")
    pool = plan.shell[0][1]
    for t in plan.lookups:
        answer = pool if t < moved else DROP
        add(t + 35, CALLBACK, "A", answer, "resolver_callback.yml", "indicators.txt")
    return sheet
