"""Tables of the Linux audit log: the numbers of its records and of calls of the system, and their names.

Numbers of records are those of ``linux/audit.h`` and of ``libaudit.h`` of the audit's own tools; numbers of
calls those of the kernel's tables for each machine, of the calls that rules and rules of the audit ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

_RECORDS: Final = """
1006 LOGIN
1100 USER_AUTH USER_ACCT USER_MGMT CRED_ACQ CRED_DISP USER_START USER_END USER_AVC USER_CHAUTHTOK USER_ERR
1110 CRED_REFR USYS_CONFIG USER_LOGIN USER_LOGOUT ADD_USER DEL_USER ADD_GROUP DEL_GROUP DAC_CHECK CHGRP_ID
1120 TEST TRUSTED_APP USER_SELINUX_ERR USER_CMD USER_TTY CHUSER_ID GRP_AUTH SYSTEM_BOOT SYSTEM_SHUTDOWN
1129 SYSTEM_RUNLEVEL SERVICE_START SERVICE_STOP GRP_MGMT GRP_CHAUTHTOK MAC_CHECK ACCT_LOCK ACCT_UNLOCK
1137 USER_DEVICE SOFTWARE_UPDATE
1200 DAEMON_START DAEMON_END DAEMON_ABORT DAEMON_CONFIG DAEMON_RECONFIG DAEMON_ROTATE DAEMON_RESUME
1207 DAEMON_ACCEPT DAEMON_CLOSE DAEMON_ERR
1300 SYSCALL
1302 PATH IPC SOCKETCALL CONFIG_CHANGE SOCKADDR CWD
1309 EXECVE
1311 IPC_SET_PERM MQ_OPEN MQ_SENDRECV MQ_NOTIFY MQ_GETSETATTR KERNEL_OTHER FD_PAIR OBJ_PID TTY EOE
1321 BPRM_FCAPS CAPSET MMAP NETFILTER_PKT NETFILTER_CFG SECCOMP PROCTITLE FEATURE_CHANGE REPLACE KERN_MODULE
1331 FANOTIFY TIME_INJOFFSET TIME_ADJNTPVAL BPF EVENT_LISTENER URINGOP OPENAT2 DM_CTRL DM_EVENT
1400 AVC SELINUX_ERR AVC_PATH MAC_POLICY_LOAD MAC_STATUS MAC_CONFIG_CHANGE
1501 APPARMOR_AUDIT APPARMOR_ALLOWED APPARMOR_DENIED APPARMOR_HINT APPARMOR_STATUS APPARMOR_ERROR
1700 ANOM_PROMISCUOUS ANOM_ABEND ANOM_LINK ANOM_CREAT
1800 INTEGRITY_DATA INTEGRITY_METADATA INTEGRITY_STATUS INTEGRITY_HASH INTEGRITY_PCR INTEGRITY_RULE
2100 ANOM_LOGIN_FAILURES ANOM_LOGIN_TIME ANOM_LOGIN_SESSIONS ANOM_LOGIN_ACCT ANOM_LOGIN_LOCATION ANOM_MAX_DAC
2106 ANOM_MAX_MAC ANOM_AMTU_FAIL ANOM_RBAC_FAIL ANOM_RBAC_INTEGRITY_FAIL ANOM_CRYPTO_FAIL ANOM_ACCESS_FS
2112 ANOM_EXEC ANOM_MK_EXEC ANOM_ADD_ACCT ANOM_DEL_ACCT ANOM_MOD_ACCT ANOM_ROOT_TRANS
2300 USER_ROLE_CHANGE ROLE_ASSIGN ROLE_REMOVE LABEL_OVERRIDE LABEL_LEVEL_CHANGE
2400 CRYPTO_TEST_USER CRYPTO_PARAM_CHANGE_USER CRYPTO_LOGIN CRYPTO_LOGOUT CRYPTO_KEY_USER
2405 CRYPTO_FAILURE_USER CRYPTO_REPLAY_USER CRYPTO_SESSION CRYPTO_IKE_SA CRYPTO_IPSEC_SA
2500 VIRT_CONTROL VIRT_RESOURCE VIRT_MACHINE_ID VIRT_INTEGRITY_CHECK VIRT_CREATE VIRT_DESTROY
"""
"""The number of the first record of a line, and the names of it and of those behind it, without a gap."""

_CALLS: Final = """
c000003e open 2 connect 42 socket 41 accept 43 bind 49 clone 56 fork 57 vfork 58 execve 59 kill 62
c000003e truncate 76 ftruncate 77 rename 82 creat 85 link 86 unlink 87 symlink 88 chmod 90 fchmod 91 chown 92
c000003e fchown 93 lchown 94 sysinfo 99 ptrace 101 syslog 103 setuid 105 setgid 106 setreuid 113 setregid 114
c000003e setresuid 117 setresgid 119 mknod 133 personality 135 pivot_root 155 prctl 157 adjtimex 159
c000003e chroot 161 settimeofday 164 mount 165 umount2 166 reboot 169 sethostname 170 setdomainname 171
c000003e init_module 175 delete_module 176 setxattr 188 lsetxattr 189 fsetxattr 190 removexattr 197
c000003e clock_settime 227 kexec_load 246 openat 257 mknodat 259 fchownat 260 unlinkat 263 renameat 264
c000003e linkat 265 symlinkat 266 fchmodat 268 unshare 272 accept4 288 setns 308 process_vm_readv 310
c000003e process_vm_writev 311 finit_module 313 renameat2 316 memfd_create 319 kexec_file_load 320 bpf 321
c000003e execveat 322 clone3 435
40000003 fork 2 open 5 creat 8 link 9 unlink 10 execve 11 mknod 14 chmod 15 mount 21 ptrace 26 kill 37
40000003 rename 38 chroot 61 symlink 83 reboot 88 socketcall 102 syslog 103 sysinfo 116 clone 120
40000003 init_module 128 delete_module 129 personality 136 prctl 172 vfork 190 openat 295 mknodat 297
40000003 unlinkat 301 renameat 302 fchmodat 306 finit_module 350 memfd_create 356 bpf 357 execveat 358
40000003 socket 359 bind 361 connect 362
c00000b7 mknodat 33 unlinkat 35 symlinkat 36 linkat 37 renameat 38 umount2 39 mount 40 chroot 51 fchmod 52
c00000b7 fchmodat 53 fchownat 54 fchown 55 openat 56 personality 92 unshare 97 kexec_load 104 init_module 105
c00000b7 delete_module 106 syslog 116 ptrace 117 kill 129 reboot 142 setuid 146 sethostname 161 prctl 167
c00000b7 sysinfo 179 socket 198 bind 200 connect 203 clone 220 execve 221 accept4 242 setns 268
c00000b7 process_vm_readv 270 process_vm_writev 271 finit_module 273 renameat2 276 memfd_create 279 bpf 280
c00000b7 execveat 281 clone3 435
"""
"""Machines as the audit writes them (``arch``): those of 64 and 32 bits of x86, and of 64 bits of ARM."""


def _numbers() -> Iterator[tuple[str, str]]:
    for line in _RECORDS.split("\n"):
        first, *names = line.split() or ["0"]
        yield from ((str(int(first) + n), name) for n, name in enumerate(names))


def _calls() -> Iterator[tuple[tuple[str, str], str]]:
    for line in _CALLS.split("\n"):
        machine, *pairs = line.split() or [""]
        yield from (((machine, number), name) for name, number in zip(pairs[::2], pairs[1::2], strict=True))


AUDIT_NUMBERS: Mapping[str, str] = MappingProxyType(dict(_numbers()))
"""The numbers of records, and what these are called."""
AUDIT_RECORDS: Final = frozenset(AUDIT_NUMBERS.values())
"""What records are called."""
AUDIT_CALLS: Mapping[tuple[str, str], str] = MappingProxyType(dict(_calls()))
"""The names of calls of the system, by machine and number."""
