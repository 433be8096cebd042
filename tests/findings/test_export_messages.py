"""Events of which an exporter kept the message alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.parse import fields_of
from comity.evidence.times import row_time
from comity.findings.export_messages import read_head, read_labels
from comity.findings.exports import Exports
from tests.findings.test_export_inner import finds
from tests.findings.test_exports import hits

STARTED = """A new process has been created.

Creator Subject:
\tSecurity ID:\t\tS-1-5-18
\tAccount Name:\t\talda
\tAccount Domain:\t\tLAB
\tLogon ID:\t\t0x3E7

Target Subject:
\tSecurity ID:\t\tS-1-0-0
\tAccount Name:\t\t-

Process Information:
\tNew Process ID:\t\t0x1f4
\tNew Process Name:\tC:\\Tools\\relay.exe
\tCreator Process Name:\tC:\\Windows\\explorer.exe
\tProcess Command Line:\trelay.exe --to: 203.0.113.9

Token Elevation Type indicates the type of token: which is told here.
"""
OLDER = (
    "03/04/2026 05:06:07 AM\nLogName=Security\nSourceName=Microsoft Windows security auditing.\n"
    "EventCode=4688\nComputerName=lab\nKeywords=Audit Success\nMessage=" + STARTED
)
RULE = b"""\
logsource: {product: windows, category: process_creation}
detection:
    s: {Image|endswith: '\\relay.exe', ParentImage|endswith: explorer.exe, User: alda}
    to: {CommandLine|contains: '--to: 203'}
    condition: s and to
"""
SHELL = {"Id": 4688, "LogName": "Security", "MachineName": "lab", "TimeCreated": "/Date(1772600767089)/"}


@pytest.mark.parametrize(
    "row",
    [
        {**SHELL, "Message": STARTED},
        {**SHELL, "Message": STARTED.replace("\n", "\r\n"), "TimeCreated": "\\/Date(1772600767089+0100)\\/"},
        {"_raw": OLDER, "host": "lab"},
        {"result": {"_raw": OLDER, "source": "WinEventLog:Security", "sourcetype": "WinEventLog"}},
        {
            "source": "WinEventLog:Security",
            "EventCode": "4688",
            "New_Process_Name": "C:\\relay.exe",
            "Creator_Process_Name": "C:\\explorer.exe",
            "Process_Command_Line": "a --to: 203",
            "SubjectUserName": "alda",
        },
    ],
)
def test_a_process_is_found_in_its_message(row: dict[str, Any]) -> None:
    raw = json.dumps(row).encode()
    assert hits(RULE, [raw, raw.replace(b"relay.exe", b"other.exe")]) == {1}
    if "TimeCreated" in row:
        fields = fields_of("jsonl/1", raw, None)
        assert isinstance(fields, dict)
        assert row_time("jsonl/1", Exports(()).read(fields), None) == 1772600767_089000


GERMAN = """Ein neuer Prozess wurde erstellt.

Antragsteller:
\tKontoname:\t\talda
\tKontodomäne:\t\tLAB

Zielantragsteller:
\tKontoname:\t\t-

Prozessinformationen:
\tID des neuen Prozesses:\t\t0x1f4
\tNeuer Prozessname:\tC:\\Tools\\relay.exe
\tErstellerprozessname:\tC:\\Windows\\explorer.exe
\tProzessbefehlszeile:\trelay.exe --to: 203.0.113.9
"""
FRENCH = """Un nouveau processus a été créé.

Objet créateur :
\tNom du compte :\t\talda

Objet cible\u00a0:
\tNom du compte\u00a0:\t\t-

Informations sur le processus :
\tNom du nouveau processus :\tC:\\Tools\\relay.exe
\tÉtiquette obligatoire :\t\tS-1-16-4096
\tNom du processus créateur\u202f:\tC:\\Windows\\explorer.exe
\tLigne de commande du processus :\trelay.exe --to: 203.0.113.9
"""
SPANISH = """Se ha creado un nuevo proceso.

Firmante creador:
\tNombre de cuenta:\t\talda

