"""The claimant's host logs: the webmail server's requests, and the events of its machines."""

from __future__ import annotations

import random
from hashlib import sha256
from typing import Any, Final

from demo.cast import Cast
from demo.evidence_incident import (
    CALLBACK,
    DROP,
    MAINTENANCE,
    SHELL_AGENT,
    SHELL_PATH,
    TOOL_DIGEST,
    Incident,
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
from demo.evidence_traffic import (
    AGENTS,
    SCANNED,
    SCANNERS,
    STEPS,
    draw_home,
)

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
        splitter="w3c/1",
        origin="parliament webmail server",
        logsource={"category": "webserver", "product": "webmail", "service": "w3c"},
        blocks=[
            (0, _head_web(midnight, _WEB_FIELDS_EARLY)),
            (restart, _head_web(restart, _WEB_FIELDS_LATE)),
        ],
    )
    homes = [draw_home(rng) for _ in plan.users]
    agents = [pick(rng, AGENTS).replace(" ", "+") for _ in plan.users]
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

    steps = len(STEPS)
    for t in spread(rng, "2026-10-03", (1,), 38_500):
        who = int(rng.random() * len(plan.users))
        method, path, status, _ = STEPS[int(rng.random() * steps)]
        stem, _, query = path.replace("{}", str(int(rng.random() * 90_000))).partition("?")
        request = f"{method} {stem} {query or '-'} 443 {plan.users[who]}"
        add(t, request, homes[who], agents[who], status)
    for second in range(0, 24 * 3600, 20):
        t = midnight + second * SECOND + between(rng, 0, 900)
        add(t, "GET /health - 443 -", "192.0.2.5", "healthcheck/2.0", 200)
    for _ in range(1_500):
        t = midnight + int(rng.random() * 24 * HOUR)
        client = f"198.51.100.{between(rng, 140, 150)}"
        agent = pick(rng, SCANNERS).replace(" ", "+")
        add(t, f"GET {pick(rng, SCANNED)} - 443 -", client, agent, 404)
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


def _head_web(t: int, fields: str) -> list[str]:
    return ["#Software: web server 10.0", "#Version: 1.0", f"#Date: {spell(t, ' ')}", f"#Fields: {fields}"]


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
        splitter="jsonl/1",
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
