"""`python -m exportlint.verify.running.nursery FD TARGET...`: imports torch once, then forks a worker for each job.

It runs no code of the user itself. FD is its end of a socket: a message is the settings of one worker, with the pipes
that become its standard streams and one that is told its process id and its exit status. When the other end closes,
however the parent ended, every worker is killed with all that it started. Linux only: elsewhere forking after such
imports is not safe.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NoReturn

READY = b"ready"
LARGEST_MESSAGE = 200_000
PIPES = 4  # standard input, output and error, and the one that is told
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# not onnxruntime, which starts a thread when it is imported, and takes a tenth of a second
_ALWAYS = (
    "torch",
    "numpy",
    "exportlint.verify.worker",
    "exportlint.verify.searching.shrink",
    "exportlint.verify.infer.complete",
)
_EXPORTER = ("torch.export", "torch._dynamo")
# what a first export imports on its way: 0.9 s of processor for each worker; private names, which may move
_LATER = ("torch._functorch.aot_autograd", "torch._functorch.partitioners", "networkx", "torch.export.pt2_archive")
_LATER_ONNX = ("onnxscript.function_libs.torch_lib.ops", "onnxscript.rewriter", "torch.onnx._internal.exporter._core")
_FOR = {
    "export": (*_EXPORTER, *_LATER),
    "onnx": (*_EXPORTER, "onnx", "onnxscript", "torch.onnx", *_LATER, *_LATER_ONNX),
    "onnx-ts": ("onnx", "torch.onnx"),
}


def main() -> None:
    """Serves until the socket closes."""
    server = socket.socket(fileno=int(sys.argv[1]))
    _end_with_parent(signal.SIGKILL)  # for seconds nobody looks at the socket
    for name in dict.fromkeys((*_ALWAYS, *(name for target in sys.argv[2:] for name in _FOR.get(target, ())))):
        with contextlib.suppress(ImportError) if name in (*_LATER, *_LATER_ONNX) else contextlib.nullcontext():
            importlib.import_module(name)
    if len(os.listdir("/proc/self/task")) > 1:  # what another thread holds at a fork, nobody ever lets go
        return
    gc.freeze()
    _end_with_parent(0)  # from here on there are workers to kill first
    server.sendall(READY)
    wake, awake = os.pipe()
    os.set_blocking(awake, False)
    signal.set_wakeup_fd(awake)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    Nursery(server, wake).serve()


class Nursery:
    """The workers under way, each with the pipe that is told how it ended."""

    def __init__(self, server: socket.socket, wake: int) -> None:
        self.server, self.wake = server, wake
        self._told: dict[int, int] = {}

    def serve(self) -> None:
        """Forks and reaps until the socket closes, then kills what is left."""
        try:
            while True:
                ready, _, _ = select.select([self.server, self.wake], [], [])
                if self.wake in ready:
                    os.read(self.wake, 4096)
                    self._reap()
                if self.server in ready and not self._fork():
                    return
        finally:
            for pid in self._told:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)

    def _fork(self) -> bool:
        """Starts the worker of one message; False when the socket is closed."""
        message, pipes, _, _ = socket.recv_fds(self.server, LARGEST_MESSAGE, PIPES)
        if not message:
            return False
        pid = os.fork()
        if pid == 0:
            _become_worker(json.loads(message), pipes[:3])
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)  # as the worker does: whoever comes first
        for pipe in pipes[:3]:
            os.close(pipe)
        self._told[pid] = pipes[3]
        _tell(pipes[3], f"{pid}\n")
        return True

    def _reap(self) -> None:
        while self._told:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            told = self._told.pop(pid)
            _tell(told, f"{os.waitstatus_to_exitcode(status)}\n")
            os.close(told)


def _end_with_parent(number: int) -> None:
    """Have the system send this process a signal when its parent ends; 0 for none."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def _tell(pipe: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody waits any more
        os.write(pipe, text.encode())


def _become_worker(settings: dict, pipes: list[int]) -> NoReturn:
    """The rest of a forked process: the worker that a fresh interpreter would be. Never returns."""
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _end_with_parent(signal.SIGKILL)
        for number, pipe in enumerate(pipes):
            os.dup2(pipe, number)
        os.closerange(3, 1024)  # the nursery's ends of everybody's pipes
        os.environ.clear()
        os.environ.update(settings["environment"])
        os.chdir(settings["folder"])
        tempfile.tempdir = None  # read from the environment again
        sys.argv = [str(Path(__file__).parents[1] / "worker.py"), *settings["arguments"]]
        from exportlint.verify.worker import main as work

        work()
    except BaseException:  # a worker that cannot start says so in its log, and must not go on as a nursery
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
