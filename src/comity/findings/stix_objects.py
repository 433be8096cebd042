"""What a row says of STIX cyber-observable objects: object paths, and the fields of rows that tell of them.

One table for all log sources. A path that is not in it is told by no row that is known here, and a
pattern that asks for one is unusable and says so. ``[*]`` asks a list for any element, ``[n]`` for the one of
that number, from 0: what a row tells of a path in the order of its fields and of their lists, each text once.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from comity.findings.rows import Value, elements

Reader: TypeAlias = Callable[[str], Iterable[str]]
_Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

# Names of fields by what they hold, whatever log they are of; other letter case and other marks between
# words are the same name (spec 11, clause 24).
_SOURCE: Final = (
    *("SourceIp", "SourceAddress", "IpAddress", "ClientAddress", "LocalIP", "id.orig_h", "id_orig_h"),
    *("c-ip", "src_ip", "srcaddr", "src", "source.ip", "source.address", "saddr", "src_host"),
    *("client.ip", "client.address", "clientip", "ClientIPAddress", "c_ip", "remote_addr", "remote_host"),
    *("remoteAddress", "remote_ip", "addr", "ipaddr", "sourceIPAddress", "sourceIPs", "client.ipAddress"),
    *("callerIpAddress", "properties.ipAddress", "actor_ip", "ActorIpAddress", "access_device.ip"),
    *("protoPayload.requestMetadata.callerIp", "httpRequest.remoteIp", "httpRequest.clientIp"),
)
_TARGET: Final = (
    *("DestinationIp", "DestAddress", "RemoteIP", "id.resp_h", "id_resp_h", "s-ip", "dst_ip", "dest_ip"),
    *("dstaddr", "dst", "daddr", "dst_host", "destination.ip", "destination.address", "server.ip"),
)
_FOUND: Final = ("answers", "QueryResults", "dns.answers.rdata", "dns.answers.data", "dns.resolved_ip")
_FILES: Final = (
    *("Image", "NewProcessName", "ImageLoaded", "TargetFilename", "SourceFilename", "FileName"),
    *("ProcessName", "process.executable", "file.path", "file.name", "fileinfo.filename", "exe"),
)
_IMAGES: Final = ("Image", "NewProcessName", "process.executable", "exe")
_PARENTS: Final = ("ParentImage", "ParentProcessName", "process.parent.executable")
_NAMES: Final = (
    *("QueryName", "query", "DestinationHostname", "SourceHostname", "cs(Host)", "cs-host", "host"),
    *("server_name", "dns.rrname", "dns.queries.rrname", "dns.question.name", "tls.sni", "http.hostname"),
    *("RemoteUrl", "destination.domain", "url.domain", "tls.client.server_name", "query_name", "qname"),
)
_URLS: Final = ("url", "c-uri", "cs-uri", "uri", "url.full", "url.original", "request_url", "RemoteUrl")
_USERS: Final = (
    *("User", "TargetUserName", "SubjectUserName", "cs-username", "user.name", "UserId", "acct"),
    *("userIdentity.userName", "actor.alternateId", "userPrincipalName", "properties.userPrincipalName"),
    *("user.username", "actor", "protoPayload.authenticationInfo.principalEmail", "user_name"),
)
_AGENTS: Final = (
    *("cs(User-Agent)", "cs-user-agent", "c-useragent", "user_agent", "user_agent.original"),
    *("client.userAgent.rawUserAgent", "protoPayload.requestMetadata.callerSuppliedUserAgent"),
    "http.http_user_agent",
)
_PORT = re.compile(r"\[?([0-9A-Fa-f:.]{2,45})(?<!:)\]?:[0-9]{1,5}")
_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKU": "HKEY_USERS",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKCC": "HKEY_CURRENT_CONFIG",
}
_HIVES |= {full: short for short, full in _HIVES.items()}


def _as_is(text: str) -> Iterable[str]:
    return (text,)


def _name(text: str) -> Iterable[str]:
    """The last part of a path, of either family of systems."""
    return (re.split(r"[\\/]", text)[-1],)


def _folder(text: str) -> Iterable[str]:
    at = max(text.rfind("\\"), text.rfind("/"))
    return (text[:at],) if at > 0 else ()


def read_address(text: str) -> _Address | None:
    """An address, perhaps in brackets, with its port or with the bits of the whole behind it."""
    return _address_kept(text) if len(text) <= _REMEMBERED else _read_address(text)


def _read_address(text: str) -> _Address | None:
    text = text.strip().removesuffix("/32" if "." in text else "/128")
    found = _PORT.fullmatch(text) if text.count(":") == 1 or text.startswith("[") else None
    try:
        address = ipaddress.ip_address(found[1] if found else text.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


_REMEMBERED: Final = 64
"""Longer texts are no addresses that stand in row after row."""
_address_kept = lru_cache(maxsize=8192)(_read_address)


_PART: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_FOUR: Final = re.compile(rf"(?:::[Ff]{{4}}:)?((?:{_PART}\.){{3}}{_PART})")
_GROUPS: Final = "[1-9a-f][0-9a-f]{0,3}(?::[1-9a-f][0-9a-f]{0,3})*"
_SIX: Final = re.compile(rf"{_GROUPS}(?:::(?:{_GROUPS})?)?")
_SIGNS: Final = re.compile(r"[0-9A-Fa-f:.\[\]/]+(?:%[\s\S]*)?")

_Found: TypeAlias = tuple[list[str], list[str]]
"""Addresses of version 4, and those of version 6, each in its short form."""


def _is_short(text: str) -> bool:
    """Whether a text is an address of version 6 as it is written shortest; not each that is says so."""
    if _SIX.fullmatch(text) is None:
        return False
    head, mark, tail = text.partition("::")
    groups = head.count(":") + 1 + (tail.count(":") + 1 if tail else 0)
    return groups <= 6 if mark else groups == 8


def _find_addresses(text: str) -> _Found:
    four: list[str] = []
    six: list[str] = []
    # What a query of DNS gave stands in one text (Sysmon): one address behind another.
    for part in text.split(";") if ";" in text else (text,):
        part = part.strip()
        if found := _FOUR.fullmatch(part):
            four.append(found[1])
        elif _is_short(part):
            six.append(part)
        elif _SIGNS.fullmatch(part) and (address := read_address(part)) is not None:
            (four if address.version == 4 else six).append(str(address))
    return four, six


_few_found = lru_cache(maxsize=8192)(_find_addresses)
_long_found: tuple[str, _Found] | None = None
"""Of a long text what was found last: several paths tell of it."""


def _addresses_in(text: str) -> _Found:
    global _long_found
    if len(text) <= _REMEMBERED:
        return _few_found(text)
    kept = _long_found
    if kept is None or kept[0] is not text:
        kept = _long_found = text, _find_addresses(text)
    return kept[1]


def _ipv4(text: str) -> Iterable[str]:
    return _addresses_in(text)[0]


def _ipv6(text: str) -> Iterable[str]:
    return _addresses_in(text)[1]


def _address(text: str) -> Iterable[str]:
    four, six = _addresses_in(text)
    return (*four, *six)


def _domain(text: str) -> Iterable[str]:
    """A host name, perhaps that of an address with ``://``: not an address, and with a dot inside."""
    if "://" in text[:16]:
        text = text.partition("://")[2].partition("/")[0]
    name = text.rstrip(".").partition(":")[0]
    return (name,) if "." in name and not any(_address(name)) and " " not in name else ()


