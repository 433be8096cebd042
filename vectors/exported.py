"""Vectors of rows that tools export, and of documents that become rows."""

from __future__ import annotations

import json
from typing import Any

from vectors.story import Made, vector

SENSOR = "Microsoft-Windows-Sysmon/Operational"
_DATA = {"Image": "C:\\Tools\\relay.exe", "CommandLine": 'relay.exe --to "203.0.113.9" <x>'}
_XML = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='Microsoft-Windows-Sysmon'/><EventID Qualifiers='0'>1</EventID><Channel>"
    + SENSOR
    + "</Channel></System><EventData>"
    "<Data Name='Image'>C:\\Tools\\relay.exe</Data>"
    "<Data Name='CommandLine'>relay.exe --to &quot;203.0.113.9&quot; &lt;x&gt;</Data></EventData></Event>"
)
_SYSTEM = {"Provider": {"#attributes": {"Name": "p"}}, "EventID": {"#text": 1}, "Channel": SENSOR}
_LISTED = {"EventData": {"Data": [{"@Name": name, "#text": text} for name, text in _DATA.items()]}}

ROWS: tuple[dict[str, Any], ...] = (
    {"Event": {"System": _SYSTEM, "EventData": _DATA}},
    {"System": {"EventID": {"Value": 1}, "Channel": SENSOR}, "EventData": _DATA},
    {"winlog": {"channel": SENSOR, "event_id": "1", "event_data": _DATA}},
    {
        "_index": "i",
        "_id": "1",
        "_source": {"winlog": {"channel": SENSOR, "event_id": "1", "event_data": _DATA}},
    },
    {"data": {"win": {"system": {"channel": SENSOR, "eventID": "1"}, "eventdata": _DATA}}},
    {"EventId": 1, "Channel": SENSOR, "Payload": json.dumps(_LISTED), "Image": "the exporter's own"},
    {"EventCode": "1", "LogName": SENSOR, **_DATA},
    {"EventCode": "1", "source": "XmlWinEventLog:" + SENSOR, **_DATA},
    {"EventID": 1, "Channel": SENSOR, "EventData": _DATA},
    {"EventID": 1, "Channel": SENSOR, "EventData": json.dumps(_DATA)},
    {"preview": False, "offset": 1, "result": {"_raw": _XML, "host": "lab", "index": "main"}},
    {"data_type": "windows:evtx:record", "xml_string": _XML, "event_identifier": 1},
    {"eventid": 1, "channel": SENSOR.upper(), "image": _DATA["Image"], "command line": _DATA["CommandLine"]},
    # None of these is such an event.
    {"Channel": "Security", "EventID": 4624, "message": _XML},
    {"Channel": "Security", "EventID": 4624, "_raw": _XML},
    {"EventCode": "1", "LogName": "ours", **_DATA},
    {"Image": _DATA["Image"], "CommandLine": _DATA["CommandLine"]},
)
"""One event in forms that tools write, and rows that hold it and are not it."""

_VALUE = {
    "Channel": "Security",
    "EventID": 4657,
    "ObjectName": "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\r",
    "ObjectValueName": "Start",
}
AUDIT: tuple[dict[str, Any], ...] = (
    {**_VALUE, "OperationType": "%%1905", "NewValueType": "%%1876", "NewValue": "4"},
    {**_VALUE, "OperationType": "%%1906", "NewValueType": "-", "NewValue": "-"},
    {
        "Channel": "Security",
        "EventID": 5156,
        "Application": "\\device\\harddiskvolume1\\relay.exe",
        "Direction": "%%14593",
        "SourceAddress": "192.0.2.1",
        "DestAddress": "203.0.113.9",
        "DestPort": "4444",
        "Protocol": "6",
    },
    {"Channel": "Microsoft-Windows-DNS-Client/Operational", "EventID": 3008, "QueryName": "a.example"},
    {
        "Channel": "Microsoft-Windows-Windows Defender/Operational",
        "EventID": 1116,
        "Threat Name": "HackTool:Relay",
        "Path": "file:_C:\\r.exe",
    },
    {
        "eventSource": "s3",
        "eventName": "DeleteBucket",
        "awsRegion": "x",
        "requestParameters": {"a": {"b": "Stop"}},
    },
)
"""Windows' own audit, and a trail of a service."""


