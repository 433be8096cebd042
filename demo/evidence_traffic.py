"""The ordinary days of a parliament's mail: programs, paths, addresses, noise."""

from __future__ import annotations

import random
from typing import Final

from demo.evidence_sheet import between

FIRST_DAY: Final = "2026-09-30"
WEEK: Final = (100, 104, 92, 38, 27)  # Wednesday to Sunday

AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Larkview/118.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Larkview/117.2",
    "Mozilla/5.0 (X11; Linux x86_64; rv:115) Pinnace/115.4",
    "Mozilla/5.0 (Tablet; Arm64) Larkview/118.0 (touch, like Pinnace)",
    "Mailsync/16.4 (Phone; Build 2207)",
    "Mailsync/16.1 (Phone; Build 2119)",
    "Deskpost/9.3 (Windows NT 10.0)",
)
SCANNERS: Final = (
    "openprobe/0.4",
    "Mozilla/5.0 sweep (survey, see notice page)",
    "fetch/8.4",
    "-",
)
SCANNED: Final = (
    "/",
    "/robots.txt",
    "/.env",
    "/admin/",
    "/cgi-bin/status",
    "/webmail/themes/basic/error.aspx",
    "/webmail/themes/basic/errpage.aspx.bak",
    "/backup.zip",
    "/login.php",
)

# (method, path, status, bytes): `{}` takes a number.
STEPS: Final = (
    ("GET", "/webmail/inbox?page={}", 200, 14_000),
    ("GET", "/webmail/message/{}", 200, 9_000),
    ("GET", "/webmail/message/{}", 200, 21_000),
    ("GET", "/webmail/static/app.js?v={}", 304, 180),
    ("GET", "/webmail/themes/basic/site.css?v={}", 304, 180),
    ("GET", "/webmail/calendar?week={}", 200, 11_000),
    ("GET", "/webmail/attachment/{}", 200, 420_000),
    ("POST", "/webmail/send?draft={}", 200, 700),
    ("POST", "/sync/ping?device={}", 200, 320),
    ("POST", "/sync/items?device={}", 200, 5_200),
)


def draw_home(rng: random.Random) -> str:
    """An address from which an honest user reads mail: office, home, or abroad."""
    kind = rng.random()
    if kind < 0.45:
        return f"192.0.2.{between(rng, 64, 96)}"
    if kind < 0.8:
        return f"198.51.100.{between(rng, 20, 139)}"
    if kind < 0.97:
        return f"2001:db8:{between(rng, 1, 4096):x}:{between(rng, 1, 4096):x}::{between(rng, 2, 99):x}"
    return f"203.0.113.{between(rng, 10, 60)}"
