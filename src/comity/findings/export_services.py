"""What services tell, in the forms of collectors and interfaces, under the names that rules ask for.

Elastic's modules keep the fields of a service below a name of their own (``okta.``, ``azure.auditlogs.``)
and put some where the Elastic Common Schema has them. Azure keeps below ``properties`` what its tables have
beside the rest. Microsoft's unified audit log calls a service a workload. Google's reports keep what was set
in a list of names and values. The Open Cybersecurity Schema Framework has a call of an interface as ``api``.
A row gets the other names beside its own, which are never replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from comity.findings.export_flat import Names, Reading, Row
from comity.findings.export_texts import Made, put_all
from comity.findings.rows import Value, fold

_TRAIL: Mapping[str, str] = MappingProxyType(
    {
        "eventName": "event.action",
        "eventSource": "event.provider",
        "awsRegion": "cloud.region",
        "errorCode": "aws.cloudtrail.error_code",
        "errorMessage": "aws.cloudtrail.error_message",
        "eventType": "aws.cloudtrail.event_type",
        "eventVersion": "aws.cloudtrail.event_version",
        "recipientAccountId": "aws.cloudtrail.recipient_account_id",
        "sourceIPAddress": "source.address",
        "userAgent": "user_agent.original",
        "userIdentity.userName": "user.name",
        "userIdentity.principalId": "user.id",
        "userIdentity.arn": "aws.cloudtrail.user_identity.arn",
        "userIdentity.type": "aws.cloudtrail.user_identity.type",
        "userIdentity.sessionContext.attributes.mfaAuthenticated": (
            "aws.cloudtrail.user_identity.session_context.mfa_authenticated"
        ),
    }
)
_OPEN_SCHEMA: Mapping[str, str] = MappingProxyType(
    {
        "eventName": "api.operation",
        "eventSource": "api.service.name",
        "awsRegion": "cloud.region",
        "errorCode": "api.response.error",
        "errorMessage": "api.response.message",
        "sourceIPAddress": "src_endpoint.ip",
        "userAgent": "http_request.user_agent",
        "userIdentity.type": "actor.user.type",
        "userIdentity.userName": "actor.user.name",
        "userIdentity.arn": "actor.user.uid",
        "recipientAccountId": "cloud.account.uid",
    }
)
_OLD_SCHEMA: Mapping[str, str] = MappingProxyType(
    {
        "userIdentity.type": "identity.user.type",
        "userIdentity.userName": "identity.user.name",
        "userIdentity.arn": "identity.user.uuid",
        "userIdentity.principalId": "identity.user.uid",
        "recipientAccountId": "identity.user.account_uid",
    }
)
"""The same before its first version, as Amazon's lake began with it."""
_WORKSPACE: Mapping[str, str] = MappingProxyType(
    {"eventName": "event.action", "eventService": "event.provider"}
)
_MODULES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("aws.cloudtrail.flattened.", _TRAIL),
    ("aws.cloudtrail.", _TRAIL),
    ("azure.activitylogs.", {}),
    ("azure.auditlogs.", {}),
    ("azure.identity_protection.", {}),
    ("azure.signinlogs.", {}),
    ("azure.platformlogs.", {}),
    ("atlassian_bitbucket.audit.", {}),
    ("bitbucket.audit.", {}),
    ("cisco_duo.admin.", {"isotimestamp": "@timestamp", "username": "user.name"}),
    ("cisco_duo.auth.", {"isotimestamp": "@timestamp"}),
    ("fortinet.firewall.", {}),
    (
        "gcp.audit.",
        {
            "gcp.audit.method_name": "event.action",
            "protoPayload.methodName": "event.action",
            "protoPayload.serviceName": "service.name",
        },
    ),
    ("github.", {"action": "event.action", "actor": "user.name"}),
    ("google_workspace.admin.", _WORKSPACE),
    ("google_workspace.", _WORKSPACE),
    ("kubernetes.audit.", {}),
    ("o365.audit.", {"Operation": "event.action", "Workload": "event.provider"}),
    ("okta.", {"eventType": "okta.event_type", "displayMessage": "okta.display_message"}),
    ("suricata.eve.", {}),
)
"""Where modules keep a service's fields, and fields that they put elsewhere."""