def _rule(logsource: str, **search: Any) -> str:
    source = dict(pair.split("=") for pair in logsource.split(","))
    return json.dumps({"title": logsource, "logsource": source, "detection": {"s": search, "condition": "s"}})


_STARTED = "product=windows,category=process_creation"
EVENT_RULES = {
    "started.yml": _rule(
        _STARTED, **{"Image|endswith": "\\relay.exe", "CommandLine|contains": '"203.0.113.9" <x>'}
    ),
    "linux.yml": _rule("product=linux,category=process_creation", **{"Image|endswith": "relay.exe"}),
}
AUDIT_RULES = {
    "set.yml": _rule(
        "product=windows,category=registry_set",
        TargetObject="HKLM\\SYSTEM\\CurrentControlSet\\Services\\r\\Start",
        Details="DWORD (0x00000004)",
    ),
    "deleted.yml": _rule("product=windows,category=registry_delete", **{"TargetObject|endswith": "\\Start"}),
    "connected.yml": _rule(
        "product=windows,category=network_connection", Initiated="true", DestinationPort=4444, Protocol="tcp"
    ),
    "asked.yml": _rule("product=windows,category=dns_query", **{"QueryName|endswith": ".example"}),
    "virus.yml": _rule("category=antivirus", **{"Signature|startswith": "HackTool"}),
    "named.yml": _rule("product=windows,service=windefend", **{"ThreatName|contains": "relay"}),
    "trail.yml": _rule("product=aws,service=cloudtrail", requestParameters="stop"),
    "other.yml": json.dumps(
        {"logsource": {"product": "cisco"}, "detection": {"words": ["delete"], "condition": "words"}}
    ),
}


_AUDITED = "Microsoft-Windows-Security-Auditing"
_VALUES = ["S-1-5-18", "LAB$", "LAB", 999, 6712, "C:\\t\\relay.exe", "%%1936", 500, "relay --to x"]
_SHELL = {"Id": 4688, "ProviderName": _AUDITED, "LogName": "Security", "ProcessId": 4}
_STRINGS = [str(value) for value in _VALUES]
_TIMELINE = f"[4688 / 0x1250] Source Name: {_AUDITED} Strings: {_STRINGS} Computer Name: l"
_HEAD = "Mar  4 05:06:07 lab "
UNNAMED: tuple[dict[str, Any], ...] = (
    {**_SHELL, "Properties": [{"Value": value} for value in _VALUES]},
    {"message": _TIMELINE, "source": "EVT"},
    {
        "data_type": "windows:evtx:record",
        "source_name": _AUDITED,
        "event_identifier": 4688,
        "strings": _STRINGS,
    },
    # Another number of values, another event, a channel of nobody's tables.
    {**_SHELL, "Properties": [{"Value": value} for value in _VALUES[:4]]},
    {**_SHELL, "Id": 4689, "Properties": [{"Value": value} for value in _VALUES]},
    {"EventId": 17, "Provider": "Relay", "Channel": "Relay/Operational", "Payload": "relay"},
    # Lines that say whose log they are, and one that does not.
    {"message": _HEAD + "sshd[7]: relay"},
    {"message": '203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "GET /relay HTTP/1.1" 200 5 "-" "x"'},
    {"message": "1772600767.089 1 10.0.0.1 TCP_MISS/200 5 GET http://relay.example/ a DIRECT/203.0.113.9 x"},
    {"message": _HEAD + json.dumps({**_SHELL, "Properties": [{"Value": value} for value in _STRINGS]})},
    {"message": "a relay"},
)
"""Values without names, and lines."""
UNNAMED_RULES = {
    "started.yml": _rule(_STARTED, **{"Image|endswith": "\\relay.exe", "CommandLine|contains": " --to "}),
    **{
        f"{product}.yml": json.dumps(
            {"logsource": {"product": product}, "detection": {"words": ["relay"], "condition": "words"}}
        )
        for product in ("cisco", "linux")
    },
    "web.yml": json.dumps(
        {"logsource": {"category": "proxy"}, "detection": {"words": ["relay"], "condition": "words"}}
    ),
}

