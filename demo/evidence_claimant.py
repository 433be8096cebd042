"""The claimant's logs: mail gateway, web server, process log, mailbox audit export."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from demo.cast import Cast
from demo.evidence_incident import (
    CALLBACK,
    CLUE_ADDRESS,
    DROP,
    MAINTENANCE,
    SHELL_AGENT,
    SHELL_PATH,
    SPRAY_ADDRESSES,
    SPRAY_AGENT,
    TOOL_DIGEST,
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
    line_of,
    moment,
    pick,
    spell,
    spell_fine,
    spread,
)

_FIRST_DAY: Final = "2026-09-30"
_WEEK: Final = (100, 104, 92, 38, 27)  # Wednesday to Sunday

_AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Larkview/118.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Larkview/117.2",
    "Mozilla/5.0 (X11; Linux x86_64; rv:115) Pinnace/115.4",
    "Mozilla/5.0 (Tablet; Arm64) Larkview/118.0 (touch, like Pinnace)",
    "Mailsync/16.4 (Phone; Build 2207)",
    "Mailsync/16.1 (Phone; Build 2119)",
    "Deskpost/9.3 (Windows NT 10.0)",
)
_SCANNERS: Final = (
    "openprobe/0.4",
    "Mozilla/5.0 sweep (survey, see notice page)",
    "curl/8.4",
    "-",
)
_SCANNED: Final = (
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
_STEPS: Final = (
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
        format="csv/1",
        origin="parliament mail gateway",
        logsource={"category": "mailproxy", "product": "mailgateway", "service": "proxy"},
        blocks=[
            (
                0,
                [
                    "time,gateway,client_ip,client_announced,method,path,status,user,event,"
                    "outcome,bytes_out,session,user_agent"
                ],
            )
        ],
    )
    add = sheet.add
    random_ = rng.random
    sessions: list[Session] = []
    homes = [_draw_home(rng) for _ in plan.users]
    agents = [pick(rng, _AGENTS) for _ in plan.users]
    steps = len(_STEPS)

    def head(t: int) -> str:
        return f"{spell_fine(t)}Z,gw-{1 + t % 2}"

    for start in spread(rng, _FIRST_DAY, _WEEK, 12_400):
        who = int(random_() * len(plan.users))
        user = plan.users[who]
        client = homes[who] if random_() < 0.8 else _draw_home(rng)
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
            method, path, status, size = _STEPS[int(random_() * steps)]
            path = path.replace("{}", str(int(random_() * 90_000)))
            sent = size + int(random_() * size)
            add(
                t,
                f'{head(t)},{client},,{method},{path},{status},{user},request,ok,{sent},{session},"{agent}"',
            )

    first = moment(_FIRST_DAY, "00:00:00")
    for minute in range(5 * 24 * 60):
        t = first + minute * MINUTE + between(rng, 0, 900)
        add(t, f'{head(t)},192.0.2.5,,GET,/health,200,,probe,ok,12,,"healthcheck/2.0"')
    for _ in range(3_600):
        t = first + int(random_() * 5 * 24 * HOUR)
        client = f"198.51.100.{between(rng, 140, 150)}"
        add(
            t,
            f"{head(t)},{client},,GET,{pick(rng, _SCANNED)},404,,request,refused,"
            f'512,,"{pick(rng, _SCANNERS)}"',
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
    for t in spread(rng, _FIRST_DAY, _WEEK, 120):
        client = f"203.0.113.{between(rng, 10, 60)}"
        agent = pick(rng, _AGENTS)
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


_WEB_FIELDS_EARLY: Final = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "sc-status sc-substatus time-taken"
)
_WEB_FIELDS_LATE: Final = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "cs(Referer) sc-status sc-substatus sc-win32-status time-taken X-Forwarded-For"
)


def write_web_log(rng: random.Random, cast: Cast, plan: Incident) -> Sheet:
    """The webmail server's log of 3 October, UTC; a restart at 12:41:08 changes its fields."""
    midnight = moment("2026-10-03", "00:00:00")
    restart = moment("2026-10-03", "12:41:08")
    sheet = Sheet(
        format="w3c/1",
        origin="parliament webmail server",
        logsource={"category": "webserver", "product": "webmail", "service": "w3c"},
        blocks=[
            (0, _head_web(midnight, _WEB_FIELDS_EARLY)),
            (restart, _head_web(restart, _WEB_FIELDS_LATE)),
        ],
    )
    homes = [_draw_home(rng) for _ in plan.users]
    agents = [pick(rng, _AGENTS).replace(" ", "+") for _ in plan.users]
    site = f"https://mail.parliament.{cast.claimant.domain}/webmail/"

    def add(
        t: int,
        request: str,
        client: str,
        agent: str,
        status: int,
        *rules: str,
    ) -> None:
        taken = between(rng, 3, 480)
        proxy = f"192.0.2.{10 + t % 2}"
        if t < restart:
            tail = f"{proxy} {agent} {status} 0 {taken}"
        else:
            tail = f"{proxy} {agent} {site} {status} 0 0 {taken} {client}"
        sheet.add(t, f"{spell(t, ' ')} 192.0.2.30 {request} {tail}", *rules)

    steps = len(_STEPS)
    for t in spread(rng, "2026-10-03", (1,), 38_500):
        who = int(rng.random() * len(plan.users))
        method, path, status, _ = _STEPS[int(rng.random() * steps)]
        stem, _, query = path.replace("{}", str(int(rng.random() * 90_000))).partition("?")
        request = f"{method} {stem} {query or '-'} 443 {plan.users[who]}"
        add(t, request, homes[who], agents[who], status)
    for second in range(0, 24 * 3600, 20):
        t = midnight + second * SECOND + between(rng, 0, 900)
        add(t, "GET /health - 443 -", "192.0.2.5", "healthcheck/2.0", 200)
    for _ in range(1_500):
        t = midnight + int(rng.random() * 24 * HOUR)
        client = f"198.51.100.{between(rng, 140, 150)}"
        agent = pick(rng, _SCANNERS).replace(" ", "+")
        add(t, f"GET {pick(rng, _SCANNED)} - 443 -", client, agent, 404)
    # Guesses at the very path, before anything stood there: found nothing, and are not the shell.
    for n in range(9):
        t = plan.dropped - (n + 1) * 7 * MINUTE
        add(t, f"POST {SHELL_PATH} - 443 -", "198.51.100.143", "openprobe/0.4", 404)

    agent = SHELL_AGENT.replace(" ", "+")
    for t, client, _ in plan.shell:
        request = f"POST {SHELL_PATH} - 443 -"
        add(t, request, client, agent, 200, "web_shell_requests.yml")
    for t, _ in plan.carried:
        if t < midnight + 24 * HOUR:
            request = f"GET /webmail/themes/basic/pack-{t % 977}.zip - 443 -"
            add(t, request, DROP, agent, 200, "indicators.txt")
    return sheet


