"""Attacks that use up what the machine has, or that would not end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from attack import attack

KILLED = "killed by SIGKILL"
MEMORY = "the container's limit of memory; nothing swaps"


@attack("BlockingIOError|MemoryError|killed by SIGKILL", seconds=100, docker="--pids-limit")
def fork_bomb():
    """start processes that start processes, without end"""
    first = os.getpid()
    while True:
        try:
            os.fork()
        except OSError:
            if os.getpid() == first:
                raise


@attack(f"{KILLED}|MemoryError", docker=MEMORY)
def memory_bomb():
    """take memory without end"""
    taken = []
    while True:
        taken.append(bytearray(b"x") * 2**26)


@attack(f"{KILLED}|No space left", docker="/tmp is memory and counts as such; the root is read-only")
def fill_the_disk():
    """write to /tmp without end"""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        while True:
            file.write(b"x" * 2**24)


@attack(f"{KILLED}|No space left", docker="shared memory counts as memory, and has a size")
def fill_the_shared_memory():
    """write to /dev/shm without end"""
    with open("/dev/shm/x", "wb") as file:
        while True:
            file.write(b"x" * 2**24)


@attack(f"{KILLED}|No space left", docker="/tmp has a limited number of inodes")
def use_up_the_inodes():
    """make empty files without end"""
    folder, number = tempfile.mkdtemp(), 0
    while True:
        os.mkdir(f"{folder}/{number}")
        number += 1


@attack("File too large", docker="a limit on the size of a file", process="a limit on the size of a file")
def enormous_file():
    """make a file of a terabyte, of which nothing is written"""
    with tempfile.TemporaryFile() as file:
        return file.truncate(2**40)


@attack("Too many open files", docker="a limit on open files")
def open_files():
    """open files without end"""
    opened = []
    while True:
        opened.append(os.open("/dev/null", os.O_RDONLY))


@attack("no answer within", seconds=4, docker="the named container is removed", process="the process group is killed")
def endless_loop():
    """run for ever and ignore every signal that can be ignored"""
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)


@attack(
    "breaks the contract: the answer is larger",
    seconds=200,
    docker="drained, and dropped past a limit",
    process="the same",
)
def gigabyte_of_output():
    """write a gigabyte where the answer is expected"""
    block = b"x" * 2**20
    for _ in range(1024):
        os.write(1, block)


@attack("stopped: it got nothing", seconds=200, docker="drained; the last 64 kB are kept", process="the same")
def gigabyte_of_log():
    """write a gigabyte to its log"""
    block = b"x" * 2**20
    for _ in range(1024):
        os.write(2, block)


@attack("its last words: ", docker="made printable, and escaped where it is shown", process="the same")
def workflow_commands_in_the_log():
    """give the log workflow commands, escape sequences and U+2028 as its last words, and die"""
    os.write(2, "\r\n::add-mask::x\n\x1b[2J\x1b]0;x\x07\u2028::error::##[error]\u202ex\r\n".encode())
    os._exit(3)


@attack("no answer within", seconds=4, docker="drained to the deadline", process="the same")
def output_without_end():
    """write for ever, faster than anyone can read"""
    block = b"x" * 2**16
    while True:
        os.write(1, block)


@attack(
    "stopped: it got nothing|PermissionError|no answer within",
    seconds=6,
    docker="the container's processes end with it",
    process="seccomp: nobody leaves the process group, which is killed",
)
def process_that_stays_behind():
    """leave a process behind in a session of its own"""
    command = [sys.executable, "-c", "import time; time.sleep(3600)", "left-behind-by-an-attack"]
    subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)


@attack("stopped: it got nothing", docker="the container is removed", process="the temporary folder is removed")
def files_that_stay_behind():
    """leave files behind that cannot be removed easily"""
    folder = Path(tempfile.mkdtemp())
    (folder / "left-behind-by-an-attack").write_text("x")
    folder.chmod(0o000)
