"""How many workers may run at the same time: as many as there are processors and room in memory. Standard library."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from exportlint.verify.contract import Job

TYPICAL = 3 * 2**29  # bytes: torch with an exporter takes about 0.6 GiB, a model and its copies come on top
# median of building, exporting and loading, over 404 real models
SECONDS = {"onnx": 5.9, "export": 1.8, "trace": 0.75, "onnx-ts": 0.6, "script": 0.3}
_CGROUPS = (  # limit and use of the control group, version 2 and 1 (Documentation/admin-guide/cgroup-v2.rst)
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def width(jobs: int, memory: int | None = None) -> int:
    """Workers for so many jobs; `memory` is what one may take, in bytes, where that is limited."""
    room = _available()
    fitting = jobs if room is None else max(room // (memory or TYPICAL), 1)
    return max(min(jobs, processors(), fitting), 1)


def longest_first(jobs: Sequence[Job]) -> list[Job]:
    """The order in which several workers end together best: a long job that begins last keeps one of them alone."""
    return sorted(jobs, key=lambda job: -SECONDS.get(job.target, 0.0))


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _available() -> int | None:
    """Bytes of memory that are free, as far as the system tells."""
    rooms = []
    for line in _text("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            rooms.append(int(line.split()[1]) * 1024)
    for limit, used in _CGROUPS:
        texts = _text(limit).strip(), _text(used).strip()
        if all(text.isdigit() for text in texts):  # "max" is no limit
            rooms.append(max(int(texts[0]) - int(texts[1]), 0))
    return min(rooms, default=None)


def _text(file: str) -> str:
    try:
        return Path(file).read_text("ascii")
    except OSError:
        return ""
