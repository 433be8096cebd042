"""What sensors on machines tell of processes, files, connections and the registry, under Sysmon's names.

Rules of these categories ask for Sysmon's names. Microsoft Defender's tables of advanced hunting
(``ActionType``, ``InitiatingProcess…``), CrowdStrike's events (``event_simpleName``), those of macOS' own
``eslogger`` and those in the Elastic Common Schema (``process.executable``, ``event.category``) tell the same
under other names. A row of theirs gets Sysmon's names beside its own. Of a machine with Windows it is of the
channel ``@sensor``, its event called as the category; of another machine it says in a name
(``@linux process_creation``) whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from comity.findings.derived_events import details_of, short_key
from comity.findings.export_flat import Names, Reading, Row
from comity.findings.export_hosts import find_host_readings
from comity.findings.export_lines import read_object
from comity.findings.export_probes import find_probe_readings
from comity.findings.export_texts import EVENT, Made
from comity.findings.export_together import Unless
from comity.findings.rows import Value, fold
from comity.findings.taxonomy import SENSOR
from comity.findings.taxonomy_exports import ECS, UNIX_CATEGORIES
from comity.findings.taxonomy_hosts import FILES_AND_KEYS


def find_sensor_readings(names: Names) -> tuple[Reading, ...]:
    """How rows of sensors with these fields are read; none where these are none of a sensor's."""
    here = set(names)
    found: list[Reading] = []
    if "ActionType" in here and any(name.startswith("InitiatingProcess") for name in names):
        found.append(_read_defender)
    if {"Action Type", "Event Time"} <= here:
        found.append(_read_page)
    found += [partial(_read_falcon, name) for name in _FALCON_NAMES if name in here]
    if "process.executable.path" in here:
        if "event.exec.target.executable.path" in here:
            found.append(_read_exec)
        if any(name.startswith("event.create.") for name in names):
            found.append(_read_create)
    if "event.category" in here and not here.isdisjoint(_PROCESSES):
        machine = next((name for name in _MACHINES if name in here), None)
        if machine is not None or "process.executable" in here:
            pairs = tuple(
                (wanted, place)
                for wanted, places in ECS.items()
                for place in places[:1] + tuple(each for each in places[1:] if places[0] not in here)
                if place in here and wanted not in ("EventID", "Provider_Name")
            )
            told = dict(reversed(pairs))
            found.append(Unless(partial(_read_common, machine, told), _category_of, told))
    return (*found, *find_host_readings(names, _tell), *find_probe_readings(names, _tell))


def _tell(row: Row, machine: str, category: str, added: Mapping[str, Value]) -> Row:
    """The row with Sysmon's names, and with what says whose it is."""
    made = Made({**row, **added})
    if machine == "windows":
        made["Channel"], made["EventID"] = SENSOR, category
    else:
        made[f"@{machine} {category if category in UNIX_CATEGORIES else 'other'}"] = True
    return made


def _machine_of(path: Value) -> str:
    """Whose path it is; Windows' where there is none."""
    return "unix" if isinstance(path, str) and path.startswith("/") else "windows"


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _file(folder: Value, name: Value) -> Value:
    """A path whose last part a sensor may keep in a field of its own."""
    if not isinstance(folder, str) or not isinstance(name, str) or not name:
        return folder if folder else name
    marks = ("/",) if folder.startswith("/") else ("\\", "/")
    whole, last = fold(folder), fold(name)
    if whole == last or whole.endswith(tuple(f"{mark}{last}" for mark in marks)):
        return folder
    return _inside(folder, name)


def _inside(folder: str, name: str) -> str:
    mark = "/" if folder.startswith("/") else "\\"
    return f"{folder.rstrip(mark)}{mark}{name}"


def _base(name: Value) -> Value:
    """The end of a path of which only the name is told, as rules look for it."""
    return f"\\{name}" if isinstance(name, str) and name and "\\" not in name and "/" not in name else name


def _joined(words: Value) -> Value:
    listed = words if isinstance(words, list) else [words]
    return " ".join(word for word in listed if isinstance(word, str)) if words is not None else None


def _user(domain: Value, name: Value) -> Value:
    return f"{domain}\\{name}" if isinstance(domain, str) and domain and isinstance(name, str) else name


