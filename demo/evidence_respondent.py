"""The respondent's logs: who held which address, and what crossed its border.

They cast doubt on the planted clue and on nothing else: the spray is in them as it happened.
"""

from __future__ import annotations

import random
from typing import Any, Final

from demo.cast import Cast
from demo.evidence_incident import (
    CLUE_ADDRESS,
    DROP,
    GATEWAY,
    MAINTENANCE,
    Incident,
)
from demo.evidence_sheet import (
    DAY,
    HOUR,
    MINUTE,
    Sheet,
    between,
    line_of,
    moment,
    pick,
    spell,
    spell_fine,
    spread,
)

_LEASED: Final = "hosting-customers"


def write_assignments(rng: random.Random, cast: Cast) -> Sheet:
    """Who held which address of 203.0.113.0/24 and when, September to 6 October, UTC."""
    sheet = Sheet(
        splitter="csv/1",
        origin="network address assignments",
        logsource={"category": "addressing", "product": "addressplan", "service": "assignments"},
        blocks=[(0, ["time,action,address,pool,holder,lease_until,ticket"])],
    )

    def add(
        t: int,
        action: str,
        address: str,
        pool: str,
        holder: str,
        days: int,
        *rules: str,
        ticket: str = "",
    ) -> None:
        until = f"{spell(t + days * DAY)}Z" if days else ""
        sheet.add(t, f"{spell(t)}Z,{action},{address},{pool},{holder},{until},{ticket}", *rules)

    ministry = f"moc.{cast.respondent.domain}"
    customers = cast.fourth.domain

    # The last octet decides the pool, as the plan does: offices, maintenance, public access.
    for n in range(10, 60):
        for day in range(35):
            t = day * DAY + 6 * HOUR + between(rng, 0, 4 * HOUR)
            add(t, "renew", f"203.0.113.{n}", "offices", f"desk-{n:03}.{ministry}", 1)
    for n in range(128, 200):
        for day in range(35):
            t = day * DAY + between(rng, 0, DAY)
            guest = f"line-{int(rng.random() * 2**24):06x}.access.{cast.respondent.domain}"
            add(t, "assign", f"203.0.113.{n}", "public-access", guest, 1)
            add(t + 20 * HOUR, "release", f"203.0.113.{n}", "public-access", guest, 0)

    maintenance = range(64, 96)
    retired = moment("2026-09-18", "07:31:12")
    handed_over = moment("2026-09-21", "09:00:00")
    for n in maintenance:
        address = f"203.0.113.{n}"
        host = f"{MAINTENANCE}.{ministry}" if address == CLUE_ADDRESS else f"mnt-{n:03}.{ministry}"
        for day in range(17):
            t = day * DAY + 5 * HOUR + between(rng, 0, HOUR)
            add(t, "renew", address, "maintenance", host, 1)
        gone = retired + (n - 77) * 4 * MINUTE
        add(gone, "release", address, "maintenance", host, 0, ticket="NET-2291")
        found = ("address_reassigned.yml",) if address == CLUE_ADDRESS else ()
        t = handed_over + n * 700
        add(t, "reassign", address, _LEASED, customers, 0, *found, ticket="NET-2304")
        # The clue's own lease is written below.
        if address != CLUE_ADDRESS:
            for day in range(21, 35):
                customer = f"customer-{4_400 + n}.{customers}"
                t = day * DAY + between(rng, 0, DAY)
                add(t, "renew", address, _LEASED, customer, 2)
    holder = f"customer-4471.{customers}"
    lease = moment("2026-10-01", "08:12:40")
    add(lease, "assign", CLUE_ADDRESS, _LEASED, holder, 1, "address_reassigned.yml")
    for day in range(1, 5):
        t = lease + day * DAY - between(rng, 0, HOUR)
        add(t, "renew", CLUE_ADDRESS, _LEASED, holder, 1, "address_reassigned.yml")
    ended = moment("2026-10-06", "08:12:40")
    add(ended, "release", CLUE_ADDRESS, _LEASED, holder, 0, ticket="expired")
    return sheet


