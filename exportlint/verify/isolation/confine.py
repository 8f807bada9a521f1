"""What Linux lets a process give up, for itself and all it will start: sockets, writing, and reaching other processes.

Called by a worker of the `process` sandbox before it touches the user's code. It takes no rights and no daemon:

- seccomp refuses sockets, io_uring (which makes sockets too), ptrace, the kernel's keys and new namespaces, by `clone`
  too; and leaving the process group, so that the group's end is everybody's end.
- Landlock (Linux 5.13) lets it write in its temporary folder and the folder of artifacts, nowhere else; from Linux 6.12
  on it can send signals to itself and its children only.
- rlimits: no core file, no file beyond `LARGEST_FILE`.

It may still **read every file** that you may read, and use processor and memory as it likes. Standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from exportlint.verify.isolation.seccomp import NEW_NAMESPACES

LARGEST_FILE = 64 * 2**30  # bytes

# asm-generic/unistd.h and arch/x86/entry/syscalls/syscall_64.tbl
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_... of linux/audit.h
_REFUSED = {
    "x86_64": {
        "socket": 41,
        "ptrace": 101,
        "setpgid": 109,
        "setsid": 112,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "unshare": 272,
        "setns": 308,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
    },
    "aarch64": {
        "unshare": 97,
        "ptrace": 117,
        "setpgid": 154,
        "setsid": 157,
        "socket": 198,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "setns": 268,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
    },
}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE_THREE = 435  # passes its flags in memory, where no filter can look; glibc falls back to clone without it
_X_THIRTY_TWO = 0x40000000  # the bit of x86-64's third way into the kernel
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h

# linux/landlock.h: the rights to write, remove, make and rename; later versions of the ABI know more of them
_WRITE = 0b1_1111_1111_0010
_BY_VERSION = {2: 1 << 13, 3: 1 << 14}  # rename across folders, truncate
_SCOPES, _SCOPED_SINCE = 0b11, 6  # abstract UNIX sockets and signals
_PLACES = ("/dev/null", "/dev/zero", "/dev/shm")
_ON_FILES = 1 << 1 | 1 << 14  # what can be granted for a file that is no folder: to write and to truncate


def confine(writable: Iterable[Path]) -> tuple[str, ...]:
    """Gives up what this kernel lets it; what it could not give up, in words. `writable` are folders to write to."""
    if not sys.platform.startswith("linux"):
        return ("files can be written and the network reached: this is not Linux",)
    _limits()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return (f"nothing was given up: {_said()}",)
    return tuple(text for text in (_landlock(libc, writable), _seccomp(libc)) if text)


def _limits() -> None:
    import resource

    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, LARGEST_FILE)):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def _landlock(libc: ctypes.CDLL, writable: Iterable[Path]) -> str:
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return f"files can be written: no Landlock ({_said()})"
    rights = _WRITE | sum(right for since, right in _BY_VERSION.items() if version >= since)
    scopes = _SCOPES if version >= _SCOPED_SINCE else 0
    attributes = struct.pack("=QQQ", rights, 0, scopes)[: 24 if scopes else 8]
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return f"files can be written: Landlock refuses ({_said()})"
    for path in (*writable, *map(Path, _PLACES)):
        if path.exists():
            _permit(libc, rules, path, rights)
    failed = libc.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)
    if failed:
        return f"files can be written: Landlock refuses ({_said()})"
    return "" if scopes else "other processes can be killed: Landlock has no scopes before Linux 6.12"


def _permit(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    try:
        granted = rights if path.is_dir() else rights & _ON_FILES
        if libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", granted, descriptor), 0):
            raise OSError(ctypes.get_errno(), f"landlock_add_rule: {_said()}", str(path))
    finally:
        os.close(descriptor)


def _seccomp(libc: ctypes.CDLL) -> str:
    machine = platform.machine()
    if machine not in _REFUSED:
        return f"the network can be reached: no filter for {machine}"
    program = _program(_AUDIT[machine], sorted(_REFUSED[machine].values()), _CLONE[machine])
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    given = Program(len(program) // 8, ctypes.addressof(buffer))
    if libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(given), 0, 0):
        return f"the network can be reached: seccomp refuses ({_said()})"
    return ""


def _program(audit: int, refused: list[int], clone: int) -> bytes:
    """A classic BPF program over `struct seccomp_data`: number at 0, architecture at 4, first argument at 16.

    A check goes on to the next one where its target is None, else to one of the returns behind them all.
    """
    allow, refuse, absent = range(3)
    checks: list[tuple[int, int | None, int | None, int]] = [
        (_LOAD, None, None, 4),
        (_EQUAL, None, refuse, audit),
        (_LOAD, None, None, 0),
        (_AT_LEAST, refuse, None, _X_THIRTY_TWO),
        *((_EQUAL, refuse, None, number) for number in refused),
        (_EQUAL, absent, None, _CLONE_THREE),
        (_EQUAL, None, allow, clone),
        (_LOAD, None, None, 16),
        (_ANY_OF, refuse, allow, NEW_NAMESPACES),
    ]
    steps = []
    for left, (what, yes, no, value) in zip(range(len(checks) - 1, -1, -1), checks, strict=True):
        jumps = (0 if target is None else left + target for target in (yes, no))
        steps.append((what, *jumps, value))
    returns = (_ALLOW, _ERRNO | errno.EACCES, _ERRNO | errno.ENOSYS)
    steps += [(_RETURN, 0, 0, value) for value in returns]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _said() -> str:
    return os.strerror(ctypes.get_errno())
