"""What the intruder did, and when: one plan, of which every file of the set tells a part."""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from demo.evidence_sheet import HOUR, MINUTE, SECOND, between, moment, pick, spell

GATEWAY: Final = "192.0.2.25"
"""Where the parliament's mail answers."""

DROP: Final = "198.51.100.14"
"""Where the exports went; other addresses of the set begin with the same digits."""

CLUE_ADDRESS: Final = "203.0.113.77"
"""Once the maintenance host's address; a hosting customer's by the time of the intrusion."""

MAINTENANCE: Final = "mnt-ops-04"
CALLBACK: Final = "sync-edge.example"
TOOL_DIGEST: Final = sha256(b"mbxpull 0.9").hexdigest()
SHELL_PATH: Final = "/webmail/themes/basic/errpage.aspx"
SPRAY_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64) Fernpost/3.2"
SHELL_AGENT: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Larkview/97.1"

# A public access pool of the respondent's network; the clue's address is not of it.
SPRAY_ADDRESSES: Final = tuple(f"203.0.113.{n}" for n in range(130, 161))

LOCAL: Final = 2 * HOUR
"""The claimant's clocks stand at +02:00; the audit export writes them so, and does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`since` ≤ time < `until`, in UTC."""

    since: str
    until: str

    @property
    def start(self) -> int:
        """Milliseconds, as `moment` counts them."""
        return moment(self.since[:10], self.since[11:19])

    @property
    def end(self) -> int:
        """Milliseconds, as `moment` counts them."""
        return moment(self.until[:10], self.until[11:19])


