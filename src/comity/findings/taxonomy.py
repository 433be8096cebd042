"""The tables of routing: which logs tell of what, and under which names (Sigma taxonomy, version 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

Renames: TypeAlias = Mapping[str, str]

SYSMON = "microsoft-windows-sysmon/operational"
SECURITY = "security"
POWERSHELL = ("microsoft-windows-powershell/operational", "powershellcore/operational")
POWERSHELL_CLASSIC = "windows powershell"
DEFENDER = "microsoft-windows-windows defender/operational"
APPLOCKER = "microsoft-windows-applocker/"
MITIGATIONS = "microsoft-windows-security-mitigations/"
KERNEL_FILE = "microsoft-windows-kernel-file/analytic"
SERVICE_BUS = (
    "microsoft-servicebus-client",
    "microsoft-servicebus-client/admin",
    "microsoft-servicebus-client/operational",
)
DNS_CLIENT = ("microsoft-windows-dns client events/operational", "microsoft-windows-dns-client/operational")
"""The provider's name for people, which rules are led to, and the channel's own."""
LINUX_SYSMON = "linux-sysmon/operational"
RPC_FIREWALL = "rpcfw"
SENSOR = "@sensor"
"""The channel of what sensors of others tell (:mod:`comity.findings.export_sensors`); the event is called as
its category."""

SERVICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "application": ("application",),
        "application-experience": (
            "microsoft-windows-application-experience/program-compatibility-assistant",
            "microsoft-windows-application-experience/program-telemetry",
        ),
        "applocker": (
            APPLOCKER + "exe and dll",
            APPLOCKER + "msi and script",
            APPLOCKER + "packaged app-deployment",
            APPLOCKER + "packaged app-execution",
        ),
        "appmodel-runtime": ("microsoft-windows-appmodel-runtime/admin",),
        "appxdeployment-server": ("microsoft-windows-appxdeploymentserver/operational",),
        "appxpackaging-om": ("microsoft-windows-appxpackaging/operational",),
        "bits-client": ("microsoft-windows-bits-client/operational",),
        "bitlocker": ("microsoft-windows-bitlocker/bitlocker management",),
        "capi2": ("microsoft-windows-capi2/operational",),
        "certificateservicesclient-lifecycle-system": (
            "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
        ),
        "codeintegrity-operational": ("microsoft-windows-codeintegrity/operational",),
        "dhcp": ("microsoft-windows-dhcp-server/operational",),
        "diagnosis-scripted": ("microsoft-windows-diagnosis-scripted/operational",),
        "dns-client": DNS_CLIENT,
        "dns-server": ("dns server",),
        "dns-server-analytic": (
            "microsoft-windows-dns-server/analytical",
            "microsoft-windows-dnsserver/analytical",
        ),
        "dns-server-audit": ("microsoft-windows-dns-server/audit", "microsoft-windows-dnsserver/audit"),
        "driver-framework": ("microsoft-windows-driverframeworks-usermode/operational",),
        "firewall-as": ("microsoft-windows-windows firewall with advanced security/firewall",),
        "hyper-v-worker": ("microsoft-windows-hyper-v-worker", "microsoft-windows-hyper-v-worker-admin"),
        "iis-configuration": ("microsoft-iis-configuration/operational",),
        "kernel-event-tracing": (
            "microsoft-windows-kernel-eventtracing",
            "microsoft-windows-kernel-eventtracing/admin",
            "microsoft-windows-kernel-eventtracing/analytic",
        ),
        "kernel-shimengine": (
            "microsoft-windows-kernel-shimengine/diagnostic",
            "microsoft-windows-kernel-shimengine/operational",
        ),
        "ldap": ("microsoft-windows-ldap-client/debug",),
        "lsa-server": ("microsoft-windows-lsa/operational",),
        "microsoft-servicebus-client": SERVICE_BUS,
        "msexchange-management": ("msexchange management",),
        "ntfs": ("microsoft-windows-ntfs/operational",),
        "ntlm": ("microsoft-windows-ntlm/operational",),
        "openssh": ("openssh/operational",),
        "powershell": POWERSHELL,
        "powershell-classic": (POWERSHELL_CLASSIC,),
        "printservice-admin": ("microsoft-windows-printservice/admin",),
        "printservice-operational": ("microsoft-windows-printservice/operational",),
        "sense": ("microsoft-windows-sense/operational",),
        "security": (SECURITY,),
        "security-mitigations": (MITIGATIONS + "kernel mode", MITIGATIONS + "user mode"),
        "servicebus-client": SERVICE_BUS,
        "shell-core": ("microsoft-windows-shell-core/operational",),
        "smbclient-connectivity": ("microsoft-windows-smbclient/connectivity",),
        "smbclient-security": ("microsoft-windows-smbclient/security",),
        "smbserver-connectivity": ("microsoft-windows-smbserver/connectivity",),
        "sysmon": (SYSMON,),
        "system": ("system",),
        "taskscheduler": ("microsoft-windows-taskscheduler/operational",),
        "terminalservices-localsessionmanager": (
            "microsoft-windows-terminalservices-localsessionmanager/operational",
        ),
        "vhdmp": ("microsoft-windows-vhdmp/operational",),
        "windefend": (DEFENDER,),
        "wmi": ("microsoft-windows-wmi-activity/operational",),
    }
)
"""Windows services and their channels (folded)."""


def _sysmon(*events: int) -> tuple[tuple[str, frozenset[str]], ...]:
    return ((SYSMON, frozenset(map(str, events))),)


def _events(channels: tuple[str, ...], *events: int) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((channel, frozenset(map(str, events))) for channel in channels)


_OF_SENSORS = (
    *("process_creation", "process_termination", "process_access", "network_connection", "dns_query"),
    *("image_load", "driver_load", "create_remote_thread", "pipe_created", "file_event", "file_delete"),
    *("file_rename", "registry_add", "registry_delete", "registry_set", "antivirus", "ps_script"),
)


def _with_sensors(
    categories: Mapping[str, tuple[tuple[str, frozenset[str]], ...]],
) -> Mapping[str, tuple[tuple[str, frozenset[str]], ...]]:
    kinds: dict[str, tuple[str, ...]] = {name: (name,) for name in _OF_SENSORS}
    kinds["registry_event"] = ("registry_add", "registry_delete", "registry_set")
    return MappingProxyType(
        {
            name: (*places, (SENSOR, frozenset(kinds[name]))) if name in kinds else places
            for name, places in categories.items()
        }
    )


CATEGORIES: Mapping[str, tuple[tuple[str, frozenset[str]], ...]] = _with_sensors(
    {
        "process_creation": (*_sysmon(1), *_events((SECURITY,), 4688)),
        "file_change": _sysmon(2),
        "network_connection": (*_sysmon(3), *_events((SECURITY,), 5156)),
        "sysmon_status": _sysmon(4, 16),
        "process_termination": (*_sysmon(5), *_events((SECURITY,), 4689)),
        "driver_load": _sysmon(6),
        "image_load": _sysmon(7),
        "create_remote_thread": _sysmon(8),
        "raw_access_thread": _sysmon(9),
        "process_access": _sysmon(10),
        "file_access": _events((KERNEL_FILE,), 12, 15, 16),
        "file_event": _sysmon(11),
        "registry_add": _sysmon(12),
        "registry_delete": (*_sysmon(12), *_events((SECURITY,), 4657)),
        "registry_set": (*_sysmon(13), *_events((SECURITY,), 4657)),
        "registry_rename": _sysmon(14),
        "registry_event": (*_sysmon(12, 13, 14), *_events((SECURITY,), 4657)),
        "create_stream_hash": _sysmon(15),
        "pipe_created": _sysmon(17, 18),
        "wmi_event": _sysmon(19, 20, 21),
        "dns_query": (*_sysmon(22), *_events(DNS_CLIENT, 3008)),
        "file_delete": _sysmon(23, 26),
        "file_rename": _events((KERNEL_FILE,), 19, 27, 29),
        "clipboard_capture": _sysmon(24),
        "process_tampering": _sysmon(25),
        "file_delete_detected": _sysmon(26),
        "file_block_executable": _sysmon(27),
        "file_block_shredding": _sysmon(28),
        "file_executable_detected": _sysmon(29),
        "sysmon_error": _sysmon(255),
        "antivirus": _events(
            (DEFENDER,),
            1006,
            1007,
            1008,
            1009,
            1010,
            1011,
            1012,
            1015,
            1017,
            1018,
            1019,
            1115,
            1116,
            1117,
            1118,
            1119,
        ),
        "ps_module": _events(POWERSHELL, 4103),
        "ps_script": _events(POWERSHELL, 4104),
        "ps_classic_start": _events((POWERSHELL_CLASSIC,), 400),
        "ps_classic_provider_start": _events((POWERSHELL_CLASSIC,), 600),
        "ps_classic_script": _events((POWERSHELL_CLASSIC,), 800),
    }
)
"""Windows categories and the (channel, event ids) that tell of them, of Sysmon and of Windows itself. File
access and renames are told by the kernel's file provider: create, read and write; rename, rename by path, and
its later form."""

LINUX_CATEGORIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "process_creation": frozenset(("1",)),
        "network_connection": frozenset(("3",)),
        "process_termination": frozenset(("5",)),
        "raw_access_thread": frozenset(("9",)),
        "process_access": frozenset(("10",)),
        "file_event": frozenset(("11",)),
        "file_delete": frozenset(("23",)),
    }
)
"""Categories of Linux and the event ids of Sysmon for Linux that tell of them."""

PROCESS_4688: Renames = MappingProxyType(
    {
        "Image": "NewProcessName",
        "ParentImage": "ParentProcessName",
        "ProcessId": "NewProcessId",
        "ParentProcessId": "ProcessId",
        "User": "SubjectUserName",
        "LogonId": "SubjectLogonId",
        "IntegrityLevel": "MandatoryLabel",
    }
)
"""Sysmon's names of a started process, and those of security event 4688."""