_TRAIL = {"eventSource": "relay.example", "eventName": "Drop", "awsRegion": "lab-1", "n": 1}
WHOLE: tuple[dict[str, Any], ...] = (
    {"CloudTrailEvent": json.dumps(_TRAIL), "EventName": "Drop"},
    {"message": json.dumps(_TRAIL), "n": 2},
    {"id": "1", "source": "lab", "detail-type": "call", "detail": _TRAIL},
    {"AuditData": json.dumps({"Operation": "relay", "Workload": "Lab", "UserKey": "k"})},
    {"message": "{" + json.dumps(_TRAIL)},
    {"Channel": "ForwardedEvents", "EventID": 4688.0, "SourceName": _AUDITED, "LogonType": "3.0"},
    {"Channel": "ForwardedEvents", "EventID": 4688, "SourceName": "Microsoft-Windows-TaskScheduler"},
)
"""Rows that keep another row whole, forwarded events, numbers of columns with gaps."""
WHOLE_RULES = {
    "trail.yml": _rule("product=aws,service=cloudtrail", eventName="Drop", n=1),
    "unified.yml": _rule("product=m365,service=audit", Operation="relay"),
    "logon.yml": _rule("product=windows,service=security", EventID=4688, LogonType=3),
    "task.yml": _rule("product=windows,service=taskscheduler", EventID=4688),
    "words.yml": json.dumps(
        {"logsource": {"product": "okta"}, "detection": {"words": ["Drop"], "condition": "words"}}
    ),
}

_COUNTED = "logsource: {product: x}\ndetection: {sel: {K: fail}, timeframe: 10s, condition: "
FIRST_RULES = {
    "collection.yml": "action: global\ntitle: c\nlogsource: {product: x}\n---\n"
    "action: global\ndetection: {condition: sel}\n---\ndetection: {sel: {U: ben}}\n---\n"
    "action: repeat\ndetection: {sel: {U: eve}}\n---\naction: reset\n",
    "counted.yml": f"title: n\n{_COUNTED}sel | count() by U > 2}}\n",
    "distinct.yml": f"title: d\n{_COUNTED}'sel | count(S) by U >= 2'}}\n",
}
FIRST = tuple(
    {"K": "fail", "U": user, "S": what, "@timestamp": f"2026-03-04T05:06:{second:02d}Z"}
    for second, user, what in ((0, "ann", 1), (1, "ann", 1), (2, "ben", 1), (9, "ann", 5), (30, "ann", 9))
)
"""Rules of Sigma's first specification, and rows to count."""


def finding_of_exports() -> Made:
    """Runs over rows that tools export (spec 11, clauses 23 to 31)."""
    for name, sources, rows in (
        ("one event in the forms of many tools", EVENT_RULES, ROWS),
        ("generic categories of Windows' own audit, and a trail of its own product", AUDIT_RULES, AUDIT),
        ("values without names, and lines that say whose log they are", UNNAMED_RULES, UNNAMED),
        ("rows that keep another row whole", WHOLE_RULES, WHOLE),
        ("collections and conditions that count", FIRST_RULES, FIRST),
    ):
        raw = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        item = f"rows:{len(rows)}:" + "5e" * 32
        yield vector(
            "finding", name, sources=sources, item=item, parameters={}, format="jsonl/1", bytes=raw.hex()
        )


