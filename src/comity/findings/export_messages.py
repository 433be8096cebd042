"""Messages of Windows events, as they are shown to people, under the names of the event's data.

Some exporters write of an event only its ``System`` and the message that Windows made of it: ``Get-WinEvent``
to a table, and Splunk's older input (``LogName=…``, ``EventCode=…``, ``Message=…``). Sysmon's message names
its data itself. The audit's, the service manager's and PowerShell's are labels in English below headings;
what a label stands for depends on its heading. A label that is not in the tables gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from comity.findings.rows import Value
from comity.findings.taxonomy_fields import names_of_provider
from comity.findings.taxonomy_labels import in_english

LINES: Final = 512
"""How many lines of a message are read."""

_LABEL = re.compile(
    r"[ \t]*([^\W\d_](?:[^\W_]|[ /\-.,'\u2019]){0,80}?)[ \u00a0\u202f]{0,2}:(?:[ \t\u00a0]+(.*)|[ \t]*)"
)
_HEAD = re.compile(r"([A-Za-z][A-Za-z_]{0,40})=(.*)")
# Its first line ends in two numbers, and the script's own number stands behind it, in every language.
_SCRIPT = re.compile(
    r"[^\r\n(]{8,64}\([0-9]{1,6} [^\W\d]{1,8} [0-9]{1,6}\)[ \u00a0]?:\r?\n(.*?)\r?\n\r?\n"
    r"[^\r\n:]{0,16}(?:Script[Bb]lock|bloque de script)[^\r\n:]{0,8}:",
    re.DOTALL,
)
# The same in one line: the last mark ends it, whatever stands in the script.
_SCRIPT_LINE = re.compile(
    r"Creating Scriptblock text \([0-9]{1,6} of [0-9]{1,6}\):[ \t]{1,4}(.*)[ \t]ScriptBlock ID:", re.DOTALL
)
_CONTEXT = re.compile(r"\r?\n\r?\nContext:\r?\n|(?<=[^ ])[ \t]{1,8}Context:[ \t]{1,8}(?=Severity)")

_ACCOUNTS: Mapping[str, str] = MappingProxyType(
    {
        "subject": "Subject",
        "creator subject": "Subject",
        "target subject": "Target",
        "target account": "Target",
        "new account": "Target",
        "new logon": "Target",
        "account for which logon failed": "Target",
        "account whose credentials were used": "Target",
        "account that was locked out": "Target",
        "account information": "Target",
        "group": "Target",
        "new group": "Target",
    }
)
"""Headings below which an account is told, and the beginning of its names."""

_OF_ACCOUNT: Mapping[str, str] = MappingProxyType(
    {
        "security id": "UserSid",
        "account name": "UserName",
        "account domain": "DomainName",
        "logon id": "LogonId",
        "logon guid": "LogonGuid",
        "group name": "UserName",
        "group domain": "DomainName",
    }
)

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "accesses": "AccessList",
        "access mask": "AccessMask",
        "additional information": "AdditionalInfo",
        "allowed to delegate to": "AllowedToDelegateTo",
        "application name": "Application",
        "authentication package": "AuthenticationPackageName",
        "certificate thumbprint": "CertThumbprint",
        "client address": "IpAddress",
        "client port": "IpPort",
        "creator process name": "ParentProcessName",
        "destination address": "DestAddress",
        "destination port": "DestPort",
        "direction": "Direction",
        "failure code": "Status",
        "key length": "KeyLength",
        "ldap display name": "AttributeLDAPDisplayName",
        "logon process": "LogonProcessName",
        "logon type": "LogonType",
        "mandatory label": "MandatoryLabel",
        "new account name": "NewTargetUserName",
        "new process id": "NewProcessId",
        "new process name": "NewProcessName",
        "new uac value": "NewUacValue",
        "new value": "NewValue",
        "new value type": "NewValueType",
        "object name": "ObjectName",
        "object server": "ObjectServer",
        "object type": "ObjectType",
        "object value name": "ObjectValueName",
        "old account name": "OldTargetUserName",
        "old uac value": "OldUacValue",
        "operation type": "OperationType",
        "pre-authentication type": "PreAuthType",
        "privileges": "PrivilegeList",
        "process command line": "CommandLine",
        "process name": "ProcessName",
        "protocol": "Protocol",
        "relative target name": "RelativeTargetName",
        "result code": "Status",
        "sam account name": "SamAccountName",
        "service account": "AccountName",
        "service file name": "ServiceFileName",
        "service name": "ServiceName",
        "service principal names": "ServicePrincipalNames",
        "service start type": "StartType",
        "service type": "ServiceType",
        "share name": "ShareName",
        "share path": "ShareLocalPath",
        "source address": "SourceAddress",
        "source network address": "IpAddress",
        "source port": "SourcePort",
        "source workstation": "Workstation",
        "sid history": "SidHistory",
        "status": "Status",
        "sub status": "SubStatus",
        "subcategory guid": "SubcategoryGuid",
        "target server name": "TargetServerName",
        "task name": "TaskName",
        "ticket encryption type": "TicketEncryptionType",
        "ticket options": "TicketOptions",
        "workstation name": "WorkstationName",
    }
)
"""Labels of messages, folded, and the names of the data that they show."""

WORDS: Final = (*_ACCOUNTS, *_OF_ACCOUNT, *LABELS)
"""All labels and headings, folded."""

_MEMBERS: Final = tuple(str(event) for event in (*range(4720, 4768), 4781))
"""Events of the audit of accounts, which call the number of an account otherwise than others do."""
_THREATS: Final = tuple(map(str, (*range(1006, 1013), 1015, *range(1116, 1120))))

_BY_EVENT: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "4624": MappingProxyType({"source port": "IpPort"}),
        "4625": MappingProxyType({"source port": "IpPort"}),
        "4648": MappingProxyType({"additional information": "TargetInfo", "port": "IpPort"}),
        "4673": MappingProxyType({"service name": "Service"}),
        "4697": MappingProxyType(
            {"service start type": "ServiceStartType", "service account": "ServiceAccount"}
        ),
        "4776": MappingProxyType({"logon account": "TargetUserName", "error code": "Status"}),
        "4904": MappingProxyType({"source name": "AuditSourceName"}),
        "4905": MappingProxyType({"source name": "AuditSourceName"}),
        "5007": MappingProxyType({"old value": "Old Value", "new value": "New Value"}),
        "5136": MappingProxyType({"value": "AttributeValue", "class": "ObjectClass", "dn": "ObjectDN"}),
        "5137": MappingProxyType({"class": "ObjectClass", "dn": "ObjectDN"}),
        "6416": MappingProxyType({"device name": "DeviceDescription", "class name": "ClassName"}),
        "7045": MappingProxyType({"service file name": "ImagePath"}),
        **dict.fromkeys(
            _THREATS,
            MappingProxyType(
                {
                    "name": "Threat Name",
                    "severity": "Severity Name",
                    "category": "Category Name",
                    "path": "Path",
                    "user": "Detection User",
                    "process name": "Process Name",
                }
            ),
        ),
    }
)
"""Events in which a label shows other data."""


_CLASSIC: Final = frozenset(("400", "403", "600", "800"))
"""Events of the older PowerShell, whose message is its data."""


def read_labels(event: str, text: str) -> dict[str, Value]:
    """The data of a message with labels, of event ``event``; the first of a name counts, ``-`` is kept."""
    found: dict[str, Value] = {}
    if event == "4104":
        script = _SCRIPT.match(text)
        if script is not None:
            return {"ScriptBlockText": script[1]}
        script = _SCRIPT_LINE.match(text)
        if script is not None:
            return {"ScriptBlockText": script[1].rstrip()}
    if event == "4103":
        context = _CONTEXT.search(text)
        if context is not None:
            return {"Payload": text[: context.start()], "ContextInfo": text[context.end() :]}
        return {"Payload": text, "ContextInfo": ""}
    if event in _CLASSIC:
        return {"Data": text}
    if event in _LONG and (held := _LONG[event][1].search(text)) is not None:
        found[_LONG[event][0]] = held[1].strip()
        text = text[: held.start()] + text[held.end() :]
    account = ""
    text = text if "\n" in text else part_line(text, sysmon=False)
    for line in text.splitlines()[1:LINES]:
        label = _LABEL.fullmatch(line)
        if label is None:
            continue
        word, value = in_english(label[1].strip()), (label[2] or "").strip()
        if not value:
            account = _ACCOUNTS.get(word, account if word in _OF_ACCOUNT else "")
            continue
        name = _name_of(event, account, word)
        if name is not None:
            found.setdefault(name, value)
    return found


_TASK: Final = re.compile(
    r"(?:^|\n)[ \t]*(?:Task (?:New )?Content|(?:Neuer )?Aufgabeninhalt|(?:Nouveau c|C)ontenu de (?:la )?tâche"
    r"|Contenido (?:nuevo )?de (?:la )?tarea)[ \u00a0\u202f]?:[ \t\r]*\n?(.*)",
    re.DOTALL,
)
_LONG: Mapping[str, tuple[str, re.Pattern[str]]] = MappingProxyType(
    {
        "4662": (
            "Properties",
            re.compile(r"(?:^|\n)[ \t]*Properties:(.*?)(?=\n[ \t\r]*\n|\n[ \t]*Additional|\Z)", re.DOTALL),
        ),
        "4698": ("TaskContent", _TASK),
        "4702": ("TaskContentNew", _TASK),
    }
)
"""Data that a message shows over several lines, and where."""


def _name_of(event: str, account: str, word: str) -> str | None:
    if account and word in _OF_ACCOUNT:
        sid = account == "Target" and word == "security id" and event in _MEMBERS
        return "TargetSid" if sid else f"{account}{_OF_ACCOUNT[word]}"
    return _BY_EVENT.get(event, {}).get(word) or LABELS.get(word)


def name_of_label(event: str, heading: str, label: str) -> str | None:
    """What the data is called that a message of event ``event`` shows by ``label`` below ``heading``, both
    folded; None where that is not known."""
    return _name_of(event, _ACCOUNTS.get(heading, ""), label)


def read_head(text: str) -> dict[str, Value] | None:
    """The pairs of an event in Splunk's older form, a line each, the last of which is the message; None where
    a text has not that form."""
    head, told, message = text.partition("\nMessage=")
    if "LogName=" not in head or "EventCode=" not in head:
        return None
    if "\n" not in text:
        return _read_head_line(text)
    fields: dict[str, Value] = {}
    for line in head.splitlines()[:64]:
        pair = _HEAD.fullmatch(line.strip())
        if pair is not None:
            fields.setdefault(pair[1], pair[2])
    if told:
        fields["Message"] = message
    return fields


_OTHERS: Final = (
    *("caller process id", "caller process name", "creator process id", "elevated token"),
    *(
        "failure reason",
        "handle id",
        "impersonation level",
        "linked logon id",
        "network account domain",
        "network account name",
    ),
    *("object", "package name (ntlm only)", "process id", "required label", "resource attributes"),
    *("restricted admin mode", "restricted sid count", "token elevation type", "transaction id"),
    *("transited services", "virtual account", "attributes", "member", "privileges", "group", "changes"),
)
"""Labels whose values no data is told by, folded; they end the value before them."""
_INFORMATION: Final = (
    *("access request", "application", "audit source", "certificate", "change", "detailed authentication"),
    *("failure", "filter", "impersonation", "layer", "logon", "network", "new process", "object", "policy"),
    *("process", "provider", "rule", "service", "session", "share", "share access", "task", "ticket", "user"),
)
"""Headings that end in a word of their own."""
# From the first of several blanks on, and never again from the others: in time of the length. A label is
# passed as a whole, as the end of one may be another.
_LABELS = re.compile(
    r"(?<!\s)\s++((?:"
    + "|".join(re.escape(word) for word in sorted((*WORDS, *_OTHERS), key=len, reverse=True))
    + r"|(?:"
    + "|".join(_INFORMATION)
    + r") information):)",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"(?<!\s)\s++((?:"
    + "|".join(sorted(names_of_provider("microsoft-windows-sysmon"), key=len, reverse=True))
    + r"):)"
)


def part_line(message: str, *, sysmon: bool) -> str:
    """A message that a collector put into one line, with a line for each label again. ``sysmon``: it is one
    of Sysmon's, whose labels are the names of its data."""
    return (_NAMES if sysmon else _LABELS).sub(r"\n\1", message)


