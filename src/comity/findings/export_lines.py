"""Rows whose text says what they are: an event kept whole in it, a line of a log, a message of syslog.

Text that says so little that rules of any product could be meant by it is asked all of them. So what a line
can be told by is told: whose log it is stands in a field of its own (``@web``, ``@proxy``, ``@audit``,
``@syslog``), by which it is asked the rules of that log and no other's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from comity.findings.derived import LINE, derive_audit, derive_pairs, read_squid, read_web
from comity.findings.export_audit import read_named_record
from comity.findings.export_cef import is_of_windows, read_device, tell_device
from comity.findings.export_flat import Names, Reading, Row, find_flat_reading, take_data
from comity.findings.export_flows import read_cisco, read_flow, read_palo_alto
from comity.findings.export_inside import PACKED
from comity.findings.export_messages import read_head, read_timeline
from comity.findings.export_probes import read_santa
from comity.findings.export_syslog import read_collected, read_provider, read_structured
from comity.findings.export_texts import (
    EVENT,
    WHY_PARTLY,
    Made,
    copy_made,
    is_event,
    put_all,
    read_data,
    read_system,
    readings_in,
    without_prefix,
)
from comity.findings.export_web import read_question, read_request_line, read_site_line
from comity.findings.rows import Value, fold
from comity.findings.telling import says_its_kind
from comity.line_heads import HEAD, OPENING, SYSLOG, stands_behind_head

WHOLE: Final = ("xml_string", "_raw", "EventXML", "event_xml", "EventXml", "Xml", "xml")
"""Texts in which an exporter keeps the whole event beside fields of it."""
TEXTS: Final = (
    *(
        *WHOLE,
        "CloudTrailEvent",
        "AuditData",
        "auditData",
        "@message",
        "message",
        "Message",
        "MESSAGE",
        "event.original",
        "log.record.original",
    ),
    *("desc", "extra", "raw", "rawLog", "raw_log", "RawData", "rawEvent", "utf8_payload", "payload", "body"),
    *("event", "eventJson", "event_json", "rawMessage", "raw_message", "RawMessage", "log_s", "Message_s"),
    *("RawData_s", "data", "record", "msg", "content", "text", "json", "value"),
    "jsonPayload.message",
    *("log", "log_message", "LogMessage", "SyslogMessage", "textPayload", "line", "full_log"),
    *("full_message", "short_message"),
)
"""Texts that may say what a row is, the first that does."""
MESSAGES: Final = frozenset(("Message", "message", "full_message", "short_message", "Message_s"))
"""Those of them in which collectors keep the message of an event of Windows beside its data."""

_OPENS: Final = frozenset("{ \n")
"""With what an object of JSON begins, or stands behind."""
_DEPTH: Final = 64
Find = Callable[[Names], Reading | None]

PROGRAMS: Final = frozenset(
    (
        *("agetty", "anacron", "atd", "audispd", "audisp-syslog", "auditd", "avahi-daemon", "clamd", "cron"),
        *("crond", "crontab", "dbus", "dbus-daemon", "dhclient", "dockerd", "freshclam", "gdm-password]"),
        *("groupadd", "groupdel", "groupmod", "guacd", "kernel", "login", "networkmanager", "newgrp"),
        *("passwd", "pkexec", "polkitd", "rsyslogd", "runuser", "smartd", "snapd", "sshd", "sshd-session"),
        *("su", "sudo", "systemd", "systemd-logind", "systemd-networkd", "systemd-resolved", "useradd"),
        *("userdel", "usermod", "vsftpd", "chage", "chfn", "chsh", "chpasswd", "gpasswd", "init", "xinetd"),
        # Servers of mail, files and names.
        *("anvil", "cleanup", "dovecot", "dropbear", "exim", "imapd", "lmtpd", "ntpd", "smbd"),
        *("chronyd", "pop3d", "postfix", "postscreen", "proftpd", "pure-ftpd", "qmgr", "sendmail", "slapd"),
        *("sm-mta", "smtpd", "winbindd", "fail2ban", "monit", "logrotate", "opendkim", "saslauthd"),
    )
)
"""Programs of Linux by which a line of syslog is told, folded."""
_RELAYS: Final = frozenset(("kernel", "audispd", "audisp-syslog", "auditd"))
"""Those of them that write records of the audit, too."""

_PAIRED: Final = ("date=", "logver=", "timestamp=", "itime=", "devname=", "devid=", "logid=", "type=")
"""Pairs that a firewall's line begins with."""
_SERVICE = re.compile(
    r"^(?:[A-Za-z0-9_.\-]{1,64} {1,16}\| |[0-9]{4}-[0-9T:.\-]{15,26}(?:Z|[+-][0-9:]{5}) std(?:out|err) [FP] )"
)
"""What Docker puts before the lines of several containers, and Kubernetes before each of one."""
_XML = re.compile(r"\s*+(?:\ufeff|\xef\xbb\xbf)?\s*+(?:<Event|<\?xml)")
_RECORD = re.compile(r"(?:node=[^ ]{1,256} )?(?:audit: )?type=[A-Z0-9_\[\]]{1,64} (?:msg=)?audit\(")
"""How a record of the audit begins. What is asked of a server without blanks cannot hold one."""
_OTHERWISE = re.compile(
    r"[ \t\r\n]*(?:\{|<Event|<\?xml|(?:node=[^ ]{1,256} )?type=|CEF:|LEEF:|\[[0-9]{1,5} / 0x"
    r"|(?:[0-9]{1,4}[/-][0-9]{1,2}[/-][0-9]{1,4}[0-9:/. APM\-TZ+\r\n]{0,54})?LogName=)"
)
"""How lines begin that no server, balancer or proxy writes."""


