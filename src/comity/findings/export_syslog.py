"""Events of Windows in one line of syslog, as collectors write them: WinCollect's pairs, Snare's columns.

Both put the message into the line, without its line breaks. Where the labels of a message begin is known by
the labels: the names of Sysmon's data, and those of the audit (:mod:`comity.findings.export_messages`).
"""

from __future__ import annotations

import re

from comity.findings.rows import Value

_PAIR = re.compile(r"([A-Za-z]{2,40})=(.*)", re.DOTALL)


def read_collected(text: str) -> dict[str, Value] | None:
    """The pairs of an event in one line, called as Splunk's older input does; None where a text has not that
    form."""
    at = text.find("AgentDevice=WindowsLog")
    if 0 <= at <= 512:
        return _read_pairs(text[at:].rstrip("\r\n").split("\t"))
    at = text.find("MSWinEventLog")
    if 0 <= at <= 512:
        return _read_columns(re.split(r"\t|#011", text[at:].rstrip("\r\n")))
    return None


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
