"""Connections that a firewall or a cloud's network let through or refused, under the names of rules.

Lines of flow logs of AWS (in the order they have by themselves, and in others where both addresses and both
ports stand behind one another), of Palo Alto's traffic and web logs, and of Cisco's ASA; rows of the same in
JSON, of Google's and of the Open Cybersecurity Schema Framework; tuples of Azure's flow logs, each of which
is a row. What was let through has ``blocked`` ``false`` beside the maker's own word for it, as rules ask for
either.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final

from comity.findings.export_flat import Names, Reading, Row
from comity.findings.export_texts import Made
from comity.findings.export_web import of_target
from comity.findings.rows import Value, fold

FIREWALL: Final[Mapping[str, Value]] = MappingProxyType({"@device": "firewall", "@device firewall": True})
PROXY: Final[Mapping[str, Value]] = MappingProxyType({"@device": "proxy", "@device proxy": True})
_PASSED: Final = frozenset(
    ("accept", "accepted", "allow", "allowed", "permit", "permitted", "pass", "passed", "built", "a", "alert")
)
_REFUSED: Final = frozenset(
    ("reject", "rejected", "deny", "denied", "drop", "dropped", "block", "blocked", "d", "reset-both")
)
_PROTOCOLS: Final = {"1": "icmp", "6": "tcp", "17": "udp"}


def _flow(pairs: Mapping[str, Value]) -> dict[str, Value]:
    """A connection as a firewall's rules have it."""
    found = {name: value for name, value in pairs.items() if value not in (None, "", "-")}
    protocol = str(found.get("protocol", ""))
    if protocol in _PROTOCOLS:
        found["protocol"] = _PROTOCOLS[protocol]
    return {**found, **blocked_by(found.get("action")), **FIREWALL}


def blocked_by(action: Value) -> dict[str, Value]:
    """Whether a firewall's word for what it did says that a connection was refused; nothing where that is not
    known."""
    done = fold(action) if isinstance(action, str) else ""
    return {"blocked": "false" if done in _PASSED else "true"} if done in _PASSED | _REFUSED else {}


_ADDRESS: Final = r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})"
# Nothing but what such a log has stands in a line of it, from its version on.
_AWS = re.compile(r"(?:[0-9T:.\-]{19,29}Z )?[2-9](?: [0-9A-Za-z_.:\-]{1,64}){9,48}\s*")
_ENDS = re.compile(
    rf" (?P<src_ip>{_ADDRESS}) (?P<dst_ip>{_ADDRESS}) (?P<src_port>[0-9]{{1,5}}) (?P<dst_port>[0-9]{{1,5}})"
    r"(?: (?P<protocol>[0-9]{1,3}))? "
)
_WORD = re.compile(r" (ACCEPT|REJECT)(?=\s|$)")
_AT_MOST: Final = 2048


def read_flow(line: str) -> dict[str, Value] | None:
    """A line of a flow log of AWS, which begins with its version and names an interface; None where it has no
    such form."""
    if len(line) > _AT_MOST or _AWS.fullmatch(line) is None:
        return None
    ends, done = _ENDS.search(line), _WORD.search(line)
    return None if ends is None or done is None else _flow({**ends.groupdict(), "action": done[1]})


# Palo Alto

_PAN = re.compile(
    r"(?:<[0-9]{1,3}>)?[^,\"]{0,160},[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8},[0-9A-Za-z]{1,24},"
    r"(?P<kind>TRAFFIC|THREAT),(?P<sub>[a-z\-]{1,24}),"
)
_COLUMNS: Mapping[str, int] = MappingProxyType(
    {
        "src_ip": 7,
        "dst_ip": 8,
        "user": 12,
        "app": 14,
        "src_port": 24,
        "dst_port": 25,
        "protocol": 29,
        "action": 30,
    }
)
"""The columns of both logs, counted from the first, which says nothing."""
_ADDRESS_AT: Final = 31
_MORE: Mapping[str, int] = MappingProxyType({"agent": 46, "referer": 49, "method": 63})


