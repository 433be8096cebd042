"""Events as Wazuh writes them: what its agents escape is as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.findings.test_export_inner import finds, rule

SYSTEM = {"channel": "Microsoft-Windows-Sysmon/Operational", "eventID": "1", "providerName": "Lab"}
DATA = {
    "image": "C:\\Lab\\Tools\\relay.exe",
    "commandLine": '"C:\\Lab\\Tools\\relay.exe" /new "\\\\host\\share"\r\n\tx',
    "targetObject": "HKLM\\Software\\Lab",
    "user": "LAB\\ann",
}
STARTED = rule(
    "{product: windows, category: process_creation}",
    **{
        "Image|endswith": "\\Lab\\Tools\\relay.exe",
        "CommandLine": DATA["commandLine"].replace("\\", "\\\\"),
        "TargetObject": DATA["targetObject"],
        "User": DATA["user"],
    },
)


def escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


@pytest.mark.parametrize("place", ["data", ""])
def test_what_is_escaped_twice_is_as_it_was(place: str) -> None:
    def row(data: dict[str, Any]) -> dict[str, Any]:
        event = {"win": {"system": SYSTEM, "eventdata": data}}
        return {place: event} if place else event

    twice = {name: escaped(value) for name, value in DATA.items()}
    assert finds(STARTED, row(DATA), row(twice), row({**twice, "image": "C:\\Lab\\x"})) == [1, 2]
    # What a rule leaves out is left out.
    left = (
        b"title: t\nlogsource: {product: windows, category: process_creation}\n"
        b"detection: {s: {Image|endswith: relay.exe}, f: {Image|startswith: 'C:\\Lab\\'},"
        b" condition: s and not f}\n"
    )
    assert finds(left, row(DATA), row(twice)) == []


@pytest.mark.parametrize(
    "image",
    ["\\\\host\\share\\relay.exe", "\\\\.\\pipe", "C:\\new\\tools\\relay.exe", "C:\\", "System", "a\\\\b"],
)
def test_what_was_not_escaped_stays_as_it_is(image: str) -> None:
    asked = rule("{product: windows, category: process_creation}", Image=image.replace("\\", "\\\\"))
    row = {"win": {"system": SYSTEM, "eventdata": {"image": image, "user": "LAB\\ann"}}}
    assert finds(asked, row) == [1]
