"""Events of devices in the Common Event Format and in Log Event Extended Format, and in tables of the first.

A line of CEF (version 0 and 1 of its guide) has a head of seven parts between bars and an extension of pairs;
LEEF (1.0 and 2.0) a head of five or six and pairs between tabs or a mark that it names. What a custom field
holds is said by a label beside it. Which rules an event is asked is told by who made the device: those of its
product, of a generic category that it is a log of, or of Windows where it carries an event of it; a device
of another maker is asked rules of no product.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Final

from comity.findings.derived import HOST, LINE
from comity.findings.export_flat import Names, Reading, Row
from comity.findings.export_flows import blocked_by
from comity.findings.export_messages import name_of_label
from comity.findings.export_texts import Made
from comity.findings.export_web import of_target
from comity.findings.rows import Value, fold
from comity.findings.taxonomy_exports import CHANNEL_NAMES, EVENT_NAMES, PROVIDER_NAMES

PAIRS: Final = 512
"""How many pairs of an event are read."""

# Behind a head of syslog and at most a tag: an event that stands in what another program quotes is none.
_MARK = re.compile(
    r"(?:<[0-9]{1,3}>)?(?:1 )?(?:(?:[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9:]{8}(?:\.[0-9]{1,9})?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,18}(?:Z|[+-][0-9:]{4,6})?) [^ ]{1,255} "
    r"(?:[^ ]{1,64}(?:: ?| ))?(?:[^ ]{1,128} [^ ]{1,128} [^ ]{1,128} (?:-|\[[^\]\"]{0,512}\]) )?)?"
    r"(?P<mark>CEF:[01]|LEEF:[12]\.0)\|"
)
_PART = re.compile(r"((?:[^|\\]|\\.)*+)\|")
_KEY = re.compile(r"(?:^|(?<= ))([A-Za-z0-9_.\-]{1,64}(?:\[[0-9]{1,4}\])?)=")
_UNESCAPED = re.compile(r"\\([\\|=nr])")
_LINES: Final = {"n": "\n", "r": "\r"}

_WEB: Mapping[str, str] = MappingProxyType(
    {
        "cs-method": "requestMethod",
        "cs-host": "dhost",
        "cs-user-agent": "requestClientApplication",
        "c-useragent": "requestClientApplication",
        "cs-referer": "requestContext",
        "c-ip": "src",
        "src_ip": "src",
        "dst_ip": "dst",
        "cs-username": "suser",
        "sc-status": "outcome",
        "r-dns": "dhost",
    }
)
_TRAFFIC: Mapping[str, str] = MappingProxyType(
    {
        "src_ip": "src",
        "src_port": "spt",
        "dst_ip": "dst",
        "dst_port": "dpt",
        "action": "act",
        "protocol": "proto",
    }
)
_LEEF: Mapping[str, str] = MappingProxyType(
    {
        "srcPort": "spt",
        "dstPort": "dpt",
        "usrName": "suser",
        "url": "request",
        "method": "requestMethod",
        "userAgent": "requestClientApplication",
    }
)
"""What LEEF calls the same."""
_FORTIGATE: Mapping[str, str] = MappingProxyType(
    {
        "action": "act",
        "devid": "deviceExternalId",
        "devname": "dvchost",
        "dstip": "dst",
        "dstport": "dpt",
        "msg": "msg",
        "srcip": "src",
        "srcport": "spt",
        "user": "suser",
        "vd": "cs1",
    }
)
_OWN: Final = ("FTNTFGT", "ad.")
"""What makers put before names of their own."""
_TABLE: Mapping[str, str] = MappingProxyType(
    {
        "DeviceAction": "act",
        "SourceIP": "src",
        "SourcePort": "spt",
        "DestinationIP": "dst",
        "DestinationPort": "dpt",
        "DestinationHostName": "dhost",
        "RequestURL": "request",
        "RequestMethod": "requestMethod",
        "RequestClientApplication": "requestClientApplication",
        "RequestContext": "requestContext",
        "SourceUserName": "suser",
        "DeviceExternalID": "deviceExternalId",
        "DeviceName": "dvchost",
        "Message": "msg",
        "Protocol": "proto",
        "EventOutcome": "outcome",
        "DeviceEventCategory": "cat",
    }
)
"""The columns of Microsoft's table of such events, and the keys whose values they hold."""


def is_of_windows(pairs: Row) -> bool:
    """Whether an event of a device is one of Windows."""
    return "SourceName" in pairs and "EventID" in pairs and "@device" not in pairs


def tell_device(pairs: Row, row: Row) -> Row:
    """``row`` with the pairs of an event of a device, of the kind that alone its maker says."""
    made = Made({**pairs, **row})
    made.own = {name: value for name, value in made.items() if name.startswith("@device") or name in _KINDS}
    return made


_KINDS: Final = ("devname", "logid")
"""By what a firewall of Fortinet is told."""


def read_device(text: str) -> dict[str, Value] | None:
    """The pairs of an event of a device in a line, under the names of rules as well, with what says whose it
    is; None where a line has no such form."""
    mark = _MARK.match(text)
    if mark is None:
        return None
    head: list[str] = []
    at = mark.end()
    leef = mark["mark"].startswith("LEEF")
    wanted = (5 if mark["mark"] == "LEEF:2.0" else 4) if leef else 6
    while len(head) < wanted and (part := _PART.match(text, at)) is not None:
        head.append(_UNESCAPED.sub(_character, part[1]))
        at = part.end()
    if len(head) < wanted:
        return None
    rest = text[at:].rstrip("\r\n")
    pairs = _by_mark(rest, _delimiter(head[4]) if wanted == 5 else "\t") if leef else _by_keys(rest)
    return _tell(head[0], head[1], head[3], pairs)


