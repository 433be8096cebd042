"""Tables of how other tools write events: which of their names are which of Sigma's.

Names are those of winlogbeat and the Elastic Common Schema, of Wazuh, and of exporters that write events as
flat rows. :mod:`comity.findings.exports` says how the tables are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

WINLOG: Mapping[str, str] = MappingProxyType(
    {
        "winlog.channel": "Channel",
        "winlog.event_id": "EventID",
        "winlog.provider_name": "Provider_Name",
        "winlog.provider_guid": "Provider_Guid",
        "winlog.computer_name": "Computer",
        "winlog.record_id": "EventRecordID",
        "winlog.version": "Version",
        "winlog.process.pid": "Execution_ProcessID",
        "winlog.process.thread.id": "Execution_ThreadID",
        "winlog.user.identifier": "Security_UserID",
        "winlog.activity_id": "Correlation_ActivityID",
        # Before its version 7.
        "log_name": "Channel",
        "event_id": "EventID",
        "source_name": "Provider_Name",
        "provider_guid": "Provider_Guid",
        "computer_name": "Computer",
        "record_number": "EventRecordID",
        "process_id": "Execution_ProcessID",
        "thread_id": "Execution_ThreadID",
    }
)
"""What winlogbeat calls the parts of an event's ``System``."""

WAZUH: Mapping[str, str] = MappingProxyType(
    {
        "channel": "Channel",
        "eventid": "EventID",
        "providername": "Provider_Name",
        "providerguid": "Provider_Guid",
        "computer": "Computer",
        "eventrecordid": "EventRecordID",
        "processid": "Execution_ProcessID",
        "threadid": "Execution_ThreadID",
        "systemtime": "TimeCreated",
        "version": "Version",
        "level": "Level",
        "task": "Task",
        "opcode": "Opcode",
        "keywords": "Keywords",
    }
)
"""What Wazuh calls them below ``win.system``, folded."""

ECS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "EventID": ("event.code",),
        "Provider_Name": ("event.provider",),
        "Computer": ("host.name", "agent.hostname"),
        "Image": ("process.executable",),
        "CommandLine": ("process.command_line",),
        "CurrentDirectory": ("process.working_directory",),
        "OriginalFileName": ("process.pe.original_file_name", "file.pe.original_file_name"),
        "Description": ("process.pe.description", "file.pe.description"),
        "Product": ("process.pe.product", "file.pe.product"),
        "Company": ("process.pe.company", "file.pe.company"),
        "FileVersion": ("process.pe.file_version", "file.pe.file_version"),
        "ProcessId": ("process.pid",),
        "ProcessGuid": ("process.entity_id",),
        "ParentImage": ("process.parent.executable",),
        "ParentCommandLine": ("process.parent.command_line",),
        "ParentProcessId": ("process.parent.pid",),
        "ParentProcessGuid": ("process.parent.entity_id",),
        "SourceImage": ("process.executable",),
        "TargetFilename": ("file.path",),
        "ImageLoaded": ("dll.path", "file.path"),
        "TargetObject": ("registry.path",),
        "Details": ("registry.data.strings",),
        "PipeName": ("file.name",),
        "QueryName": ("dns.question.name",),
        "SourceIp": ("source.ip",),
        "SourcePort": ("source.port",),
        "SourceHostname": ("source.domain",),
        "DestinationIp": ("destination.ip",),
        "DestinationPort": ("destination.port",),
        "DestinationHostname": ("destination.domain",),
        "Protocol": ("network.transport",),
        "IpAddress": ("source.ip",),
        "IpPort": ("source.port",),
        "WorkstationName": ("source.domain",),
        "NewProcessName": ("process.executable",),
        "ParentProcessName": ("process.parent.executable",),
        "ServiceName": ("service.name",),
        "ScriptBlockText": ("powershell.file.script_block_text",),
    }
)
"""Sigma's names, and where the Elastic Common Schema keeps their values when ``event_data`` does not."""

