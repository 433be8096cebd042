"""Fields that rules ask for and a format's rows spread over several, or hold inside one text.

Derived names never replace a field that the row has. Every reading is linear in the text, and a line
that does not fit its form gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from comity.findings.rows import Value, are_few
from comity.findings.taxonomy import W3C_NAMES
from comity.findings.taxonomy_audit import AUDIT_CALLS, AUDIT_NUMBERS

LINE: Final = 65_536
"""How much of a line is read, in characters."""

PAIRS: Final = 512
"""How many keys of an audit line are read."""

# Host, identity and user do not hold spaces; the request and the two headers stand in quotes.
_COMBINED = re.compile(
    r"(?P<host>[^ ]{1,1024}) (?P<ident>[^ ]{1,1024}) (?P<user>[^\[]{1,1024}) \[(?P<at>[^\]]{1,64})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*+)" (?P<status>[0-9]{3}|-) (?P<size>[0-9]{1,20}|-)'
    r'(?: "(?P<referer>(?:[^"\\]|\\.)*+)" "(?P<agent>(?:[^"\\]|\\.)*+)")?'
)
# Where a server writes what was asked for as it came, quotes in it are no end: its version is, with a status.
_UNESCAPED = re.compile(
    r"(?P<host>[^ ]{1,1024}) (?P<ident>[^ ]{1,1024}) (?P<user>[^\[]{1,1024}) \[(?P<at>[^\]]{1,64})\] "
    r'"(?P<request>[A-Z][A-Z_-]{1,30} [^\r\n]{1,8192}? HTTP/[0-9.]{1,3})" '
    r"(?P<status>[0-9]{3}|-) (?P<size>[0-9]{1,20}|-)"
    r'(?: "(?P<referer>(?:[^"\\]|\\.)*+)" "(?P<agent>(?:[^"\\]|\\.)*+)")?'
)
# A value in single quotes holds keys of its own, so it is read through.
_AUDIT = re.compile(r"""(?<![^ '])([A-Za-z_][A-Za-z0-9_\-]{0,63})=(?!')(?:"([^"]*+)"|([^ "']*+))""")
_HEX = re.compile(r"(?:[0-9A-F]{2})+", re.ASCII)
_UNTRUSTED: Final = frozenset(("EXECVE", "PATH", "CWD", "PROCTITLE", "USER_CMD", "TTY", "USER_TTY"))


_ROUNDED = re.compile(r"-?[0-9]{1,18}\.0", re.ASCII)


def is_rounded(text: str) -> bool:
    """Whether a text is a whole number as a library for tables writes one of a column with gaps (``3.0``)."""
    return _ROUNDED.fullmatch(text) is not None