def read_whole(whole: str, flat: Reading, row: Row) -> Row:
    """A flat row by the event kept whole in a text of it; by its fields where that text is no event."""
    text = row[whole]
    told = isinstance(text, str) and (is_event(text[:EVENT]) or read_head(text[:EVENT]) is not None)
    read = _read_text(whole, _no_reading, row) if told else row
    return flat(row) if read is row else read


PROGRAM_NAMES: Final = (
    *("application_name", "_application_name", "app_name", "appname", "APP-NAME", "program", "programname"),
    *("syslog_program", "ident", "syslog.appname", "SYSLOG_IDENTIFIER"),
)
"""Fields in which rows of syslog keep the program that wrote a message."""


def read_program(field: str, names: Names, find: Find, row: Row) -> Row:
    """A row of syslog by its message, or where that says nothing, by a program of Linux that wrote it."""
    read = read_texts(names, find, row)
    program = row[field]
    if read is not row or not isinstance(program, str):
        return read
    known = fold(program.rpartition("/")[2].partition("[")[0]) in PROGRAMS
    return Made({**row, "@syslog": program}) if known else row


def read_texts(names: Names, find: Find, row: Row) -> Row:
    """A row by the first of its texts that is of a known form."""
    for name in names:
        read = _read_text(name, find, row)
        if read is not row:
            return read
    return row


def read_others(names: Names, find: Find, row: Row) -> Row:
    """A row of an event with, apart, what its texts say by themselves that is of a log that is
    not of Windows: whoever adds a channel and a number to a line takes no rule away from it. An event of
    Windows in a text of another is none."""
    told: list[Row] = []
    for name in names:
        alone = {name: row[name]}
        said = _read_said(name, find, alone)
        if said is not alone:
            told += [
                each
                for each in readings_in(said)
                if id(each) in WHY_PARTLY or ("Channel" not in each and says_its_kind(each))
            ]
    if not told:
        return row
    made = copy_made(row)
    made.apart = tuple(told)
    return made


def read_text_or(name: str, other: Reading, find: Find, row: Row) -> Row:
    """A row by a text of it, or where that does not say what it is, as ``other`` reads it."""
    read = _read_text(name, find, row)
    return other(row) if read is row else _with_apart(read, row, other(row))


def read_flat_or_texts(flat: Reading, names: Names, find: Find, row: Row) -> Row:
    """A flat row by its fields, or where these name no event of Windows, by its texts."""
    read = flat(row)
    texts = read_texts(names, find, row)
    return texts if read is row else _with_apart(read, row, texts)


def _with_apart(read: Row, row: Row, other: Row) -> Row:
    """A row as it was read, and how it was read otherwise, if it was: that is asked by itself."""
    if other is row or read is row:
        return read
    made = copy_made(read)
    made.apart = (*made.apart, *readings_in(other))
    return made


