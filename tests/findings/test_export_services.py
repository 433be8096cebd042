"""What services tell: rules find it in the forms of interfaces and of collectors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.findings.test_export_inner import finds, rule

KEYS = {"name": ["NEW_VALUE", "SETTING"], "value": ["false", "Lab x"]}
PAIRS = [{"name": name, "value": value} for name, value in zip(*KEYS.values(), strict=True)]
WORKSPACE = {"eventService": "admin.googleapis.com", "eventName": "DROP", "new_value": "false"}
TRAIL = {"eventName": "Drop", "eventSource": "keys.example", "userIdentity.type": "Root"}


@pytest.mark.parametrize(
    ("logsource", "asked", "row"),
    [
        (
            "{product: aws, service: cloudtrail}",
            {**TRAIL, "requestParameters.key": "k"},
            {
                "event": {"action": "Drop", "provider": "keys.example", "dataset": "aws.cloudtrail"},
                "aws": {
                    "cloudtrail": {
                        "event_type": "call",
                        "event_version": "1",
                        "user_identity": {"type": "Root"},
                        "flattened": {"request_parameters": {"key": "k"}},
                    }
                },
            },
        ),
        (
            "{product: aws, service: cloudtrail}",
            TRAIL,
            {
                "api": {"operation": "Drop", "service": {"name": "keys.example"}},
                "actor": {"user": {"type": "Root"}},
                "cloud": {"region": "lab-1"},
            },
        ),
        (
            "{product: aws, service: cloudtrail}",
            TRAIL,
            {
                "api": {"operation": "Drop", "service": {"name": "keys.example"}},
                "identity": {"user": {"type": "Root"}},
                "cloud": {"region": "lab-1", "account": {"uid": "1"}},
            },
        ),
        (
            "{product: cisco, service: duo}",
            {"event_type": "authentication", "reason": "bypass_user"},
            {
                "@timestamp": "t",
                "cisco_duo": {"auth": {"event_type": "authentication", "reason": "bypass_user", "txid": "1"}},
            },
        ),
        (
            "{product: okta, service: okta}",
            {"eventType": "lab.drop", "actor.alternateId": "ann"},
            {"okta": {"event_type": "lab.drop", "display_message": "x", "actor": {"alternate_id": "ann"}}},
        ),
        (
            "{product: okta, service: okta}",
            {
                "eventType": "lab.drop",
                "actor.alternateId": "ann",
                "outcome.result": "DENY",
                "client.ipAddress": "192.0.2.7",
                "target.displayName": "Lab",
                "debugContext.debugData.factor": "push",
            },
            {
                "TimeGenerated": "2026-03-04T05:06:07Z",
                "EventOriginalType": "lab.drop",
                "OriginalActorAlternateId": "ann",
                "OriginalOutcomeResult": "DENY",
                "EventResult": "Failure",
                "SrcIpAddr": "192.0.2.7",
                "OriginalTarget": [{"id": "1", "displayName": "Lab"}],
                "DebugData": {"factor": "push"},
            },
        ),
        (
            "{product: m365, service: audit}",
            {"Operation": "Drop", "Workload": "Lab", "ObjectId": "o"},
            {
                "event": {"action": "Drop", "provider": "Lab"},
                "o365": {"audit": {"RecordType": "4", "ObjectId": "o"}},
            },
        ),
        (
            "{product: m365, service: threat_management}",
            {"eventSource": "Lab", "eventName": "Many drops", "status": "success"},
            {
                "Workload": "Lab",
                "Operation": "Alert",
                "Name": "Many drops",
                "RecordType": 40,
                "ResultStatus": "Succeeded",
            },
        ),
        (
            "{product: azure, service: signinlogs}",
            {"ResultType": 50053, "AuthenticationRequirement": "one", "DeviceDetail.deviceId": ""},
            {
                "operationName": "Sign-in",
                "category": "SignInLogs",
                "tenantId": "t",
                "resultType": "50053",
                "properties": {"authenticationRequirement": "one", "deviceDetail": {"deviceId": ""}},
            },
        ),
        (
            "{product: azure, service: signinlogs}",
            {"ResultType": 50053},
            {
                "userPrincipalName": "a",
                "appDisplayName": "b",
                "conditionalAccessStatus": "c",
                "status": {"errorCode": 50053},
            },
        ),
        (
            "{product: azure, service: auditlogs}",
            {"properties.message": "Add drop", "Category": "Lab", "LoggedByService": "s"},
            {
                "operationName": "Add drop",
                "category": "AuditLogs",
                "tenantId": "t",
                "properties": {"category": "Lab", "activityDisplayName": "Add drop", "loggedByService": "s"},
            },
        ),
        (
            "{product: azure, service: auditlogs}",
            {"OperationName": "Add drop"},
            {"activityDisplayName": "Add drop", "loggedByService": "s", "category": "Lab"},
        ),
        (
            "{product: azure, service: signinlogs}",
            {"ResultType": 50053},
            {"azure": {"tenant_id": "t", "signinlogs": {"operation_name": "x", "result_type": "50053"}}},
        ),
        (
            "{product: azure, service: signinlogs}",
            {"ResultType": 50053, "AuthenticationRequirement": "one"},
            {
                "operationname": "Sign-in",
                "category": "SignInLogs",
                "tenantid": "t",
                "resulttype": "50053",
                "properties": {"authenticationRequirement": "one"},
            },
        ),
        (
            "{product: m365, service: threat_management}",
            {"eventSource": "Lab", "eventName": "Alert", "status": "success"},
            {"WORKLOAD": "Lab", "OPERATION": "Alert", "RECORDTYPE": 40, "RESULTSTATUS": "Succeeded"},
        ),
        (
            "{product: okta, service: okta}",
            {"eventType": "lab.drop", "displayMessage": "x"},
            {"eventtype": "lab.drop", "displaymessage": "x", "actor": {"alternateId": "ann"}},
        ),
        (
            "{product: gcp, service: gcp.audit}",
            {"gcp.audit.method_name": "v1.Lab.drop"},
            {"protoPayload": {"methodName": "v1.Lab.drop"}, "severity": "NOTICE"},
        ),
        (
            "{product: onelogin, service: onelogin.events}",
            {"event_type_id": 3},
            {"event_type_id": "3", "actor_user_id": 1, "user_name": "ann"},
        ),
        (
            "{product: cisco, service: duo}",
            {"event_type": "authentication", "reason": "bypass_user"},
            {
                "access_device": {"ip": "192.0.2.9"},
                "event_type": "authentication",
                "factor": "x",
                "reason": "bypass_user",
            },
        ),
        (
            "{product: github, service: audit}",
            {"action": "repo.drop"},
            {"action": "repo.drop", "actor": "ann", "created_at": 1, "repo": "lab/x"},
        ),
        (
            "{product: kubernetes, service: audit}",
            {"verb": "list", "objectRef.resource": "drops"},
            {
                "kubernetes": {
                    "audit": {
                        "auditID": "a",
                        "verb": "list",
                        "stage": "s",
                        "objectRef": {"resource": "drops"},
                    }
                }
            },
        ),
        (
            "{product: gcp, service: google_workspace.admin}",
            WORKSPACE,
            {"id": {"applicationName": "admin"}, "events": [{"name": "DROP", "parameters": PAIRS}]},
        ),
        (
            "{product: gcp, service: google_workspace.admin}",
            WORKSPACE,
            {
                "id": {"applicationName": "admin"},
                "kind": "lab",
                "name": "DROP",
                "parameters": {"NEW_VALUE": "false", "name": "other"},
            },
        ),
        (
            "{product: gcp, service: google_workspace.admin}",
            WORKSPACE,
            {"id": {"applicationName": "admin"}, "event": {"name": "DROP", "parameters": PAIRS}},
        ),
        (
            "{product: gcp, service: google_workspace.login}",
            {
                "protoPayload.serviceName": "login.googleapis.com",
                "protoPayload.metadata.event.eventName": "odd_login",
            },
            {"id": {"applicationName": "login"}, "events": [{"name": "odd_login"}]},
        ),
        (
            "{product: gcp, service: google_workspace.admin}",
            WORKSPACE,
            {
                "event": {"action": "DROP", "provider": "admin"},
                "google_workspace": {"admin": {"new_value": "false"}, "kind": "activity"},
            },
        ),
        (
            "{product: gcp, service: google_workspace.admin}",
            WORKSPACE,
            {
                "logName": "l",
                "protoPayload": {
                    "serviceName": "admin.googleapis.com",
                    "metadata": {"event": [{"eventName": "DROP", "parameter": PAIRS}]},
                },
            },
        ),
        (
            "{product: zeek, service: dns}",
            {"query": "drop.example", "id.orig_h": "10.0.0.1"},
            {
                "@timestamp": "t",
                "event": {"dataset": "zeek.dns"},
                "source": {"ip": "10.0.0.1"},
                "zeek": {"dns": {"query": "drop.example", "trans_id": "1"}, "session_id": "C"},
            },
        ),
        (
            "{product: github, service: audit}",
            {"action": "repo.drop", "actor": "ann"},
            {
                "event": {"action": "repo.drop", "dataset": "github.audit"},
                "github": {"category": "repo", "org": "lab"},
                "user": {"name": "ann"},
            },
        ),
    ],
)
def test_a_service_is_asked_its_rules_and_no_others(logsource: str, asked: dict[str, Any], row: Any) -> None:
    source = rule(logsource, **asked)
    assert finds(source, row) == [1]
    other = "{product: okta}" if "okta" not in logsource else "{product: aws}"
    assert finds(rule(other, **asked), row) == []
    for name in asked:
        assert finds(rule(logsource, **{**asked, name: "something else"}), row) == []


def test_names_and_values_of_unlike_number_are_not_put_together() -> None:
    row = {
        "id": {"applicationName": "admin"},
        "events": [{"name": "DROP", "parameters": [*PAIRS, {"name": "X", "boolValue": True}]}],
    }
    service = "{product: gcp, service: google_workspace.admin}"
    assert finds(rule(service, eventName="DROP"), row) == [1]
    assert finds(rule(service, new_value="false"), row) == []


GRANT = rule("{product: azure, service: activitylogs}", operationName="LAB/HOOKS/WRITE")
OWNER = rule("{product: azure, service: auditlogs}", **{"properties.message": "Add it", "Category": "Apps"})
SIGNED = rule("{product: azure, service: signinlogs}", ResultType="50126", AppDisplayName="Lab")
DOMAIN = rule("{service: exchange, product: m365}", eventSource="Lab", eventName="Add-Door", status="success")
BUCKET = rule("{product: gcp, service: gcp.audit}", **{"gcp.audit.method_name": "lab.drop"})
FACTOR = rule("{product: okta, service: okta}", eventtype="user.drop", **{"actor.alternateId": "alda"})
EXEC = rule("{product: kubernetes, service: audit}", verb="create", **{"objectRef.subresource": "exec"})
POD = {
    "auditID": "a",
    "verb": "create",
    "stage": "x",
    "objectRef": {"resource": "pods", "subresource": "exec"},
}
DONE = {"RecordType": 1, "UserKey": "k", "ResultStatus": "True"}
AKS = {"operationName": "Lab/Read", "category": "kube-audit", "resourceId": "/x"}


@pytest.mark.parametrize(
    ("source", "row"),
    [
        # Names of the tables AzureActivity, OfficeActivity and GCPAuditLogs, of custom tables and diagnostics
        # (the reference of Azure Monitor), of downloads from its pages, of a sink into BigQuery, of Elastic's
        # integrations, and of Microsoft's interface for searches of the audit.
        (GRANT, {"OperationName": "Write", "OperationNameValue": "LAB/HOOKS/WRITE", "CategoryValue": "A"}),
        (OWNER, {"Category": "Apps", "Activity": "Add it", "ActorType": "User", "CorrelationId": "c"}),
        (SIGNED, {"Username": "alda", "Application": "Lab", "Sign-in error code": "50126"}),
        (DOMAIN, {"Operation": "Add-Door", "OfficeWorkload": "Lab", **DONE}),
        (DOMAIN, {"event": {"action": "Add-Door", "provider": "Lab"}, "o365": {"audit": DONE}}),
        (
            DOMAIN,
            {
                "auditLogRecordType": "lab",
                "auditData": {"Operation": "Add-Door", "Workload": "Lab", **DONE},
            },
        ),
        (BUCKET, {"logName": "l", "protopayload_auditlog": {"methodName": "lab.drop", "serviceName": "lab"}}),
        (
            BUCKET,
            {
                "event": {"action": "lab.drop", "dataset": "gcp.audit"},
                "gcp": {"audit": {"resource_name": "x"}},
            },
        ),
        (BUCKET, {"LogName": "l", "MethodName": "lab.drop", "ServiceName": "lab"}),
        (FACTOR, {"TimeGenerated [UTC]": "x", "eventType_s": "user.drop", "actor_alternateId_s": "alda"}),
        (EXEC, {**AKS, "properties": {"log": json.dumps(POD), "pod": "p"}}),
        (EXEC, {"Category": "kube-audit", "log_s": json.dumps(POD), "stream_s": "x", "Type": "A"}),
    ],
)
def test_tables_of_services(source: bytes, row: dict[str, Any]) -> None:
    assert finds(source, row) == [1]
    others = [each for each in (GRANT, OWNER, DOMAIN, BUCKET, FACTOR, EXEC) if each != source]
    assert [each for each in others if finds(each, row)] == []
    words = rule("{product: cisco, service: aaa}").replace(b"s: {}", b"s: [lab, x]")
    assert finds(words, row) == []