CHANNEL_NAMES = ("channel", "logname", "log_name", "eventlog", "event_log", "winlog_channel", "log")
EVENT_NAMES = (
    *("eventid", "event_id", "eventcode", "event_code", "event.code", "eventidentifier", "event_identifier"),
    # As the viewer of events calls it in its tables.
    *("event id", "ereignis-id", "id de l’événement", "id de l'événement", "id. del evento", "id. de evento"),
    *("id de evento", "id do evento", "identificação do evento", "id evento", "gebeurtenis-id"),
    *("hendelses-id", "händelse-id", "hændelses-id", "identyfikator zdarzenia", "id události"),
    *("Код события", "イベント id", "事件 id", "事件識別碼", "이벤트 id"),
    "id",
)
PROVIDER_NAMES = (
    *("provider_name", "providername", "sourcename", "source_name", "provider", "event.provider"),
    *("source", "quelle", "origen", "origem", "fonte", "origine", "bron", "kilde", "källa", "Źródło"),
    *("zdroj", "Источник", "ソース", "来源", "來源", "원본"),
)
COMPUTER_NAMES = ("computer", "computername", "hostname", "machinename", "computer_name", "host.name", "host")
RECORD_NAMES = ("eventrecordid", "recordnumber", "recordid", "record_number", "event_record_id")
TIME_NAMES = ("timecreated", "systemtime", "timegenerated", "eventtime", "@timestamp", "_time", "timestamp")
"""What flat rows call the parts of ``System``, folded; the first that is there counts."""

PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "application error": "Application",
        "application hang": "Application",
        "application popup": "System",
        "esent": "Application",
        "eventlog": "System",
        "lsasrv": "System",
        "linux-sysmon": "Linux-Sysmon/Operational",
        "microsoft-windows-bits-client": "Microsoft-Windows-Bits-Client/Operational",
        "microsoft-windows-codeintegrity": "Microsoft-Windows-CodeIntegrity/Operational",
        "microsoft-windows-applocker": "Microsoft-Windows-AppLocker/EXE and DLL",
        "microsoft-windows-audit-cve": "Application",
        "microsoft-windows-backup": "Application",
        "microsoft-windows-certificationauthority": "Application",
        "microsoft-windows-dhcp-server": "System",
        "microsoft-windows-directoryservices-sam": "System",
        "microsoft-windows-distributedcom": "System",
        "microsoft-windows-dns-server-service": "DNS Server",
        "microsoft-windows-iphlpsvc": "System",
        "microsoft-windows-kerberos-key-distribution-center": "System",
        "microsoft-windows-kernel-general": "System",
        "microsoft-windows-restartmanager": "Application",
        "microsoft-windows-security-kerberos": "System",
        "microsoft-windows-softwarerestrictionpolicies": "Application",
        "microsoft-windows-wer-systemerrorreporting": "System",
        "microsoft-windows-windowsupdateclient": "System",
        "microsoft-windows-dns-client": "Microsoft-Windows-DNS Client Events/Operational",
        "microsoft-windows-ntlm": "Microsoft-Windows-NTLM/Operational",
        "microsoft-windows-powershell": "Microsoft-Windows-PowerShell/Operational",
        "microsoft-windows-security-auditing": "Security",
        "microsoft-windows-sysmon": "Microsoft-Windows-Sysmon/Operational",
        "microsoft-windows-taskscheduler": "Microsoft-Windows-TaskScheduler/Operational",
        "microsoft-windows-windows defender": "Microsoft-Windows-Windows Defender/Operational",
        "microsoft-windows-windows firewall with advanced security": (
            "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"
        ),
        "microsoft-windows-wmi-activity": "Microsoft-Windows-WMI-Activity/Operational",
        "msiinstaller": "Application",
        "mssqlserver": "Application",
        "mssql": "Application",
        "netlogon": "System",
        "ntfs": "System",
        "openssh": "OpenSSH/Operational",
        "powershell": "Windows PowerShell",
        "schannel": "System",
        "service control manager": "System",
        "vss": "Application",
        "windows error reporting": "Application",
    }
)
"""Providers that write into one channel, folded: where a flat row names only the provider."""

SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "microsoft windows security auditing.": "Microsoft-Windows-Security-Auditing",
        "microsoft-windows-service control manager": "Service Control Manager",
    }
)
"""What providers are called where events are shown to people, folded, and what they are called in events."""