NIGHT: Final = Window(since="2026-10-03T22:00:00Z", until="2026-10-04T04:00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One mailbox copied out, at the true moment `t`, of `items` messages."""

    t: int
    actor: str
    box: str
    client: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The plan. Moments are true UTC milliseconds; addresses are those the other end saw."""

    users: tuple[str, ...]
    committee: tuple[str, ...]
    spray: tuple[tuple[int, str, str], ...]
    entries: tuple[tuple[int, str, str], ...]
    dropped: int
    shell: tuple[tuple[int, str, str], ...]
    clue_logons: tuple[tuple[int, str], ...]
    clue_runs: tuple[int, ...]
    stolen: tuple[Export, ...]
    routine: tuple[Export, ...]
    carried: tuple[tuple[int, int], ...]
    lookups: tuple[int, ...]


_SHELL_COMMANDS: Final = (
    "whoami /groups",
    "hostname",
    "net user /domain",
    "net group administrators /domain",
    "dir D:\\mail\\stores",
    "tasklist /v",
    "netstat -ano",
    "type C:\\inetpub\\webmail\\web.config",
    "nltest /trusted_domains",
    "dir C:\\ProgramData\\mbxsync",
    "query session",
    "certutil -hashfile C:\\ProgramData\\mbxsync\\mbxpull.exe SHA256",
)


def plan_incident(rng: random.Random) -> Incident:
    """Draw the whole incident."""
    users = _name_users(rng, 430)
    committee = users[:12]
    taken = (users[40], users[87], users[133], users[211])

    spray: list[tuple[int, str, str]] = []
    for date, clock, hours, count in (
        ("2026-10-01", "23:10:00", 6, 480),
        ("2026-10-02", "22:40:00", 7, 640),
        ("2026-10-03", "13:05:00", 3, 290),
    ):
        start = moment(date, clock)
        for _ in range(count):
            t = start + int(rng.random() * hours * HOUR)
            spray.append((t, pick(rng, SPRAY_ADDRESSES), pick(rng, users)))
    spray.sort()
    last = moment("2026-10-03", "16:20:00")
    entries = tuple(
        (last + n * 11 * MINUTE + between(rng, 0, 5 * MINUTE), pick(rng, SPRAY_ADDRESSES), user)
        for n, user in enumerate(taken)
    )

    dropped = moment("2026-10-03", "19:47:31")
    shell_from = pick(rng, SPRAY_ADDRESSES)
    shell: list[tuple[int, str, str]] = []
    t = dropped + 3 * MINUTE
    for n in range(34):
        shell.append((t, shell_from, _SHELL_COMMANDS[n % len(_SHELL_COMMANDS)]))
        t += between(rng, 40 * SECOND, 7 * MINUTE)

    clue_logons = tuple(
        (moment("2026-10-03", clock) + between(rng, 0, MINUTE), taken[n % 2])
        for n, clock in enumerate(("18:52:00", "20:31:00", "21:44:00", "22:58:00", "23:37:00", "23:52:00"))
    )
    clue_runs = tuple(
        moment("2026-10-03", clock) + between(rng, 0, MINUTE)
        for clock in ("20:33:00", "21:46:00", "22:59:00", "23:39:00")
    )

    # By the true clock the night is theirs: 29 before 02:00 UTC, 9 after. Read as UTC, the same
    # lines lose those 9 and gain the 12 that the records service made before midnight, local time.
    stolen = tuple(
        sorted(
            (
                Export(
                    t=_inside(rng, moment(date, clock), hours),
                    actor=pick(rng, taken),
                    box=pick(rng, committee),
                    client=pick(rng, SPRAY_ADDRESSES),
                    items=between(rng, 300, 9_000),
                )
                for date, clock, hours, count in (
                    ("2026-10-03", "22:00:00", 4, 29),
                    ("2026-10-04", "02:00:00", 2, 9),
                )
                for _ in range(count)
            ),
            key=_when,
        )
    )
    routine = tuple(
        sorted(
            (
                Export(
                    t=_inside(rng, moment(date, clock), hours),
                    actor="svc-records",
                    box=pick(rng, users),
                    client="192.0.2.41",
                    items=between(rng, 20, 2_500),
                )
                for date, clock, hours, count in (
                    ("2026-09-30", "07:00:00", 8, 17),
                    ("2026-10-01", "07:00:00", 8, 14),
                    ("2026-10-02", "07:00:00", 8, 19),
                    ("2026-10-03", "07:00:00", 8, 4),
                    ("2026-10-03", "20:00:00", 2, 12),
                )
                for _ in range(count)
            ),
            key=_when,
        )
    )

    carried = tuple(
        (export.t + between(rng, 4 * MINUTE, 9 * MINUTE), export.items * between(rng, 9_000, 30_000))
        for export in stolen[::4]
    )
    first = moment("2026-10-03", "19:49:00")
    lookups = tuple(sorted(first + between(rng, 0, 9 * HOUR) for _ in range(52)))
    return Incident(
        users=users,
        committee=committee,
        spray=tuple(spray),
        entries=entries,
        dropped=dropped,
        shell=tuple(shell),
        clue_logons=clue_logons,
        clue_runs=clue_runs,
        stolen=stolen,
        routine=routine,
        carried=carried,
        lookups=lookups,
    )


def read_night(t: int) -> tuple[str, ...]:
    """The zones under which a line of the audit export, truly of moment `t`, lies in `NIGHT`."""
    zones: list[str] = []
    if NIGHT.start <= t + LOCAL < NIGHT.end:
        zones.append("+00:00")
    if NIGHT.start <= t < NIGHT.end:
        zones.append("+02:00")
    return tuple(zones)


def name_session(rng: random.Random) -> str:
    """Twelve hexadecimal digits."""
    return f"{int(rng.random() * 2**48):012x}"


def spell_local(t: int) -> str:
    """A true moment as the audit export writes it: local time, no offset."""
    return spell(t + LOCAL)


def _when(export: Export) -> int:
    return export.t


def _inside(rng: random.Random, start: int, hours: int) -> int:
    # Two minutes from either edge: no row's place may hang on a rounding.
    return between(rng, start + 2 * MINUTE, start + hours * HOUR - 2 * MINUTE)


def _name_users(rng: random.Random, count: int) -> tuple[str, ...]:
    heads = ("tal", "bre", "osk", "mir", "vel", "dun", "har", "sel", "kor", "fen", "yst", "lom")
    tails = ("vor", "nik", "dal", "mund", "rik", "sso", "wen", "gar", "bel", "tis", "lund", "mer")
    names: dict[str, None] = {}
    while len(names) < count:
        initial = "abdefghijklmnoprstv"[int(rng.random() * 19)]
        names[f"{initial}.{pick(rng, heads)}{pick(rng, tails)}"] = None
    return tuple(names)