KEY_SET = "TargetObject (set)"
KEY_DELETED = "TargetObject (deleted)"
"""What event 4657 is of, where it tells of a value written, and of one deleted."""

_REGISTRY_4657 = {"Image": "ProcessName", "ProcessId": "ProcessId", "User": "SubjectUserName"}

EVENT_NAMES: Mapping[tuple[str, str], Renames] = MappingProxyType(
    {
        ("process_creation", SECURITY): PROCESS_4688,
        ("process_termination", SECURITY): MappingProxyType(
            {"Image": "ProcessName", "User": "SubjectUserName", "LogonId": "SubjectLogonId"}
        ),
        ("network_connection", SECURITY): MappingProxyType(
            {
                "Image": "Application",
                "SourceIp": "SourceAddress",
                "DestinationIp": "DestAddress",
                "DestinationPort": "DestPort",
                "Protocol": "Protocol (name)",
            }
        ),
        ("registry_event", SECURITY): MappingProxyType(_REGISTRY_4657),
        ("registry_set", SECURITY): MappingProxyType({**_REGISTRY_4657, "TargetObject": KEY_SET}),
        ("registry_delete", SECURITY): MappingProxyType({**_REGISTRY_4657, "TargetObject": KEY_DELETED}),
        ("antivirus", DEFENDER): MappingProxyType(
            {"Signature": "Threat Name", "Filename": "Path", "Username": "Detection User"}
        ),
    }
)
"""Categories whose names (those of Sysmon, or of no product) a channel has under others of its own."""