HEXADECIMAL: frozenset[str] = frozenset(
    (
        *("AccessMask", "FailureCode", "GrantedAccess", "Keywords", "LogonId", "NewProcessId", "Status"),
        *("SubStatus", "SubjectLogonId", "TargetLogonId", "TicketEncryptionType", "TicketOptions"),
    )
)
"""Data that Windows writes in hexadecimal, and that some readers give as a number."""

_HASHED = ("process.hash.", "file.hash.", "dll.hash.", "hash.", "process.executable.hash.")
HASHES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "SHA1": ("SHA1", "Sha1", *(f"{place}sha1" for place in _HASHED)),
        "MD5": ("MD5", "Md5", *(f"{place}md5" for place in _HASHED)),
        "SHA256": ("SHA256", "Sha256", *(f"{place}sha256" for place in _HASHED)),
        "IMPHASH": (
            *("IMPHASH", "Imphash", "ImpHash", "process.pe.imphash", "file.pe.imphash", "dll.pe.imphash"),
            *(f"{place}imphash" for place in _HASHED),
        ),
    }
)
"""The parts of Sysmon's ``Hashes``, and where exporters keep each in a field of its own; the first that is
there counts."""

ZEEK_MARKS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "conn": (("conn_state", "missed_bytes"), ("conn_state", "history"), ("conn_state", "proto")),
        "dns": (
            ("qtype_name", "trans_id"),
            ("query", "rcode_name"),
            ("trans_id", "rejected"),
            ("qtype_name", "rejected"),
        ),
        "http": (("trans_depth", "status_code"), ("trans_depth", "method"), ("trans_depth", "user_agent")),
        "ssl": (("established", "resumed"),),
        "x509": (("certificate.serial",), ("certificate.subject",)),
        "kerberos": (("request_type", "till"), ("request_type", "service", "client")),
        "dce_rpc": (("endpoint", "operation"),),
        "rdp": (("cert_permanent",), ("security_protocol", "cookie"), ("cookie", "result")),
        "ntlm": (("server_nb_computer_name",), ("domainname", "username", "hostname")),
        "smb_files": (("action", "path", "name"), ("action", "name", "times.modified")),
        "smb_mapping": (("share_type", "path"),),
        "smtp": (("mailfrom",), ("helo", "trans_depth")),
        "ssh": (("auth_attempts",), ("hasshVersion",), ("cipher_alg", "kex_alg")),
        "files": (("fuid", "seen_bytes"), ("fuid", "analyzers")),
        "dhcp": (("msg_types",), ("assigned_addr", "mac")),
        "notice": (("note", "actions"), ("note", "suppress_for")),
        "ftp": (("data_channel.passive",), ("command", "reply_code")),
        "software": (("software_type", "unparsed_version"),),
        "tunnel": (("tunnel_type", "action"),),
        "socks": (("bound.host",),),
        "snmp": (("get_requests",),),
        "radius": (("mac", "result", "connect_info"),),
    }
)
"""Zeek logs, and the fields of which a row of that log has one set."""

