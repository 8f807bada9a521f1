"""The table says what happens today: cells drawn at random are measured again.

The draw is the same until a table changes, so that a run of CI can be repeated. For another: EXPORTLINT_CELLS_SEED=7.
"""

import hashlib
import os
import random
from importlib import resources
from importlib.metadata import version

import pytest

from exportlint.operators.table import releases
from exportlint.rule import DEFAULT_TORCH, Context

pytestmark = pytest.mark.torch

CELLS = {
    "onnx-ts": (30, range(9, 21)),
    "onnx": (10, (18, 20, 22)),
    "trace": (3, (None,)),
    "script": (4, (None,)),
    "export": (4, (None,)),
    "trace dynamic": (2, (None,)),
    "export dynamic": (3, (None,)),
    "onnx-ts dynamic": (2, (13, 17, 20)),
    "onnx dynamic": (2, (20,)),
}
"""How many cells are drawn of each way out, and from which opsets: 60 in all."""


@pytest.fixture
def seed():
    """Given by the tables themselves, or by who runs the test; printed when the test fails."""
    folder = resources.files("exportlint.data.operators")
    content = b"".join(folder.joinpath(name).read_bytes() for name in sorted(releases().values()))
    drawn = int(os.environ.get("EXPORTLINT_CELLS_SEED") or hashlib.sha256(content).hexdigest()[:8], 16)
    print(f"EXPORTLINT_CELLS_SEED={drawn:x}")
    return drawn


def test_cells_drawn_at_random_are_as_the_table_says(seed):
    from operators.calls import tested
    from operators.cases import group_names
    from operators.distilled import about_inputs
    from operators.letters import letter
    from operators.measure import SIZES
    from operators.sweep import Worker, chosen

    from exportlint.operators import table as tables
    from exportlint.operators.support import like

    chance = random.Random(seed)
    names = group_names()
    chance.shuffle(names)
    table, worker = tables.load(version("torch")), Worker()  # in a process of its own: an exporter can kill it
    left = {way: count for way, (count, _) in CELLS.items() if way in table.ways}
    wrong = []

    def sizes(key):
        return worker.ask((key, SIZES, None), 60).status

    while any(left.values()):
        cases = worker.ask(names.pop(), 60)
        drawn = [(way, case) for way, count in left.items() if count for case in chosen(cases, 1, way, sizes)]
        for way, case in drawn:
            if not (operation := tested(case["call"], case["layer"])):
                continue
            described = about_inputs(operation, case["inputs"])
            rows = like(table, operation.name, operation.arguments | described)
            opset = chance.choice(CELLS[way][1])
            index = table.ways[way].index(opset)
            then = {table.letters(row, way)[index] for row in rows}
            if not then or tables.UNMEASURED in then:
                continue
            left[way] -= 1
            outcome = worker.ask((case["key"], way, opset), 60)
            now = letter(outcome.status, outcome.got, opset)
            if not then & {now, tables.MIXED}:
                wrong.append(f"{case['key']} with {way} at {opset}: {now} ({outcome.detail}), in the table {then}")
    assert wrong == []


@pytest.mark.parametrize("dynamo", [True, False])
def test_what_torch_writes_by_default_is_the_opset_that_rules_ask_about(dynamo, tmp_path):
    import onnx
    import torch

    if not torch.__version__.startswith(DEFAULT_TORCH):
        pytest.skip("the default of another release")
    torch.onnx.export(torch.nn.ReLU(), (torch.ones(2),), tmp_path / "model.onnx", dynamo=dynamo)
    assert onnx.load(tmp_path / "model.onnx").opset_import[0].version == Context(("onnx",)).written_opset