PRODUCTS: Mapping[str, tuple[str, Renames]] = MappingProxyType(
    {"rpc_firewall": (RPC_FIREWALL, MappingProxyType({"EventLog": "Channel"}))}
)
"""Products of others that write into a channel of Windows, and the names of their rules there."""

W3C_NAMES: Renames = MappingProxyType(
    {
        "c-useragent": "cs(User-Agent)",
        "cs-user-agent": "cs(User-Agent)",
        "cs-referer": "cs(Referer)",
        "cs-referrer": "cs(Referer)",
        "cs-cookie": "cs(Cookie)",
        "cs-host": "cs(Host)",
        "c-uri-stem": "cs-uri-stem",
        "c-uri-query": "cs-uri-query",
    }
)
"""Sigma's names for web logs, and the header names of the W3C format."""

ZEEK_LOGS: frozenset[str] = frozenset(
    (
        "conn", "dce_rpc", "dhcp", "dnp3", "dns", "files", "ftp", "http", "irc", "kerberos", "known_hosts",
        "ldap", "ldap_search", "modbus", "mqtt_connect", "mysql", "notice", "ntlm", "ntp", "pe", "quic",
        "radius", "rdp", "rfb", "sip", "smb_files", "smb_mapping", "smtp", "snmp", "socks", "software",
        "ssh", "ssl", "syslog", "tunnel", "weird", "x509",
    )
)  # fmt: skip
"""The Zeek logs that rules can be asked of by name."""

ZEEK_CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "conn": ("firewall", "network_connection"),
        "dns": ("dns",),
        "http": ("proxy", "webserver"),
    }
)
"""Zeek logs, and the generic categories that each is a log of."""

ZEEK_NAMES: Mapping[str, Renames] = MappingProxyType(
    {
        "dns": MappingProxyType({"record_type": "qtype_name", "answer": "answers"}),
        "conn": MappingProxyType(
            {
                "src_ip": "id.orig_h",
                "src_port": "id.orig_p",
                "dst_ip": "id.resp_h",
                "dst_port": "id.resp_p",
                "SourceIp": "id.orig_h",
                "SourcePort": "id.orig_p",
                "DestinationIp": "id.resp_h",
                "DestinationPort": "id.resp_p",
            }
        ),
        "http": MappingProxyType(
            {
                "c-uri": "uri",
                "cs-uri": "uri",
                "c-useragent": "user_agent",
                "cs-user-agent": "user_agent",
                "cs-host": "host",
                "cs-method": "method",
                "cs-referer": "referrer",
                "cs-referrer": "referrer",
                "sc-status": "status_code",
                "cs-version": "version",
                "src_ip": "id.orig_h",
                "dst_ip": "id.resp_h",
                "dst_port": "id.resp_p",
            }
        ),
    }
)
"""Sigma's names for generic categories, and those of the Zeek log that tells of them."""

ZEEK_ENDPOINTS = ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p")
"""Zeek's names of a connection's two ends; some exporters write an underscore for the dot."""
