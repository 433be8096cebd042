"""The claimant's mail logs: the gateway before the webmail, and the mailbox audit export."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from demo.cast import Cast
from demo.evidence_incident import (
    CLUE_ADDRESS,
    DROP,
    MAINTENANCE,
    SHELL_AGENT,
    SHELL_PATH,
    SPRAY_ADDRESSES,
    SPRAY_AGENT,
    Incident,
    name_session,
    read_night,
    spell_local,
)
from demo.evidence_sheet import (
    HOUR,
    MINUTE,
    SECOND,
    Sheet,
    between,
    moment,
    pick,
    spell_fine,
    spread,
)
from demo.evidence_traffic import (
    AGENTS,
    FIRST_DAY,
    SCANNED,
    SCANNERS,
    STEPS,
    WEEK,
    draw_home,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One logon at the gateway; the audit export knows it by the same identifier."""

    t: int
    user: str
    client: str
    session: str


def write_proxy(rng: random.Random, cast: Cast, plan: Incident) -> tuple[Sheet, tuple[Session, ...]]:
    """The reverse proxy before the parliament's webmail, five days, times in UTC."""
    sheet = Sheet(
        splitter="csv/1",
        origin="parliament mail gateway",
        logsource={"category": "mailproxy", "product": "mailgateway", "service": "proxy"},
        blocks=[
            (
                0,
                [
                    (
                        "time,gateway,client_ip,client_announced,method,path,status,user,event,"
                        "outcome,bytes_out,session,user_agent"
                    ),
                ],
            )
        ],
    )
    add = sheet.add
    random_ = rng.random
    sessions: list[Session] = []
    homes = [draw_home(rng) for _ in plan.users]
    agents = [pick(rng, AGENTS) for _ in plan.users]
    steps = len(STEPS)

    def head(t: int) -> str:
        return f"{spell_fine(t)}Z,gw-{1 + t % 2}"

    for start in spread(rng, FIRST_DAY, WEEK, 12_400):
        who = int(random_() * len(plan.users))
        user = plan.users[who]
        client = homes[who] if random_() < 0.8 else draw_home(rng)
        agent = agents[who]
        session = name_session(rng)
        t = start
        while random_() < 0.06:
            add(t, f'{head(t)},{client},,POST,/webmail/logon,401,{user},logon,failure,612,,"{agent}"')
            t += between(rng, 4 * SECOND, 40 * SECOND)
        add(
            t,
            f'{head(t)},{client},,POST,/webmail/logon,302,{user},logon,success,804,{session},"{agent}"',
        )
        sessions.append(Session(t=t, user=user, client=client, session=session))
        for _ in range(2 + int(random_() * 13)):
            gap = random_()
            t += 700 + int(gap * gap * 200_000)
            method, path, status, size = STEPS[int(random_() * steps)]
            path = path.replace("{}", str(int(random_() * 90_000)))
            sent = size + int(random_() * size)
            add(
                t,
                f'{head(t)},{client},,{method},{path},{status},{user},request,ok,{sent},{session},"{agent}"',
            )

    first = moment(FIRST_DAY, "00:00:00")
    for minute in range(5 * 24 * 60):
        t = first + minute * MINUTE + between(rng, 0, 900)
        add(t, f'{head(t)},192.0.2.5,,GET,/health,200,,probe,ok,12,,"healthcheck/2.0"')
    for _ in range(3_600):
        t = first + int(random_() * 5 * 24 * HOUR)
        client = f"198.51.100.{between(rng, 140, 150)}"
        add(
            t,
            f'{head(t)},{client},,GET,{pick(rng, SCANNED)},404,,request,refused,512,,"{pick(rng, SCANNERS)}"',
        )
    # Others guess passwords too, and honest travellers mistype theirs inside the sprayed range.
    for _ in range(2_100):
        t = first + int(random_() * 5 * 24 * HOUR)
        client = f"198.51.100.{between(rng, 150, 190)}"
        add(
            t,
            f"{head(t)},{client},,POST,/webmail/logon,401,{pick(rng, plan.users)},logon,failure,"
            f'612,,"{SPRAY_AGENT}"',
        )
    for t in spread(rng, FIRST_DAY, WEEK, 120):
        client = f"203.0.113.{between(rng, 10, 60)}"
        agent = pick(rng, AGENTS)
        add(
            t,
            f"{head(t)},{client},,POST,/webmail/logon,401,{pick(rng, plan.users)},logon,failure,"
            f'612,,"{agent}"',
        )

    for t, client, user in plan.spray:
        add(
            t,
            f'{head(t)},{client},,POST,/webmail/logon,401,{user},logon,failure,612,,"{SPRAY_AGENT}"',
            "password_spray.yml",
        )
    for t, client, user in plan.entries:
        session = name_session(rng)
        add(
            t,
            f'{head(t)},{client},,POST,/webmail/logon,302,{user},logon,success,804,{session},"{SPRAY_AGENT}"',
            "spray_logon.yml",
        )
        sessions.append(Session(t=t, user=user, client=client, session=session))
    for t, client, _ in plan.shell:
        add(
            t - 3,
            f"{head(t - 3)},{client},,POST,{SHELL_PATH},200,,request,ok,{between(rng, 300, 4000)},,"
            f'"{SHELL_AGENT}"',
        )
    # The clue: the name is what the client announced, and the gateway wrote it down unchecked.
    announced = f"{MAINTENANCE}.moc.{cast.respondent.domain}"
    for t, user in plan.clue_logons:
        session = name_session(rng)
        add(
            t,
            f"{head(t)},{CLUE_ADDRESS},{announced},POST,/webmail/logon,302,{user},logon,success,"
            f'804,{session},"{SHELL_AGENT}"',
            "maintenance_host_logon.yml",
        )
        sessions.append(Session(t=t, user=user, client=CLUE_ADDRESS, session=session))
    for t, size in plan.carried:
        add(
            t,
            f"{head(t)},{DROP},,GET,/webmail/themes/basic/pack-{t % 977}.zip,200,,request,ok,"
            f'{size},,"{SHELL_AGENT}"',
            "indicators.txt",
        )
    return sheet, tuple(sessions)