SAME: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Computer": ("ComputerName", "Hostname", "MachineName"),
        "ComputerName": ("Computer", "Hostname", "MachineName"),
        "Provider_Name": ("SourceName", "ProviderName", "EventSourceName"),
        "SourceName": ("Provider_Name",),
        # The audit's labels, as a search names the fields that it takes from messages.
        "CommandLine": ("Process_Command_Line",),
        "ParentProcessName": ("Creator_Process_Name",),
        # Requests for names and pages, as sensors of a network and the Elastic Common Schema write them.
        "query": ("dns.rrname", "dns.queries.rrname", "dns.question.name", "queryName"),
        "record_type": ("dns.rrtype", "dns.queries.rrtype", "dns.question.type", "query_type", "queryType"),
        "answer": ("dns.answers.rdata", "dns.answers.data", "answers.Rdata"),
        "c-uri": ("http.url", "url.original", "url.full"),
        "cs-uri": ("http.url", "url.original", "url.full"),
        "cs-uri-query": ("url.query",),
        "c-uri-query": ("url.query",),
        "c-uri-extension": ("url.extension",),
        "cs-host": ("http.hostname", "url.domain"),
        "c-useragent": ("http.http_user_agent", "user_agent.original"),
        "cs-user-agent": ("http.http_user_agent", "user_agent.original"),
        "cs-method": ("http.http_method", "http.request.method"),
        "cs-referer": ("http.http_refer", "http.request.referrer"),
        "sc-status": ("http.status", "http.response.status_code"),
        "src_ip": ("source.ip",),
        "src_port": ("source.port",),
        "dst_ip": ("dest_ip", "destination.ip"),
        "dst_port": ("dest_port", "destination.port"),
        "action": ("event.action",),
        # Trails of clouds, as their interfaces give them.
        "properties.message": (
            *("properties.activityDisplayName", "activityDisplayName", "ActivityDisplayName"),
            *("OperationName", "operationName", "operation_name"),
        ),
        "OperationName": ("properties.activityDisplayName", "activityDisplayName"),
        "ActivityDisplayName": ("OperationName", "operationName"),
        "ResultType": ("properties.status.errorCode", "status.errorCode", "properties.status.error_code"),
        "ResultDescription": ("properties.status.failureReason", "status.failureReason"),
        "operationName": (
            *("operationName.value", "OperationNameValue", "properties.activityDisplayName"),
            "activityDisplayName",
        ),
        "OperationNameValue": ("operationName.value", "operationName"),
        "gcp.audit.method_name": ("protoPayload.methodName", "data.protoPayload.methodName"),
        "data.protoPayload.logName": ("logName", "protoPayload.logName"),
        "data.protoPayload.methodName": ("protoPayload.methodName",),
        "data.protoPayload.serviceName": ("protoPayload.serviceName",),
        "data.protoPayload.resource.type": ("resource.type", "protoPayload.resource.type"),
        "data.protoPayload.authorizationInfo.permission": ("protoPayload.authorizationInfo.permission",),
        "data.protoPayload.authorizationInfo.granted": ("protoPayload.authorizationInfo.granted",),
        "eventService": ("protoPayload.serviceName",),
        "eventName": ("protoPayload.metadata.event.eventName",),
        "hostPath": ("requestObject.spec.volumes.hostPath.path",),
        "capabilities": ("requestObject.spec.containers.securityContext.capabilities.add",),
        "apiGroup": ("objectRef.apiGroup",),
    }
)
"""Names that rules ask for, and those that logs use for the same thing; the first that is there counts."""

UNIX_CATEGORIES = ("process_creation", "file_event", "file_delete", "network_connection", "dns_query")
"""What sensors on machines without Windows tell of."""

