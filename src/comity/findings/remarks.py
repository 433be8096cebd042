"""What of a rule that runs its author may have meant otherwise, in words.

Other readers of Sigma take YAML 1.1 as PyYAML does: a bare ``yes`` is a truth value, ``0x5`` the number 5,
``010`` the number 8, ``12:30:00`` a number of seconds. Here such values stay what is written
(:mod:`comity.findings.yaml_source`), because that is what rows are compared with; so it is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from comity.findings.yaml_source import Yaml, read_plain

SAID: Final = 5
"""So many values of a source are told."""

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
    if _ODD.search(raw):
        values = list(_odd_values(raw))
        found += values[:SAID]
        if len(values) > SAID:
            found.append(f"and {len(values) - SAID} more values of the kind")
    return found


def _is_idle(head: Mapping[str, Yaml]) -> bool:
    detection = head.get("detection")
    if not isinstance(detection, dict) or detection.get("timeframe") is None:
        return False
    return "|" not in str(detection.get("condition"))


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
