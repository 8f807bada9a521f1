"""Whatever becomes of a worker, its job gets a result, and nothing of it stays behind. Workers are scripts here."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from exportlint.verify.contract import Job, Result
from exportlint.verify.isolation.sandbox import Launch, Sandbox
from exportlint.verify.running import pool
from exportlint.verify.running.runner import Runner

GOOD = json.dumps(Result("net.py::Net", "onnx", "ok").to_dict())


class Scripted(Sandbox):
    """Launches a Python script given as text instead of a worker."""

    script = ""

    def launch(self, root: Path) -> Launch:
        return Launch((sys.executable, "-c", self.script), os.environ, root, str(root))


def run(script: str, root: Path, seconds: float = 20.0) -> Result:
    sandbox = Scripted()
    object.__setattr__(sandbox, "script", script)
    job = Job("net.py::Net", str(root), "onnx", seconds=seconds)
    (result,) = Runner(sandbox).run([job], lambda job: None, lambda result: None)
    return replace(result, seconds={})


def test_a_good_answer_is_taken_though_the_log_is_noisy(tmp_path: Path) -> None:
    script = f"import sys; sys.stdin.read(); sys.stderr.write('noise ' * 500_000); print({GOOD!r})"
    assert run(script, tmp_path) == Result("net.py::Net", "onnx", "ok")


def test_the_job_arrives_on_standard_input(tmp_path: Path) -> None:
    script = f"import json, sys; job = json.load(sys.stdin); assert job['target'] == 'onnx', job; print({GOOD!r})"
    assert run(script, tmp_path).status == "ok"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import os; os._exit(3)", "ended with status 3 and no answer; it said nothing"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
        ("raise SystemExit('out of memory')", "its last words: out of memory"),
        ("print('hello')", "breaks the contract: not JSON"),
        (f"print({GOOD!r} + {GOOD!r})", "breaks the contract: not JSON"),
        ("import sys\nwhile True: sys.stdout.write('[' * 65536)", "larger than"),
    ],
)
def test_a_broken_worker_is_a_crash_with_a_reason(tmp_path: Path, script: str, said: str) -> None:
    result = run(script, tmp_path, seconds=3.0)
    if said != "larger than":
        assert (result.status, said in result.reason) == ("crashed", True), result.reason
    else:  # it never ends by itself
        assert result.status == "timeout"


def test_a_deadline_kills_the_worker_and_its_children(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, signal, time, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('child').write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    result = run(script, tmp_path, seconds=2.0)
    assert result.status == "timeout"
    assert "2 s" in result.reason
    assert time.monotonic() - started < 15
    assert gone(int((tmp_path / "child").read_text()))


def gone(pid: int) -> bool:
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":  # dead, and nobody's here to reap
            return True
        time.sleep(0.1)
    return False


def test_a_child_that_keeps_the_pipe_open_does_not_hold_the_answer_up(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        f"print({GOOD!r}, flush=True)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    )
    started = time.monotonic()
    assert run(script, tmp_path).status == "ok"
    assert time.monotonic() - started < 15


def test_the_stack_that_a_dying_worker_left_names_the_users_line(tmp_path: Path) -> None:
    net = tmp_path / "net.py"
    net.write_text("\n" * 20)
    torch = Path(sys.prefix) / "torch.py"
    frames = [f'  File "{torch}", line 3 in f', f'  File "{net}", line 7 in forward', f'  File "{net}", line 2 in x']
    dump = "\n".join(["Fatal Python error: Segmentation fault", "", "Stack (most recent call first):", *frames])
    script = f"import os, sys; sys.stderr.write({dump!r}); sys.stderr.flush(); os.abort()"
    result = run(script, tmp_path)
    assert (result.status, result.path, result.line) == ("crashed", "net.py", 7)


def test_results_come_in_one_order_whoever_ends_first(tmp_path: Path) -> None:
    script = (
        "import json, sys, time\n"
        "job = json.load(sys.stdin)\n"
        "time.sleep(0.5 if job['entry'].startswith('a') else 0)\n"
        f"print(json.dumps({{**json.loads({GOOD!r}), 'model': job['entry'], 'target': job['target']}}))"
    )
    sandbox = Scripted()
    object.__setattr__(sandbox, "script", script)
    jobs = [Job(f"{name}.py::Net", str(tmp_path), target) for name in "ba" for target in ("onnx", "trace")]
    order: list[str] = []
    results = Runner(sandbox, width=4).run(jobs, lambda job: None, lambda result: order.append(result.model))
    assert [(r.model, r.target) for r in results] == [(f"{n}.py::Net", t) for n in "ab" for t in ("trace", "onnx")]
    assert order[0] == "b.py::Net"


def test_stopping_kills_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    sandbox = Scripted()
    object.__setattr__(sandbox, "script", "import time; time.sleep(60)")
    runner = Runner(sandbox, width=1)
    jobs = [Job(f"{name}.py::Net", str(tmp_path), "onnx") for name in "abc"]
    started = time.monotonic()
    threading.Timer(1.0, runner.stop).start()
    results = runner.run(jobs, lambda job: None, lambda result: None)
    assert results == runner.done == []
    assert time.monotonic() - started < 15


def test_an_interruption_keeps_what_is_done_and_leaves_no_worker(tmp_path: Path) -> None:
    sandbox = Scripted()
    script = (
        "import json, os, pathlib, sys, time\n"
        "job = json.load(sys.stdin)\n"
        "pathlib.Path(job['entry'][0]).write_text(str(os.getpid()))\n"
        "time.sleep(60 if job['entry'].startswith('b') else 1)\n"
        f"print(json.dumps({{**json.loads({GOOD!r}), 'model': job['entry']}}))"
    )
    object.__setattr__(sandbox, "script", script)
    runner = Runner(sandbox, width=2)

    def interrupted(result: Result) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run([Job(f"{n}.py::Net", str(tmp_path), "onnx") for n in "abc"], lambda job: None, interrupted)
    assert [result.model for result in runner.done] == ["a.py::Net"]
    assert gone(int((tmp_path / "b").read_text()))


def test_a_width_fits_processors_memory_and_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "processors", lambda: 8)
    monkeypatch.setattr(pool, "_available", lambda: 10 * 2**30)
    assert pool.width(20) == 6
    assert pool.width(3) == 3
    assert pool.width(20, memory=5 * 2**30) == 2
    assert pool.width(20, memory=64 * 2**30) == 1
    monkeypatch.setattr(pool, "_available", lambda: None)
    assert pool.width(20) == 8
    assert pool.width(0) == 1


def test_secrets_stay_with_the_parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("PLAIN", "x")
    kept = Sandbox("process").launch(tmp_path).environment
    assert "PLAIN" in kept
    assert not {"GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY"} & set(kept)
    assert "GITHUB_TOKEN" in Sandbox("none").launch(tmp_path).environment


def test_what_a_worker_of_ours_says_in_failing_is_made_printable(tmp_path: Path) -> None:
    sandbox = Scripted()
    object.__setattr__(sandbox, "script", "import os; os.write(2, b'\\x1b[2J'); os._exit(70)")
    runner = Runner(sandbox)
    runner.run([Job("net.py::Net", str(tmp_path), "onnx")], lambda job: None, lambda result: None)
    assert len(runner.bugs) == 1
    assert "\x1b" not in runner.bugs[0]


def test_a_worker_has_a_temporary_folder_that_goes_with_it(tmp_path: Path) -> None:
    launch = Sandbox("process").launch(tmp_path)
    folder = Path(launch.environment["TMPDIR"])
    (folder / "left").mkdir()
    launch.remove()
    assert not folder.exists()


def test_the_longest_targets_begin_first_and_the_report_is_sorted(tmp_path: Path) -> None:
    jobs = [Job(f"net.py::{name}", str(tmp_path), target) for name in "AB" for target in ("script", "trace", "onnx")]
    begun = [(job.entry[-1], job.target) for job in pool.longest_first(jobs)]
    assert begun == [(name, target) for target in ("onnx", "trace", "script") for name in "AB"]
