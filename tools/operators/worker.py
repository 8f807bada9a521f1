"""A worker process: measures the cells it is asked for. Exporters can kill it; the sweep starts another."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection

from operators import cases, measure


def serve(connection: Connection) -> None:
    """Answer requests until the other end closes.

    "GROUP" gives the cases' (key, call, layer, inputs, random or the eager error) as a list of dicts.
    ("KEY", way, opset) gives an Outcome.
    """
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    measure.quiet()
    measure.reuse_registries()
    measured: dict[str, measure.Measured] = {}
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        if isinstance(request, str):
            connection.send([_described(case, measured) for case in cases.group(request)])
        else:
            key, way, opset = request
            if key not in measured:
                _described(next(c for c in cases.group(key.rpartition("#")[0]) if c.key == key), measured)
            connection.send(measured[key].outcome(way, opset))


def _described(case: cases.Case, measured: dict[str, measure.Measured]) -> dict:
    line = {"key": case.key, "call": case.call, "layer": case.layer, "inputs": case.described()}
    try:
        measured[case.key] = measure.Measured(case)
    except Exception as error:  # whatever a model may raise in eager mode: the case is unusable, and says why
        return {**line, "unusable": f"{type(error).__name__}: {error}"[:200]}
    return {**line, "random": measured[case.key].random}