def _url(text: str) -> Iterable[str]:
    return (text,) if "://" in text[:64] else ()


def _digest(name: str) -> Reader:
    """One digest of a list such as ``SHA1=…,MD5=…``, or a digest alone; in lower case."""

    def read(text: str) -> Iterable[str]:
        if "=" not in text:
            return (text.lower(),)
        found = dict(part.split("=", 1) for part in text.split(",")[:16] if "=" in part)
        return (found[name].lower(),) if name in found else ()

    return read


def _hash_fields(name: str) -> tuple[str, ...]:
    return tuple(f"{place}.{name}" for place in ("fileinfo", "file.hash", "process.hash", "hash"))


def _lower(text: str) -> Iterable[str]:
    return (text.lower(),)


def _key(text: str) -> Iterable[str]:
    """A registry object as a key, and the key that holds it as a value; each under the short name of its hive
    and the full one, which patterns use (STIX 2.1, section 6.17)."""
    for each in (text, *_folder(text)):
        yield each
        hive, mark, rest = each.partition("\\")
        if other := _HIVES.get(hive.upper()):
            yield other + mark + rest


def _user(text: str) -> Iterable[str]:
    """A user as it is written, and its name alone where a domain stands before it."""
    domain, mark, name = text.rpartition("\\")
    return (text, name) if domain and mark and name else (text,)


def _kind(text: str) -> Iterable[str]:
    """The type of object that an end of a connection is."""
    address = read_address(text)
    if address is not None:
        return (f"ipv{address.version}-addr",)
    return ("domain-name",) if any(_domain(text)) else ()


_Row: TypeAlias = tuple[str, Reader, tuple[str, ...]]