# Microsoft Defender, advanced hunting

_ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "processcreated": "process_creation",
        "processcreatedusingwmiquery": "process_creation",
        "openprocess": "process_creation",
        "imageloaded": "image_load",
        "driverload": "driver_load",
        **FILES_AND_KEYS,
        "connectionsuccess": "network_connection",
        "connectionrequest": "network_connection",
        "connectionattempt": "network_connection",
        "connectionfailed": "network_connection",
        "connectionfound": "network_connection",
        "inboundconnectionaccepted": "network_connection",
        "dnsqueryresponse": "dns_query",
        "dnsconnectioninspected": "dns_query",
        "createremotethreadapicall": "create_remote_thread",
        "openprocessapicall": "process_access",
        "namedpipeevent": "pipe_created",
        "antivirusdetection": "antivirus",
        "powershellcommand": "ps_script",
        "scriptcontent": "ps_script",
    }
)
"""``ActionType``, folded, and the category of it."""

_REGISTRY: Mapping[str, str] = MappingProxyType(
    {
        "registryvalueset": "SetValue",
        "registrykeycreated": "CreateKey",
        "registrykeydeleted": "DeleteKey",
        "registryvaluedeleted": "DeleteValue",
    }
)

_OF_FILE: Mapping[str, str] = MappingProxyType(
    {
        "Company": "CompanyName",
        "Product": "ProductName",
        "FileVersion": "ProductVersion",
        "Description": "FileDescription",
        "OriginalFileName": "OriginalFileName",
    }
)


def _read_defender(row: Row) -> Row:
    action = fold(_text(row, "ActionType"))
    category = _ACTIONS.get(action, "")
    path = _file(row.get("FolderPath"), row.get("FileName"))
    by = _file(row.get("InitiatingProcessFolderPath"), row.get("InitiatingProcessFileName"))
    user = _user(row.get("InitiatingProcessAccountDomain"), row.get("InitiatingProcessAccountName"))
    added: dict[str, Value] = {"Computer": row.get("DeviceName")}
    if category == "process_creation":
        added |= {
            "Image": path,
            "CommandLine": row.get("ProcessCommandLine"),
            "User": _user(row.get("AccountDomain"), row.get("AccountName")),
            "IntegrityLevel": row.get("ProcessIntegrityLevel"),
            "ParentImage": by,
            "ParentCommandLine": row.get("InitiatingProcessCommandLine"),
            "ParentProcessId": row.get("InitiatingProcessId"),
            "ParentUser": user,
            "GrandParentImage": _base(row.get("InitiatingProcessParentFileName")),
        }
        added |= {name: row.get(f"ProcessVersionInfo{theirs}") for name, theirs in _OF_FILE.items()}
        return _tell(row, _machine_of(path), category, added)
    added |= {
        "Image": by,
        "CommandLine": row.get("InitiatingProcessCommandLine"),
        "ProcessId": row.get("InitiatingProcessId"),
        "User": user,
        "ParentImage": _base(row.get("InitiatingProcessParentFileName")),
    }
    if category.startswith("file_"):
        added |= {
            "TargetFilename": path,
            "SourceFilename": _file(row.get("PreviousFolderPath"), row.get("PreviousFileName")),
        }
    elif category in ("image_load", "driver_load"):
        added["ImageLoaded"] = path
    elif category.startswith("registry_"):
        added |= _registry_of_defender(row, action)
    elif category == "network_connection":
        ends = ("Remote", "Local") if action == "inboundconnectionaccepted" else ("Local", "Remote")
        protocol = row.get("Protocol")
        added |= {
            "SourceIp": row.get(f"{ends[0]}IP"),
            "SourcePort": row.get(f"{ends[0]}Port"),
            "DestinationIp": row.get(f"{ends[1]}IP"),
            "DestinationPort": row.get(f"{ends[1]}Port"),
            "DestinationHostname": row.get("RemoteUrl") if ends[1] == "Remote" else None,
            "Initiated": "true" if ends[1] == "Remote" else "false",
            "Protocol": fold(protocol) if isinstance(protocol, str) else protocol,
        }
    else:
        added |= _more_of_defender(row, category, path, by)
    return _tell(row, _machine_of(by), category, added)