Told: TypeAlias = tuple[str | None, str | None, str | None, tuple[tuple[str, ...], ...]]
TOLD: tuple[Told, ...] = (
    (
        *("aws", "cloudtrail", ""),
        (
            ("eventSource", "eventName", "awsRegion"),
            ("eventSource", "eventName", "eventVersion"),
            ("eventsource", "eventname", "awsregion"),
        ),
    ),
    (
        *("azure", None, ""),
        (
            ("operationName", "category", "tenantId"),
            ("operationName", "category", "resourceId"),
            ("operationName.value", "category.value", "resourceId"),
            ("OperationName", "Category", "AADTenantId"),
            ("CategoryValue", "OperationNameValue"),
            ("userPrincipalName", "appDisplayName", "conditionalAccessStatus"),
            ("activityDisplayName", "loggedByService"),
            ("riskEventType", "riskLevel"),
            ("RiskEventType", "RiskLevel"),
            ("UserPrincipalName", "AppDisplayName", "ResultType"),
            ("Activity", "ActorType", "CorrelationId"),
            ("Sign-in error code", "Username", "Application"),
            ("operation_name", "azure.tenant_id"),
            ("operation_name", "azure.resource.id"),
        ),
    ),
    (
        *("bitbucket", "audit", ""),
        (("auditType.category", "auditType.action"),),
    ),
    (
        *("gcp", None, ""),
        (
            ("protoPayload.@type",),
            ("protoPayload.serviceName",),
            ("protoPayload.methodName",),
            ("gcp.audit.method_name",),
            ("eventService", "eventName"),
        ),
    ),
    (
        *("cisco", "duo", ""),
        (
            ("action", "isotimestamp", "username"),
            ("isotimestamp", "txid"),
            ("access_device.ip", "factor"),
        ),
    ),
    (
        *("github", "audit", ""),
        (
            ("action", "actor", "created_at", "repo"),
            ("action", "actor", "operation_type"),
            ("action", "actor", "_document_id"),
            ("action", "actor", "actor_location.country_code"),
            ("action", "actor", "created_at", "org"),
            ("action", "event.dataset", "github.category"),
        ),
    ),
    (
        *("kubernetes", "audit", "application"),
        (("auditID", "verb", "stage"), ("auditID", "verb", "requestURI")),
    ),
    (
        *("m365", None, ""),
        (
            ("Workload", "Operation", "UserKey"),
            ("Workload", "Operation", "RecordType"),
            ("Operation", "RecordType", "OrganizationId"),
        ),
    ),
    (
        *("okta", "okta", ""),
        (
            ("eventType", "actor.alternateId"),
            ("eventType", "legacyEventType"),
            ("eventType", "displayMessage"),
            ("event_type", "display_message"),
        ),
    ),
    (
        *("onelogin", "onelogin.events", ""),
        (("event_type_id", "actor_user_id"), ("event_type_id", "account_id"), ("event_type_id", "user_id")),
    ),
    (
        *("opencanary", None, "application"),
        (("logtype", "node_id"), ("logtype", "src_host", "dst_host")),
    ),
    (
        *("suricata", None, None),
        (("event_type", "flow_id"), ("event_type", "src_ip", "dest_ip")),
    ),
    (
        *("fortigate", None, None),
        (("devname", "logid"), ("devname", "devid", "eventtype"), ("logid", "type", "subtype", "vd")),
    ),
)
"""Products whose rows say by their fields that they are theirs: product, service and category (empty for
none, None for any, a bar between several that it may be), and the sets of fields of which such a row has one.
A row with the fields of several is of each. Letters are compared by ASCII folding: warehouses fold names."""

TOLD_BY_FORM: tuple[tuple[Told, ...], ...] = (
    (
        *(("@device", None, kind, ((f"@device {kind}",),)) for kind in ("proxy", "firewall")),
        ("@device", None, "", (("@device",),)),
    ),
    (
        ("linux", "auditd", "process_creation", (("@audit", "@linux process_creation"),)),
        ("linux", "auditd", "", (("@audit",),)),
        ("linux", None, "", (("@syslog",),)),
    ),
    (("squid", "squid", "proxy", (("@proxy",),)),),
    (("@dns", None, "dns", (("@dns",),)),),
    (("@inside", None, "", (("@inside",),)),),
)
"""The same of rows that were read as a form of line or of device, of each of which the first counts. Names
that begin with ``@`` are those of readings (:mod:`comity.findings.export_lines`), of no row that came with
them."""
TOLD_BY_SYSTEM: tuple[Told, ...] = tuple(
    (product, None, category, ((f"@{mark} {name}",),))
    for product, mark in (("linux", "linux"), ("macos", "macos"), ("linux|macos", "unix"))
    for name, category in (*((name, name) for name in UNIX_CATEGORIES), ("other", ""))
)
"""The same of rows of sensors on machines, by their system."""
TOLD_BY_REQUEST: Told = (
    *("apache|iis|nginx", "apache|iis|nginx", "webserver|proxy"),
    (("@web",), ("cs-method", "cs-uri-stem"), ("cs-method", "sc-status"), ("cs-method", "c-uri")),
)
"""The same of rows of requests, but Squid's."""
TOLD_BY_CARRIER: Told = (
    *("linux", None, ""),
    (("_BOOT_ID", "MESSAGE"), ("SYSLOG_IDENTIFIER", "_HOSTNAME")),
)
"""The same of the journal, which carries what others say: it counts where no such form tells."""
EVERY_TOLD: tuple[Told, ...] = (
    *TOLD,
    *(told for table in TOLD_BY_FORM for told in table),
    *TOLD_BY_SYSTEM,
    TOLD_BY_REQUEST,
    TOLD_BY_CARRIER,
)
READ = frozenset(
    name for *_, marks in EVERY_TOLD for names in marks for name in names if name.startswith("@")
)
"""The names of readings."""
