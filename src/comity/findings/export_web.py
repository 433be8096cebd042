"""Requests for pages and names, in the forms of servers, balancers and resolvers, under Sigma's names.

Web servers, balancers and gateways that write JSON call each part of a request by a name of their own. A row
with a method and an address of these gets Sigma's names (``cs-method``, ``c-uri``, ``cs-uri-query``). Lines
hold the request in quotes (``"GET /x HTTP/1.1"``), and what stands around it differs. Lines of resolvers tell
a name and a type (``query: lab.example IN A``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from comity.findings.derived import HOST, LINE, uris
from comity.findings.export_flat import Names, Reading, Row
from comity.findings.export_texts import Made
from comity.findings.rows import Value

_PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cs-method": (
            *("http.request.method", "request_method", "requestmethod", "request.method", "RequestMethod"),
            *(
                "ClientRequestMethod",
                "httpRequest.httpMethod",
                "httpRequest.requestMethod",
                "properties.httpMethod",
            ),
            *(
                "http_method",
                "method",
                "cs_method",
                "requestMethod",
                "transaction.request.method",
                "reqMethod",
                "Method",
            ),
        ),
        "sc-status": (
            *("http.response.status_code", "status", "sc_status", "DownstreamStatus", "EdgeResponseStatus"),
            *(
                "httpRequest.status",
                "properties.httpStatus",
                "response_code",
                "transaction.response.http_code",
                "responseCodeSent",
                "response.status",
                "statusCode",
                "HttpStatus",
            ),
        ),
        "cs-user-agent": (
            *(
                "user_agent.original",
                "http_user_agent",
                "useragent",
                "user_agent",
                "request.headers.User-Agent",
            ),
            *(
                "request_User-Agent",
                "ClientRequestUserAgent",
                "httpRequest.userAgent",
                "properties.userAgent",
            ),
            *("request.headers.user-agent", "userAgent", "transaction.request.headers.User-Agent", "UA"),
            "UserAgent",
        ),
        "cs-host": (
            *("url.domain", "http_host", "hostname", "request.host", "RequestHost", "ClientRequestHost"),
            *("properties.host", "authority", "request.headers.host", "host", "vhost"),
            *("transaction.request.headers.Host", "reqHost", "UrlHost"),
        ),
        "cs-referer": (
            *("http.request.referrer", "http_referer", "http_referrer", "request.headers.Referer"),
            *("request_Referer", "ClientRequestReferer", "httpRequest.referer", "referer", "referrer"),
        ),
        "c-ip": (
            *("source.ip", "source.address", "remote_addr", "ClientIP", "clientip", "request.remote_ip"),
            *(
                "ClientHost",
                "httpRequest.clientIp",
                "httpRequest.remoteIp",
                "properties.clientIP",
                "client_ip",
                "remoteIP",
                "transaction.client_ip",
                "cliIP",
                "ClientIpAddress",
            ),
        ),
    }
)
"""Sigma's names, and what servers call the same; the first that is there counts."""

