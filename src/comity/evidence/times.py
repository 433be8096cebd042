"""When a row says it happened. A claimed time never decides anything by itself (DESIGN, *Time*)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from comity.evidence.formats import FormatName
from comity.evidence.parse import Value

_DAY: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST: Final = (date(1, 1, 1).toordinal() - _EPOCH) * _DAY
_LAST: Final = (date(9999, 12, 31).toordinal() - _EPOCH + 1) * _DAY

TIME_FIELDS: Final = (
    "TimeCreated", "SystemTime", "UtcTime", "@timestamp", "timestamp", "Timestamp", "ts", "time",
    "Time", "datetime", "date-time", "dateTime", "DateTime", "date_time", "CreationTime",
    "CreationDate", "TimeGenerated", "TimeCreatedUtc", "EventTime", "event_time", "eventTime",
    "start_time", "StartTime", "start", "created", "LastAccessed",
)  # fmt: skip
"""Fields that may hold a row's time, the first that is there and reads as a time wins."""

_UTC_FIELDS: Final = frozenset({"UtcTime", "TimeCreatedUtc"})
_ZONE = re.compile(r"([+-])([01][0-9]|2[0-3]):?([0-5][0-9])?")
_ISO = re.compile(
    r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})[T _]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,12}))?)?"
    r" ?(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?(?![0-9])"
)
_WEB = re.compile(
    r"([0-9]{2})/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/([0-9]{4})"
    r":([0-9]{2}):([0-9]{2}):([0-9]{2}) ?([+-][0-9]{4})?(?![0-9])"
)
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_NUMBER = re.compile(r"[0-9]{9,19}(?:\.[0-9]{1,12})?")


def read_zone(zone: str) -> int | None:
    """An offset ``+HH:MM`` (also ``+HHMM``, ``+HH``, ``Z``) in microseconds east; None if it is none."""
    if zone in ("Z", "z", "UTC", "GMT"):
        return 0
    match = _ZONE.fullmatch(zone)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = (int(hours) * 60 + int(minutes or 0)) * 60_000_000
    return -offset if sign == "-" else offset


def read_time(text: str, zone: str | None, anywhere: bool = False) -> int | None:
    """UTC microseconds since 1970 of a time text, or None.

    Read are ``YYYY-MM-DD HH:MM[:SS[.f]]`` (RFC 3339 and its looser kin), ``DD/Mon/YYYY:HH:MM:SS +hhmm``
    and bare epoch numbers. Digits past a microsecond are cut; second 60 is the next minute's 0. A text
    without an offset takes ``zone``; with neither it has no time. ``anywhere`` looks inside the text
    for the first such time (epoch numbers excepted).
    """
    text = text if anywhere else text.strip()
    find = re.Pattern.search if anywhere else re.Pattern.fullmatch
    if match := find(_ISO, text):
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        month_number = int(month)
    elif match := find(_WEB, text):
        day, name, year, hour, minute, second, offset = match.groups()
        month_number, fraction = _MONTHS.index(name) // 3 + 1, None
    elif not anywhere and _NUMBER.fullmatch(text):
        return _read_epoch(Decimal(text))
    else:
        return None
    east = read_zone(offset or zone or "")
    if east is None:
        return None
    try:
        days = date(int(year), month_number, int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    seconds = int(second or 0)
    if int(hour) > 23 or int(minute) > 59 or seconds > 60:
        return None
    micros = ((int(hour) * 60 + int(minute)) * 60 + seconds) * 1_000_000
    return days * _DAY + micros + int((fraction or "")[:6].ljust(6, "0")) - east


def _read_epoch(number: Decimal) -> int | None:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size: below 10^11,
    10^14, 10^17, or above."""
    for limit, scale in ((11, 6), (14, 3), (17, 0)):
        if number < Decimal(10) ** limit:
            return int(number.scaleb(scale))
    return int(number.scaleb(-3))


def row_time(format_name: FormatName, fields: Mapping[str, Value], zone: str | None) -> int | None:
    """UTC microseconds since 1970 at which the row says it happened, or None if it does not say so
    in a way that is known here.

    ``zone`` is the item's declared offset ("+HH:MM"), for texts that carry none; W3C logs without a
    declared zone are in UTC, as that format says, and so are ``UtcTime`` and an event's ``TimeCreated``.
    """
    if format_name == "opaque/1":
        return None
    if format_name == "w3c/1":
        day, clock = fields.get("date"), fields.get("time")
        if isinstance(day, str) and isinstance(clock, str):
            return read_time(f"{day} {clock}", zone or "+00:00")
    if format_name == "lines/1":
        line = fields.get("message")
        return read_time(line[:256], zone, anywhere=True) if isinstance(line, str) else None
    for name in TIME_FIELDS:
        found = fields.get(name)
        if isinstance(found, bool) or found is None:
            continue
        utc = name in _UTC_FIELDS or format_name in ("evtx-jsonl/1", "w3c/1")
        at: int | None = None
        if isinstance(found, str):
            at = read_time(found, "+00:00" if utc else zone)
        elif isinstance(found, int | float) and found >= 100_000_000:
            at = _read_epoch(Decimal(repr(found)))
        if at is not None and _FIRST <= at < _LAST:
            return at
    if isinstance(day := fields.get("date"), str) and isinstance(clock := fields.get("time"), str):
        return read_time(f"{day} {clock}", zone)
    return None