_TABLES: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    # Google's audit logs in its warehouse and in Microsoft's tables.
    (
        ("LogName", "MethodName", "ServiceName"),
        {
            "logName": "LogName",
            "protoPayload.methodName": "MethodName",
            "protoPayload.serviceName": "ServiceName",
            "gcp.audit.method_name": "MethodName",
            "protoPayload.resourceName": "GCPResourceName",
        },
    ),
    # What the pages of Microsoft's directory offer for download.
    (
        ("Activity", "ActorType", "CorrelationId"),
        {
            "activityDisplayName": "Activity",
            "loggedByService": "Service",
            "LoggedByService": "Service",
            "properties.message": "Activity",
            "operationName": "Activity",
            "OperationName": "Activity",
            "properties.result": "Result",
            "Status": "Result",
        },
    ),
    (
        ("Sign-in error code", "Username", "Application"),
        {
            "UserPrincipalName": "Username",
            "AppDisplayName": "Application",
            "ResultType": "Sign-in error code",
            "ResultDescription": "Failure reason",
            "ClientAppUsed": "Client app",
            "ConditionalAccessStatus": "Conditional Access",
            "IPAddress": "IP address",
            "ResourceDisplayName": "Resource",
        },
    ),
    (("OfficeWorkload", "Operation", "RecordType"), {"Workload": "OfficeWorkload"}),
)
"""Tables whose rows have these columns, and what rules call some of them."""
_MARKS_OF_OKTA: Final = ("EventOriginalType", "OriginalActorAlternateId")
_OF_OKTA: Mapping[str, str] = MappingProxyType(
    {
        "eventType": "EventOriginalType",
        "legacyEventType": "LegacyEventType",
        "displayMessage": "EventMessage",
        "uuid": "EventOriginalUid",
        "severity": "OriginalSeverity",
        "actor.id": "OriginalUserId",
        "actor.type": "OriginalUserType",
        "actor.alternateId": "OriginalActorAlternateId",
        "actor.displayName": "ActorDisplayName",
        "actor.detailEntry": "ActorDetailEntry",
        "outcome.result": "OriginalOutcomeResult",
        "outcome.reason": "EventOriginalResultDetails",
        "client.ipAddress": "SrcIpAddr",
        "client.device": "OriginalClientDevice",
        "client.id": "SrcDvcId",
        "client.zone": "SrcZone",
        "client.userAgent.browser": "ActingAppName",
        "client.userAgent.os": "SrcDvcOs",
        "client.userAgent.rawUserAgent": "HttpUserAgent",
        "client.geographicalContext.city": "SrcGeoCity",
        "client.geographicalContext.country": "SrcGeoCountry",
        "client.geographicalContext.state": "SrcGeoRegion",
        "client.geographicalContext.postalCode": "SrcGeoPostalCode",
        "authenticationContext.authenticationProvider": "AuthenticationContextAuthenticationProvider",
        "authenticationContext.authenticationStep": "AuthenticationContextAuthenticationStep",
        "authenticationContext.credentialProvider": "AuthenticationContextCredentialProvider",
        "authenticationContext.credentialType": "LogonMethod",
        "authenticationContext.externalSessionId": "ActorSessionId",
        "authenticationContext.interface": "AuthenticationContextInterface",
        "securityContext.asNumber": "SecurityContextAsNumber",
        "securityContext.asOrg": "SecurityContextAsOrg",
        "securityContext.domain": "SecurityContextDomain",
        "securityContext.isp": "SrcIsp",
        "securityContext.isProxy": "SecurityContextIsProxy",
        "transaction.id": "TransactionId",
        "transaction.type": "TransactionType",
        "transaction.detail": "TransactionDetail",
        "debugContext.debugData": "DebugData",
        "request": "Request",
        "target": "OriginalTarget",
    }
)
"""What Okta's events are called in Microsoft's tables of them, and below the same names what stands below
these."""
_WAREHOUSE: Final = "protopayload_auditlog."

