"""The names of an event's data by their order, for exports that give the values alone.

``Get-WinEvent`` gives the data of an event as a list of values, and some timelines do. What each is called
stands in the manifest of its provider: the table holds the names of the events that rules ask for, as the
manifests list them. Later versions of an event add data, mostly at the end, and no two of one event here have
equally many; so the number of values tells the version, and a number that is not here gives no names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "$subject": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
        "$target": "TargetUserSid TargetUserName TargetDomainName TargetLogonId",
        "$named": "TargetUserName TargetDomainName TargetSid",
        "$account": (
            "PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath ScriptPath "
            "ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo "
            "OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours"
        ),
        "$process": "UtcTime ProcessGuid ProcessId",
        "$file": "FileVersion Description Product Company",
        "$logon": (
            "LogonType LogonProcessName AuthenticationPackageName WorkstationName LogonGuid "
            "TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort"
        ),
        "$filter": "FilterRTID LayerName LayerRTID",
        "$cert": "CertIssuerName CertSerialNumber CertThumbprint",
        "$rule": (
            "RuleId RuleName Origin ApplicationPath ServiceName Direction Protocol LocalPorts RemotePorts "
            "Action Profiles LocalAddresses RemoteAddresses RemoteMachineAuthorizationList "
            "RemoteUserAuthorizationList EmbeddedContext Flags Active EdgeTraversal LooseSourceMapped "
            "SecurityOptions ModifyingUser ModifyingApplication SchemaVersion RuleStatus"
        ),
    }
)

# Below a provider a line for each event: its numbers, then its names. What a later version has more stands
# behind a bar; names with spaces have an underscore here.
_TABLE: Final = """
Microsoft-Windows-Sysmon
1: RuleName $process Image $file OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId
   TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine
   | ParentUser
1: RuleName $process Image $file CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId
   IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine
2: RuleName $process Image TargetFilename CreationUtcTime PreviousCreationUtcTime | User
3: RuleName $process Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort
   SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName
4: UtcTime State Version SchemaVersion
5: RuleName $process Image | User
6: RuleName UtcTime ImageLoaded Hashes Signed Signature SignatureStatus
7: RuleName $process Image ImageLoaded $file OriginalFileName Hashes Signed Signature SignatureStatus | User
7: RuleName $process Image ImageLoaded $file Hashes Signed Signature SignatureStatus
8: RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId
   TargetImage NewThreadId StartAddress StartModule StartFunction | SourceUser TargetUser
9: RuleName $process Image Device | User
10: RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID
   TargetProcessId TargetImage GrantedAccess CallTrace | SourceUser TargetUser
11: RuleName $process Image TargetFilename CreationUtcTime | User
12: RuleName EventType $process Image TargetObject | User
13: RuleName EventType $process Image TargetObject Details | User
14: RuleName EventType $process Image TargetObject NewName | User
15: RuleName $process Image TargetFilename CreationUtcTime Hash | Contents | User
16: UtcTime Configuration ConfigurationFileHash
17 18: RuleName EventType $process PipeName Image | User
17 18: RuleName $process PipeName Image
19: RuleName EventType UtcTime Operation User EventNamespace Name Query
20: RuleName EventType UtcTime Operation User Name Type Destination
21: RuleName EventType UtcTime Operation User Consumer Filter
22: RuleName $process QueryName QueryStatus QueryResults Image | User
23: RuleName $process User Image TargetFilename Hashes IsExecutable Archived
24: RuleName $process Image Session ClientInfo Hashes Archived | User
25: RuleName $process Image Type | User
26: RuleName $process User Image TargetFilename Hashes IsExecutable
27: RuleName $process User Image TargetFilename Hashes
28: RuleName $process User Image TargetFilename Hashes IsExecutable
29: RuleName $process User Image TargetFilename Hashes
255: UtcTime ID Description
Microsoft-Windows-Security-Auditing
4611: $subject LogonProcessName
4616: $subject PreviousTime NewTime ProcessId ProcessName
4624: $subject $target $logon
   | ImpersonationLevel
   | RestrictedAdminMode TargetOutboundUserName TargetOutboundDomainName VirtualAccount TargetLinkedLogonId
   ElevatedToken
4624: $subject $target $logon ImpersonationLevel RestrictedAdminMode RemoteCredentialGuard
   TargetOutboundUserName TargetOutboundDomainName VirtualAccount TargetLinkedLogonId ElevatedToken
4625: $subject TargetUserSid TargetUserName TargetDomainName Status FailureReason SubStatus LogonType
   LogonProcessName AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength
   ProcessId ProcessName IpAddress IpPort