_TABLE: Final[tuple[_Row, ...]] = (
    ("ipv4-addr:value", _ipv4, (*_SOURCE, *_TARGET, *_FOUND)),
    ("ipv6-addr:value", _ipv6, (*_SOURCE, *_TARGET, *_FOUND)),
    ("domain-name:value", _domain, _NAMES),
    ("domain-name:resolves_to_refs.value", _address, _FOUND),
    ("url:value", _url, _URLS),
    ("mac-addr:value", _lower, ("orig_l2_addr", "resp_l2_addr", "mac")),
    ("email-addr:value", _as_is, ("mailfrom", "rcptto", "from", "to")),
    ("email-message:subject", _as_is, ("subject",)),
    ("email-message:from_ref.value", _as_is, ("mailfrom", "from")),
    ("email-message:sender_ref.value", _as_is, ("mailfrom", "from")),
    ("email-message:to_refs.value", _as_is, ("rcptto", "to")),
    ("file:name", _name, _FILES),
    ("file:parent_directory_ref.path", _folder, _FILES),
    ("directory:path", _folder, _FILES),
    ("file:size", _as_is, ("FileSize", "size", "total_bytes", "seen_bytes")),
    ("file:mime_type", _lower, ("mime_type", "resp_mime_types", "orig_mime_types")),
    ("file:hashes.MD5", _digest("MD5"), ("Hashes", "Hash", "MD5", *_hash_fields("md5"))),
    ("file:hashes.'SHA-1'", _digest("SHA1"), ("Hashes", "Hash", "SHA1", *_hash_fields("sha1"))),
    ("file:hashes.'SHA-256'", _digest("SHA256"), ("Hashes", "Hash", "SHA256", *_hash_fields("sha256"))),
    ("file:hashes.'SHA-512'", _digest("SHA512"), ("Hashes", "Hash", "SHA512", *_hash_fields("sha512"))),
    ("file:hashes.IMPHASH", _digest("IMPHASH"), ("Hashes", "Imphash")),
    ("process:command_line", _as_is,
     ("CommandLine", "ProcessCommandLine", "process.command_line", "cmdline")),
    ("process:cwd", _as_is, ("CurrentDirectory",)),
    ("process:pid", _as_is, ("ProcessId", "NewProcessId", "pid", "process.pid")),
    ("process:name", _name, _IMAGES),
    ("process:image_ref.name", _name, _IMAGES),
    ("process:image_ref.parent_directory_ref.path", _folder, _IMAGES),
    # What STIX 2.0 called so.
    ("process:binary_ref.name", _name, _IMAGES),
    ("process:binary_ref.parent_directory_ref.path", _folder, _IMAGES),
    ("process:extensions.'windows-service-ext'.service_name", _as_is, ("ServiceName",)),
    ("process:parent_ref.command_line", _as_is, ("ParentCommandLine", "process.parent.command_line")),
    ("process:parent_ref.name", _name, _PARENTS),
    ("process:parent_ref.image_ref.name", _name, _PARENTS),
    ("process:parent_ref.binary_ref.name", _name, _PARENTS),
    ("process:parent_ref.pid", _as_is, ("ParentProcessId",)),
    ("process:creator_user_ref.user_id", _user, ("User", "SubjectUserName")),
    ("process:creator_user_ref.account_login", _user, ("User", "SubjectUserName")),
    ("user-account:user_id", _user, (*_USERS, "TargetUserSid", "SubjectUserSid")),
    ("user-account:account_login", _user, _USERS),
    ("user-account:display_name", _user, _USERS),
    ("windows-registry-key:key", _key, ("TargetObject",)),
    ("windows-registry-key:values.name", _name, ("TargetObject",)),
    ("windows-registry-key:values.data", _as_is, ("Details", "NewValue")),
    ("network-traffic:src_ref.value", _address, _SOURCE),
    ("network-traffic:dst_ref.value", lambda text: (*_address(text), *_domain(text)),
     (*_TARGET, "DestinationHostname")),
    ("network-traffic:src_ref.type", _kind, _SOURCE),
    ("network-traffic:dst_ref.type", _kind, (*_TARGET, "DestinationHostname")),
    ("network-traffic:src_port", _as_is,
     ("SourcePort", "IpPort", "LocalPort", "id.orig_p", "id_orig_p", "src_port", "srcport", "source.port",
      "spt", "sport")),
    ("network-traffic:dst_port", _as_is,
     ("DestinationPort", "DestPort", "RemotePort", "id.resp_p", "id_resp_p", "s-port", "dst_port",
      "dest_port", "dstport", "destination.port", "dpt", "dport")),
    ("network-traffic:protocols", _lower, ("Protocol", "proto", "service")),
    ("network-traffic:src_byte_count", _as_is, ("orig_bytes", "cs-bytes")),
    ("network-traffic:dst_byte_count", _as_is, ("resp_bytes", "sc-bytes")),
    ("network-traffic:src_packets", _as_is, ("orig_pkts",)),
    ("network-traffic:dst_packets", _as_is, ("resp_pkts",)),
    ("network-traffic:extensions.'http-request-ext'.request_method", _as_is,
     ("cs-method", "method", "http.http_method", "http.request.method", "request_method")),
    ("network-traffic:extensions.'http-request-ext'.request_value", _as_is,
     ("cs-uri-stem", "cs-uri", "c-uri", "uri", "http.url", "url.path", "request_uri")),
    ("network-traffic:extensions.'http-request-ext'.request_header.Host", _as_is,
     ("cs(Host)", "cs-host", "host", "http.hostname")),
    ("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", _as_is,
     _AGENTS),
    ("x509-certificate:serial_number", _lower, ("certificate.serial", "serial")),
    ("x509-certificate:issuer", _as_is, ("certificate.issuer", "issuer")),
    ("x509-certificate:subject", _as_is, ("certificate.subject", "subject")),
    ("service:service_name", _as_is, ("ServiceName",)),
)  # fmt: skip