_ADDRESSES: Final = (
    *("url.original", "url.full", "request_uri", "request.uri", "RequestPath", "ClientRequestURI"),
    *(
        "httpRequest.requestUrl",
        "httpRequest.uri",
        "properties.requestUri",
        "properties.originalRequestUriWithArgs",
    ),
    *(
        "transaction.request.uri",
        "request_url",
        "reqPath",
        "UrlStem",
        "url.path",
        "url",
        "uri",
        "path",
        "request",
    ),
)
_QUERIES: Final = (
    "url.query",
    "query_string",
    "args",
    "httpRequest.args",
    "properties.requestQuery",
    "queryStr",
    "UrlQuery",
    "query",
)
_PLAIN: Final = frozenset(("method", "Method", "uri", "url", "path", "request", "status"))
"""Names that say too little by themselves."""
_WHOLE: Final = ("request", "http_request", "request_line")
_QUESTIONS: Final = (
    # AdGuard Home, Microsoft's normalized table and its older one, Umbrella's interface.
    (("QH", "QT", "IP"), ("QH", "QT", "IP")),
    (("DnsQuery", "DnsQueryTypeName"), ("DnsQuery", "DnsQueryTypeName", "SrcIpAddr")),
    (("DnsQuery", "EventSchema"), ("DnsQuery", "DnsQueryTypeName", "SrcIpAddr")),
    (("Name", "QueryType", "SubType"), ("Name", "QueryType", "ClientIP")),
    (("domain", "querytype", "verdict"), ("domain", "querytype", "internalip")),
    (("query_name", "query_type"), ("query_name", "query_type", "srcaddr")),
    # Cloudflare's gateway, Azure's firewall, NextDNS.
    (("QueryName", "QueryTypeName"), ("QueryName", "QueryTypeName", "SrcIP")),
    (("QueryName", "QueryType", "SourceIp"), ("QueryName", "QueryType", "SourceIp")),
    (("domain", "query_type", "client_ip"), ("domain", "query_type", "client_ip")),
    # Technitium, as it exports.
    (("QNAME", "QTYPE", "QCLASS"), ("QNAME", "QTYPE", "ClientIpAddress")),
)
"""Names of which a row of a resolver has one set, and where it has the question, its type, and who asked."""
_REQUEST = re.compile(
    r"(?P<method>[A-Z][A-Z_-]{1,30}) (?P<target>[^ ]++(?: (?!HTTP/[0-9.]{1,3}(?![^ \"]))[^ ]*+)*+) "
    r"HTTP/[0-9.]{1,3}"
)
"""The line of a request; what is asked for may hold blanks and quotes: many servers write it as it came."""


def find_web_readings(names: Names) -> tuple[Reading, ...]:
    """How rows of requests and questions with these fields are read; none where these have none of them."""
    here = set(names)
    if {"event_type", "http.url"} <= here:
        return (_read_sensor,)
    asked = (partial(_read_question_row, *places) for marks, places in _QUESTIONS if here.issuperset(marks))
    question = next(asked, None)
    # Sensors of a network are told by their own names.
    request = None if _SENSED & here or {"ts", "uid"} <= here else _find_request(here)
    return tuple(each for each in (question, request) if each is not None)


_SENSED: Final = frozenset(("event_type", "_path"))


def _find_request(here: set[str]) -> Reading | None:
    pairs = {
        wanted: next(name for name in others if name in here)
        for wanted, others in _PARTS.items()
        if not here.isdisjoint(others) and wanted not in here
    }
    method = pairs.get("cs-method")
    address = next((name for name in _ADDRESSES if name in here), None)
    if method is not None and address is not None:
        if {method, address} <= _PLAIN and "sc-status" not in pairs:
            return None
        query = next((name for name in _QUERIES if name in here), None)
        return partial(_read_request, tuple(pairs.items()), address, query)
    whole = next((name for name in _WHOLE if name in here), None)
    if whole is not None and "sc-status" in pairs:
        return partial(_read_request_line, tuple(pairs.items()), whole)
    return None


def _read_request(pairs: tuple[tuple[str, str], ...], address: str, query: str | None, row: Row) -> Row:
    target = row[address]
    if not isinstance(target, str):
        return row
    whole = _REQUEST.match(target[:LINE])
    target = target if whole is None else whole["target"]
    more = row[query] if query is not None else None
    if isinstance(more, str) and more not in ("", "-") and "?" not in target:
        target = f"{target}?{more.removeprefix('?')}"
    return _tell(row, {name: row[own] for name, own in pairs}, target)


def _read_sensor(row: Row) -> Row:
    """A request that Suricata saw, whose address is told in one."""
    url = row["http.url"]
    made = Made({**(of_target(url) if isinstance(url, str) else {}), **row})
    made.own = row
    return made


def _read_question_row(place: str, kind: str, source: str, row: Row) -> Row:
    name = row[place]
    asked: dict[str, Value] = {"query": name.rstrip(".") if isinstance(name, str) else name}
    asked |= {"record_type": row.get(kind), "src_ip": row.get(source)}
    made = Made({**{name: value for name, value in asked.items() if value is not None}, **row, "@dns": "row"})
    made.own = {"@dns": "row"}
    return made