def _read_pairs(row: Row, pairs: Row) -> Row:
    """A row by the pairs that a text of it says of an event of Windows, which it is whatever its channel."""
    told = Made({**row, **pairs})
    reading = find_flat_reading(tuple(told))
    made = told if reading is None else reading(told)
    if "Channel" in made:
        return made
    event = next((pairs[n] for n in ("EventCode", "event_identifier", "EventID") if n in pairs), None)
    return Made({**made, "Channel": "", "EventID": event})


def _is_of_linux(head: re.Match[str]) -> bool:
    """Whether a line is a program's that writes only for itself: what it says is never another's line."""
    program = fold((head["program"] or "").rpartition("/")[2])
    return program in PROGRAMS and program not in _RELAYS


def _begins(line: str, marks: tuple[str, ...]) -> int:
    """Where the first of these begins; -1 where none is there."""
    return min((at for at in map(line.find, marks) if at >= 0), default=-1)


def _read_text(name: str, find: Find, row: Row) -> Row:
    """A row by what a text of it says, and apart from its other fields what the text says alone."""
    read = _read_said(name, find, row)
    if read is row or len(row) == 1 or not isinstance(read, Made) or read.apart:
        return read
    alone = {name: row[name]}
    said = _read_said(name, find, alone)
    read.apart = () if said is alone else readings_in(said)
    return read


def _read_said(name: str, find: Find, row: Row) -> Row:
    """A row whose text is an event as XML, a line of the audit log, or one of a web server.

    Each reading is asked only where a word stands that it needs: most lines of most logs have none of them.
    """
    text = row[name]
    if not isinstance(text, str):
        return row
    line = text[:LINE]
    head = SYSLOG.match(line)
    if head is not None and _is_of_linux(head):
        return _read_syslog(head, text, find, row)
    first = line[:1]
    digit = first.isdigit()
    collected = "MSWinEventLog" in line or "AgentDevice=WindowsLog" in line
    if collected and (pairs := _read_collected(text, line, head)) is not None:
        return _read_pairs(row, pairs)
    if "EF:" in line and (device := read_device(line)) is not None:
        return _read_pairs(row, device) if is_of_windows(device) else tell_device(device, row)
    if (" HTTP/" in line or ", W3SVC" in line or (digit and "/" in line)) and (
        served := _read_served(text, line, head, row)
    ) is not None:
        return served
    if "LogName=" in text and (pairs := read_head(text[:EVENT])) is not None:
        return _read_pairs(row, pairs)
    if first in _OPENS and (inner := read_object(text[:EVENT])):
        return _read_inner(row, inner, find)
    xml = without_prefix(text) if first == "<" and ":Event" in line[:_PREFIXED] else text
    if "<Event" in xml and _is_event(xml, head):
        fields: dict[str, Value] = Made({**row, **read_system(xml[:EVENT])})
        take_data(fields, read_data(xml[:EVENT]).items())
        return fields
    if first == "[":
        if (pairs := read_timeline(text[:EVENT])) is not None:
            return _read_pairs(row, pairs)
        if (done := read_santa(line)) is not None:
            return Made({**row, **done[1], f"@macos {done[0]}": True})
    flows = (digit and " eni-" in line) or "TRAFFIC," in line or ",THREAT," in line or "%" in line
    if flows and (flow := _read_flow(line, head)) is not None:
        return tell_device(flow, row)
    if "audit" in line and _is_audit(line, head):
        return Made({**derive_audit({**row, "message": text}), "@audit": "line"})
    asks = (
        "query" in line
        or "unbound" in line
        or "[INFO] " in line
        or "PACKET  " in line
        or "pdns" in line
        or "] QNAME: " in line
        or (first == "1" and line.startswith(("1.0 ", "1.1 ")))
    )
    question = read_question(line) if asks else None
    if question is not None and stands_behind_head(line, question[1], head):
        return _said(question[0], row, {"@dns": "line"})
    paired = "logid=" in line and ("devname=" in line or (" type=" in line and " vd=" in line))
    if paired and stands_behind_head(line, _begins(line, _PAIRED), head):
        return Made(derive_pairs({**row, "message": text}))
    if head is not None:
        begun = head.start("data") if head["data"] else line.find("[", head.end(), head.end() + 4)
        told = begun >= 0 and not line[head.end() : begun].strip("- ") and '="' in line
        structured = read_structured(text[:EVENT], begun) if told else None
        if structured is not None:
            return _read_pairs(row, {"ProviderName": (head["program"] or "").replace("_", " "), **structured})
        read = _read_syslog(head, text, find, row)
        if read is not row:
            return read
    if "\t" in line and "requestmethod=" in line and (asked := _read_tabbed(line, head, find)) is not None:
        return Made({**row, **asked, "@web": asked["@web"]})
    if text[-64:].rstrip()[-1:] == "}" and (opening := OPENING.search(text, 0, HEAD)) is not None:
        ahead = stands_behind_head(line, opening.end(), head)
        inner = read_object(text[opening.end() : EVENT]) if ahead else {}
        if inner:
            return _read_inner(row, inner, find)
    return row