_JSON = "comity-json 1"
_TORN = "comity-json 2"
_LISTS = "comity-json 3"
_AHEAD = "comity-json 4"
_EVENTS = "comity-event-xml 1"
_PREFIXED = "comity-event-xml 2"
_TEXT = "comity-event-text 1"
_TEXTS = "comity-event-text 2"
_SHOWN = "comity-event-text 3"
_SHOWN_EVENT = (
    b"ProviderName : a\r\nId           : 1\r\nMessage      : Words that a console broke at its edge\r\n"
    b"               between two\r\n               Image: x\r\n\r\n"
)
_OBJECTS = "comity-object-xml 1"
_RECORDED = "comity-otlp 1"
_LINES = (
    b"03/04/2026 01:06:07 PM\r\nLogName=Security\r\nEventCode=4688\r\nMessage=A.\r\n\r\nLogName=b\r\n"
    b"LogName=System\nSourceName=c\nEventCode=1\nMessage=d"
)
_TOLD_BY_A_TOOL = (
    b"Event[0]:\r\n  Log Name: Security\r\n  Source: a\r\n  Date: 2026-03-04T05:06:07.123\r\n"
    b"  Event ID: 4688\r\n  User Name: b\r\n  Description:\r\nA.\r\n\r\n"
    b"Event[1] \n  Log Name: c\n  Event ID: 1\n  Description: d\n"
)
_OBJS = b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
DERIVED = {
    "an array": (_JSON, b'[{"a":1}, {"a":[{"b":2}]}]'),
    "an envelope": (_JSON, b'{"about":{"x":[1]},"Records":[{"a":1},{"a":2}],"next":null}'),
    "an envelope of hits": (
        _JSON,
        b'{"took":1,"hits":{"total":{"value":2},"hits":[{"_source":{"a":1}},{"_id":2}]}}',
    ),
    "an envelope inside of another object": (_JSON, b'[{"Records":[{"a":1}]}]'),
    "objects over several lines": (_JSON, b'{\r\n  "a": "x\\ny"\r\n}\n{\n  "a": 2\n}\n'),
    "numbered records": (_JSON, b'Record 1\r\n{\r\n  "a": 1\r\n}\r\nRecord 2\r\n{"a":2}\r\n'),
    "a document cut short": (_JSON, b'[{"a":1},{"a":'),
    "a list of what is told of a list": (
        _TORN,
        b'{"stat":"OK","meta":{"total":2},"response":[{"a":1},{"a":2}]}',
    ),
    "a list of an event": (_TORN, b'{"kind":"event","events":[{"a":1},{"a":2}]}'),
    "a list behind lists of plain values": (
        _LISTS,
        b'{"type":"x","filters":["a","b"],"fields":[{"n":1}],"logEvents":[{"a":1},{"a":2}]}',
    ),
    "rows behind what is told of them": (_LISTS, b'{"total_rows":2,"offset":0,"rows":[{"a":1},{"a":2}]}'),
    "a list below a name": (
        _LISTS,
        b'{"stat":"OK","response":{"meta":{"n":2},"authlogs":[{"a":1},{"a":2}],"more":[1]},"x":[{}]}',
    ),
    "a list below a name of an event": (_LISTS, b'{"kind":"event","data":{"events":[{"a":1}]}}'),
    "a list below a name, as it was read before": (_TORN, b'{"response":{"authlogs":[{"a":1}]}}'),
    "a text from whose middle something is missing": (
        _TORN,
        b'[{"a":1,"t":"x"},{"a":2,"t":"y,{"a":3,"t":"z"}]',
    ),
    "a list from whose middle something is missing": (
        _TORN,
        b'{"Records":[{"a":1,"b":[],"c":[{"d":1}]},{"a":2,"b":[],"c":[{"d":1},{"a":3,"b":[],"c":[]}]}',
    ),
    "lines before an array": (_AHEAD, b'Reading ...\n\n# of lab\n[\n {"a":1}, {"a":2}]\n'),
    "a command before an envelope": (_AHEAD, b'lab$ tool [x]\n{"n":1,"Records":[{"a":1},{"a":2}]}\nlab$'),
    "elements below names of XML": (
        _AHEAD,
        b'{"?xml":{"@version":"1.0"},"Events":{"@xmlns":"x","Event":[{"a":1},{"a":2}]}}',
    ),
    "records behind their separators": (_AHEAD, b'\x1e{"a":1}\n\x1e{\n"a":2}\n'),
    "events whose names have a prefix": (
        _PREFIXED,
        b"<Events>"
        + _XML.replace("</", "</n:")
        .replace("<", "<n:")
        .replace("<n:/n:", "</n:")
        .encode()
        .replace(b"xmlns=", b"xmlns:n=")
        + b"</Events>",
    ),
    "records of a collector": (
        _RECORDED,
        (
            b'{"resourceLogs":[{"resource":{"attributes":[{"key":"h","value":{"stringValue":"a"}}]},"scopeLogs":'
            b'[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"x"},"attributes":'
            b'[{"key":"h","value":{"intValue":"7"}},{"key":"l","value":{"arrayValue":{"values":[{"bytesValue":'
            b'"eA=="},{"kvlistValue":{"values":[{"key":"k","value":{}}]}}]}}}]},{"body":7},'
            b'{"observedTimeUnixNano":"2"}]}]}]}\n{"resourceSpans":[]}\n'
        ),
    ),
    "text behind an object": (_TORN, b'[{"a":1}] and more'),
    "keys and numbers as they are written": (_JSON, b'[{"a":1e400,"a":-0, "b" : 18446744073709551616}]'),
    "an event without a root": (_EVENTS, _XML.encode()),
    "events with a root": (_EVENTS, b"<?xml version='1.0'?><Events>" + _XML.encode() * 2 + b"</Events>"),
    "events as text of several lines": (_TEXT, _LINES),
    "events as a tool of Windows writes them": (
        _TEXTS,
        _TOLD_BY_A_TOOL,
    ),
    "times before events": (
        _TEXTS,
        b"20260304050607.000000+060\nLogName=a\nEventCode=1\n2026-03-04 05:06:07\nLogName=b\nEventCode=2\n",
    ),
    "other times before events, in the first version": (
        _TEXT,
        b"LogName=a\nEventCode=1\nMessage=b\n2026-03-04 05:06:07\nLogName=b\nEventCode=2\n",
    ),
    "events as a shell lists their properties": (
        _SHOWN,
        b"\r\n\r\n" + _SHOWN_EVENT * 2,
    ),
    "a command before events": (_SHOWN, b"lab> tool /f:text\n" + _TOLD_BY_A_TOOL),
    "objects of a shell": (
        _OBJECTS,
        _OBJS
        + b'<Obj RefId="0"><Props><I32 N="Id">1</I32><Obj N="P"><LST><S>a_x000A_b</S><Nil/></LST></Obj>'
        + b"</Props></Obj><S>c</S></Objs>",
    ),
    "numbered events": (
        _EVENTS,
        b"".join(b"Record %d\n<?xml version='1.0'?>\n%b\n" % (n, _XML.encode()) for n in (1, 2)),
    ),
}
NOT_DERIVED = {
    "text outside of any object": (_JSON, b'[{"a":1}] and more'),
    "names with a prefix, in the first version": (
        _EVENTS,
        b"<n:Event xmlns:n='http://schemas.microsoft.com/win/2004/08/events/event'/>",
    ),
    "text that holds no object": (_AHEAD, b"x\n[1]\n"),
    "text before the first object": (_TORN, b'x [{"a":1}]'),
    "a bracket too many": (_JSON, b'[{"a":1}]]'),
    "events as a shell lists them, in the second version": (_TEXTS, _SHOWN_EVENT),
    "text before the first event": (_TEXT, b"x\nLogName=a\nEventCode=1\n"),
    "objects with a document type": (_OBJECTS, b"<!DOCTYPE e [<!ENTITY a 'b'>]>" + _OBJS + b"</Objs>"),
    "objects cut short": (_OBJECTS, _OBJS + b"<Obj>"),
    "a document type": (_EVENTS, b"<!DOCTYPE e [<!ENTITY a 'b'>]><Events/>"),
    "elements too deep": (_EVENTS, b"<Events><Event>" + b"<a>" * 70),
    "another document": (_EVENTS, b"<Other/>"),
    "XML cut short": (_EVENTS, _XML.encode()[:-20]),
}


def derived_accepted() -> Made:
    for name, (parser, raw) in DERIVED.items():
        yield vector("derived", name, parser=parser, bytes=raw.hex())


def derived_refused() -> Made:
    for name, (parser, raw) in NOT_DERIVED.items():
        yield vector("derived", name, parser=parser, bytes=raw.hex())