def _read_request_line(pairs: tuple[tuple[str, str], ...], whole: str, row: Row) -> Row:
    text = row[whole]
    found = _REQUEST.match(text[:LINE]) if isinstance(text, str) else None
    if found is None:
        return row
    added = {name: row[own] for name, own in pairs}
    return _tell(row, {**added, "cs-method": found["method"]}, found["target"])


def _tell(row: Row, added: dict[str, Value], target: str) -> Row:
    if "httpRequest.headers.name" in row:
        _take_headers(added, row)
    for name, same in (("cs-user-agent", "c-useragent"), ("cs-referer", "cs-referrer")):
        if name in added:
            added.setdefault(same, added[name])
    made = Made({**of_target(target), **added, **row, "@web": "row"})
    made.own = {"@web": "row"}
    return made


def _take_headers(added: dict[str, Value], row: Row) -> None:
    names, values = row["httpRequest.headers.name"], row.get("httpRequest.headers.value")
    if isinstance(names, list) and isinstance(values, list) and len(names) == len(values):
        for name, value in zip(names, values, strict=True):
            if isinstance(name, str) and name.lower() in _HEADERS:
                added.setdefault(_HEADERS[name.lower()], value)


_HEADERS: Mapping[str, str] = MappingProxyType(
    {"user-agent": "cs-user-agent", "host": "cs-host", "referer": "cs-referer"}
)


def of_target(target: str) -> dict[str, Value]:
    """What the target of a request says, under Sigma's names."""
    stem, _, query = target.partition("?")
    found: dict[str, Value] = {
        **uris(stem, query),
        "cs-uri-stem": stem,
        "cs-uri-query": query or None,
        "c-uri-query": query or None,
    }
    host = HOST.match(target) if "://" in target[:16] else None
    if host is not None:
        found["cs-host"] = host[1]
    return found


# Lines

_LINES: Final = (
    # Application load balancers of AWS.
    re.compile(
        r"(?:https?|h2|wss?|grpcs?) [^ ]{8,40} [^ ]{1,256} (?P<host>[^ ]{1,64}):[0-9]{1,5} [^ ]{1,64} "
        r"[^ ]{1,20} [^ ]{1,20} [^ ]{1,20} (?P<status>[0-9]{3}|-) [^ ]{1,4} [^ ]{1,20} [^ ]{1,20} "
        r'"(?P<request>[^"]*+)" "(?P<agent>[^"]*+)"'
    ),
    # Access logs of S3.
    re.compile(
        r"[0-9a-zA-Z]{4,128} [^ ]{1,128} \[[^\]]{8,64}\] (?P<host>[^ ]{1,64}) [^ ]{1,256} [^ ]{1,64} "
        r'[^ ]{1,64} [^ ]{1,1024} "(?P<request>[^"]*+)" (?P<status>[0-9]{3}|-) [^ ]{1,64} [^ ]{1,20} '
        r'[^ ]{1,20} [^ ]{1,20} [^ ]{1,20} "(?P<referer>[^"]*+)" "(?P<agent>[^"]*+)"'
    ),
    # Envoy and Istio, as they write by themselves.
    re.compile(
        r'\[[0-9TZ:.+\-]{16,40}\] "(?P<request>[^"]*+)" (?P<status>[0-9]{3}|-) [^" ]{1,64} '
        r'(?:[^" ]{1,256} [^" ]{1,256} "[^"]{0,256}" )?(?:[0-9-]{1,20} ){4}"(?P<host>[^"]{0,256})" '
        r'"(?P<agent>[^"]*+)" "[^"]{0,256}" "(?P<authority>[^"]{0,256})"'
    ),
    # The older balancers of AWS.
    re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z [^ ]{1,64} (?P<host>[^ ]{1,64}):[0-9]{1,5} [^ ]{1,64} "
        r"[^ ]{1,20} [^ ]{1,20} [^ ]{1,20} (?P<status>[0-9]{3}|-) [^ ]{1,4} [^ ]{1,20} [^ ]{1,20} "
        r'"(?P<request>[^"]*+)" "(?P<agent>[^"]*+)"'
    ),
    # Gateways of McAfee and Skyhigh.
    re.compile(
        r'\[[^\]]{8,64}\] "[^"]{0,256}" (?P<host>[^ ]{1,64}) (?P<status>[0-9]{3}|-) "(?P<request>[^"]*+)" '
        r'(?:"[^"]{0,512}" ){2,3}[0-9-]{1,20} "(?P<agent>[^"]*+)"'
    ),
    # HAProxy, behind a head of syslog or not.
    re.compile(
        r"(?:[^\[]{1,128}\[[0-9]{1,10}\]: )?(?P<host>[0-9a-fA-F.:]{2,64}):[0-9]{1,5} \[[^\]]{8,64}\] "
        r'[^ ]{1,128} [^ ]{1,256} [^ ]{3,64} (?P<status>[0-9]{3}|-1) [^"]{4,512}"(?P<request>[^"]*+)"'
    ),
    # Confluence and Jira (Tomcat): nothing in quotes.
    re.compile(
        r"\[[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}\] (?:[^ ]{1,256} ){1,4}?"
        r"(?P<host>[0-9A-Za-z.:%_\-]{2,255}) (?P<request>[A-Z][A-Z_-]{1,30} [^\r\n]{1,8192}? "
        r"HTTP/[0-9.]{1,3}) (?P<status>[0-9]{3}|-) [0-9]{1,12}ms [0-9-]{1,20} (?P<referer>[^ ]++) "
        r"(?P<agent>[^\r\n]*+)"
    ),
    # Bitbucket, with bars between.
    re.compile(
        r"(?P<host>[^ |,]{2,64})(?:,[^ |]{2,256})? \| https? \| [^ |]{1,64} \| [^|]{1,256} \| "
        r'[0-9 :,.\-]{10,30} \| "(?P<request>[^"]*+)" \| (?:"(?P<referer>[^"]*+)" "(?P<agent>[^"]*+)"|-) \| '
        r"(?P<status>[0-9]{3}|-) \| "
    ),
)