_PREFIXED: Final = 80
"""Within so many characters an event as XML has its name behind a prefix."""


def _read_served(text: str, line: str, head: re.Match[str] | None, row: Row) -> Row | None:
    """A row by a request that a web server, a balancer or a proxy wrote; None where it is none.

    Such a line is told from its beginning on, and who is served writes much of the rest: so it is read before
    all that could stand there, and not where a line begins as another log's does.
    """
    if _OTHERWISE.match(line) is not None:
        return None
    first = line.partition("\n")[0]
    if " HTTP/" in first:
        # What stands ahead of a request is no part of it: a head of syslog would be taken for who asked.
        ahead = head or _SERVICE.match(first)
        begin = ahead.end() if ahead is not None else 0
        web = read_web(first, begin + (first[begin : begin + 1] == " ")) or (begin and read_web(first)) or {}
        if "cs-method" in web:
            return _said(web, row, {"message": text, "@web": "line"})
        request = read_request_line(first)
        if request is not None:
            return _said(request, row, {"@web": "line"})
    if ", W3SVC" in first and (site := read_site_line(first)) is not None:
        return _said(site, row, {"@web": "line"})
    if first[:1].isdigit() and "/" in first and (asked := read_squid(first)) is not None:
        return _said(asked, row, {"message": text, "@proxy": "line"})
    return None


def _read_tabbed(line: str, head: re.Match[str] | None, find: Find) -> Row | None:
    """A request that a proxy wrote as pairs between tabs, behind a time; None where its pairs are none."""
    first, *parts = line.rstrip("\r\n").split("\t", _TABS)
    parts = parts if "=" not in first else [first, *parts]
    pairs = dict(reversed([part.split("=", 1) for part in parts if "=" in part]))
    if len(pairs) < len(parts) or not ("=" in first or stands_behind_head(line, len(first), head)):
        return None
    reading = find(tuple(pairs))
    made = None if reading is None else reading(pairs)
    return made if made is not None and "@web" in made else None


_TABS: Final = 256
"""So many pairs of a line are parted."""


def _read_flow(line: str, head: re.Match[str] | None) -> Row | None:
    """A connection that a firewall or a cloud's network tells of in a line; None where it is none."""
    if " eni-" in line:
        return read_flow(line)
    if ",TRAFFIC," in line or ",THREAT," in line:
        return read_palo_alto(line)
    flow = read_cisco(line) if "%ASA-" in line or "%FTD-" in line else None
    return flow[0] if flow is not None and stands_behind_head(line, flow[1], head) else None


def _said(said: Row, row: Row, marks: Row) -> Row:
    """A row with what a text of it says, and by itself what that says."""
    made = Made({**said, **row, **marks})
    made.apart = (Made({**said, **marks}),) if len(row) > 1 else ()
    return made


def _read_collected(text: str, line: str, head: re.Match[str] | None) -> Row | None:
    """The pairs of an event of Windows in the form of a collector, behind the head of a line."""
    at = _begins(line[:1024], ("AgentDevice=WindowsLog", "MSWinEventLog"))
    return read_collected(text[:EVENT]) if stands_behind_head(line, at, head) else None


