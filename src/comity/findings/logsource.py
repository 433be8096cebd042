"""Which rules are asked of which rows, and under which names they find their fields.

**Windows events** are rows of ``evtx-jsonl/1`` and rows that carry both ``Channel`` and ``EventID``,
unless their item is declared to be of another product. A rule for Windows names a *service*, which
is a set of channels, or a *category*, which is a set of (channel, event ids); both are in the tables
below, and a rule whose service or category is in neither is unusable rather than never asked. Rules
for other products are not asked of Windows events.

**Every other row** is routed by what was declared of its item: a rule is asked when product, category
and service agree wherever both declare one. What an item does not declare is a wildcard, save that
Windows rules need an item declared as Windows.

Names are compared by ASCII folding. Two logs tell the same kind of event under other field names:
security event 4688 against Sysmon 1, and W3C header names against those of Sigma. The rule's name is
then replaced by the log's; ``c-uri`` and ``cs-uri`` are stem and query joined.

A row without any field could not be read: of its fields nothing is known, not even that one is
missing. It is asked only the rules that look at no field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from comity.findings.reasons import RuleError
from comity.findings.rows import ItemInfo, Value, fold
from comity.findings.yaml_source import Yaml
from comity.records.canonical import Json

Renames: TypeAlias = Mapping[str, str]

SYSMON = "microsoft-windows-sysmon/operational"
SECURITY = "security"
POWERSHELL = ("microsoft-windows-powershell/operational", "powershellcore/operational")
POWERSHELL_CLASSIC = "windows powershell"
DEFENDER = "microsoft-windows-windows defender/operational"
APPLOCKER = "microsoft-windows-applocker/"
MITIGATIONS = "microsoft-windows-security-mitigations/"

SERVICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "application": ("application",),
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
        "dns-client": ("microsoft-windows-dns client events/operational",),
        "dns-server": ("dns server",),
        "dns-server-analytic": ("microsoft-windows-dns-server/analytical",),
        "dns-server-audit": ("microsoft-windows-dns-server/audit",),
        "driver-framework": ("microsoft-windows-driverframeworks-usermode/operational",),
        "firewall-as": ("microsoft-windows-windows firewall with advanced security/firewall",),
        "hyper-v-worker": ("microsoft-windows-hyper-v-worker",),
        "iis-configuration": ("microsoft-iis-configuration/operational",),
        "kernel-event-tracing": ("microsoft-windows-kernel-eventtracing",),
        "kernel-shimengine": ("microsoft-windows-kernel-shimengine/operational",),
        "ldap": ("microsoft-windows-ldap-client/debug",),
        "lsa-server": ("microsoft-windows-lsa/operational",),
        "microsoft-servicebus-client": (
            "microsoft-servicebus-client",
            "microsoft-servicebus-client/admin",
            "microsoft-servicebus-client/operational",
        ),
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


CATEGORIES: Mapping[str, tuple[tuple[str, frozenset[str]], ...]] = MappingProxyType(
    {
        "process_creation": (*_sysmon(1), *_events((SECURITY,), 4688)),
        "file_change": _sysmon(2),
        "network_connection": _sysmon(3),
        "sysmon_status": _sysmon(4, 16),
        "process_termination": _sysmon(5),
        "driver_load": _sysmon(6),
        "image_load": _sysmon(7),
        "create_remote_thread": _sysmon(8),
        "raw_access_thread": _sysmon(9),
        "process_access": _sysmon(10),
        "file_event": _sysmon(11),
        "registry_add": _sysmon(12),
        "registry_delete": _sysmon(12),
        "registry_set": _sysmon(13),
        "registry_rename": _sysmon(14),
        "registry_event": _sysmon(12, 13, 14),
        "create_stream_hash": _sysmon(15),
        "pipe_created": _sysmon(17, 18),
        "wmi_event": _sysmon(19, 20, 21),
        "dns_query": _sysmon(22),
        "file_delete": _sysmon(23, 26),
        "clipboard_capture": _sysmon(24),
        "process_tampering": _sysmon(25),
        "file_delete_detected": _sysmon(26),
        "file_block_executable": _sysmon(27),
        "file_block_shredding": _sysmon(28),
        "file_executable_detected": _sysmon(29),
        "sysmon_error": _sysmon(255),
        "ps_module": _events(POWERSHELL, 4103),
        "ps_script": _events(POWERSHELL, 4104),
        "ps_classic_start": _events((POWERSHELL_CLASSIC,), 400),
        "ps_classic_provider_start": _events((POWERSHELL_CLASSIC,), 600),
        "ps_classic_script": _events((POWERSHELL_CLASSIC,), 800),
    }
)
"""Windows categories and the (channel, event ids) that tell of them."""

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

W3C_URIS = ("c-uri", "cs-uri")

_NO_RENAMES: Renames = MappingProxyType({})
_CHANNELS = {channel for channels in SERVICES.values() for channel in channels}
_EVENTS = {event for places in CATEGORIES.values() for _, events in places for event in events}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logsource:
    """What a rule declares of its rows, folded; ``None`` where it does not."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    def to_json(self) -> Json:
        """The keys that are declared."""
        given = {"product": self.product, "category": self.category, "service": self.service}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of rows: all rows of one kind are asked the same rules.

    Channels and event ids that no table names are one kind each (empty), so hostile rows cannot
    make more kinds than the tables have entries.
    """

    windows: bool
    readable: bool
    channel: str
    event: str
    format: str
    product: str | None
    category: str | None
    service: str | None


def read_logsource(section: Mapping[str, Yaml]) -> Logsource:
    """The logsource of a rule; ``RuleError`` for a Windows service or category that has no table."""
    values: dict[str, str | None] = {}
    for key in ("product", "category", "service"):
        value = section.get(key)
        if value is not None and not isinstance(value, str):
            raise RuleError(f"the logsource's {key} is not text")
        values[key] = fold(value) if value else None
    found = Logsource(**values)
    if found.product == "windows":
        if found.service and found.service not in SERVICES:
            raise RuleError(f"comity-find/1 knows no channel of the service {found.service!r}")
        if found.category and found.category not in CATEGORIES:
            raise RuleError(f"comity-find/1 knows no event of the category {found.category!r}")
    return found


def source_of(item: ItemInfo, fields: Mapping[str, Value]) -> Source:
    """The kind of a row of ``item``."""
    declared = {key: fold(value) for key, value in item.logsource.items()}
    product = declared.get("product")
    channel, event = fields.get("Channel"), fields.get("EventID")
    windows = product in (None, "windows") and (
        item.format == "evtx-jsonl/1" or (isinstance(channel, str) and event is not None)
    )
    folded = fold(channel) if windows and isinstance(channel, str) else ""
    number = str(event) if windows and isinstance(event, str | int) else ""
    return Source(
        windows=windows,
        readable=bool(fields),
        channel=folded if folded in _CHANNELS else "",
        event=number if number in _EVENTS else "",
        format=item.format,
        product=product,
        category=declared.get("category"),
        service=declared.get("service"),
    )


def names_for(rule: Logsource, source: Source) -> Renames | None:
    """The renames under which ``rule`` is asked of rows of ``source``; ``None`` if it is not."""
    if source.windows:
        return _names_on_windows(rule, source)
    if rule.product == "windows" and source.product != "windows":
        return None
    pairs = (
        (rule.product, source.product),
        (rule.category, source.category),
        (rule.service, source.service),
    )
    if any(a is not None and b is not None and a != b for a, b in pairs):
        return None
    return W3C_NAMES if source.format == "w3c/1" else _NO_RENAMES


def _names_on_windows(rule: Logsource, source: Source) -> Renames | None:
    if rule.product not in (None, "windows"):
        return None
    if rule.service is not None and source.channel not in SERVICES.get(rule.service, ()):
        return None
    if rule.category is None:
        return _NO_RENAMES
    for channel, events in CATEGORIES.get(rule.category, ()):
        if channel == source.channel and source.event in events:
            return PROCESS_4688 if channel == SECURITY else _NO_RENAMES
    return None


def add_derived(source: Source, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """``fields`` with those that a format's rules expect and its rows spread over several."""
    if source.format != "w3c/1":
        return fields
    stem, query = fields.get("cs-uri-stem"), fields.get("cs-uri-query")
    if not isinstance(stem, str):
        return fields
    uri = f"{stem}?{query}" if isinstance(query, str) and query not in ("", "-") else stem
    return {**dict.fromkeys(W3C_URIS, uri), **fields}