def _read_page(row: Row) -> Row:
    """The same as the page of a machine offers them for download: its columns are written with blanks."""
    plain = {name.replace(" ", ""): value for name, value in row.items()}
    read = _read_defender({"DeviceName": plain.get("ComputerName"), **plain})
    made = Made({**row, **read})
    made.own = read.own if isinstance(read, Made) else None
    return made


def _registry_of_defender(row: Row, action: str) -> dict[str, Value]:
    key, value = row.get("RegistryKey"), row.get("RegistryValueName")
    whole = f"{key}\\{value}" if isinstance(key, str) and isinstance(value, str) and value else key
    kind = fold(_text(row, "RegistryValueType"))
    data = row.get("RegistryValueData")
    return {
        "TargetObject": short_key(whole),
        "EventType": _REGISTRY[action],
        "Details": "Binary Data" if kind == "binary" else details_of(data, f"reg_{kind}"),
    }


def _more_of_defender(row: Row, category: str, path: Value, by: Value) -> dict[str, Value]:
    """What the table of all other events says in a text of JSON."""
    held = row.get("AdditionalFields")
    more = dict(read_object(held[:EVENT])) if isinstance(held, str) else {}
    more |= {
        name.removeprefix("AdditionalFields."): value
        for name, value in row.items()
        if name.startswith("AdditionalFields.")
    }
    match category:
        case "dns_query":
            return {"QueryName": more.get("DnsQueryString", more.get("query"))}
        case "create_remote_thread" | "process_access":
            return {
                "SourceImage": by,
                "TargetImage": path,
                "GrantedAccess": more.get("DesiredAccess"),
            }
        case "pipe_created":
            pipe = more.get("PipeName")
            named = isinstance(pipe, str) and fold(pipe).startswith("\\device\\namedpipe")
            return {"PipeName": pipe[17:] if isinstance(pipe, str) and named else pipe}
        case "antivirus":
            return {
                "Threat Name": more.get("ThreatName"),
                "Signature": more.get("ThreatName"),
                "Filename": path,
            }
        case "ps_script":
            return {"ScriptBlockText": more.get("ScriptContent", more.get("Command"))}
    return {}


# CrowdStrike

_FALCON_MACHINES: Mapping[str, str] = MappingProxyType({"win": "windows", "lin": "linux", "mac": "macos"})
_FALCON: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "processrollup2": (
            "process_creation",
            {
                "Image": "ImageFileName",
                "ParentImage": "ParentBaseFileName",
                "GrandParentImage": "GrandParentBaseFileName",
                "User": "UserName",
            },
        ),
        "networkconnectip4": (
            "network_connection",
            {
                "Image": "ContextBaseFileName",
                "SourceIp": "LocalAddressIP4",
                "SourcePort": "LocalPort",
                "DestinationIp": "RemoteAddressIP4",
                "DestinationPort": "RemotePort",
            },
        ),
        "dnsrequest": ("dns_query", {"Image": "ContextBaseFileName", "QueryName": "DomainName"}),
        "asepvalueupdate": (
            "registry_set",
            {"TargetObject": "RegObjectName", "Details": "RegStringValue", "Image": "ContextBaseFileName"},
        ),
        "classifiedmoduleload": (
            "image_load",
            {"ImageLoaded": "ImageFileName", "Image": "TargetImageFileName"},
        ),
        "written": ("file_event", {"TargetFilename": "TargetFileName", "Image": "ContextBaseFileName"}),
    }
)
"""``event_simpleName``, folded, its category, and Sysmon's names with theirs."""


_FALCON_NAMES: Final = ("event_simpleName", "#event_simpleName")
"""What says which event one is: stores of logs mark what they tell rows by."""