def write_audit(rng: random.Random, cast: Cast, plan: Incident, sessions: Sequence[Session]) -> Sheet:
    """The mailbox audit export: local times at +02:00, written without an offset."""
    sheet = Sheet(
        splitter="csv/1",
        origin="parliament mailbox audit",
        logsource={"category": "audit", "product": "mailgateway", "service": "audit"},
        zone="+02:00",
        blocks=[
            (
                0,
                [
                    (
                        "CreationTime,Operation,LogonType,LogonUser,MailboxOwner,ClientAddress,"
                        "SessionId,ItemCount,Result,Server"
                    ),
                ],
            )
        ],
    )
    server = f"mxstore-01.parliament.{cast.claimant.domain}"

    def add(t: int, middle: str, result: str, *rules: str) -> None:
        sheet.add(t, f"{spell_local(t)},{middle},{result},{server}", *rules)

    for s in sessions:
        t = s.t + between(rng, 1_000, 2_500)
        add(t, f"MailboxLogon,Owner,{s.user},{s.user},{s.client},{s.session},0", "Succeeded")
    for t in spread(rng, FIRST_DAY, WEEK, 4_200):
        user = pick(rng, plan.users)
        operation = pick(rng, ("SoftDelete", "Move", "SendAs", "FolderBind", "UpdateRule"))
        client = draw_home(rng)
        count = between(rng, 1, 40)
        line = f"{operation},Owner,{user},{user},{client},{name_session(rng)},{count}"
        add(t, line, "Succeeded")

    for export in plan.stolen + plan.routine:
        marks = [f"mailbox_export.yml@{zone}" for zone in read_night(export.t)]
        add(
            export.t,
            f"MailboxExport,{'Admin' if export.actor == 'svc-records' else 'Delegate'},"
            f"{export.actor},{export.box},{export.client},{name_session(rng)},{export.items}",
            "Succeeded",
            "mailbox_export.yml",
            *marks,
        )
    # Not found by the rule: exports refused, and people who export their own mail.
    evening = moment("2026-10-03", "19:00:00")
    for n in range(22):
        t = evening + int(rng.random() * 11 * HOUR)
        user = pick(rng, plan.users)
        if n % 2:
            line = f"MailboxExport,Owner,{user},{user},{draw_home(rng)},{name_session(rng)},{n}"
            add(t, line, "Succeeded")
        else:
            box = pick(rng, plan.committee)
            client = pick(rng, SPRAY_ADDRESSES)
            line = f"MailboxExport,Delegate,{user},{box},{client},{name_session(rng)},0"
            add(t, line, "Refused")
    return sheet
