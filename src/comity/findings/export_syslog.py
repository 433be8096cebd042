"""Events of Windows in one line of syslog, as collectors write them: WinCollect's pairs, Snare's columns,
structured data (RFC 5424, 6.3), a provider for a program with the event's number or its message alone.

All put the message into the line, without its line breaks. Where the labels of a message begin is known by
the labels: the names of Sysmon's data, and those of the audit (:mod:`comity.findings.export_messages`). Where
a number is missing, the message's first words tell it.
"""

from __future__ import annotations

import re
from typing import Final

from comity.findings.export_flat import channel_of_provider
from comity.findings.rows import Value, fold
from comity.findings.taxonomy_exports import PROVIDERS
from comity.findings.taxonomy_titles import event_of_title

_PAIR = re.compile(r"([A-Za-z]{2,40})=(.*)", re.DOTALL)


def read_collected(text: str) -> dict[str, Value] | None:
    """The pairs of an event in one line, called as Splunk's older input does; None where a text has not that
    form."""
    at = text.find("AgentDevice=WindowsLog")
    if 0 <= at <= 512:
        return _read_pairs(text[at:].rstrip("\r\n").split("\t"))
    at = text.find("MSWinEventLog")
    if 0 <= at <= 512:
        line = text[at:].rstrip("\r\n")
        quoted = '"' in text[:at] or "[" in text[:at]
        return _read_columns(re.split(r"\t|#011", line)) or (None if quoted else _read_blanks(line))
    return None


_BLANKS = re.compile(
    r"MSWinEventLog ++[0-9] ++(?P<log>[^ ]++(?: [^ ]++){0,8}?) ++[0-9]{1,12} ++[A-Z][a-z]{2} [A-Z][a-z]{2} ++"
    r"[0-9]{1,2} [0-9:]{8} [0-9]{4} ++(?P<event>[0-9]{1,5}) ++(?P<source>[A-Za-z][^ ]{1,100}) (?P<rest>.*)",
    re.DOTALL,
)
# Blanks are taken whole, so that a line of many costs their number once.


def _read_blanks(line: str) -> dict[str, Value] | None:
    """Snare's columns with a blank between them: of those behind the source the message is not told apart."""
    found = _BLANKS.match(line)
    if found is None:
        return None
    return _event(found["log"], found["event"], found["source"], "", found["rest"])


_ELEMENT = re.compile(r'\[(?:[^ =\]"]{1,64}(?=[ \]]))?')
_PARAMETER = re.compile(r''' {0,4}([^ =\]"\[]{1,64})="((?:[^"\\]|\\.)*+)"''', re.DOTALL)
_ESCAPED = re.compile(r"""\\(["\\\]])""")
_PARAMETERS: Final = 512
"""How many parameters of structured data are read."""


def read_structured(text: str, start: int) -> dict[str, Value] | None:
    """The parameters of a line's structured data, where these are an event of Windows; else None. Its
    elements stand from ``start`` on, one behind another; what follows them is the message, whatever it is."""
    if ' EventID="' not in text[:4096] or (' Channel="' not in text and ' SourceName="' not in text):
        return None
    found: dict[str, Value] = {}
    end, count = start, 0
    while (element := _ELEMENT.match(text, end)) is not None:
        end = element.end()
        while count < _PARAMETERS and (pair := _PARAMETER.match(text, end)) is not None:
            found.setdefault(pair[1], _ESCAPED.sub(r"\1", pair[2]))
            end, count = pair.end(), count + 1
        if not text.startswith("]", end):
            break
        end += 1
    if "EventID" not in found or ("Channel" not in found and "SourceName" not in found):
        return None
    found.setdefault("Message", text[end:].removeprefix("]").strip())
    return found


_NUMBERED = re.compile(r"(?P<event>[0-9]{1,5}): (?P<rest>.*)", re.DOTALL)
_REPORTED = re.compile(
    r"(?:\[[A-Z]{3}\] )?[A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]{1,2} [0-9:]{8} [0-9]{4}: "
    r'(?P<host>[^ /]{1,255})/(?P<log>[^()"]{1,128}) \((?P<event>[0-9]{1,5})\) - "(?P<rest>.*)"',
    re.DOTALL,
)


def read_provider(program: str, rest: str) -> dict[str, Value] | None:
    """A line whose program is a provider of Windows, or one that reports events; None where it is neither."""
    if program == "EvntSLog":
        told = _REPORTED.match(rest)
        return None if told is None else _event(told["log"], told["event"], "", told["host"], told["rest"])
    provider = program.replace("_", " ")
    known = fold(provider)
    if known not in PROVIDERS and not known.startswith("microsoft-windows-"):
        return None
    numbered = _NUMBERED.match(rest)
    message = rest if numbered is None else numbered["rest"]
    event = event_of_title(known, message) if numbered is None else numbered["event"]
    place = channel_of_provider(provider, event)
    return _event(place or "", event, provider, "", message)


def _read_pairs(parts: list[str]) -> dict[str, Value] | None:
    found: dict[str, str] = {}
    for place, part in enumerate(parts):
        pair = _PAIR.fullmatch(part)
        if pair is not None and pair[1] == "Message":
            found["Message"] = "\t".join([pair[2], *parts[place + 1 :]])
            break
        if pair is not None:
            found.setdefault(pair[1], pair[2])
    event = found.get("EventIDCode", found.get("EventID"))
    if event is None or "AgentLogFile" not in found:
        return None
    return _event(
        found["AgentLogFile"],
        event,
        found.get("Source", ""),
        found.get("Computer", ""),
        found.get("Message", ""),
    )


def _read_columns(parts: list[str]) -> dict[str, Value] | None:
    # MSWinEventLog, criticality, log, counter, time, event, source, user, its type, type, computer, category,
    # data, message
    if len(parts) < 14 or not parts[5].isdigit():
        return None
    return _event(parts[2], parts[5], parts[6], parts[10], parts[13])


def _event(log: str, event: str, source: str, computer: str, message: str) -> dict[str, Value]:
    return {
        "LogName": log,
        "EventCode": event,
        "SourceName": source,
        "ComputerName": computer,
        "Message": message,
    }