_SYSTEM: Final = "C:\\Windows\\System32\\"
_W3WP: Final = _SYSTEM + "inetsrv\\w3wp.exe"
_CMD: Final = _SYSTEM + "cmd.exe"
_TOOL: Final = "C:\\ProgramData\\mbxsync\\mbxpull.exe"

# (image, command line, parent, whether a person ran it): `{}` takes a number.
_PROCESSES: Final = (
    (_SYSTEM + "svchost.exe", "svchost.exe -k netsvcs -p -s task{}", "services.exe", False),
    (_SYSTEM + "conhost.exe", "conhost.exe 0xffffffff -ForceV{}", "cmd.exe", False),
    (_SYSTEM + "taskhostw.exe", "taskhostw.exe {}", "svchost.exe", False),
    (_SYSTEM + "backgroundTaskHost.exe", "backgroundTaskHost.exe -app:{}", "svchost.exe", False),
    (_SYSTEM + "wbem\\WmiPrvSE.exe", "wmiprvse.exe -secured -{}", "svchost.exe", False),
    (_CMD, "cmd.exe /c C:\\ops\\inventory.cmd {}", "svchost.exe", False),
    ("C:\\Program Files\\Larkview\\larkview.exe", "larkview.exe --tab {}", "explorer.exe", True),
    ("C:\\Program Files\\Deskpost\\deskpost.exe", "deskpost.exe /item {}", "explorer.exe", True),
    (_SYSTEM + "notepad.exe", "notepad.exe C:\\work\\draft-{}.txt", "explorer.exe", True),
    (_CMD, "cmd.exe /k title {}", "explorer.exe", True),
)
_LOOKED_UP: Final = ("mail", "files", "print", "time", "calendar", "directory", "intranet")


