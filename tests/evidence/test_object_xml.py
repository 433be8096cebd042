"""Objects that PowerShell kept in a file: one line an object, whatever the chunks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence import object_xml
from comity.evidence.object_xml import read_shell_objects
from comity.evidence.parse import fields_of
from comity.findings.exports import Exports

HEAD = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
SID = (
    '<Obj {name}RefId="9"><TNRef RefId="3"/><ToString>S-1-5-18</ToString>'
    '<Props><I32 N="BinaryLength">12</I32>'
    '<Nil N="AccountDomainSid"/><S N="Value">S-1-5-18</S></Props></Obj>'
)


def value(tag: str, text: str) -> str:
    return (
        '<Obj RefId="4"><TNRef RefId="2"/><ToString>System.EventProperty</ToString>'
        f'<Props><{tag} N="Value">{text}</{tag}></Props></Obj>'
    )


STARTED = (
    '<Obj RefId="0"><TN RefId="0"><T>System.EventLogRecord</T><T>System.Object</T></TN>'
    "<ToString>System.EventLogRecord</ToString><Props>"
    '<I32 N="Id">4688</I32><By N="Version">1</By><Nil N="Qualifiers"/><I64 N="Keywords">-92233720</I64>'
    '<S N="ProviderName">Microsoft-Windows-Security-Auditing</S><S N="LogName">Security</S>'
    '<DT N="TimeCreated">2026-03-04T05:06:07.089+00:00</DT>' + SID.format(name='N="UserId" ') + ""
    '<Obj N="MatchedQueryIds" RefId="5"><TNRef RefId="1"/><LST/></Obj>'
    '<Obj N="Table" RefId="6"><DCT><En><S N="Key">k</S><B N="Value">true</B></En></DCT></Obj>'
    '<Obj N="Properties" RefId="7"><TNRef RefId="1"/><LST>'
    + value("S", "S-1-5-18").replace('<S N="Value">S-1-5-18</S>', SID.format(name='N="Value" '))
    + value("S", "LAB$")
    + value("S", "LAB")
    + value("U64", "999")
    + value("U64", "6712")
    + value("S", "C:\\relay.exe")
    + value("S", "%%1936")
    + value("U64", "500")
    + value("S", "relay --to x_x000D__x000A_y &amp; _xD83D__xDE00_")
    + '</LST></Obj></Props><MS><S N="Message">Ein Prozess</S></MS></Obj>'
)


def lines(raw: bytes, every: int = 1 << 18) -> list[bytes]:
    return list(read_shell_objects(raw[at : at + every] for at in range(0, len(raw), every)))


@given(every=st.integers(1, 400))
def test_objects_are_lines(every: int) -> None:
    found = lines(f"{HEAD}\r\n{STARTED}<S>a text</S>{STARTED}</Objs>".encode(), every)
    assert len(found) == 3
    assert json.loads(found[1]) == {"Value": "a text"}
    told = json.loads(found[0])
    assert (told["Id"], told["Qualifiers"], told["UserId"]) == (4688, None, "S-1-5-18")
    assert (told["MatchedQueryIds"], told["Table"]) == ([], {"k": True})
    assert told["Properties"][0] == {"Value": "S-1-5-18"}
    assert told["Properties"][3] == {"Value": 999}


def test_rules_find_the_data_by_its_order() -> None:
    (line,) = lines(f"{HEAD}{STARTED}</Objs>".encode())
    fields = fields_of("jsonl/1", line, None)
    assert isinstance(fields, dict)
    read = Exports(()).read(fields)
    assert (read["Channel"], read["EventID"]) == ("Security", 4688)
    assert (read["NewProcessName"], read["NewProcessId"]) == ("C:\\relay.exe", "0x1a38")
    assert read["CommandLine"] == "relay --to x\r\ny & \U0001f600"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (f"\n<!DOCTYPE x [<!ENTITY a 'b'>]>{HEAD}</Objs>".encode(), "xml.doctype"),
        (f"{HEAD}{'<Obj>' * object_xml.DEPTH}".encode(), "xml.depth"),
        (HEAD.encode() + b"<S>" + b"x" * (object_xml.OBJECT_BYTES + (1 << 17)), "xml.event"),
        (b"<Events/>", "xml.form"),
        (f"{HEAD}<S>".encode(), "xml.form"),
    ],
)
def test_what_is_no_such_file_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        lines(raw)
    assert refused.value.code == code
    assert refused.value.where == ("line 2" if code == "xml.doctype" else "line 1")
