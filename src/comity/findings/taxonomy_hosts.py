"""Tables of sensors on machines: how each says what happened, and under which names it tells of what.

Names are those of the makers' references: SentinelOne's deep visibility in both of its spellings, Cortex
XDR's ``xdr_data``, LimaCharlie, Carbon Black's forwarder, the unified data model of Chronicle, the Open
Cybersecurity Schema Framework (classes 1001, 1005, 1007, 4001, 4003), Microsoft's normalized tables, osquery,
Tetragon, Falco.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_NONE: Final[Mapping[str, tuple[str, ...]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A sensor whose rows have all of ``marks``.

    ``kind`` is the field that says what happened, and ``kinds`` the category of each of its values, folded;
    a sensor without it tells of starts of processes alone. ``machine`` is the field with the system, or the
    system itself behind a ``=``; empty where the paths tell it. ``started`` and ``acting`` are the process
    that was started and the one that did something, ``things`` what it did it to: Sysmon's names and theirs,
    of which the first that is there counts.
    """

    marks: tuple[str, ...]
    machine: str
    kind: str
    kinds: Mapping[str, str]
    started: Mapping[str, tuple[str, ...]]
    acting: Mapping[str, tuple[str, ...]]
    things: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)


_START: Final = "process_creation"
_SENTINEL: Final = {
    "process creation": _START,
    "file creation": "file_event",
    "file modification": "file_event",
    "file deletion": "file_delete",
    "file rename": "file_rename",
    "registry value create": "registry_set",
    "registry value modified": "registry_set",
    "registry key create": "registry_add",
    "registry key delete": "registry_delete",
    "registry value delete": "registry_delete",
    "ip connect": "network_connection",
    "dns resolved": "dns_query",
    "dns unresolved": "dns_query",
    "module load": "image_load",
    "driver load": "driver_load",
    "named pipe creation": "pipe_created",
}
_CORTEX: Final = {
    "process_start": _START,
    "file_create_new": "file_event",
    "file_write": "file_event",
    "file_remove": "file_delete",
    "file_rename": "file_rename",
    "registry_set_value": "registry_set",
    "registry_create_key": "registry_add",
    "registry_delete_key": "registry_delete",
    "registry_delete_value": "registry_delete",
    "network_stream_connect": "network_connection",
    "network_stream_connect_failed": "network_connection",
    "network_dns_query": "dns_query",
    "load_image_module": "image_load",
}
_CHARLIE: Final = {
    "new_process": _START,
    "existing_process": _START,
    "new_document": "file_event",
    "file_create": "file_event",
    "file_modified": "file_event",
    "file_delete": "file_delete",
    "module_load": "image_load",
    "dns_request": "dns_query",
    "registry_write": "registry_set",
    "registry_create": "registry_add",
    "registry_delete": "registry_delete",
}
_CARBON: Final = {
    "endpoint.event.procstart": _START,
    "endpoint.event.filemod": "file_event",
    "endpoint.event.regmod": "registry_set",
    "endpoint.event.netconn": "network_connection",
    "endpoint.event.moduleload": "image_load",
}
_UNIFIED: Final = {
    "process_launch": _START,
    "process_module_load": "image_load",
    "file_creation": "file_event",
    "file_modification": "file_event",
    "file_deletion": "file_delete",
    "registry_creation": "registry_add",
    "registry_modification": "registry_set",
    "registry_deletion": "registry_delete",
    "network_connection": "network_connection",
    "network_dns": "dns_query",
}
_OPEN: Final = {
    "1007": _START,
    "1001": "file_event",
    "1005": "image_load",
    "4001": "network_connection",
    "4003": "dns_query",
}
FILES_AND_KEYS: Final = {
    "filecreated": "file_event",
    "filemodified": "file_event",
    "filedeleted": "file_delete",
    "filerenamed": "file_rename",
    "registryvalueset": "registry_set",
    "registrykeycreated": "registry_add",
    "registrykeydeleted": "registry_delete",
    "registryvaluedeleted": "registry_delete",
}
"""What Microsoft calls what was done to files and to the registry, folded, and the category of it."""
_NORMALIZED: Final = {
    "processcreated": _START,
    **FILES_AND_KEYS,
    "networksession": "network_connection",
    "endpointnetworksession": "network_connection",
}