def write_process_log(rng: random.Random, cast: Cast, plan: Incident) -> Sheet:
    """Process, network, file and name events of servers and workstations, 2 to 4 October, UTC."""
    sheet = Sheet(
        format="jsonl/1",
        origin="parliament host events",
        logsource={"product": "windows", "service": "sysmon"},
    )
    domain = f"parliament.{cast.claimant.domain}"
    hosts = [f"ws-{n:03}.{domain}" for n in range(1, 71)]
    web = f"mxweb-01.{domain}"
    hosts += [web, web, f"mxstore-01.{domain}", f"dir-01.{domain}"]
    digests = {image: sha256(image.encode()).hexdigest() for image, _, _, _ in _PROCESSES}
    events: list[tuple[int, int, str, dict[str, Any], tuple[str, ...]]] = []

    def add(t: int, event: int, computer: str, fields: dict[str, Any], *rules: str) -> None:
        events.append((t, event, computer, fields, rules))

    def start(
        t: int,
        computer: str,
        image: str,
        command: str,
        parent: str,
        user: str,
        digest: str,
        *rules: str,
    ) -> None:
        add(
            t,
            1,
            computer,
            {
                "ProcessId": between(rng, 400, 19_000),
                "Image": image,
                "CommandLine": command,
                "ParentImage": parent,
                "User": user,
                "Hashes": f"SHA256={digest}",
            },
            *rules,
        )

    for t in spread(rng, "2026-10-02", (92, 45, 32), 23_500):
        computer = hosts[int(rng.random() * len(hosts))]
        person = f"PARL\\{plan.users[int(rng.random() * len(plan.users))]}"
        image, command, parent, by_person = _PROCESSES[int(rng.random() * len(_PROCESSES))]
        user = person if by_person else "NT AUTHORITY\\SYSTEM"
        kind = rng.random()
        if kind < 0.42:
            home = "C:\\Windows\\" if parent == "explorer.exe" else _SYSTEM
            number = str(int(rng.random() * 40_000))
            start(t, computer, image, command.replace("{}", number), home + parent, user, digests[image])
        elif kind < 0.72:
            fields: dict[str, Any] = {
                "Image": image,
                "User": user,
                "Protocol": "tcp",
                "SourceIp": f"192.0.2.{between(rng, 100, 180)}",
                "SourcePort": between(rng, 49_152, 65_000),
                "DestinationIp": pick(rng, ("192.0.2.30", "192.0.2.31", "192.0.2.53", "192.0.2.88")),
                "DestinationPort": pick(rng, (443, 445, 389, 53)),
            }
            add(t, 3, computer, fields)
        elif kind < 0.86:
            name = f"C:\\work\\cache\\{int(rng.random() * 2**32):08x}.tmp"
            add(t, 11, computer, {"Image": image, "User": user, "TargetFilename": name})
        else:
            name = f"{pick(rng, _LOOKED_UP)}.{domain}"
            add(t, 22, computer, {"Image": image, "User": user, "QueryName": name})

    # The web server's own children: a compiler at every restart, and a nightly clean-up by script.
    pool = "IIS APPPOOL\\webmail"
    for n in range(14):
        t = moment("2026-10-02", "03:10:00") + n * 4 * HOUR + between(rng, 0, 20 * MINUTE)
        compiler = "C:\\Windows\\dotnet\\csc.exe"
        start(t, web, compiler, f"csc.exe /noconfig @{n}.cmdline", _W3WP, pool, digests[_CMD])
    for date in ("2026-10-02", "2026-10-03", "2026-10-04"):
        t = moment(date, "01:30:00") + between(rng, 0, 5 * SECOND)
        command = f"{_CMD} /c C:\\inetpub\\ops\\rotate-logs.cmd"
        start(t, web, _CMD, command, _W3WP, pool, digests[_CMD])

    shell_file = "C:\\inetpub\\webmail\\themes\\basic\\errpage.aspx"
    written = {"Image": _W3WP, "User": pool, "TargetFilename": shell_file}
    add(plan.dropped, 11, web, written)
    for t, _, command in plan.shell:
        line = f'"{_CMD}" /c {command}'
        start(t + 210, web, _CMD, line, _W3WP, pool, digests[_CMD], "web_shell_process.yml")
    # The clue again: whoever writes a command line chooses what it gives away.
    share = f"\\\\{MAINTENANCE}.moc.{cast.respondent.domain}\\build$\\mbxpull\\release"
    for t in plan.clue_runs:
        line = f'{_TOOL} --symbols "{share}" --tz +03:00 --lang xo --out D:\\stage'
        start(
            t,
            web,
            _TOOL,
            line,
            _CMD,
            pool,
            TOOL_DIGEST,
            "maintenance_build_path.yml",
            "indicators.txt",
        )
    for t in plan.lookups[::7]:
        fields = {"Image": _TOOL, "User": pool, "QueryName": CALLBACK}
        add(t, 22, web, fields, "indicators.txt")

    # Each host counts its own records, without a gap, in the order of time.
    events.sort(key=lambda entry: entry[0])
    newest = {computer: between(rng, 20_000, 900_000) for computer in hosts}
    for t, event, computer, fields, rules in events:
        newest[computer] += 1
        head: dict[str, Any] = {
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "EventID": event,
            "EventRecordID": newest[computer],
            "Computer": computer,
            "UtcTime": spell_fine(t, " "),
        }
        sheet.add(t, line_of(head | fields), *rules)
    return sheet