def _read_falcon(named: str, row: Row) -> Row:
    event = fold(_text(row, named)).removeprefix("synthetic")
    key = "written" if event.endswith("written") else event.replace("ip6", "ip4")
    category, names = _FALCON.get(key, ("", {}))
    machine = _FALCON_MACHINES.get(fold(_text(row, "event_platform")), _machine_of(row.get("ImageFileName")))
    added: dict[str, Value] = {
        name: row[theirs]
        for name, each in names.items()
        for theirs in (each, each.replace("IP4", "IP6"))
        if theirs in row
    }
    for name in ("ParentImage", "GrandParentImage", "Image"):
        if name in added and machine == "windows":
            added[name] = _base(added[name])
    value = row.get("RegValueName")
    if category == "registry_set":
        key_ = added.get("TargetObject")
        added["TargetObject"] = short_key(f"{key_}\\{value}" if isinstance(value, str) and value else key_)
    if category == "network_connection":
        added["Initiated"] = "false" if row.get("ConnectionDirection") in (1, "1") else "true"
    return _tell(row, machine, category, added)


# macOS, as eslogger writes it


def _read_exec(row: Row) -> Row:
    added: dict[str, Value] = {
        "Image": row["event.exec.target.executable.path"],
        "CommandLine": _joined(row.get("event.exec.args")),
        "CurrentDirectory": row.get("event.exec.cwd.path"),
        "ParentImage": row["process.executable.path"],
        "ProcessId": row.get("event.exec.target.audit_token.pid"),
        "ParentProcessId": row.get("process.audit_token.pid"),
    }
    return _tell(row, "macos", "process_creation", added)


def _read_create(row: Row) -> Row:
    where = "event.create.destination."
    folder, name = row.get(f"{where}new_path.dir.path"), row.get(f"{where}new_path.filename")
    told = isinstance(folder, str) and isinstance(name, str) and name
    path = row.get(f"{where}existing_file.path") or (
        _inside(str(folder), str(name)) if told else folder or name
    )
    added: dict[str, Value] = {"TargetFilename": path, "Image": row["process.executable.path"]}
    return _tell(row, "macos", "file_event", added)


# The Elastic Common Schema

_PROCESSES: Final = ("process.executable", "process.command_line", "process.args")
_MACHINES: Final = ("host.os.type", "host.os.family", "host.os.platform", "host.os.name")
_LINUXES: Final = (
    "linux",
    "debian",
    "ubuntu",
    "redhat",
    "rhel",
    "centos",
    "suse",
    "fedora",
    "arch",
    "amazon",
)
_STARTS: Final = frozenset(("start", "exec", "started", "process_started", "executed", "creation", "created"))


def _read_common(machine: str | None, places: Mapping[str, str], row: Row) -> Row:
    told = fold(_text(row, machine)) if machine is not None else ""
    if told.startswith(("mac", "darwin", "osx")):
        told = "macos"
    elif told.startswith(_LINUXES):
        told = "linux"
    elif told.startswith("windows"):
        told = "windows"
    else:
        told = _machine_of(row.get("process.executable"))
    added: dict[str, Value] = {name: row[place] for name, place in places.items()}
    for name, words in (("CommandLine", "process.args"), ("ParentCommandLine", "process.parent.args")):
        if name not in added and words in row:
            added[name] = _joined(row[words])
    if "user.name" in row:
        added.setdefault("User", _user(row.get("user.domain"), row["user.name"]))
    if told == "windows" and isinstance(added.get("TargetObject"), str):
        added["TargetObject"] = short_key(added["TargetObject"])
    return _tell(row, told, _category_of(row), {**added, **{k: v for k, v in row.items() if k in added}})


def _words(row: Row, *names: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        value = row.get(name)
        found.update(
            fold(each) for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
        )
    return found


def _category_of(row: Row) -> str:
    kinds, done = _words(row, "event.category"), _words(row, "event.type", "event.action")
    if "process" in kinds:
        if "end" in done:
            return "process_termination"
        return "process_creation" if done & _STARTS else ""
    if "dns.question.name" in row:
        return "dns_query"
    if "network" in kinds:
        return "network_connection"
    if "file" in kinds:
        if done & {"deletion", "deleted"}:
            return "file_delete"
        return "file_rename" if done & {"rename", "renamed"} else "file_event"
    if "registry" in kinds:
        if done & {"deletion", "deleted"}:
            return "registry_delete"
        return "registry_set" if "registry.data.strings" in row or "modification" in done else "registry_add"
    if "driver" in kinds:
        return "driver_load"
    return "image_load" if "library" in kinds else ""
