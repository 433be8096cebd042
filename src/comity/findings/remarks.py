"""What of a rule that runs its author may have meant otherwise, in words.

Other readers of Sigma take YAML 1.1 as PyYAML does: a bare ``yes`` is a truth value, ``0x5`` the number 5,
``010`` the number 8, ``12:30:00`` a number of seconds. Here such values stay what is written
(:mod:`comity.findings.yaml_source`), because that is what rows are compared with; so it is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import yaml

from comity.findings.flavour import has_strict_end
from comity.findings.indicators import classify
from comity.findings.rows import fold
from comity.findings.taxonomy import PRODUCTS as EXPORTED
from comity.findings.taxonomy_exports import EVERY_TOLD
from comity.findings.yaml_source import Yaml, read_plain

SAID: Final = 5
"""So many values of a source are told."""

LIST: Final = 1 << 20
"""Longer lists are not looked through."""

PRODUCTS: Final = frozenset(
    (
        *(
            "windows",
            "zeek",
            "linux",
            "macos",
            *EXPORTED,
            *(product for product, *_ in EVERY_TOLD if product),
        ),
        *("apache", "nginx", "aws", "azure", "gcp", "m365", "google_workspace", "okta", "onelogin", "auth0"),
        *("github", "gitlab", "bitbucket", "kubernetes", "docker", "cloudflare", "salesforce", "snowflake"),
        *("cisco", "fortigate", "fortios", "paloalto", "juniper", "huawei", "f5", "sophos", "checkpoint"),
        *("opencanary", "rpc_firewall", "qualys", "modsecurity", "squid", "suricata", "snort", "bind"),
        *(
            "antivirus",
            "django",
            "jvm",
            "nodejs",
            "python",
            "ruby_on_rails",
            "spring",
            "sql",
            "velocity",
            "vmware",
        ),
    )
)
"""Products that rules in use are written for; any other may be a slip of the pen."""

_NAME = re.compile(r"[^\s/@:#]{1,200}\.[^\s/@:#.]{2,60}")
# Names alone may be files: cmd.exe is one of either.
_SURE: Final = frozenset(("ip", "net", "hash", "email", "url"))
_SEVERAL: Final = re.compile(rb"[^\s][ \t,;|\"\[(]")
_BETWEEN: Final = re.compile(r"[\s,;|\"']+")
_BROKEN: Final = re.compile(r"(?i)\[:\]|\[:?//\]|[\[({](?:dot|at|@)[\])}]|^hxxps?\[|^h[tx]{2}ps?\[")
_SECTIONS: Final = ("detection", "filter", "correlation")
_TAGS: Final = {
    "tag:yaml.org,2002:bool": "a truth value",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:timestamp": "a time",
}
# Nearly all sources hold none of these where a value ends, and are not read a second time.
_ODD = re.compile(
    rb"(?im)[:,\[\-?][ \t]+(?:yes|no|on|off|[-+]?0x[0-9a-f_]+|[-+]?0[0-9_]+|\+[0-9]+"
    rb"|[-+]?[0-9][0-9_]*[_:.][0-9_:.e+-]*)"
    rb"[ \t\r]*(?:$|[,\]}#])"
)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.SafeLoader


def remarks_of(raw: bytes, heads: list[Mapping[str, Yaml]]) -> list[str]:
    """Remarks on a source whose documents are ``heads``."""
    found = ["its timeframe is not used: the condition counts nothing" for head in heads if _is_idle(head)]
    found += [
        f"no log of the product {product[:40]!r} is known: it is asked where nothing tells what a log is of, "
        "or where one is declared so"
        for product in dict.fromkeys(map(_product, heads))
        if product and product not in PRODUCTS
    ]
    if b"|re" in raw and b"$" in raw:
        ends = [
            text for head in heads for text in _expressions(head.get("detection")) if has_strict_end(text)
        ]
        found += [
            f"in {text[:60]!r} a '$' with more behind it stands at the very end of a text only, "
            "not before a last line feed"
            for text in ends[:SAID]
        ]
    # What has no heads could not be read as YAML, and is named for that elsewhere.
    if heads and _ODD.search(raw):
        values = list(_odd_values(raw))
        found += values[:SAID]
        if len(values) > SAID:
            found.append(f"and {len(values) - SAID} more values of the kind")
    return found


def remarks_of_list(raw: bytes) -> list[str]:
    """Remarks on a list of indicators: names in letters beyond ASCII, which logs mostly hold otherwise, and
    lines that are looked for as they stand though they read like an indicator with something else."""
    looked = raw if len(raw) <= LIST else raw[: raw.rfind(b"\n", 0, LIST) + 1]
    mixed = list(_mixed_lines(looked)) if _SEVERAL.search(looked) else []
    names = [] if raw.isascii() or len(raw) > LIST else list(_foreign_names(raw))
    return [*_first(names, "names"), *_first(mixed, "lines")]


def _first(found: list[str], what: str) -> list[str]:
    more = [f"and {len(found) - SAID} more {what} of the kind"] if len(found) > SAID else []
    return found[:SAID] + more


def _foreign_names(raw: bytes) -> Iterator[str]:
    for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), 1):
        name = line.strip()
        if not name.isascii() and _NAME.fullmatch(name):
            with suppress(UnicodeError):
                ascii_form = name.encode("idna").decode()
                yield (
                    f"line {number}: {name} is looked for as it is written; "
                    f"logs of DNS hold {ascii_form}: list that too"
                )


def _mixed_lines(raw: bytes) -> Iterator[str]:
    """Lines that are of no type by themselves, but of which a part is (a comment, a second column), or that
    are written so that nobody follows them in a way that is not undone."""
    for number, line in enumerate(raw.decode("utf-8", "replace").split("\n"), 1):
        value = line.strip(" \t\r\ufeff")
        if not value or value.startswith("#") or classify(value)[0] != "text":
            continue
        parts = [part for part in _BETWEEN.split(value) if part]
        held = next((part for part in parts if len(parts) > 1 and classify(part)[0] in _SURE), "")
        if held:
            why = f"it holds {held[:60]!r} beside other words: one indicator stands on a line"
        elif _BROKEN.search(value):
            why = "only '[.]', '(.)' and 'hxxp' are undone"
        else:
            continue
        yield f"line {number}: {value[:60]!r} is looked for as it stands: {why}"


def _product(head: Mapping[str, Yaml]) -> str:
    section = head.get("logsource")
    told = section.get("product") if isinstance(section, dict) else None
    return fold(told) if isinstance(told, str) else ""


def _is_idle(head: Mapping[str, Yaml]) -> bool:
    detection = head.get("detection")
    if not isinstance(detection, dict) or detection.get("timeframe") is None:
        return False
    return "|" not in str(detection.get("condition"))


def _expressions(section: Yaml) -> Iterator[str]:
    """The regular expressions of a detection, with their flag ``m``."""
    if isinstance(section, list):
        for each in section:
            yield from _expressions(each)
    for key, value in section.items() if isinstance(section, dict) else ():
        _, *modifiers = key.split("|")
        if "re" not in modifiers:
            yield from _expressions(value)
            continue
        flag = "(?m)" if {"m", "multiline"}.intersection(modifiers) else ""
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield flag + text


def _odd_values(raw: bytes) -> Iterator[str]:
    resolve = _RESOLVER("").resolve
    depth, key, section = 0, True, ""
    stack: list[bool] = []
    for event in yaml.parse(raw.decode("utf-8-sig"), Loader=_LOADER):
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            stack.append(isinstance(event, yaml.MappingStartEvent))
            depth, key = depth + 1, True
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            stack.pop()
            depth, key = depth - 1, True
        elif isinstance(event, yaml.ScalarEvent):
            named = bool(stack) and stack[-1] and key
            if named and depth == 1:
                section = event.value
            if not named and not event.style and event.tag is None and section in _SECTIONS:
                tag = resolve(yaml.ScalarNode, event.value, (True, False))
                if tag in _TAGS and isinstance(read_plain(event.value), str):
                    line = event.start_mark.line + 1 if event.start_mark else 1
                    yield (
                        f"line {line}: {event.value[:40]} is taken as the text that it is; "
                        f"other readers of Sigma take it as {_TAGS[tag]}"
                    )
            key = not named
        elif isinstance(event, yaml.AliasEvent):
            key = True
        elif isinstance(event, yaml.DocumentStartEvent):
            depth, key, section = 0, True, ""