PATHS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({path: fields for path, _, fields in _TABLE})
"""Each object path that rows are known to tell of, and the fields that do."""

LISTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "email-message:to_refs.value": "email-message:to_refs[].value",
        "network-traffic:protocols": "network-traffic:protocols[]",
        "windows-registry-key:values.data": "windows-registry-key:values[].data",
        "windows-registry-key:values.name": "windows-registry-key:values[].name",
    }
)
"""Paths into lists, and where their number stands. The element of that number is told as ``path[n]``."""

ADDRESSES: Final = frozenset(path for path, read, _ in _TABLE if read in (_ipv4, _ipv6, _address)) | {
    "network-traffic:dst_ref.value"
}
"""Paths whose values are addresses, each told in its one short form."""

FOLDED: Final = frozenset(
    path
    for path, read, _ in _TABLE
    if read in (_lower, _domain, _key) or path in ADDRESSES or path.startswith("file:hashes")
) | {"windows-registry-key:values.name"}
"""Paths whose values are compared without regard to letters: digests, addresses, names of hosts and of
protocols, keys of the registry."""

ELEMENTS: Final = 256
"""How many elements of a list are read."""

_BY_FIELD: dict[str, list[tuple[str, Reader]]] = {}
for _path, _read, _fields in _TABLE:
    for _field in _fields:
        _BY_FIELD.setdefault(_field, []).append((_path, _read))


_HASHES: Final = {
    "sha1": "'SHA-1'",
    "sha256": "'SHA-256'",
    "sha512": "'SHA-512'",
    "md5": "MD5",
    "imphash": "IMPHASH",
}


def name_path(path: str) -> str:
    """A path as the table has it: hashes are called by many spellings (``SHA256``, ``'sha-256'``)."""
    head, mark, name = path.rpartition("hashes.")
    known = _HASHES.get(name.strip("'").replace("-", "").lower()) if mark else None
    return f"{head}{mark}{known}" if known else path


def fields_of_path(path: str) -> tuple[str, ...]:
    """The fields that tell of a path, perhaps with the number of an element; none of one that is not in the
    table."""
    return PATHS.get(path.partition("[")[0], ())


def is_folded(path: str) -> bool:
    """Whether letters make no difference in values of this path (see ``FOLDED``)."""
    return path.partition("[")[0] in FOLDED


def objects_of(fields: Mapping[str, Value]) -> dict[str, Value]:
    """What a row says of objects: the texts of each object path, each once."""
    global _long_found
    found: dict[str, dict[str, None]] = {}
    for field, value in fields.items():
        readers = _BY_FIELD.get(field)
        if readers is None:
            continue
        for number, text in enumerate(elements(value)):
            if number >= ELEMENTS:
                break
            if text:
                for path, read in readers:
                    told = dict.fromkeys(read(text))
                    if told:
                        found.setdefault(path, {}).update(told)
    _long_found = None  # a long text is not kept for its addresses
    texts_of: dict[str, Value] = {path: list(texts) for path, texts in found.items()}
    for path in LISTS.keys() & found.keys():
        texts_of |= {
            f"{path}[{number}]": text for number, text in zip(range(ELEMENTS), found[path], strict=False)
        }
    return texts_of