def _character(found: re.Match[str]) -> str:
    return _LINES.get(found[1], found[1])


def _delimiter(told: str) -> str:
    if len(told) == 1:
        return told
    number = told.removeprefix("0x").removeprefix("x")
    return chr(int(number, 16)) if re.fullmatch(r"[0-9a-fA-F]{2}", number) else "\t"


def _by_mark(rest: str, mark: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in rest.split(mark, PAIRS)[:PAIRS]:
        key, told, value = part.partition("=")
        if told:
            pairs.setdefault(_LEEF.get(key, key.strip()), value)
    return pairs


def _by_keys(rest: str) -> dict[str, str]:
    """The pairs of an extension: a value ends where the next key begins, and may hold blanks."""
    keys = list(islice(_KEY.finditer(rest), PAIRS))
    ends = [*(found.start() for found in keys[1:]), len(rest)][: len(keys)]
    pairs: dict[str, str] = {}
    for found, end in zip(keys, ends, strict=True):
        pairs.setdefault(found[1], _UNESCAPED.sub(_character, rest[found.end() : end].strip()))
    return pairs


def _labelled(pairs: Mapping[str, str]) -> dict[str, str]:
    """The pairs with custom fields under what their labels say, and makers' own names without their mark."""
    named = dict(pairs)
    for key, label in pairs.items():
        if key.endswith("Label") and (value := pairs.get(key.removesuffix("Label"))) is not None:
            named.setdefault(label, value)
        for own in _OWN:
            if key.startswith(own):
                named.setdefault(key.removeprefix(own), label)
    return named


def _tell(vendor: str, product: str, event: str, pairs: Mapping[str, str]) -> dict[str, Value]:
    named = _labelled(pairs)
    maker, device = fold(vendor), fold(product)
    found: dict[str, Value] = {
        "DeviceVendor": vendor,
        "DeviceProduct": product,
        "DeviceEvent": event,
        **named,
    }
    if maker == "fortinet" and device.startswith("forti"):
        category, _, kind = named.get("cat", "").partition(":")
        found |= {name: named[key] for name, key in _FORTIGATE.items() if key in named}
        found.setdefault("type", category or None)
        found.setdefault("subtype", kind or None)
        return found | {"logid": named.get("logid", event), "devname": found.get("devname")}
    if maker == "microsoft" and "windows" in device:
        plain = {name: value for name, value in found.items() if fold(name) not in _OF_SYSTEM}
        return plain | _of_windows(event, named)
    target, method = named.get("request"), named.get("requestMethod")
    if target and method:
        host = HOST.match(target)
        found |= {"cs-host": host[1]} if host is not None else {}
        found |= of_target(target)
        found |= {name: named[key] for name, key in _WEB.items() if key in named}
        return found | {"@device": "proxy", "@device proxy": True}
    if "dpt" in named and "dst" in named:
        found |= {name: named[key] for name, key in _TRAFFIC.items() if key in named}
        found = {**blocked_by(named.get("act")), **found}
        return found | {"@device": "firewall", "@device firewall": True}
    return found | {"@device": "other"}


def _of_windows(event: str, named: Mapping[str, str]) -> dict[str, Value]:
    """An event of Windows: its provider and number in one, and its data under what labels call it."""
    provider, _, number = event.rpartition(":")
    number = named.get("EventID", named.get("externalId", number))
    found: dict[str, Value] = {"EventID": number, "SourceName": provider or _AUDIT}
    if "EventLog" in named:
        found["LogName"] = named["EventLog"]
    for key, value in named.items():
        wanted = name_of_label(number, "", fold(key))
        if wanted is not None:
            found.setdefault(wanted, value)
    if number == "4688" and "dproc" in named:
        found.setdefault("NewProcessName", named["dproc"])
    return found


_OF_SYSTEM: Final = frozenset((*EVENT_NAMES, *CHANNEL_NAMES, *PROVIDER_NAMES))
"""What keys of devices are never taken for: an event's own parts."""
_AUDIT: Final = "Microsoft-Windows-Security-Auditing"


def find_device_readings(names: Names) -> tuple[Reading, ...]:
    """How rows of Microsoft's table of such events are read; none where these are none of it."""
    return (_read_table,) if {"DeviceVendor", "DeviceProduct", "DeviceEventClassID"} <= set(names) else ()


def _read_table(row: Row) -> Row:
    pairs: dict[str, str] = {}
    for column, key in _TABLE.items():
        held = row.get(column)
        if isinstance(held, str | int) and held != "":
            pairs[key] = str(held)
    more = row.get("AdditionalExtensions")
    if isinstance(more, str):
        for part in more[:LINE].split(";")[:PAIRS]:
            key, told, value = part.partition("=")
            if told:
                pairs.setdefault(key.strip(), value)
    texts = [str(row[name] or "") for name in ("DeviceVendor", "DeviceProduct", "DeviceEventClassID")]
    event = _tell(texts[0], texts[1], texts[2], pairs)
    return row if is_of_windows(event) else tell_device(event, row)
