"""The system calls that a container may make: those that Python and torch need, named by what they are for.

The engines' own profiles leave out less: they let through AF_VSOCK (Docker before 23), ptrace, and everything that a
capability could allow. Here a socket is of the local kinds, and of those with TCP and UDP alone, or is refused; what is
not named fails with EPERM, as in the engines' profiles. 32-bit calls, which reach `socketcall` past any look at its
arguments, are none of the listed architectures' and kill the caller. With Docker's and Podman's `archMap`, the form is
https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
"""

from __future__ import annotations

import itertools
import json

EPERM, ENOSYS = 1, 38
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
ANY, TCP, UDP = 0, 6, 17
NEW_NAMESPACES = 0x7E020000  # the CLONE_NEW* flags of clone(2); CLONE_NEWTIME lies in the byte of the exit signal

ARCHITECTURES = ("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64")

FILES = """access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
    fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr
    fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init
    inotify_init1 inotify_rm_watch ioctl lchown lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr
    lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2
    read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat
    statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat utimes
    vmsplice write writev"""
MEMORY = """brk get_mempolicy madvise mbind membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap
    mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect set_mempolicy map_shadow_stack"""
PROCESSES = """arch_prctl capget capset execve execveat exit exit_group fork futex futex_requeue futex_wait futex_waitv
    futex_wake get_robust_list get_thread_area getcpu getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid
    getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill
    landlock_add_rule landlock_create_ruleset landlock_restrict_self pidfd_open pidfd_send_signal prctl prlimit64
    restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
    rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
    sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
    sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid
    setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sigaltstack
    sysinfo tgkill time times tkill uname vfork wait4 waitid"""
TIME = """alarm clock_getres clock_gettime clock_nanosleep gettimeofday nanosleep pause timer_create timer_delete
    timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime getrandom"""
WAITING = """epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old
    eventfd eventfd2 pipe pipe2 poll ppoll pselect6 select signalfd signalfd4"""
TALKING = """accept accept4 bind connect getpeername getsockname getsockopt listen mq_getsetattr mq_notify mq_open
    mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd recvfrom recvmmsg recvmsg semctl semget semop
    semtimedop sendmmsg sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown"""


def profile() -> str:
    """The profile as JSON, for `--security-opt seccomp=FILE`."""
    plain = sorted({name for group in (FILES, MEMORY, PROCESSES, TIME, WAITING, TALKING) for name in group.split()})
    local = [_allow(("socket",), _argument(0, AF_UNIX, "SCMP_CMP_EQ"))]
    # any other protocol would have the kernel load a module for it
    for family, protocol in itertools.product((AF_INET, AF_INET6), (ANY, TCP, UDP)):
        local.append(_allow(("socket",), _argument(0, family, "SCMP_CMP_EQ"), _argument(2, protocol, "SCMP_CMP_EQ")))
    pair = _allow(("socketpair",), _argument(0, AF_UNIX, "SCMP_CMP_EQ"))
    # a new process or thread, but no new namespace, in which one would be root
    clone = _allow(("clone",), {**_argument(0, NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ"), "valueTwo": 0})
    # clone3 passes its flags in memory, where no filter can look: glibc falls back to clone when there is none
    clone_three = {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS}
    document = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "archMap": [{"architecture": name, "subArchitectures": []} for name in ARCHITECTURES],
        "syscalls": [_allow(plain), *local, pair, clone, clone_three],
    }
    return json.dumps(document, indent=1)


def _allow(names: tuple[str, ...] | list[str], *arguments: dict[str, object]) -> dict[str, object]:
    return {"names": list(names), "action": "SCMP_ACT_ALLOW", "args": list(arguments)}


def _argument(index: int, value: int, operator: str) -> dict[str, object]:
    return {"index": index, "value": value, "op": operator}