def _is_event(text: str, head: re.Match[str] | None) -> bool:
    """Whether a text is an event as XML, and not one in which somebody wrote the words of one."""
    if not is_event(text[:EVENT]):
        return False
    at = text.find("<Event")
    return _XML.match(text) is not None or stands_behind_head(text[:LINE], at, head)


def _is_audit(line: str, head: re.Match[str] | None) -> bool:
    """Whether a line is a record of the audit log."""
    if not ("msg=audit(" in line or ("audit: type=" in line and " audit(" in line)):
        return False
    at = _begins(line, ("node=", "audit: type=", "type=", "msg=audit("))
    if not stands_behind_head(line, at, head):
        return False
    # A record is told by its type, or nothing but a head stands ahead of its time.
    bare = not line[head.end() if head is not None else 0 : at].strip()
    return _RECORD.match(line, at) is not None or (bare and line.startswith("msg=audit(", at))


def _read_syslog(head: re.Match[str], text: str, find: Find, row: Row) -> Row:
    """A line of syslog: the event that a collector wrote behind its head as JSON, or a line of a program."""
    rest = text[head.end() :].strip()
    if rest[:1] == "{" and rest[-1:] == "}":
        inner = read_object(rest[:EVENT])
        if inner:
            reading = find(tuple(inner))
            return copy_made(inner if reading is None else reading(inner))
    program = head["program"]
    if program == "audit" and (record := read_named_record(row, rest)) is not None:
        return record
    if program is not None and "squid" in program:
        squid = read_squid(rest[:LINE])
        return row if squid is None else _said({**squid, "message": rest}, row, {"@proxy": "line"})
    if program is not None and (event := read_provider(program, rest[:EVENT])) is not None:
        return _read_pairs(row, event)
    if program is None or fold(program.rpartition("/")[2]) not in PROGRAMS:
        return row
    return Made({**row, "@syslog": program})


def _read_inner(row: Row, inner: dict[str, Value], find: Find) -> Row:
    """A row that keeps another one whole as a text of JSON. It has the fields of both, and is of the kind of
    the inner one where that says of what kind it is."""
    reading = find(tuple(inner))
    told = inner if reading is None else reading(inner)
    inside = told.inside if isinstance(told, Made) else ()
    if inside and told["@inside"] == PACKED:
        # What was unpacked is not unpacked again, as it could be any number of times as long each time.
        return row
    made = Made({**row, **told})
    made.inside = inside
    made.apart = readings_in(told) if len(row) > 1 else told.apart if isinstance(told, Made) else ()
    own = told.own if isinstance(told, Made) and told.own is not None else told
    if says_its_kind(own):
        made.own = own
    return made


def read_object(text: str) -> dict[str, Value]:
    """The fields of an object of JSON in a text, those of objects inside of it under dotted names, as rows of
    JSON have them; none where it cannot be read."""
    fields: dict[str, Value] = {}
    start = text[:64].lstrip()[:1]
    if start != "{" or text[-64:].rstrip()[-1:] != "}":
        return fields
    try:
        found = json.loads(text, object_pairs_hook=tuple, parse_int=str, parse_float=str)
        put_all(fields, _pairs_of(found, "", 0))
    except (ValueError, RecursionError):
        return {}
    return fields


def _pairs_of(value: object, name: str, depth: int) -> Iterator[tuple[str, Value]]:
    # An object is a tuple of its pairs here, so that no key hides another.
    if depth > _DEPTH:
        raise RecursionError
    if isinstance(value, tuple):
        for key, item in value:
            yield from _pairs_of(item, f"{name}.{key}" if name else key, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _pairs_of(item, name, depth + 1)
    elif value is None or isinstance(value, str | bool):
        yield name, value


def _no_reading(_names: Names) -> None:
    return None


def complete(whole: str, row: Row) -> Row:
    """A row of a known event with what the same event, kept whole in a text of it, says beside."""
    text = row[whole]
    if not isinstance(text, str) or not is_event(text[:EVENT]):
        return row
    system = read_system(text[:EVENT])
    same = all(
        isinstance(row[name], str | int) and fold(str(row[name])) == fold(str(system.get(name)))
        for name in ("Channel", "EventID")
    )
    if not same:
        return row
    fields: dict[str, Value] = Made(row)
    for name, value in (*system.items(), *read_data(text[:EVENT]).items()):
        fields.setdefault(name, value)
    return fields
