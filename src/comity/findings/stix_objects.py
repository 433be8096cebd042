"""What a row says of STIX cyber-observable objects: object paths, and the fields of rows that tell of them.

One table for all log sources. A path that is not in it is told by no row that is known here, and a
pattern that asks for one is unusable and says so. ``[*]`` asks a list for any element, ``[n]`` for the one of
that number, from 0: what a row tells of a path in the order of its fields and of their lists, each text once.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from comity.findings.rows import Value, elements

Reader: TypeAlias = Callable[[str], Iterable[str]]

_SOURCE: Final = (
    "SourceIp",
    "SourceAddress",
    "IpAddress",
    "ClientAddress",
    "id.orig_h",
    "id_orig_h",
    "c-ip",
    "src_ip",
    "source.ip",
)
_TARGET: Final = (
    "DestinationIp",
    "DestAddress",
    "id.resp_h",
    "id_resp_h",
    "s-ip",
    "dst_ip",
    "dest_ip",
    "destination.ip",
)
_FILES: Final = (
    "Image",
    "NewProcessName",
    "ImageLoaded",
    "TargetFilename",
    "SourceFilename",
    "FileName",
    "ProcessName",
)
_NAMES: Final = (
    "QueryName",
    "query",
    "DestinationHostname",
    "SourceHostname",
    "cs(Host)",
    "cs-host",
    "host",
    "server_name",
)
_USERS: Final = ("User", "TargetUserName", "SubjectUserName", "cs-username", "user.name")


def _as_is(text: str) -> Iterable[str]:
    return (text,)


def _name(text: str) -> Iterable[str]:
    """The last part of a path, of either family of systems."""
    return (re.split(r"[\\/]", text)[-1],)


def _folder(text: str) -> Iterable[str]:
    at = max(text.rfind("\\"), text.rfind("/"))
    return (text[:at],) if at > 0 else ()


def _version(number: int) -> Reader:
    def read(text: str) -> Iterable[str]:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return ()
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return (str(address),) if address.version == number else ()

    return read


_ipv4, _ipv6 = _version(4), _version(6)


def _address(text: str) -> Iterable[str]:
    return (*_ipv4(text), *_ipv6(text))


def _domain(text: str) -> Iterable[str]:
    """A host name: not an address, and with a dot inside."""
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


def _lower(text: str) -> Iterable[str]:
    return (text.lower(),)


def _key(text: str) -> Iterable[str]:
    """A registry object as a key, and the key that holds it as a value."""
    return (text, *_folder(text))


_Row: TypeAlias = tuple[str, Reader, tuple[str, ...]]

_TABLE: Final[tuple[_Row, ...]] = (
    ("ipv4-addr:value", _ipv4, (*_SOURCE, *_TARGET, "answers", "QueryResults")),
    ("ipv6-addr:value", _ipv6, (*_SOURCE, *_TARGET, "answers", "QueryResults")),
    ("domain-name:value", _domain, _NAMES),
    ("domain-name:resolves_to_refs.value", _address, ("answers",)),
    ("url:value", _url, ("url", "Url", "URL", "c-uri", "cs-uri", "uri", "url.full")),
    ("mac-addr:value", _lower, ("orig_l2_addr", "resp_l2_addr", "mac")),
    ("email-addr:value", _as_is, ("mailfrom", "rcptto", "from", "to")),
    ("email-message:subject", _as_is, ("subject",)),
    ("email-message:from_ref.value", _as_is, ("mailfrom", "from")),
    ("email-message:to_refs.value", _as_is, ("rcptto", "to")),
    ("file:name", _name, _FILES),
    ("file:parent_directory_ref.path", _folder, _FILES),
    ("directory:path", _folder, _FILES),
    ("file:size", _as_is, ("FileSize", "size", "total_bytes", "seen_bytes")),
    ("file:mime_type", _lower, ("mime_type", "resp_mime_types", "orig_mime_types")),
    ("file:hashes.MD5", _digest("MD5"), ("Hashes", "Hash", "md5", "MD5")),
    ("file:hashes.'SHA-1'", _digest("SHA1"), ("Hashes", "Hash", "sha1", "SHA1")),
    ("file:hashes.'SHA-256'", _digest("SHA256"), ("Hashes", "Hash", "sha256", "SHA256")),
    ("file:hashes.IMPHASH", _digest("IMPHASH"), ("Hashes", "Imphash")),
    ("process:command_line", _as_is, ("CommandLine", "ProcessCommandLine")),
    ("process:cwd", _as_is, ("CurrentDirectory",)),
    ("process:pid", _as_is, ("ProcessId", "NewProcessId", "pid")),
    ("process:name", _name, ("Image", "NewProcessName")),
    ("process:image_ref.name", _name, ("Image", "NewProcessName")),
    ("process:image_ref.parent_directory_ref.path", _folder, ("Image", "NewProcessName")),
    ("process:parent_ref.command_line", _as_is, ("ParentCommandLine",)),
    ("process:parent_ref.name", _name, ("ParentImage", "ParentProcessName")),
    ("process:parent_ref.image_ref.name", _name, ("ParentImage", "ParentProcessName")),
    ("process:parent_ref.pid", _as_is, ("ParentProcessId",)),
    ("process:creator_user_ref.user_id", _as_is, ("User", "SubjectUserName")),
    ("process:creator_user_ref.account_login", _as_is, ("User", "SubjectUserName")),
    ("user-account:user_id", _as_is, (*_USERS, "TargetUserSid", "SubjectUserSid")),
    ("user-account:account_login", _as_is, _USERS),
    ("user-account:display_name", _as_is, _USERS),
    ("windows-registry-key:key", _key, ("TargetObject",)),
    ("windows-registry-key:values.name", _name, ("TargetObject",)),
    ("windows-registry-key:values.data", _as_is, ("Details", "NewValue")),
    ("network-traffic:src_ref.value", _address, _SOURCE),
    ("network-traffic:dst_ref.value", lambda text: (*_address(text), *_domain(text)),
     (*_TARGET, "DestinationHostname")),
    ("network-traffic:src_port", _as_is, ("SourcePort", "IpPort", "id.orig_p", "id_orig_p", "src_port")),
    ("network-traffic:dst_port", _as_is,
     ("DestinationPort", "DestPort", "id.resp_p", "id_resp_p", "s-port", "dst_port", "dest_port")),
    ("network-traffic:protocols", _lower, ("Protocol", "proto", "service")),
    ("network-traffic:src_byte_count", _as_is, ("orig_bytes", "cs-bytes")),
    ("network-traffic:dst_byte_count", _as_is, ("resp_bytes", "sc-bytes")),
    ("network-traffic:src_packets", _as_is, ("orig_pkts",)),
    ("network-traffic:dst_packets", _as_is, ("resp_pkts",)),
    ("network-traffic:extensions.'http-request-ext'.request_method", _as_is, ("cs-method", "method")),
    ("network-traffic:extensions.'http-request-ext'.request_value", _as_is,
     ("cs-uri-stem", "cs-uri", "c-uri", "uri")),
    ("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", _as_is,
     ("cs(User-Agent)", "cs-user-agent", "c-useragent", "user_agent")),
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

FOLDED: Final = frozenset(
    path for path, read, _ in _TABLE if read is _lower or path.startswith("file:hashes")
)
"""Paths whose values are compared without regard to letters: digests, addresses of hardware, names of
protocols."""

ELEMENTS: Final = 256
"""How many elements of a list are read."""

_BY_FIELD: dict[str, list[tuple[str, Reader]]] = {}
for _path, _read, _fields in _TABLE:
    for _field in _fields:
        _BY_FIELD.setdefault(_field, []).append((_path, _read))


def fields_of_path(path: str) -> tuple[str, ...]:
    """The fields that tell of a path, perhaps with the number of an element; none of one that is not in the
    table."""
    return PATHS.get(path.partition("[")[0], ())


def is_folded(path: str) -> bool:
    """Whether letters make no difference in values of this path (see ``FOLDED``)."""
    return path.partition("[")[0] in FOLDED


def objects_of(fields: Mapping[str, Value]) -> dict[str, Value]:
    """What a row says of objects: the texts of each object path, each once."""
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
    texts_of: dict[str, Value] = {path: list(texts) for path, texts in found.items()}
    for path in LISTS.keys() & found.keys():
        texts_of |= {
            f"{path}[{number}]": text for number, text in zip(range(ELEMENTS), found[path], strict=False)
        }
    return texts_of