_SITE = re.compile(
    r"(?P<host>[0-9a-fA-F.:]{2,45}), (?P<user>[^,]{1,256}), [0-9/.\-]{6,10}, [0-9:]{7,8}, W3SVC[0-9]{0,9}, "
    r"(?:[^,]{0,256}, ){2}(?:[0-9]{1,20}, ){3}(?P<status>[0-9]{3}), [0-9]{1,10}, (?P<method>[A-Z_-]{1,32}), "
    r"(?P<stem>[^,]{1,8192}), (?P<query>[^\n]{0,8192}?),? *$"
)


def read_site_line(text: str) -> dict[str, Value] | None:
    """A line in the format that IIS had of its own, parted by commas; None where it has no such form."""
    found = _SITE.match(text[:LINE].rstrip("\r\n"))
    if found is None:
        return None
    query = found["query"] if found["query"] != "-" else ""
    return {
        "c-ip": found["host"],
        "cs-username": None if found["user"] == "-" else found["user"],
        "sc-status": found["status"],
        "cs-method": found["method"],
        **of_target(f"{found['stem']}?{query}" if query else found["stem"]),
    }


def read_request_line(text: str) -> dict[str, Value] | None:
    """What a line of a balancer or a store says of a request; None where it has no such form."""
    for form in _LINES:
        found = form.match(text[:LINE])
        request = _REQUEST.match(found["request"]) if found is not None else None
        if found is not None and request is not None:
            given = found.groupdict()
            added: dict[str, Value] = {
                "c-ip": given["host"],
                "sc-status": given["status"],
                "cs-method": request["method"],
                **of_target(request["target"]),
            }
            heads = {"agent": ("cs-user-agent", "c-useragent"), "referer": ("cs-referer",)}
            for name, part in (*heads.items(), ("authority", ("cs-host",))):
                if given.get(name) is not None:
                    added.update(dict.fromkeys(part, None if given[name] == "-" else given[name]))
            return added
    return None