def derive_numbers(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """A row whose whole numbers were made numbers with a point: each counts as it is and as a whole one."""
    added: dict[str, Value] = {}
    for name, value in fields.items():
        text = str(value) if isinstance(value, str | float) else ""
        if is_rounded(text):
            added[name] = [value, text[:-2]]
    return {**fields, **added} if added else fields


def _taken_over(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The columns that rules are led to and a log spells otherwise, and the log's own names for them."""
    return _taken_kept(names) if are_few(names) else _taken_by(names)


def _taken_by(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name, column in W3C_NAMES.items():
        if name in names and column not in names:
            found.setdefault(column, name)
    return tuple(found.items())


_taken_kept = lru_cache(maxsize=64)(_taken_by)


def _may_be_quoted(fields: Mapping[str, Value]) -> bool:
    """Whether a quote stands in any value, by one look at all of them."""
    try:
        return '"' in "".join(filter(None, fields.values()))  # type: ignore[arg-type]
    except TypeError:  # a name that stands twice has all its values in a list
        return True


def _unquote(fields: Mapping[str, Value]) -> dict[str, list[str]]:
    """The values that stand in quotes. Proxies put a value in them, whether or not it holds blanks: it counts
    as it is and without them."""
    return {
        name: [value, value[1:-1]]
        for name, value in fields.items()
        if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'
    }


def derive_uris(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """A W3C row with stem and query joined (``c-uri``, ``cs-uri``), the stem's extension, and headers that
    the log spells as columns (``cs-host``) under the names that rules are led to (``cs(Host)``)."""
    quoted = _unquote(fields) if _may_be_quoted(fields) else None
    if not quoted:
        added = _derive_uris(fields)
        return {**added, **fields} if added else fields
    # What is joined and cut is without the quotes, and a value under another name as it is and without.
    added = _derive_uris({**fields, **{name: plain for name, (_, plain) in quoted.items()}})
    added |= {name: quoted[own] for name, own in _taken_over(tuple(fields)) if own in quoted}
    return {**added, **fields, **quoted}


def _derive_uris(fields: Mapping[str, Value]) -> dict[str, Value]:
    added: dict[str, Value] = {}
    for name, own in _taken_over(tuple(fields)):
        added[name] = fields[own]
    stem, query = fields.get("cs-uri-stem"), fields.get("cs-uri-query")
    if stem is None and isinstance(whole := fields.get("cs-uri"), str) and "cs-uri-path" not in fields:
        stem, _, query = whole.partition("?")
        added.update({"cs-uri-stem": stem, "cs-uri-query": query or None, "c-uri-query": query or None})
    if isinstance(stem, str):
        added.update(uris(stem, query if isinstance(query, str) and query != "-" else ""))
    elif "cs-uri-path" in fields:
        added.update(_proxied(fields))
    return added


def _proxied(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The whole address of a request, of which a proxy writes each part by itself."""
    scheme, host, path = (fields.get(name) for name in ("cs-uri-scheme", "cs-host", "cs-uri-path"))
    query = fields.get("cs-uri-query")
    query = query.removeprefix("?") if isinstance(query, str) and query != "-" else ""
    stem = path if isinstance(path, str) and path != "-" else ""
    whole = f"{scheme}://{host}{stem}" if isinstance(scheme, str) and isinstance(host, str) else stem
    return {**uris(whole, query), "cs-uri-stem": stem, "c-uri-query": query or None}


def uris(stem: str, query: str) -> dict[str, Value]:
    """The address of a request as a whole, and the extension of its stem, under Sigma's names."""
    uri = f"{stem}?{query}" if query else stem
    found: dict[str, Value] = {"c-uri": uri, "cs-uri": uri}
    _, dot, extension = stem.rpartition(".")
    if dot and "/" not in extension:
        found["c-uri-extension"] = found["cs-uri-extension"] = extension
    return found


def derive_web(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """A line of the common or combined log format (Apache httpd, nginx) under Sigma's names.

    A backslash escape stays as the server wrote it; ``-`` means that there is none (null).
    """
    line = fields.get("message")
    added = read_web(line[:LINE]) if isinstance(line, str) else None
    return fields if added is None else {**added, **fields}


def read_web(line: str, begin: int = 0) -> dict[str, Value] | None:
    """What such a line says from ``begin`` on; None where it has no such form."""
    found = _COMBINED.match(line, begin) or _UNESCAPED.match(line, begin)
    if found is None:
        return None
    added: dict[str, Value] = {
        "c-ip": _given(found["host"]),
        "cs-username": _given(found["user"]),
        "sc-status": _given(found["status"]),
        "sc-bytes": _given(found["size"]),
    }
    method, _, rest = found["request"].partition(" ")
    target, _, version = rest.rpartition(" ") if " HTTP/" in rest else (rest, "", "")
    if target:
        stem, _, query = target.partition("?")
        added.update(uris(stem, query))
        added["cs-method"], added["cs-uri-stem"] = method, stem
        added["cs-uri-query"] = added["c-uri-query"] = query or None
        added["cs-version"] = version or None
        host = HOST.match(target) if "://" in target[:16] else None
        if host is not None:
            added["cs-host"] = added["r-dns"] = host[1]
    if found["agent"] is not None:
        added["cs-referer"] = added["cs-referrer"] = _given(found["referer"])
        added["cs-user-agent"] = added["c-useragent"] = _given(found["agent"])
    return added


# The native form of Squid: time, milliseconds, client, result and status, bytes, method, address, user. The
# time is a number or, as many set it up, a date.
_SQUID = re.compile(
    r"(?:[0-9]{9,12}\.[0-9]{3}|[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}) {1,8}[0-9]{1,12} "
    r"(?P<host>[^ ]{1,256}) [A-Z_]{2,64}/(?P<status>[0-9]{3}) "
    r"(?P<size>[0-9]{1,20}) (?P<method>[A-Za-z_-]{1,32}) (?P<uri>[^ ]++) (?P<user>[^ ]{1,256}) "
)
HOST = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{0,32}://)?(?:[^/@?#]{0,256}@)?(\[[0-9a-fA-F:.]{2,64}\]|[^/:?#]{1,256})"
)
_KEYED = re.compile(r"""(?<![^ ,])([A-Za-z_][A-Za-z0-9_\-]{0,63})=(?:"((?:[^"\\]|\\.)*+)"|([^ ",]*+))""")


def read_squid(line: str) -> dict[str, Value] | None:
    """What such a line says; None where it has no such form."""
    found = _SQUID.match(line)
    if found is None:
        return None
    uri = found["uri"]
    stem, _, query = uri.partition("?")
    host = HOST.match(uri)
    return {
        "c-ip": _given(found["host"]),
        "cs-username": _given(found["user"]),
        "sc-status": found["status"],
        "sc-bytes": found["size"],
        "cs-method": found["method"],
        "cs-host": host[1] if host is not None else None,
        "cs-uri-query": query or None,
        "c-uri-query": query or None,
        **uris(stem, query),
    }


def derive_pairs(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """The ``key=value`` pairs of a line of a firewall, values perhaps in double quotes; of a key that is
    repeated the first."""
    line = fields.get("message")
    if not isinstance(line, str):
        return fields
    added: dict[str, Value] = {}
    for count, found in enumerate(_KEYED.finditer(line[:LINE])):
        if count >= PAIRS:
            break
        added.setdefault(found[1], found[3] if found[2] is None else found[2])
    return {**added, **fields}


def _given(text: str) -> str | None:
    return None if text == "-" else text


def derive_audit(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """The ``key=value`` pairs of a line of the Linux audit log; of a key that is repeated, all values.

    What the kernel was given by others it writes in hexadecimal where it holds a space or a quote: such a
    value counts as written and as the text it stands for.
    """
    line = fields.get("message")
    if not isinstance(line, str):
        return fields
    added: dict[str, Value] = {}
    record = ""
    # What the daemon adds for people stands behind a separator of its own.
    for count, found in enumerate(_AUDIT.finditer(line[:LINE].replace("\x1d", " "))):
        if count >= PAIRS:
            break
        key, value = found[1], found[3] if found[2] is None else found[2]
        texts: list[Value] = [value]
        if found[3] and record in _UNTRUSTED and _HEX.fullmatch(value):
            texts.append(bytes.fromhex(value).replace(b"\0", b" ").decode("utf-8", "replace"))
        before = added.get(key)
        if before is not None:
            texts = [*(before if isinstance(before, list) else [before]), *texts]
        added[key] = texts if len(texts) > 1 else value
        if key == "type":
            record = AUDIT_NUMBERS.get(value, value)
            if record != value:
                added[key] = [*(texts if len(texts) > 1 else [value]), record]
    return derive_call({**added, **fields})


def derive_call(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """A record of the audit with the name of its call (``SYSCALL``), by its machine and its number, where the
    audit's daemon did not add that for people. The first of several calls counts."""
    machine, number = (_first(fields.get(name)) for name in ("arch", "syscall"))
    call = AUDIT_CALLS.get((machine.removeprefix("0x"), number)) if "SYSCALL" not in fields else None
    return fields if call is None else {**fields, "SYSCALL": call}


def _first(value: Value) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return str(first) if isinstance(first, str | int) else ""