4627: $subject $target LogonType EventIdx EventCountTotal GroupMembership
4634: $target LogonType
4647: $target
4648: $subject LogonGuid TargetUserName TargetDomainName TargetLogonGuid TargetServerName TargetInfo
   ProcessId ProcessName IpAddress IpPort
4649: $subject TargetUserName TargetDomainName RequestType LogonProcessName AuthenticationPackage
   WorkstationName TransmittedServices ProcessId ProcessName
4656: $subject ObjectServer ObjectType ObjectName HandleId TransactionId AccessList AccessReason AccessMask
   PrivilegeList RestrictedSidCount ProcessId ProcessName | ResourceAttributes
4657: $subject ObjectName ObjectValueName HandleId OperationType OldValueType OldValue NewValueType NewValue
   ProcessId ProcessName
4658: $subject ObjectServer HandleId ProcessId ProcessName
4660: $subject ObjectServer HandleId ProcessId ProcessName TransactionId
4661: $subject ObjectServer ObjectType ObjectName HandleId TransactionId AccessList AccessMask PrivilegeList
   Properties RestrictedSidCount ProcessId ProcessName
4662: $subject ObjectServer ObjectType ObjectName OperationType HandleId AccessList AccessMask Properties
   AdditionalInfo AdditionalInfo2
4663: $subject ObjectServer ObjectType ObjectName HandleId AccessList AccessMask ProcessId ProcessName
   | ResourceAttributes
4670: $subject ObjectServer ObjectType ObjectName HandleId OldSd NewSd ProcessId ProcessName
4672: $subject PrivilegeList
4673: $subject ObjectServer Service PrivilegeList ProcessId ProcessName
4674: $subject ObjectServer ObjectType ObjectName HandleId AccessMask PrivilegeList ProcessId ProcessName
4688: $subject NewProcessId NewProcessName TokenElevationType ProcessId | CommandLine
   | TargetUserSid TargetUserName TargetDomainName TargetLogonId ParentProcessName MandatoryLabel
4689: $subject Status ProcessId ProcessName
4692: $subject MasterKeyId RecoveryServer RecoveryKeyId FailureReason
4696: $subject $target TargetProcessId TargetProcessName ProcessId ProcessName
4697: $subject ServiceName ServiceFileName ServiceType ServiceStartType ServiceAccount
   | ClientProcessStartKey ClientProcessId ParentProcessId
4698: $subject TaskName TaskContent
   | ClientProcessStartKey ClientProcessId ParentProcessId RpcCallClientLocality FQDN
4699 4700 4701: $subject TaskName TaskContent
   | ClientProcessStartKey ClientProcessId ParentProcessId RpcCallClientLocality FQDN
4702: $subject TaskName TaskContentNew
   | ClientProcessStartKey ClientProcessId ParentProcessId RpcCallClientLocality FQDN
4703: $subject $target ProcessName ProcessId EnabledPrivilegeList DisabledPrivilegeList
4704 4705: $subject TargetSid PrivilegeList
4706: DomainName DomainSid $subject TdoType TdoDirection TdoAttributes SidFilteringEnabled
4719: $subject CategoryId SubcategoryId SubcategoryGuid AuditPolicyChanges
4720: $named $subject $account
4722 4723 4724 4725: $named $subject
4726: $named $subject PrivilegeList
4728 4729 4732 4733 4746 4747 4751 4752 4756 4757 4761 4762: MemberName MemberSid $named $subject
   PrivilegeList
4727 4731 4735 4737 4754 4755: $named $subject PrivilegeList SamAccountName SidHistory
4730 4734 4758: $named $subject PrivilegeList
4738: Dummy $named $subject $account
4740: TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName
   SubjectLogonId
4741: $named $subject $account DnsHostName ServicePrincipalNames
4742: ComputerAccountChange $named $subject $account DnsHostName ServicePrincipalNames
4743: $named $subject PrivilegeList
4764: GroupTypeChange $named $subject PrivilegeList
4765: SourceUserName SourceSid $named $subject PrivilegeList SidList
4767: $named $subject
4768: $named ServiceName ServiceSid TicketOptions Status TicketEncryptionType PreAuthType IpAddress IpPort
   $cert
   | ResponseTicket AccountSupportedEncryptionTypes AccountAvailableKeys ServiceSupportedEncryptionTypes
   ServiceAvailableKeys DCSupportedEncryptionTypes DCAvailableKeys ClientAdvertizedEncryptionTypes
   SessionKeyEncryptionType PreAuthEncryptionType