_PARAMETERS: Final = (
    ("events.parameters.name", "events.parameters.value"),
    ("protoPayload.metadata.event.parameter.name", "protoPayload.metadata.event.parameter.value"),
    ("event.parameters.name", "event.parameters.value"),
)
_REPORTED: Final = ("events.name", "event.name", "name")
"""Where an activity of Google's reports has its name: in the list that the interface gives, where a collector
made a row of each, and where a lake keeps it, with its parameters by name."""
_UNIFIED: Final = ("Workload", "Operation", "Name", "ResultStatus")
_DONE: Final = frozenset(("success", "succeeded", "true", "partiallysucceeded"))


def find_service_readings(names: Names) -> tuple[Reading, ...]:
    """How rows of services with these fields are read; none where nothing need be done."""
    return tuple(_find_readings(names))


def _find_readings(names: Names) -> Iterator[Reading]:
    here = set(names)
    folded = {fold(name): name for name in reversed(names)}
    unified = {"Workload", "Operation"} <= here and not here.isdisjoint(("RecordType", "UserKey"))
    if unified:
        yield _read_unified
    elif {"workload", "operation", "recordtype"} <= folded.keys():
        # A warehouse folds names.
        told = tuple((name, folded[fold(name)]) for name in _UNIFIED if fold(name) in folded)
        yield partial(_read_as_unified, tuple((name, own) for name, own in told if name not in here))
    for marks, columns in _TABLES:
        if here.issuperset(marks) and not (unified and "Workload" in columns):
            told = tuple((name, own) for name, own in columns.items() if own in here and name not in here)
            yield partial(_read_as_unified, told) if "Workload" in columns else partial(_read_as, told, None)
    if here.issuperset(_MARKS_OF_OKTA):
        wanted = {own: name for name, own in _OF_OKTA.items()}
        parts = ((name, *name.partition(".")) for name in names)
        okta = ((f"{wanted[head]}{dot}{rest}", own) for own, head, dot, rest in parts if head in wanted)
        yield partial(_read_as, tuple((name, own) for name, own in okta if name not in here), None)
    if {"OperationNameValue", "OperationName"} <= here and "operationName" not in here:
        yield _read_activity
    if any(name.startswith(_WAREHOUSE) for name in names):
        below = _pairs_below(names, _WAREHOUSE)
        yield partial(_read_as, tuple((f"protoPayload.{name}", own) for name, own in below), None)
    if {"operationname", "category"} <= folded.keys() and any(n.startswith("properties.") for n in names):
        yield partial(_read_azure, tuple(name for name in names if name.startswith("properties.")))
    if {"api.operation", "api.service.name"} <= here:
        schemas = (*_OLD_SCHEMA.items(), *_OPEN_SCHEMA.items())
        yield partial(_read_as, tuple({name: own for name, own in schemas if own in here}.items()), None)
    report = (
        next((name for name in _REPORTED if name in here), None) if "id.applicationName" in here else None
    )
    if report is not None:
        below = _pairs_below(names, "parameters.") if report == "name" else ()
        yield partial(_read_report, report, tuple(pair for pair in below if pair[0] not in here))
    elif _PARAMETERS[1][0] in here:
        yield partial(_add_parameters, {})
    zeek = next((name for name in names if name.startswith("zeek.") and name.count(".") > 1), None)
    if zeek is not None and not here.isdisjoint(("event.dataset", "zeek.session_id")):
        log = zeek.split(".")[1]
        yield partial(_read_zeek, log, _pairs_below(names, f"zeek.{log}."))
    module = _find_module(names, here)
    if module is not None:
        yield module


def _find_module(names: Names, here: set[str]) -> Reading | None:
    pairs: dict[str, str] = {}
    for prefix, more in _MODULES:
        if any(name.startswith(prefix) for name in names):
            pairs |= {wanted: own for wanted, own in more.items() if own in here and wanted not in pairs}
            for wanted, own in _pairs_below(names, prefix):
                head, _, rest = wanted.partition(".")
                called = _AS_WRITTEN.get(head)
                pairs.setdefault(f"{called}.{rest}" if called and rest else wanted, own)
    pairs = {wanted: own for wanted, own in pairs.items() if wanted not in here}
    finish = _name_service if "eventService" in pairs else None
    if {"Workload", "Operation"} <= here | pairs.keys() and pairs:
        return partial(_read_as_unified, tuple(pairs.items()))
    return partial(_read_as, tuple(pairs.items()), finish) if pairs else None