_PAIRS = re.compile(
    r"""(?<![^ ])([A-Za-z][A-Za-z_]{0,40})=(?:"([^"]*+)"|((?:[^ =]++(?: (?=[^ =]++(?: |$)))?)*+))"""
)
_STAMP = re.compile(r"[0-9/:. APM\-TZ+]{0,64}LogName=")
_IN_LINE: Final = 512
"""How many pairs of a line are read."""


def _read_head_line(text: str) -> dict[str, Value] | None:
    """The same in one line: values in quotes, or of words up to the next name."""
    if _STAMP.match(text) is None:
        return None
    fields: dict[str, Value] = {}
    for count, pair in enumerate(_PAIRS.finditer(text)):
        if count >= _IN_LINE:
            break
        fields.setdefault(pair[1], pair[3].rstrip() if pair[2] is None else pair[2])
    return fields if {"LogName", "EventCode"} <= fields.keys() else None


_TIMELINE = re.compile(
    r"\[([0-9]{1,5}) / 0x[0-9a-fA-F]{1,8}\] (?:Provider identifier: [^ ]{1,48} )?"
    r"Source Name: ([^\[\]]{1,200}?) (?=(?:Message string|Strings): )"
)
_STRING = re.compile(r"""\s{0,2}(?:'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)")(,?)""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_PLAIN_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}
_BESIDE = re.compile(r" (Computer Name|Record Number): ([^ ]{1,256})")


def read_timeline(text: str) -> dict[str, Value] | None:
    """The pairs of an event as a timeline of plaso writes it in one line (``[4624 / 0x1210] … Source Name: …
    Strings: ['…', …] Computer Name: …``); None where a text has not that form."""
    head = _TIMELINE.match(text)
    if head is None:
        return None
    fields: dict[str, Value] = {"event_identifier": head[1], "source_name": head[2]}
    at = text.find("Strings: [", head.end())
    if at >= 0:
        strings: list[Value] = []
        at += len("Strings: [")
        while (found := _STRING.match(text, at)) is not None:
            strings.append(_ESCAPE.sub(_unescape, found[1] if found[2] is None else found[2]))
            at = found.end()
            if not found[3]:
                break
        fields["strings"] = strings
    names = {"Computer Name": "computer_name", "Record Number": "record_number"}
    for name, value in _BESIDE.findall(text, max(at, head.end())):
        fields.setdefault(names[name], value)
    return fields


def _unescape(found: re.Match[str]) -> str:
    if found[4] is not None:
        return _PLAIN_ESCAPES.get(found[4], found[4])
    number = int(found[1] or found[2] or found[3], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else found[0]