def write_audit(rng: random.Random, cast: Cast, plan: Incident, sessions: Sequence[Session]) -> Sheet:
    """The mailbox audit export: local times at +02:00, written without an offset."""
    sheet = Sheet(
        format="csv/1",
        origin="parliament mailbox audit",
        logsource={"category": "audit", "product": "mailgateway", "service": "audit"},
        zone="+02:00",
        blocks=[
            (
                0,
                [
                    "CreationTime,Operation,LogonType,LogonUser,MailboxOwner,ClientAddress,"
                    "SessionId,ItemCount,Result,Server"
                ],
            )
        ],
    )
    server = f"mxstore-01.parliament.{cast.claimant.domain}"

    def add(t: int, middle: str, result: str, *rules: str) -> None:
        sheet.add(t, f"{spell_local(t)},{middle},{result},{server}", *rules)

    for s in sessions:
        t = s.t + between(rng, 300, 2_500)
        add(t, f"MailboxLogon,Owner,{s.user},{s.user},{s.client},{s.session},0", "Succeeded")
    for t in spread(rng, _FIRST_DAY, _WEEK, 4_200):
        user = pick(rng, plan.users)
        operation = pick(rng, ("SoftDelete", "Move", "SendAs", "FolderBind", "UpdateRule"))
        client = _draw_home(rng)
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
            line = f"MailboxExport,Owner,{user},{user},{_draw_home(rng)},{name_session(rng)},{n}"
            add(t, line, "Succeeded")
        else:
            box = pick(rng, plan.committee)
            client = pick(rng, SPRAY_ADDRESSES)
            line = f"MailboxExport,Delegate,{user},{box},{client},{name_session(rng)},0"
            add(t, line, "Refused")
    return sheet


def _head_web(t: int, fields: str) -> list[str]:
    return ["#Software: web server 10.0", "#Version: 1.0", f"#Date: {spell(t, ' ')}", f"#Fields: {fields}"]


def _draw_home(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.45:
        return f"192.0.2.{between(rng, 64, 96)}"
    if kind < 0.8:
        return f"198.51.100.{between(rng, 20, 139)}"
    if kind < 0.97:
        return f"2001:db8:{between(rng, 1, 4096):x}:{between(rng, 1, 4096):x}::{between(rng, 2, 99):x}"
    return f"203.0.113.{between(rng, 10, 60)}"