SENSORS: Final = (
    Sensor(
        marks=("event.type", "src.process.image.path"),
        machine="endpoint.os",
        kind="event.type",
        kinds=_SENTINEL,
        started={
            "Image": ("tgt.process.image.path",),
            "CommandLine": ("tgt.process.cmdline",),
            "User": ("tgt.process.user",),
            "IntegrityLevel": ("tgt.process.integrityLevel",),
            "ProcessId": ("tgt.process.pid",),
            "Company": ("tgt.process.publisher",),
            "Product": ("tgt.process.displayName",),
        },
        acting={
            "Image": ("src.process.image.path",),
            "CommandLine": ("src.process.cmdline",),
            "User": ("src.process.user",),
            "ProcessId": ("src.process.pid",),
        },
        things={
            "TargetFilename": ("tgt.file.path",),
            "SourceFilename": ("tgt.file.oldPath",),
            "ImageLoaded": ("module.path", "driver.path"),
            "PipeName": ("namedPipe.name",),
            "TargetObject": ("registry.keyPath",),
            "Details": ("registry.value",),
            "QueryName": ("event.dns.request",),
            "SourceIp": ("src.ip.address",),
            "SourcePort": ("src.port.number",),
            "DestinationIp": ("dst.ip.address",),
            "DestinationPort": ("dst.port.number",),
            "DestinationHostname": ("url.address",),
        },
    ),
    Sensor(
        marks=("eventType", "srcProcImagePath"),
        machine="endpointOs",
        kind="eventType",
        kinds=_SENTINEL,
        started={
            "Image": ("tgtProcImagePath",),
            "CommandLine": ("tgtProcCmdLine",),
            "User": ("tgtProcUser",),
            "IntegrityLevel": ("tgtProcIntegrityLevel",),
            "ProcessId": ("tgtProcPid",),
            "Company": ("tgtProcPublisher",),
            "Product": ("tgtProcDisplayName",),
        },
        acting={
            "Image": ("srcProcImagePath",),
            "CommandLine": ("srcProcCmdLine",),
            "User": ("srcProcUser",),
            "ProcessId": ("srcProcPid",),
        },
        things={
            "TargetFilename": ("tgtFilePath",),
            "SourceFilename": ("tgtFileOldPath",),
            "ImageLoaded": ("modulePath",),
            "PipeName": ("namedPipeName",),
            "TargetObject": ("registryKeyPath", "registryPath"),
            "Details": ("registryValue",),
            "QueryName": ("dnsRequest",),
            "SourceIp": ("srcIp",),
            "SourcePort": ("srcPort",),
            "DestinationIp": ("dstIp",),
            "DestinationPort": ("dstPort",),
            "DestinationHostname": ("networkUrl",),
        },
    ),
    *(
        Sensor(
            marks=(kind, f"event.{mark}"),
            machine="",
            kind=kind,
            kinds=_CHARLIE,
            started={
                "Image": ("event.FILE_PATH",),
                "CommandLine": ("event.COMMAND_LINE",),
                "User": ("event.USER_NAME",),
                "ProcessId": ("event.PROCESS_ID",),
            },
            acting={
                "Image": ("event.PARENT.FILE_PATH", "event.PROCESS.FILE_PATH"),
                "CommandLine": ("event.PARENT.COMMAND_LINE", "event.PROCESS.COMMAND_LINE"),
                "ProcessId": ("event.PARENT_PROCESS_ID", "event.PARENT.PROCESS_ID"),
            },
            things={
                "TargetFilename": ("event.FILE_PATH",),
                "ImageLoaded": ("event.FILE_PATH",),
                "TargetObject": ("event.REGISTRY_KEY",),
                "Details": ("event.REGISTRY_VALUE",),
                "QueryName": ("event.DOMAIN_NAME",),
            },
        )
        for kind in ("routing.event_type",)
        for mark in ("FILE_PATH", "DOMAIN_NAME", "REGISTRY_KEY")
    ),
    Sensor(
        marks=("event_type", "event_sub_type", "actor_process_image_path"),
        machine="agent_os_type",
        kind="event_sub_type",
        kinds=_CORTEX,
        started={
            "Image": ("action_process_image_path",),
            "CommandLine": ("action_process_image_command_line",),
            "User": ("action_process_username",),
            "ProcessId": ("action_process_os_pid",),
        },
        acting={
            "Image": ("actor_process_image_path",),
            "CommandLine": ("actor_process_command_line", "actor_process_image_command_line"),
            "User": ("actor_effective_username", "actor_primary_username"),
            "ProcessId": ("actor_process_os_pid",),
        },
        things={
            "TargetFilename": ("action_file_path",),
            "SourceFilename": ("action_file_previous_file_path",),
            "ImageLoaded": ("action_module_path",),
            "TargetObject": ("action_registry_key_name",),
            "ValueName": ("action_registry_value_name",),
            "Details": ("action_registry_data",),
            "QueryName": ("dns_query_name",),
            "SourceIp": ("action_local_ip",),
            "SourcePort": ("action_local_port",),
            "DestinationIp": ("action_remote_ip",),
            "DestinationPort": ("action_remote_port",),
            "DestinationHostname": ("action_external_hostname",),
        },
    ),
    Sensor(
        marks=("type", "device_os", "process_path"),
        machine="device_os",
        kind="type",
        kinds=_CARBON,
        started={
            "Image": ("childproc_name",),
            "CommandLine": ("target_cmdline", "childproc_cmdline"),
            "User": ("childproc_username",),
            "ProcessId": ("childproc_pid",),
        },
        acting={
            "Image": ("process_path",),
            "CommandLine": ("process_cmdline",),
            "User": ("process_username",),
            "ProcessId": ("process_pid",),
        },
        things={
            "TargetFilename": ("filemod_name",),
            "ImageLoaded": ("modload_name",),
            "TargetObject": ("regmod_name",),
            "SourceIp": ("local_ip",),
            "SourcePort": ("local_port",),
            "DestinationIp": ("remote_ip",),
            "DestinationPort": ("remote_port",),
            "DestinationHostname": ("netconn_domain",),
        },
    ),
    *(
        Sensor(
            marks=(f"metadata.{event}", f"principal.process.file.{path}"),
            machine="principal.platform",
            kind=f"metadata.{event}",
            kinds=_UNIFIED,
            started={
                "Image": (f"target.process.file.{path}",),
                "CommandLine": (f"target.process.{command}",),
                "User": ("target.user.userid", "principal.user.userid"),
                "ProcessId": ("target.process.pid",),
            },
            acting={
                "Image": (f"principal.process.file.{path}",),
                "CommandLine": (f"principal.process.{command}",),
                "User": ("principal.user.userid",),
                "ProcessId": ("principal.process.pid",),
            },
            things={
                "TargetFilename": (f"target.file.{path}",),
                "ImageLoaded": (f"target.file.{path}",),
                "TargetObject": (f"target.registry.{key}",),
                "ValueName": (f"target.registry.{value}_name", f"target.registry.{value}Name"),
                "Details": (f"target.registry.{value}_data", f"target.registry.{value}Data"),
                "QueryName": ("network.dns.questions.name",),
                "SourceIp": ("principal.ip",),
                "SourcePort": ("principal.port",),
                "DestinationIp": ("target.ip",),
                "DestinationPort": ("target.port",),
                "DestinationHostname": ("target.hostname",),
            },
        )
        for event, path, command, key, value in (
            ("eventType", "fullPath", "commandLine", "registryKey", "registryValue"),
            ("event_type", "full_path", "command_line", "registry_key", "registry_value"),
        )
    ),
    Sensor(
        marks=("class_uid", "actor.process.file.path"),
        machine="device.os.type",
        kind="class_uid",
        kinds=_OPEN,
        started={
            "Image": ("process.file.path",),
            "CommandLine": ("process.cmd_line",),
            "User": ("process.user.name", "actor.user.name"),
            "ProcessId": ("process.pid",),
            "IntegrityLevel": ("process.integrity",),
        },
        acting={
            "Image": ("actor.process.file.path",),
            "CommandLine": ("actor.process.cmd_line",),
            "User": ("actor.user.name",),
            "ProcessId": ("actor.process.pid",),
        },
        things={
            "TargetFilename": ("file.path",),
            "ImageLoaded": ("module.file.path",),
            "QueryName": ("query.hostname",),
            "SourceIp": ("src_endpoint.ip",),
            "SourcePort": ("src_endpoint.port",),
            "DestinationIp": ("dst_endpoint.ip",),
            "DestinationPort": ("dst_endpoint.port",),
            "DestinationHostname": ("dst_endpoint.hostname",),
        },
    ),
    Sensor(
        marks=("EventSchema", "EventType", "ActingProcessName"),
        machine="DvcOs",
        kind="EventType",
        kinds=_NORMALIZED,
        started={
            "Image": ("TargetProcessName",),
            "CommandLine": ("TargetProcessCommandLine", "CommandLine"),
            "User": ("TargetUsername", "ActorUsername"),
            "ProcessId": ("TargetProcessId",),
            "IntegrityLevel": ("TargetProcessIntegrityLevel",),
            "OriginalFileName": ("TargetProcessFileOriginalName",),
            "Company": ("TargetProcessFileCompany",),
            "Product": ("TargetProcessFileProduct",),
            "Description": ("TargetProcessFileDescription",),
        },
        acting={
            "Image": ("ActingProcessName",),
            "CommandLine": ("ActingProcessCommandLine",),
            "User": ("ActorUsername",),
            "ProcessId": ("ActingProcessId",),
        },
        things={
            "TargetFilename": ("TargetFilePath",),
            "SourceFilename": ("SrcFilePath",),
            "TargetObject": ("RegistryKey",),
            "ValueName": ("RegistryValue",),
            "Details": ("RegistryValueData",),
            "SourceIp": ("SrcIpAddr",),
            "SourcePort": ("SrcPortNumber",),
            "DestinationIp": ("DstIpAddr",),
            "DestinationPort": ("DstPortNumber",),
            "DestinationHostname": ("DstHostname",),
        },
    ),
    *(
        Sensor(
            marks=(*marks, "path", "cmdline", "parent"),
            machine=machine,
            kind="",
            kinds={},
            started={
                "Image": ("path",),
                "CommandLine": ("cmdline",),
                "CurrentDirectory": ("cwd",),
                "ProcessId": ("pid",),
                "User": ("username",),
            },
            acting={"ProcessId": ("parent",)},
        )
        for marks, machine in (
            (("hostIdentifier", "syscall"), "=linux"),
            (("hostIdentifier", "event_type"), "=macos"),
            (("hostIdentifier", "time"), ""),
        )
    ),
    Sensor(
        marks=("process_exec.process.binary",),
        machine="=linux",
        kind="",
        kinds={},
        started={
            "Image": ("process_exec.process.binary",),
            "CommandLine": ("process_exec.process.arguments",),
            "CurrentDirectory": ("process_exec.process.cwd",),
            "ProcessId": ("process_exec.process.pid",),
        },
        acting={
            "Image": ("process_exec.parent.binary",),
            "CommandLine": ("process_exec.parent.arguments",),
            "ProcessId": ("process_exec.parent.pid",),
        },
    ),
    Sensor(
        marks=("output_fields.evt.type", "output_fields.proc.cmdline"),
        machine="=linux",
        kind="output_fields.evt.type",
        kinds={"execve": _START, "execveat": _START, "connect": "network_connection"},
        started={
            "Image": ("output_fields.proc.exepath", "output_fields.proc.name"),
            "CommandLine": ("output_fields.proc.cmdline",),
            "User": ("output_fields.user.name",),
            "ProcessId": ("output_fields.proc.pid",),
        },
        acting={
            "Image": ("output_fields.proc.pexepath", "output_fields.proc.pname"),
            "CommandLine": ("output_fields.proc.pcmdline",),
        },
        things={
            "DestinationIp": ("output_fields.fd.rip", "output_fields.fd.sip"),
            "DestinationPort": ("output_fields.fd.rport", "output_fields.fd.sport"),
        },
    ),
)
"""Sensors, the first of which with all its marks counts."""