def read_palo_alto(line: str) -> dict[str, Value] | None:
    """A line of Palo Alto's traffic log, or of a request in its threat log; None where it is none."""
    head = _PAN.match(line)
    if head is None:
        return None
    begin = head.start("kind")
    try:
        cells = [*("", "", ""), *next(csv.reader([line[begin:].rstrip("\r\n")]), [])]
    except csv.Error:
        return None
    held: dict[str, Value] = {
        name: cells[at] for name, at in _COLUMNS.items() if at < len(cells) and cells[at]
    }
    if head["kind"] == "TRAFFIC":
        return _flow(held)
    if head["sub"] != "url" or len(cells) <= _ADDRESS_AT:
        return {**held, "@device": "other"}
    target = cells[_ADDRESS_AT]
    more = {name: cells[at] for name, at in _MORE.items() if at < len(cells) and cells[at]}
    found: dict[str, Value] = {**held, **of_target(target), "cs-host": target.partition("/")[0]}
    if "method" in more:
        found["cs-method"] = more["method"].upper()
    if "agent" in more:
        found["c-useragent"] = found["cs-user-agent"] = more["agent"]
    if "referer" in more:
        found["cs-referer"] = more["referer"]
    return {**found, "c-ip": held.get("src_ip"), **PROXY}


# Cisco

_CISCO = re.compile(r"%(?:ASA|FTD)-[0-7]-(?P<number>[0-9]{6}): ")
_BUILT = re.compile(
    r"Built (?P<way>inbound|outbound) (?P<protocol>TCP|UDP) connection [0-9]{1,20} for "
    rf"[^ :]{{1,64}}:(?P<a>{_ADDRESS})/(?P<ap>[0-9]{{1,5}}) \([^)]{{1,96}}\)(?: ?\([^)]{{1,96}}\))? to "
    rf"[^ :]{{1,64}}:(?P<b>{_ADDRESS})/(?P<bp>[0-9]{{1,5}})"
)
_LISTED = re.compile(
    rf"access-list [^ ]{{1,128}} (?P<action>permitted|denied|est-allowed) (?P<protocol>[a-z0-9]{{1,8}}) "
    rf"[^ /]{{1,64}}/(?P<src_ip>{_ADDRESS})\((?P<src_port>[0-9]{{1,5}})\)[^>]{{0,96}}-> "
    rf"[^ /]{{1,64}}/(?P<dst_ip>{_ADDRESS})\((?P<dst_port>[0-9]{{1,5}})\)"
)


_FROM: Final = rf"(?P<src_ip>{_ADDRESS})/(?P<src_port>[0-9]{{1,5}})"
_TO: Final = rf"(?P<dst_ip>{_ADDRESS})/(?P<dst_port>[0-9]{{1,5}})"
_SIDE: Final = r"[^ :]{1,64}:"
_USER: Final = r"(?: ?\([^)]{1,96}\)){0,2}"
_KIND: Final = r"(?P<protocol>[A-Za-z0-9]{1,8})"
_TYPE: Final = r"type=[0-9]{1,3}, code=[0-9]{1,3}"
_BETWEEN: Final = (
    rf"src {_SIDE}(?P<src_ip>{_ADDRESS})(?:/(?P<src_port>[0-9]{{1,5}}))?{_USER} "
    rf"dst {_SIDE}(?P<dst_ip>{_ADDRESS})(?:/(?P<dst_port>[0-9]{{1,5}}))?{_USER}"
)
_DENIALS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        number: re.compile(form)
        for numbers, form in (
            (("106001",), rf"Inbound {_KIND} connection (?P<action>denied) from {_FROM} to {_TO}(?![0-9])"),
            (
                ("106006", "106007"),
                rf"(?P<action>Deny) inbound {_KIND} from {_FROM} to {_TO} (?:on interface|due to DNS) ",
            ),
            (("106010",), rf"(?P<action>Deny) inbound (?:protocol )?{_KIND} {_BETWEEN}(?![0-9])"),
            (("106014",), rf"(?P<action>Deny) inbound {_KIND} {_BETWEEN} \(type "),
            (("106015",), rf"(?P<action>Deny) {_KIND} \(no connection\) from {_FROM} to {_TO} flags "),
            (
                ("106023",),
                rf"(?P<action>Deny) (?:protocol )?{_KIND} {_BETWEEN} (?:\(type [^)]{{1,32}}\) )?by ",
            ),
            (
                ("710002", "710003"),
                rf"{_KIND} access (?P<action>permitted|denied by ACL) from {_FROM} to {_SIDE}{_TO}(?![0-9])",
            ),
            (("710005",), rf"{_KIND} request (?P<action>discarded) from {_FROM} to {_SIDE}{_TO}(?![0-9])"),
            (
                ("313001",),
                rf"(?P<action>Denied) (?P<protocol>ICMP) {_TYPE} from (?P<src_ip>{_ADDRESS}) on interface ",
            ),
        )
        for number in numbers
    }
)
"""What is refused, and of the device itself also let through, by the number of the message."""
_DONE: Final = MappingProxyType({"denied by acl": "denied", "discarded": "drop"})
"""Words for it that are the device's alone, and what they say."""