_AS_WRITTEN: Mapping[str, str] = MappingProxyType(
    {"request_parameters": "requestParameters", "response_elements": "responseElements"}
)


def _pairs_below(names: Names, prefix: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.removeprefix(prefix), name) for name in names if name.startswith(prefix))


def _read_as(
    pairs: tuple[tuple[str, str], ...], finish: Callable[[dict[str, Value]], None] | None, row: Row
) -> Row:
    added: dict[str, Value] = {wanted: row[own] for wanted, own in pairs}
    if finish is not None:
        finish(added)
    return Made({**added, **row})


def _read_as_unified(pairs: tuple[tuple[str, str], ...], row: Row) -> Row:
    return _read_unified(_read_as(pairs, None, row))


def _read_activity(row: Row) -> Row:
    """A table that has an operation's name for people beside the one that rules ask for."""
    made = Made({**row, "operationName": [row["OperationNameValue"], row["OperationName"]]})
    made.own = row
    return made


def _name_service(added: dict[str, Value]) -> None:
    name = added["eventService"]
    if isinstance(name, str) and "." not in name:
        added["eventService"] = f"{name}.googleapis.com"
    # As the same activities are called among Google's other audit logs.
    added.setdefault("protoPayload.serviceName", added["eventService"])
    if "eventName" in added:
        added.setdefault("protoPayload.metadata.event.eventName", added["eventName"])


def _read_zeek(log: str, pairs: tuple[tuple[str, str], ...], row: Row) -> Row:
    added: dict[str, Value] = {wanted: row[own] for wanted, own in pairs}
    for wanted, own in _ENDS:
        if own in row:
            added[wanted] = row[own]
    return Made({**added, "_path": log, "ts": row.get("@timestamp"), **row})


_ENDS: Final = (
    ("id.orig_h", "source.ip"),
    ("id.orig_p", "source.port"),
    ("id.resp_h", "destination.ip"),
    ("id.resp_p", "destination.port"),
    ("proto", "network.transport"),
)


def _read_unified(row: Row) -> Row:
    """The unified audit log: a service of which something was done, and whether it was."""
    names: list[Value] = [row["Operation"]]
    if "Name" in row:
        names.append(row["Name"])
    added: dict[str, Value] = {
        "eventSource": row["Workload"],
        "eventName": names if len(names) > 1 else names[0],
    }
    status = row.get("ResultStatus")
    if isinstance(status, str):
        added["status"] = "success" if fold(status) in _DONE else status
    made = Made({**added, **row})
    made.own = row
    return made


def _read_azure(inner: Names, row: Row) -> Row:
    """What Azure's tables have beside the rest; of a name that stands in both places, both values count."""
    fields: dict[str, Value] = Made(row)
    told = ((name.removeprefix("properties."), row[name]) for name in inner)
    put_all(fields, [(name, value) for name, value in told if name and value != fields.get(name)])
    made = Made(fields)
    made.own = row
    return made


def _read_report(name: str, below: tuple[tuple[str, str], ...], row: Row) -> Row:
    """Google's reports of activities."""
    added: dict[str, Value] = {"eventName": row[name], "eventService": row["id.applicationName"]}
    _name_service(added)
    added |= {wanted: row[own] for wanted, own in below}
    return _add_parameters(added, row)


def _add_parameters(added: Mapping[str, Value], row: Row) -> Row:
    fields: dict[str, Value] = dict(added)
    for name, value in _PARAMETERS:
        names, values = row.get(name), row.get(value)
        names = names if isinstance(names, list) else [names]
        values = values if isinstance(values, list) else [values]
        if len(names) == len(values):
            pairs = zip(names, values, strict=True)
            put_all(fields, ((each, held) for each, held in pairs if isinstance(each, str)))
    return Made({**fields, **row})