Información de proceso:
\tNombre del nuevo proceso:\tC:\\Tools\\relay.exe
\tNombre de proceso del creador:\tC:\\Windows\\explorer.exe
\tLínea de comandos de proceso:\trelay.exe --to: 203.0.113.9
"""


@pytest.mark.parametrize("message", [GERMAN, FRENCH, SPANISH])
@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_a_process_is_found_in_the_language_of_its_machine(message: str, break_: str) -> None:
    told = message.replace("\n", break_)
    older = "03/04/2026 05:06:07 AM\nLogName=Security\nEventCode=4688\nKeywords=Überwachung\nMessage=" + told
    rows = [{**SHELL, "Message": told}, {"_raw": older, "host": "lab"}]
    assert hits(RULE, [json.dumps(row).encode() for row in rows]) == {1, 2}


@pytest.mark.parametrize(
    ("heads", "source"),
    [
        ("Schlüsselwörter,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie", GERMAN),
        ("Mots clés,Date et heure,Source,ID de l\u2019événement,Catégorie de la tâche", FRENCH),
        ("Palabras clave,Fecha y hora,Origen,Id. del evento,Categoría de la tarea", SPANISH),
    ],
)
def test_tables_of_a_viewer_of_events_in_its_language(heads: str, source: str) -> None:
    raw = ('x,04.03.2026 05:06:07,Microsoft-Windows-Security-Auditing,4688,x,"' + source + '"').encode()
    assert finds(RULE, raw, form="csv/1", header=heads.encode()) == [1]


@pytest.mark.parametrize(
    "heads",
    [
        "Level,Date and Time,Source,Event ID,Task Category",
        "Livello,Data e ora,Origine,ID evento,Categoria attività",
        "Nível,Data e Hora,Fonte,Identificação do Evento,Categoria da Tarefa",
        "Niveau,Datum en tijd,Bron,Gebeurtenis-id,Taakcategorie",
        "Nivå,Dato og klokkeslett,Kilde,Hendelses-ID,Oppgavekategori",
        "Nivå,Datum och tid,Källa,Händelse-ID,Aktivitetskategori",
        "Poziom,Data i godzina,Źródło,Identyfikator zdarzenia,Kategoria zadania",
        "Уровень,Дата и время,Источник,Код события,Категория задачи",
        "レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ",
        "级别,日期和时间,来源,事件 ID,任务类别",
    ],
)
def test_messages_of_sysmon_in_tables_of_any_language(heads: str) -> None:
    message = "Process Create:\nUtcTime: x\nImage: C:\\Tools\\relay.exe\nCommandLine: relay --to\n"
    raw = f'x,x,Microsoft-Windows-Sysmon,1,x,"{message}"'.encode()
    asked = b"logsource: {product: windows, category: process_creation}\ndetection:\n    s:\n"
    asked += b"        Image|endswith: relay.exe\n        CommandLine: relay --to\n    condition: s\n"
    assert finds(asked, raw, form="csv/1", header=("\ufeff" + heads).encode()) == [1]


@pytest.mark.parametrize(
    ("shown", "provider", "place"),
    [
        ("Microsoft Windows security auditing.", "Microsoft-Windows-Security-Auditing", "Security"),
        ("Microsoft-Windows-Service Control Manager", "Service Control Manager", "System"),
        ("Microsoft-Windows-Eventlog", "Microsoft-Windows-Eventlog", "System"),
    ],
)
def test_providers_are_called_as_in_events(shown: str, provider: str, place: str) -> None:
    row = {"LogName": place, "EventCode": "7", "SourceName": shown}
    read = Exports(["Provider_Name"]).read(row)
    assert (read["Provider_Name"], read["SourceName"]) == (provider, shown)


def test_headings_in_another_language_part_accounts() -> None:
    logon = "Fehler beim Anmelden eines Kontos.\n\nAntragsteller:\n\tKontoname:\ta\n\nAnmeldetyp:\t\t3\n\n"
    logon += "Konto, für das die Anmeldung fehlgeschlagen ist:\n\tKontoname:\tb\n\nNetzwerkinformationen:\n"
    logon += "\tArbeitsstationsname:\tw\n\tQuellnetzwerkadresse:\t203.0.113.9\n\tQuellport:\t\t50001\n"
    assert read_labels("4625", logon) == {
        "SubjectUserName": "a",
        "LogonType": "3",
        "TargetUserName": "b",
        "WorkstationName": "w",
        "IpAddress": "203.0.113.9",
        "IpPort": "50001",
    }
    service = "Im System wurde ein Dienst installiert.\n\nDienstname:  r\nDienstdateiname:  C:\\r.exe\n"
    assert read_labels("7045", service) == {"ServiceName": "r", "ImagePath": "C:\\r.exe"}


@pytest.mark.parametrize(
    ("event", "message", "wanted"),
    [
        (
            "4732",
            "Member:\n\tSecurity ID:\tS-1\n\nGroup:\n\tSecurity ID:\tS-2\n\tGroup Name:\tg",
            {"TargetSid": "S-2", "TargetUserName": "g"},
        ),
        (
            "4720",
            "New Account:\n\tAccount Name:\ta\n\nAttributes:\n\tSAM Account Name:\ts$",
            {"TargetUserName": "a", "SamAccountName": "s$"},
        ),
        (
            "4781",
            "Target Account:\n\tOld Account Name:\ta\n\tNew Account Name:\tb$",
            {"NewTargetUserName": "b$"},
        ),
        (
            "4776",
            "Logon Account:\ta\nError Code:\t0xC0000064",
            {"TargetUserName": "a", "Status": "0xC0000064"},
        ),
        ("4625", "Failure Information:\n\tStatus:\t\t0xC000006D", {"Status": "0xC000006D"}),
        (
            "4697",
            "Service Information:\n\tService Start Type:\t3\n\tService Account: \tx",
            {"ServiceStartType": "3", "ServiceAccount": "x"},
        ),
        (
            "4698",
            "Task Information:\n\tTask Name: \t\t\\t\n\tTask Content: \t\t<?xml?>\n<Task>\n\n</Task>\n",
            {"TaskName": "\\t", "TaskContent": "<?xml?>\n<Task>\n\n</Task>"},
        ),
        ("4702", "Informationen:\n\tNeuer Aufgabeninhalt: \t<Task>\na", {"TaskContentNew": "<Task>\na"}),
        (
            "4662",
            "Operation:\n\tAccess Mask:\t0x100\n\tProperties:\tA\n\t{b}\n\nAdditional Information:\n\tx",
            {"AccessMask": "0x100", "Properties": "A\n\t{b}"},
        ),
        (
            "5136",
            "Object:\n\tDN:\tcn=a\n\tClass:\tuser\n\nAttribute:\n\tLDAP Display Name:\tx\n\tValue:\ty",
            {
                "ObjectDN": "cn=a",
                "ObjectClass": "user",
                "AttributeLDAPDisplayName": "x",
                "AttributeValue": "y",
            },
        ),
        ("1116", " \tName: Tool\n \tPath: file:_C:\\a", {"Threat Name": "Tool", "Path": "file:_C:\\a"}),
        ("5007", "\tOld value: a\n\tNew value: b", {"Old Value": "a", "New Value": "b"}),
    ],
)
def test_what_else_messages_show(event: str, message: str, wanted: dict[str, str]) -> None:
    told = read_labels(event, "It happened.\n\n" + message)
    assert {name: told.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "frame",
    [
        "Scriptblocktext wird erstellt (1 von 1):\r\n{}\r\n\r\nScriptBlock-ID: 1\r\nPfad: \r\n",
        "Création du texte Scriptblock (1 sur 1)\u00a0:\n{}\n\nID ScriptBlock\u00a0: 1\nChemin\u00a0: \n",
        "Creando texto de bloque de script (1 de 1):\n{}\n\nId. de bloque de script: 1\n",
    ],
)
def test_scripts_are_framed_in_every_language(frame: str) -> None:
    assert read_labels("4104", frame.format("iex $a\n\n$b: c")) == {"ScriptBlockText": "iex $a\n\n$b: c"}


def test_labels_mean_what_their_heading_says() -> None:
    found = read_labels("4688", STARTED)
    assert (found["SubjectUserName"], found["TargetUserName"]) == ("alda", "-")
    assert (found["SubjectUserSid"], found["TargetUserSid"]) == ("S-1-5-18", "S-1-0-0")
    assert found["NewProcessId"] == "0x1f4"
    logon = "An account was logged on.\n\nSubject:\n\tAccount Name:\ta\n\nNew Logon:\n\tAccount Name:\tb\n\n"
    logon += "Network Information:\n\tSource Port:\t50001\n\tAccount Name:\tc\n"
    found = read_labels("4624", logon)
    assert (found["SubjectUserName"], found["TargetUserName"], found["IpPort"]) == ("a", "b", "50001")
    service = "A service was installed in the system.\n\nService Name:  r\nService File Name:  C:\\r.exe\n"
    assert read_labels("7045", service) == {"ServiceName": "r", "ImagePath": "C:\\r.exe"}
    assert read_labels("4697", service)["ServiceFileName"] == "C:\\r.exe"


def test_messages_of_the_shell() -> None:
    script = "Creating Scriptblock text (1 of 1):\r\niex $a\r\n\r\n$b\r\n\r\nScriptBlock ID: 1\r\nPath: \r\n"
    assert read_labels("4104", script) == {"ScriptBlockText": "iex $a\r\n\r\n$b"}
    module = "CommandInvocation(a): b\n\nContext:\n        Host = c\n"
    assert read_labels("4103", module) == {
        "Payload": "CommandInvocation(a): b",
        "ContextInfo": "        Host = c\n",
    }
    assert read_labels("400", "Engine\n\tHostApplication=a") == {"Data": "Engine\n\tHostApplication=a"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a:\n" * 9000,
        ":" * 70_000,
        "Subject:\n" + "\t" * 70_000,
        "x\n\u00e9: a",
        "x\n" + "a " * 90_000,
    ],
)
def test_what_is_no_such_message_gives_nothing(text: str) -> None:
    assert read_labels("4688", text) == {}
    assert read_head(text) is None
    assert read_head("LogName=a\nEventCode=1") == {"LogName": "a", "EventCode": "1"}
