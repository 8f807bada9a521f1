"""Starts worker processes: forked from a warm parent where possible, else each with an interpreter of its own."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from typing import IO, Protocol

from exportlint.verify.isolation.sandbox import Launch
from exportlint.verify.running.nursery import READY

MODULE = ("-m", "exportlint.verify.worker")


class Worker(Protocol):
    """A process with three pipes. `wait` raises subprocess.TimeoutExpired; `kill` ends it and all that it started."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None

    def wait(self, seconds: float | None = None) -> int:
        """The exit status once it has ended, negative for a signal."""

    def kill(self) -> None:
        """Kills the whole group; it may be gone already."""


class Fresh:
    """A worker with an interpreter of its own, or the client of a container."""

    def __init__(self, launch: Launch) -> None:
        self._process = subprocess.Popen(
            launch.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=launch.folder,
            env=dict(launch.environment),
            start_new_session=True,
        )
        self.stdin, self.stdout, self.stderr = self._process.stdin, self._process.stdout, self._process.stderr

    def wait(self, seconds: float | None = None) -> int:
        return self._process.wait(seconds)

    def kill(self) -> None:
        _kill_group(self._process.pid)


class Forked:
    """A worker forked by a nursery, which tells its process id and then its exit status through a pipe."""

    def __init__(self, streams: tuple[IO[bytes], IO[bytes], IO[bytes]], told: int) -> None:
        self.stdin, self.stdout, self.stderr = streams
        self._told, self._said, self._status = told, b"", None

    def wait(self, seconds: float | None = None) -> int:
        until = None if seconds is None else time.monotonic() + seconds
        while self._status is None:
            left = None if until is None else max(until - time.monotonic(), 0.0)
            if not select.select([self._told], [], [], left)[0]:
                raise subprocess.TimeoutExpired("worker", seconds or 0.0)
            self._read()
        return self._status

    def _read(self) -> None:
        part = os.read(self._told, 100)
        self._said += part
        lines = self._said.split(b"\n")
        if not part or len(lines) > 2:  # without a word, the nursery itself was killed
            self._status = int(lines[1]) if len(lines) > 2 else -signal.SIGKILL
            os.close(self._told)

    def kill(self) -> None:
        if self._status is None and b"\n" not in self._said:
            self._read()
        pid, _, _ = self._said.partition(b"\n")
        if pid:
            _kill_group(int(pid))


class Warm:
    """A nursery for workers of one sandbox, started when it is first needed; `targets` say what it imports."""

    def __init__(self, targets: Iterable[str]) -> None:
        self._targets = sorted(set(targets))
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        self._closed = False

    def start(self, launch: Launch) -> Worker:
        """Starts a worker, forked where the launch allows it."""
        forkable = sys.platform == "linux" and launch.command[:3] == (sys.executable, *MODULE)
        with self._lock:
            if forkable and not self._closed and (self._process is None or self._process.poll() is None):
                try:
                    return self._forked(launch)
                except OSError:  # the nursery is gone: it could not import, or found that forking is not safe
                    forkable = False
        return Fresh(launch)

    def _forked(self, launch: Launch) -> Worker:
        client = self._socket or self._opened(launch)
        message = {
            "environment": dict(launch.environment),
            "folder": str(launch.folder),
            "arguments": list(launch.command[3:]),
        }
        stdin, to_stdin = os.pipe()
        from_stdout, stdout = os.pipe()
        from_stderr, stderr = os.pipe()
        from_told, told = os.pipe()
        theirs = [stdin, stdout, stderr, told]
        try:
            socket.send_fds(client, [json.dumps(message).encode()], theirs)
        except OSError:
            for pipe in (to_stdin, from_stdout, from_stderr, from_told):
                os.close(pipe)
            raise
        finally:
            for pipe in theirs:
                os.close(pipe)
        streams = (os.fdopen(to_stdin, "wb"), os.fdopen(from_stdout, "rb"), os.fdopen(from_stderr, "rb"))
        return Forked(streams, from_told)

    def _opened(self, launch: Launch) -> socket.socket:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "exportlint.verify.running.nursery", str(theirs.fileno()), *self._targets),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # a thread of numpy's own would make forking unsafe; torch has its threads from another library
                env={**launch.environment, "OPENBLAS_NUM_THREADS": "1"},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        if self._socket.recv(len(READY)) != READY:
            raise ConnectionError("the nursery ended before it was ready")
        return self._socket

    def close(self) -> None:
        """Ends the nursery, which kills every worker that is left."""
        self._closed = True
        if self._socket and self._process:
            with contextlib.suppress(OSError):  # it has ended before
                self._socket.shutdown(socket.SHUT_RDWR)
            self._process.wait()
            self._socket.close()


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
