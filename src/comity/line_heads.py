"""What may stand ahead of what a line of a log tells: a time, a level, a host, a program.

Who detects formats and who reads lines hold the same: what stands behind such a head is what the line tells,
and what stands behind anything else may be anybody's words.
"""

from __future__ import annotations

import re
from typing import Final

HEAD: Final = 300
"""So far into a line an object of JSON may begin that it ends in: behind a time, a host, a stream."""
OPENING = re.compile(r'(?<=[^{ ])[ \t:=]{1,8}(?=\{\s?")')
_STAMP: Final = (
    r"(?:\[?[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?:[T ][0-9:.,]{5,18}(?:Z| ?[+-][0-9:]{4,6})?)?\]?"
    r"|\[?[0-9]{9,10}[0-9.]{0,10}\]?|[IWEF][0-9]{4} [0-9:.]{8,15}"
    r"|(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2} {1,2}[0-9]{1,2} (?:[0-9]{4} )?[0-9:.]{8,15}:?(?: [0-9]{4})?"
    r"|\[?[0-9]{1,2}[-/ ](?:[A-Z][a-z]{2}|[0-9]{1,2})[-/ ][0-9]{4}[ :T][0-9:.,]{7,15}(?: [AP]M)?"
    r"(?: [+-][0-9]{4})?\]?|\[?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?\]?)"
)
_LEVEL: Final = r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\]?(?=[ \t:=])"
_WORD: Final = r"[A-Za-z0-9_.:/@\[\]()<>+=|,\-]{1,128}"
_AHEAD = re.compile(
    rf"(?:<[0-9]{{1,3}}>(?:1 )?)?(?:(?:{_WORD} {{1,8}}(?:\| )?|[A-Za-z_@]{{1,16}}=\"?)?{_STAMP}\"?"
    rf"(?:[ \t]{{1,8}}{_WORD}){{0,6}}+[ \t:=]{{0,8}}|(?:{_WORD} {{1,8}})?{_LEVEL}"
    rf"(?:[ \t]{{1,8}}{_WORD}){{0,6}}+[ \t:=]{{0,8}}"
    r"|[A-Za-z0-9_.:/@\-]{1,128}(?:[\t:=]| {0,16}\|)[ \t:=]{0,8}|\[[^\] ]{1,128}\] |)"
)
"""What may stand ahead of what a line tells: a time or a level with few words (host, tag), or one name."""
_ASKED = re.compile(
    r"(?:^|[ \t])(?:[0-9a-fA-F.:]{2,45}[ \t][^ \t]{1,32}"
    r"|GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND)[ \t]/"
)
"""What in such words is a request, as logs of servers have it: behind it stands what was asked."""
_BETWEEN = re.compile(r"(?:\[[ 0-9.]{1,20}\] ?)?(?:[a-z\-]{1,16}: ){0,3}")
SYSLOG = re.compile(
    r"(?:<[0-9]{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9:]{8}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9:]{5})) [^ ]{1,255} "
    r"(?:(?P<program>[A-Za-z_][A-Za-z0-9_./\-]{0,63})(?:\([a-z_]{1,32}\))?(?:\[[0-9]{1,10}\])?"
    r"(?::| [^ ]{1,128} [^ ]{1,128} (?:-|(?P<data>\[[^\]]{0,512}\]))(?= )| [^ ]{1,128} )|(?=\{))"
)


def stands_behind_head(line: str, start: int, head: re.Match[str] | None) -> bool:
    """Whether what begins at ``start`` is what a line tells, and no part of somebody's words in it."""
    if head is not None and start < head.end():
        return True
    rest = line[head.end() if head is not None else 0 : max(start, 0)].lstrip(" ")
    if _BETWEEN.fullmatch(rest) is not None:
        return True
    if not 0 <= start <= 512 or _AHEAD.fullmatch(rest) is None:
        return False
    return _ASKED.search(rest) is None