def write_flows(rng: random.Random, cast: Cast, plan: Incident) -> Sheet:
    """Flows and port states at the respondent's border, 1 to 4 October, UTC."""
    sheet = Sheet(
        splitter="jsonl/1",
        origin="network border records",
        logsource={"category": "flow", "product": "border", "service": "netflow"},
    )
    exporters = [f"edge-{n}.{cast.respondent.domain}" for n in (1, 2, 3)]
    ports = ("offices-a", "offices-b", "access-a", "hosting-a", MAINTENANCE, "mnt-ops-05")

    def flow(
        t: int,
        src: str,
        dst: str,
        dst_port: int,
        sent: int,
        ingress: str,
        *rules: str,
    ) -> None:
        fields: dict[str, Any] = {
            "time": f"{spell_fine(t)}Z",
            "type": "flow",
            "exporter": exporters[t % 3],
            "ingress": ingress,
            "src": src,
            "src_port": between(rng, 20_000, 65_000),
            "dst": dst,
            "dst_port": dst_port,
            "proto": "tcp",
            "bytes": sent,
            "packets": 3 + sent // 900,
        }
        sheet.add(t, line_of(fields), *rules)

    for t in spread(rng, "2026-10-01", (104, 92, 50, 40), 27_000):
        n = between(rng, 10, 200)
        if n >= 128:
            ingress = "public-access"
        elif n < 60:
            ingress = "offices"
        else:
            n = 64 + n % 13
            ingress = _LEASED
        # Neither the gateway nor the drop is among these: what goes there is written below.
        if rng.random() < 0.8:
            dst = f"198.51.100.{between(rng, 20, 250)}"
        else:
            dst = f"2001:db8:{between(rng, 1, 4096):x}::{between(rng, 2, 99):x}"
        size = rng.random()
        sent = 200 + int(size * size * size * 900_000)
        flow(t, f"203.0.113.{n}", dst, pick(rng, (443, 443, 443, 80, 53, 853)), sent, ingress)
    # Ordinary mail reading by visitors: long flows, which the rule for the spray leaves out.
    for t in spread(rng, "2026-10-01", (104, 92, 50, 40), 900):
        src = f"203.0.113.{between(rng, 10, 60)}"
        flow(t, src, GATEWAY, 443, between(rng, 6_000, 400_000), "offices")

    for t, src, _ in plan.spray:
        seen = t - between(rng, 6, 40)
        sent = between(rng, 900, 2_300)
        flow(seen, src, GATEWAY, 443, sent, "public-access", "border_spray.yml")
    for t, src, _ in plan.entries:
        flow(t - 20, src, GATEWAY, 443, between(rng, 9_000, 80_000), "public-access")
    for t, src, _ in plan.shell:
        flow(t - 24, src, GATEWAY, 443, between(rng, 3_000, 9_000), "public-access")
    for t, _ in plan.clue_logons:
        flow(t - 18, CLUE_ADDRESS, GATEWAY, 443, between(rng, 9_000, 80_000), _LEASED)
    for t, size in plan.carried[::3]:
        src = plan.shell[0][1]
        sent = size // 90
        flow(t + 2 * MINUTE, src, DROP, 443, sent, "public-access", "indicators.txt")

    first = moment("2026-10-01", "00:00:00")
    for hour in range(0, 96, 2):
        for n, port in enumerate(ports):
            t = first + hour * HOUR + n * 150
            off = port == MAINTENANCE
            fields = {
                "time": f"{spell_fine(t)}Z",
                "type": "port",
                "exporter": exporters[n % 3],
                "port": port,
                "state": "down" if off else "up",
                "since": "2026-09-18T07:30:55Z" if off else "2026-08-30T04:12:09Z",
            }
            found = ("maintenance_host_off.yml",) if off else ()
            sheet.add(t, line_of(fields), *found)
    return sheet
