"""The first words of messages of Windows, by which an event is told whose number a collector left out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from comity.findings.rows import fold

_TITLES: Final = """
Microsoft-Windows-Sysmon
1 Process Create
2 File creation time changed
3 Network connection detected
4 Sysmon service state changed
5 Process terminated
6 Driver loaded
7 Image loaded
8 CreateRemoteThread detected
9 RawAccessRead detected
10 Process accessed
11 File created
12 Registry object added or deleted
13 Registry value set
14 Registry object renamed
15 File stream created
16 Sysmon config state changed
17 Pipe Created
18 Pipe Connected
19 WmiEventFilter activity detected
20 WmiEventConsumer activity detected
21 WmiEventConsumerToFilter activity detected
22 Dns query
23 File Delete
24 Clipboard changed
25 Process Tampering
26 File Delete logged
27 File Block Executable
28 File Block Shredding
29 File Executable Detected
255 Error report
Microsoft-Windows-Security-Auditing
4624 An account was successfully logged on
4625 An account failed to log on
4634 An account was logged off
4647 User initiated logoff
4648 A logon was attempted using explicit credentials
4656 A handle to an object was requested
4657 A registry value was modified
4660 An object was deleted
4661 A handle to an object was requested
4662 An operation was performed on an object
4663 An attempt was made to access an object
4672 Special privileges assigned to new logon
4673 A privileged service was called
4674 An operation was attempted on a privileged object
4688 A new process has been created
4689 A process has exited
4697 A service was installed in the system
4698 A scheduled task was created
4699 A scheduled task was deleted
4700 A scheduled task was enabled
4701 A scheduled task was disabled
4702 A scheduled task was updated
4719 System audit policy was changed
4720 A user account was created
4722 A user account was enabled
4723 An attempt was made to change an account's password
4724 An attempt was made to reset an account's password
4725 A user account was disabled
4726 A user account was deleted
4728 A member was added to a security-enabled global group
4729 A member was removed from a security-enabled global group
4730 A security-enabled global group was deleted
4732 A member was added to a security-enabled local group
4733 A member was removed from a security-enabled local group
4738 A user account was changed
4740 A user account was locked out
4741 A computer account was created
4742 A computer account was changed
4743 A computer account was deleted
4756 A member was added to a security-enabled universal group
4768 A Kerberos authentication ticket (TGT) was requested
4769 A Kerberos service ticket was requested
4771 Kerberos pre-authentication failed
4776 The computer attempted to validate the credentials for an account
4776 The domain controller attempted to validate the credentials for an account
4781 The name of an account was changed
4794 An attempt was made to set the Directory Services Restore Mode
5136 A directory service object was modified
5137 A directory service object was created
5140 A network share object was accessed
5145 A network share object was checked to see whether client can be granted desired access
5156 The Windows Filtering Platform has permitted a connection
5157 The Windows Filtering Platform has blocked a connection
Microsoft-Windows-Eventlog
1102 The audit log was cleared
Microsoft-Windows-PowerShell
4103 CommandInvocation(
4104 Creating Scriptblock text
Service Control Manager
7045 A service was installed in the system
"""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    provider = ""
    for line in filter(None, _TITLES.splitlines()):
        event, _, title = line.partition(" ")
        if event.isdigit():
            found[provider].append((fold(title), event))
        else:
            provider = fold(line)
            found[provider] = []
    # The longest that fits, where one title begins as another does; of the same, the first.
    return MappingProxyType(
        {by: tuple(sorted(titles, key=lambda each: -len(each[0]))) for by, titles in found.items()}
    )


def event_of_title(provider: str, message: str) -> str:
    """The number of the event of ``provider``, folded, whose message begins so; empty where that is not
    known, or where several do."""
    begin = fold(message[:256])
    found = [(title, event) for title, event in _table().get(provider, ()) if begin.startswith(title)]
    fits = {event for title, event in found if title == found[0][0]}
    return next(iter(fits)) if len(fits) == 1 else ""