_NAME: Final = r"(?P<query>[^ \t()]{1,255})"
_FROM: Final = r"(?P<src>[0-9a-fA-F.:]{2,45})"
_WITH_PORT: Final = r"\[?(?P<src>[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F:]{2,45})"
_TYPE: Final = r"(?P<type>[A-Z0-9]{1,12})"
_ASKED: Final = (
    # BIND
    re.compile(
        rf"client (?:@0x[0-9a-f]{{1,16}} )?{_FROM}#[0-9]{{1,5}}[^:]{{0,300}}: "
        r"(?:view [^ :]{1,64}: |(?:UDP|TCP): )?"
        rf"query: {_NAME} [A-Z]{{1,8}} {_TYPE} "
    ),
    # dnsmasq, and Pi-hole, which leaves its name out
    re.compile(
        rf"(?:dnsmasq(?:\[[0-9]{{1,10}}\])?|^[A-Z][a-z]{{2}} [ 0-9][0-9] [0-9:]{{8}}): "
        rf"(?:[0-9]{{1,10}} [^ ]{{1,64}} )?"
        rf"query\[{_TYPE}\] {_NAME} from {_FROM}"
    ),
    # Route 53
    re.compile(
        rf"^1\.[01] [0-9TZ:.\-]{{20,30}} Z[0-9A-Z]{{2,32}} {_NAME} {_TYPE} [A-Z]{{4,10}} "
        rf"[A-Z]{{3}} [^ ]{{1,16}} {_FROM} "
    ),
    # unbound
    re.compile(rf"unbound(?:\[[0-9:]{{1,16}}\]:? )[^:]{{0,32}}info: {_FROM} {_NAME} {_TYPE} IN\b"),
    # CoreDNS
    re.compile(rf'\[INFO\] \[?{_FROM}\]?:[0-9]{{1,5}} - [0-9]{{1,6}} "{_TYPE} IN {_NAME} '),
    # PowerDNS: its recursor, and its server
    re.compile(
        rf"pdns[_-]recursor(?:\[[0-9]{{1,10}}\])?: [0-9]{{1,5}} \[[0-9/]{{1,32}}\] (?:TCP )?"
        rf"question for '(?P<query>[^ \t'|]{{1,255}})\|{_TYPE}' from {_WITH_PORT}"
    ),
    re.compile(
        rf"pdns(?:_server)?(?:\[[0-9]{{1,10}}\])?: (?:TCP )?Remote {_WITH_PORT}[^ ]{{0,64}} "
        rf"wants '(?P<query>[^ \t'|]{{1,255}})\|{_TYPE}'"
    ),
    # Technitium
    re.compile(
        rf"^\[[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} [0-9:.]{{8,16}}(?: (?:Local|UTC))?\] "
        rf"\[{_WITH_PORT}\]?:[0-9]{{1,5}}\] \[[A-Z]{{3,8}}\] "
        rf"QNAME: (?P<query>[^ \t;]{{1,255}}); QTYPE: {_TYPE}; "
    ),
)
_WINDOWS_DNS = re.compile(
    r"[^ ]{6,12} .{5,24}PACKET  [0-9A-F]{8,16} (?:UDP|TCP) (?:Rcv|Snd) (?P<src>[0-9a-fA-F.:]{2,45}) .{5,64}"
    r"(?P<type>[A-Z0-9]{1,12}) {1,8}(?P<labels>(?:\([0-9]{1,2}\)[^()]{0,63}){1,64})"
)
_LABEL = re.compile(r"\([0-9]{1,2}\)([^()]*+)")


def read_question(text: str) -> tuple[dict[str, Value], int] | None:
    """What a line of a resolver says of a name that was asked for, and where in it that begins; None where it
    has no such form."""
    line = text[:4096]
    windows = _WINDOWS_DNS.match(line)
    if windows is not None:
        name = ".".join(label for label in _LABEL.findall(windows["labels"]) if label)
        return {"query": name, "record_type": windows["type"], "src_ip": windows["src"]}, 0
    for form in _ASKED:
        found = form.search(line)
        if found is not None:
            name = found["query"].rstrip(".") or "."
            return {"query": name, "record_type": found["type"], "src_ip": found["src"]}, found.start()
    return None