4769: TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions TicketEncryptionType IpAddress
   IpPort Status LogonGuid TransmittedServices
   | RequestTicketHash ResponseTicketHash AccountSupportedEncryptionTypes AccountAvailableKeys
   ServiceSupportedEncryptionTypes ServiceAvailableKeys DCSupportedEncryptionTypes DCAvailableKeys
   ClientAdvertizedEncryptionTypes SessionKeyEncryptionType
4770: TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions TicketEncryptionType IpAddress
   IpPort
4771: TargetUserName TargetSid ServiceName TicketOptions Status PreAuthType IpAddress IpPort $cert
4776: PackageName TargetUserName Workstation Status
4778 4779: AccountName AccountDomain LogonID SessionName ClientName ClientAddress
4781: OldTargetUserName NewTargetUserName TargetDomainName TargetSid $subject PrivilegeList
4782: TargetUserName TargetDomainName $subject
4794: $subject Workstation Status
4798: $named $subject CallerProcessId CallerProcessName
4799: $named $subject CallerProcessId CallerProcessName
4800 4801: $target SessionId
4904 4905: $subject AuditSourceName EventSourceId ProcessId ProcessName
4985: $subject TransactionId NewState ResourceManager ProcessId ProcessName
5136: OpCorrelationID AppCorrelationID $subject DSName DSType ObjectDN ObjectGUID ObjectClass
   AttributeLDAPDisplayName AttributeSyntaxOID AttributeValue OperationType
5137: OpCorrelationID AppCorrelationID $subject DSName DSType ObjectDN ObjectGUID ObjectClass
5140: $subject ObjectType IpAddress IpPort ShareName ShareLocalPath | AccessMask AccessList
5141: OpCorrelationID AppCorrelationID $subject DSName DSType ObjectDN ObjectGUID ObjectClass TreeDelete
5142: $subject ShareName ShareLocalPath
5145: $subject ObjectType IpAddress IpPort ShareName ShareLocalPath RelativeTargetName AccessMask AccessList
   AccessReason
5152: ProcessId Application Direction SourceAddress SourcePort DestAddress DestPort Protocol $filter
5154: ProcessId Application SourceAddress SourcePort Protocol $filter
5156: ProcessID Application Direction SourceAddress SourcePort DestAddress DestPort Protocol $filter
   RemoteUserID RemoteMachineID
5157: ProcessId Application Direction SourceAddress SourcePort DestAddress DestPort Protocol $filter
   RemoteUserID RemoteMachineID
5158: ProcessId Application SourceAddress SourcePort Protocol $filter
5379: $subject TargetName Type CountOfCredentialsReturned ReadOperation ReturnCode ProcessCreationTime
   ClientProcessId
6416: $subject DeviceId DeviceDescription ClassId ClassName VendorIds CompatibleIds LocationInformation
6423: $subject DeviceId DeviceDescription ClassId ClassName HardwareIds CompatibleIds LocationInformation
Microsoft-Windows-Eventlog
104: SubjectUserName SubjectDomainName Channel BackupPath
1102: $subject | ClientProcessId ClientProcessStartKey
Microsoft-Windows-PowerShell
4103: ContextInfo UserData Payload
4104: MessageNumber MessageTotal ScriptBlockText ScriptBlockId | Path
Service Control Manager
7034: param1 param2
7036: param1 param2
7040: param1 param2 param3 param4
7045: ServiceName ImagePath ServiceType StartType AccountName
Microsoft-Windows-TaskScheduler
106: TaskName UserContext
140 141: TaskName UserName
129: TaskName Path ProcessID Priority
200: TaskName ActionName TaskInstanceId | EnginePID
201: TaskName TaskInstanceId ActionName ResultCode | EnginePID
Microsoft-Windows-Bits-Client
3: jobTitle jobId jobOwner processPath processId
4: User jobTitle jobId jobOwner fileCount bytesTransferred bytesTransferredFromPeer
59: transferId name Id url peer fileTime fileLength bytesTotal bytesTransferred bytesTransferredFromPeer
60 61: transferId name Id url peer hr fileTime fileLength bytesTotal bytesTransferred proxy
   peerProtocolFlags bytesTransferredFromPeer AdditionalInfoHr PeerContextInfo bandwidthLimit
   ignoreBandwidthLimitsOnLan