def read_cisco(line: str) -> tuple[dict[str, Value], int] | None:
    """A line of an ASA about a connection, and where its message begins; None where it tells of none."""
    head = _CISCO.search(line[:512])
    if head is None:
        return None
    number, rest = head["number"], line[head.end() : head.end() + 512]
    if number in ("302013", "302015") and (built := _BUILT.match(rest)) is not None:
        # The first end is the one on the less trusted side: what goes out goes to it.
        ends = ("b", "a") if built["way"] == "outbound" else ("a", "b")
        held: dict[str, Value] = {"protocol": built["protocol"].lower(), "action": "built"}
        for name, end in zip(("src", "dst"), ends, strict=True):
            held |= {f"{name}_ip": built[end], f"{name}_port": built[f"{end}p"]}
        return _flow(held), head.start()
    if number in ("106100", "106023") and (listed := _LISTED.match(rest)) is not None:
        return _flow(listed.groupdict()), head.start()
    if number in _DENIALS and (found := _DENIALS[number].match(rest)) is not None:
        told = found.groupdict()
        done = fold(told["action"])
        return _flow(
            {**told, "protocol": fold(told["protocol"]), "action": _DONE.get(done, done)}
        ), head.start()
    return None


# Rows of JSON

_ROWS: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (
        ("class_uid", "dst_endpoint.port", "src_endpoint.ip"),
        {
            "src_ip": "src_endpoint.ip",
            "src_port": "src_endpoint.port",
            "dst_ip": "dst_endpoint.ip",
            "dst_port": "dst_endpoint.port",
            "protocol": "connection_info.protocol_num",
            "action": "action",
        },
    ),
    (
        ("src-ip", "dst-ip", "dst-port", "action"),
        {
            "src_ip": "src-ip",
            "src_port": "src-port",
            "dst_ip": "dst-ip",
            "dst_port": "dst-port",
            "protocol": "protocol",
            "action": "action",
        },
    ),
    *(
        (
            (f"{start}connection.dest_port", f"{start}connection.src_ip"),
            {
                "src_ip": f"{start}connection.src_ip",
                "src_port": f"{start}connection.src_port",
                "dst_ip": f"{start}connection.dest_ip",
                "dst_port": f"{start}connection.dest_port",
                "protocol": f"{start}connection.protocol",
                "action": f"{start}disposition",
            },
        )
        for start in ("", "jsonPayload.")
    ),
)
"""Names of which such a row has all, and what rules call some of them."""
_TUPLES: Final = (
    "properties.flows.flows.flowTuples",
    "properties.flowRecords.flows.flowGroups.flowTuples",
    "flowRecords.flows.flowGroups.flowTuples",
)
_TUPLE: Final = "flowTuple"
"""What a tuple is called that stands by itself."""
_MOST: Final = 100_000


def find_flow_readings(names: Names) -> Iterator[Reading]:
    """How rows of connections with these fields are read."""
    here = set(names)
    if "actor.process.file.path" not in here:
        for marks, pairs in _ROWS:
            if here.issuperset(marks):
                held = tuple((name, own) for name, own in pairs.items() if own in here)
                yield partial(_read_row, held)
    for name in _TUPLES:
        if name in here:
            yield partial(_hold_tuples, name)
    if _TUPLE in here:
        yield _read_tuple


def _read_row(pairs: Sequence[tuple[str, str]], row: Row) -> Row:
    told = {name: row[own] for name, own in pairs}
    made = Made({**_flow(told), **row})
    made.own = {name: value for name, value in made.items() if name.startswith("@device")}
    return made


def _hold_tuples(name: str, row: Row) -> Row:
    value = row[name]
    texts = value if isinstance(value, list) else [value]
    if len(texts) > _MOST or not any(isinstance(text, str) and text.count(",") > 6 for text in texts):
        return row
    # One that is broken is told as a row of which nothing tells whose it is.
    made = Made({**row, "@inside": True})
    made.inside = [{_TUPLE: text} for text in texts]
    made.own = {"@inside": True}
    return made


def _read_tuple(row: Row) -> Row:
    """Azure's tuple: an instant, both addresses and ports, a protocol, a direction, and whether it was let
    through; of the logs of virtual networks that is a state of the flow, ``D`` where it was denied."""
    text = row[_TUPLE]
    cells = text.split(",") if isinstance(text, str) else []
    if len(cells) < 8:
        return row
    told: dict[str, Value] = dict(zip(("src_ip", "dst_ip", "src_port", "dst_port"), cells[1:5], strict=True))
    told["protocol"] = {"T": "tcp", "U": "udp"}.get(cells[5], cells[5])
    return Made({**row, **_flow({**told, "action": "deny" if cells[7] == "D" else "accept"})})