16403: User jobTitle jobId jobOwner fileCount RemoteName LocalName processId | ClientProcessStartKey
Microsoft-Windows-DNS-Client
3008: QueryName QueryType QueryOptions QueryStatus QueryResults
Microsoft-Windows-WMI-Activity
5857: ProviderName Code HostProcess ProcessID ProviderPath
5858: Id ClientMachine User ClientProcessId Component Operation ResultCode PossibleCause
5860: NamespaceName Query User processid ClientMachine PossibleCause
5861: Namespace ESS CONSUMER PossibleCause
Microsoft-Windows-TerminalServices-LocalSessionManager
21 22 25: User SessionID Address
23: User SessionID
24: User SessionID Address
Microsoft-Windows-TerminalServices-RemoteConnectionManager
1149: Param1 Param2 Param3
Microsoft-Windows-NTLM
8001: TargetName UserName DomainName CallerPID ProcessName ClientLUID ClientUserName ClientDomainName
   MechanismOID
8002: CallerPID ProcessName ClientLUID ClientUserName ClientDomainName MechanismOID
8004: SChannelName UserName DomainName WorkstationName SChannelType
Microsoft-Windows-CodeIntegrity
3023: FileNameLength FileNameBuffer
Microsoft-Windows-Windows Firewall With Advanced Security
2004 2005: $rule
2006: RuleId RuleName ModifyingUser ModifyingApplication
2033: ModifyingUser ModifyingApplication Profiles
Microsoft-Windows-DriverFrameworks-UserMode
2003: LifetimeId InstanceId
Microsoft-Windows-Windows Defender
1006 1007 1008 1116 1117 1118 1119: Product_Name Product_Version Detection_ID Detection_Time Unused Unused2
   Threat_ID Threat_Name Severity_ID Severity_Name Category_ID Category_Name FWLink Status_Code
   Status_Description State Source_ID Source_Name Process_Name Detection_User Unused3 Path Origin_ID
   Origin_Name Execution_ID Execution_Name Type_ID Type_Name Pre_Execution_Status Action_ID Action_Name
   Unused4 Error_Code Error_Description Unused5 Post_Clean_Status Additional_Actions_ID
   Additional_Actions_String Remediation_User Unused6 Signature_Version Engine_Version
5001 5010 5012: Product_Name Product_Version
5007: Product_Name Product_Version Old_Value New_Value
5013: Product_Name Product_Version Changed_Type Value
"""

HEXADECIMAL_IN_AUDIT: Final = frozenset(("CallerProcessId", "HandleId", "ProcessId", "TransactionId"))
"""Data that events of the audit, save those of the network, write in hexadecimal and others do not."""

NETWORK_OF_AUDIT: Final = frozenset(("5152", "5154", "5156", "5157", "5158"))


@lru_cache(maxsize=1)
def _table() -> Mapping[tuple[str, str, int], tuple[str, ...]]:
    """The names by provider (folded), event and number of values. Every line above is checked by tests: no
    two of an event have equally many names."""
    found: dict[tuple[str, str, int], tuple[str, ...]] = {}
    provider = ""
    for line in _TABLE.replace("\n   ", " ").splitlines():
        events, mark, names = line.partition(": ")
        if not mark:
            provider = line.lower()
            continue
        known: list[str] = []
        for part in names.split("|"):
            for name in part.split():
                known += [each.replace("_", " ") for each in _SHORT.get(name, name).split()]
            for event in events.split():
                found.setdefault((provider, event, len(known)), tuple(known))
    return MappingProxyType(found)


def names_by_order(provider: str, event: str, count: int) -> tuple[str, ...] | None:
    """What the ``count`` values of an event's data are called, in their order; None where that is not known.
    ``provider`` is folded."""
    return _table().get((provider, event, count))


def names_of_provider(provider: str) -> frozenset[str]:
    """What data of any event of a provider is called; ``provider`` is folded."""
    return frozenset(name for (by, _, _), names in _table().items() if by == provider for name in names)


_OF_ROWS: Final = frozenset(
    (
        *("accountname", "action", "active", "address", "application", "category", "channel", "code"),
        *("component", "computer", "configuration", "data", "description", "destination", "device"),
        *("direction", "domain", "eventtype", "filter", "flags", "hash", "id", "keywords", "level", "name"),
        *("namespace", "operation", "origin", "path", "peer", "priority", "processid", "product"),
        *("properties", "protocol", "provider", "providername", "proxy", "query", "service", "session"),
        *("severity", "source", "state", "status", "threadid", "type", "url", "user", "userdata", "userid"),
        *("username", "value", "version"),
    )
)
"""Names of data that collectors use for things of their own as well, folded."""


@lru_cache(maxsize=1)
def data_names() -> frozenset[str]:
    """What data of events is called, folded, where nothing else of a row is called so."""
    named = {name.lower() for names in _table().values() for name in names}
    return frozenset(named - _OF_ROWS)
