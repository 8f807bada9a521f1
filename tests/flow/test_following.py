"""Values are followed through assignments, attributes, methods, submodules, inheritance and other files."""

from __future__ import annotations

import pytest

from exportlint.finding import Confidence
from exportlint.flow.events import Conversion, Decision, DimensionUse, DropoutCall, Iteration, NumpyCall
from tests.flow.events_of import HEADER, events_in, forward

FIRST = HEADER.count("\n") + 1

DECISIONS = {
    "assignment": "y = x.mean()\nz = y + 1\nif z > 0:\n    x = x * 2\nreturn x",
    "tuple": "a, (b, c) = 1, (x.min(), 2)\nif b > 0:\n    x = x * 2\nreturn x",
    "walrus": "if (m := x.max()) > 0:\n    x = x * m\nreturn x",
    "comprehension": "parts = [x[i].sum() for i in range(3)]\nif parts[0] > 0:\n    x = x * 2\nreturn x",
    "dictionary": "d = {'a': x.sum()}\nif d['a'] > 0:\n    x = x * 2\nreturn x",
    "closure": "def positive():\n    return x.sum() > 0\nif positive():\n    x = x * 2\nreturn x",
    "lambda": "test = lambda t: t.sum() > 0\nif test(x):\n    x = x * 2\nreturn x",
    "named tuple of torch": "top = x.max(dim=0)\nif top.values.sum() > 0:\n    x = x * 2\nreturn x",
    "functional": "if torch.any(F.relu(x) > 3):\n    x = x * 2\nreturn x",
    "early return": "if x.sum() > 0:\n    return x\nreturn -x",
    "ternary": "return x if x.sum() > 0 else -x",
    "while": "while x.norm() > 1:\n    x = x / 2\nreturn x",
    "equality of tensors": "if torch.equal(x, -x):\n    return x\nreturn x * 2",
    "size of a mask": "rows = x[x > 0]\nif rows.shape[0] == 0:\n    return x\nreturn x * 2",
    "getattr": "if getattr(x, 'sum')() > 0:\n    return x\nreturn x * 2",
    "declared distribution": (
        "def scored(given: torch.distributions.Distribution):\n    return given.log_prob(x)\n"
        "return scored(self.distribution(x))"
    ),
    "optional": "def first(of: torch.Tensor | None):\n    return of.sort()[0]\n"
    "if first(self.own(x)).sum() > 0:\n    x = -x\nreturn x",
    "loop carried": "t = 0\nfor i in range(3):\n    if t > 1:\n        x = -x\n    t = t + x[i]\nreturn x",
}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_is_seen(name, tmp_path):
    decisions = [e for e in events_in(tmp_path, forward(DECISIONS[name])) if isinstance(e, Decision)]
    assert len(decisions) == 1
    assert decisions[0].depends == "input"
    assert decisions[0].confidence is Confidence.HIGH


def test_through_methods_submodules_inheritance_and_files(tmp_path):
    blocks = """
        class Base(nn.Module):
            def gate(self, x):
                return helper(x)

        class Block(Base):
            def forward(self, x):
                if self.gate(x):
                    return x * 2
                return x

        def helper(value):
            return value.sum() > 0
    """
    source = "from blocks import Block\n\n" + forward("return self.block(x)", init="self.block = Block()")
    (decision,) = events_in(tmp_path, source, blocks=blocks)
    assert (decision.span.path, decision.symbol) == ("blocks.py", "Block.forward")


def test_call_contexts_are_kept_apart(tmp_path):
    source = forward("return scaled(x, 2) + scaled(x, (2, 3))") + (
        "\n\ndef scaled(x, size):\n    if size == 2:\n        return x\n    return x * 2\n"
    )
    assert events_in(tmp_path, source) == []


def test_a_number_is_followed_to_its_use(tmp_path):
    source = forward("n = x.max().item()\nm = n + 1\nif m > 2:\n    x = x * 2\nreturn x[: int(m)]")
    decision = next(e for e in events_in(tmp_path, source) if isinstance(e, Decision))
    conversion = next(e for e in events_in(tmp_path, source) if isinstance(e, Conversion))
    assert decision.subject == "number"
    assert decision.origin.line == conversion.span.line
    assert {use for use, _ in conversion.uses} >= {"branch", "slice", "int"}


def test_a_branch_on_a_parameter_depends_on_state(tmp_path):
    source = forward("if self.scale > 0:\n    x = x * 2\nreturn x", init="self.scale = nn.Parameter(torch.ones(1))")
    (decision,) = events_in(tmp_path, source)
    assert decision.depends == "state"


BY_THE_INPUT = {
    "cast by `type`": "return int((x.type(torch.float32) + self.w).max())",
    "a row of a table": "return int(self.w[x.argmax()].max())",
    "a place in a constant": "return int(torch.arange(8)[x > 0].max())",
    "a function given what is not followed": "return int(F.linear(opaque(x), self.w).max())",
    "a parameter times what is not followed": "return int((self.w * opaque(x)).max())",
}


@pytest.mark.parametrize("name", BY_THE_INPUT)
def test_what_an_input_went_into_depends_on_it(name, tmp_path):
    events = events_in(tmp_path, forward(BY_THE_INPUT[name], init="self.w = nn.Parameter(torch.ones(8, 8))"))
    assert [event.depends for event in events if isinstance(event, Conversion)] == ["input"]


def test_sizes_know_their_input_and_axis(tmp_path):
    source = forward("b, n, c = x.shape\nif n % 8:\n    x = x[:, 1:]\nfor i in range(c):\n    x = x + i\nreturn x")
    branch, loop = events_in(tmp_path, source)
    assert isinstance(branch, DimensionUse)
    assert branch.axes == (("x", 1),)
    assert isinstance(loop, Iteration)
    assert (loop.subject, loop.axis) == ("dimension", ("x", 2))


def test_numpy_and_dropout(tmp_path):
    source = forward("y = np.sqrt(x)\nreturn F.dropout(x, 0.1) + F.dropout(x, 0.1, self.training)")
    numpy, always, switched = events_in(tmp_path, source)
    assert isinstance(numpy, NumpyCall)
    assert (numpy.function, always.training, switched.training) == ("numpy.sqrt", "default", "self.training")
    assert isinstance(always, DropoutCall)


def test_a_check_that_only_raises_is_marked(tmp_path):
    source = forward("if torch.isnan(x).any():\n    raise ValueError('nan')\nassert x.sum() < 9\nreturn x")
    assert [e.only_checks for e in events_in(tmp_path, source)] == [True, True]


def test_spans_count_characters(tmp_path):
    (decision,) = events_in(tmp_path, forward("s = 'ü'; y = x.sum() > 0 and 'ß'\nreturn x"))
    assert (decision.span.column, decision.span.end_column) == (22, 33)
    assert decision.span.line == FIRST + 6


def test_recursion_ends(tmp_path):
    source = forward("return grow(x, 3)") + "\n\ndef grow(x, n):\n    return x if n == 0 else grow(x * 2, n - 1)\n"
    assert events_in(tmp_path, source) == []


def test_classes_that_inherit_from_each_other_end(tmp_path):
    assert (
        events_in(
            tmp_path, "class A(B):\n    pass\n\nclass B(A, nn.Module):\n    def forward(self, x):\n        return x\n"
        )
        == []
    )


def test_what_a_library_base_does_to_construct_is_not_followed_but_what_a_model_does_is(tmp_path):
    library = """
        class PreTrainedModel(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.plan = self.made()

            def made(self):
                return torch.zeros(1)

            def post_init(self):
                self.tied = torch.zeros(1)
    """
    source = """
        from library import PreTrainedModel

        class Net(PreTrainedModel):
            def __init__(self, config):
                super().__init__(config)
                self.gate = self.own()
                self.post_init()

            def own(self):
                return torch.zeros(1)

            def forward(self, x):
                if self.plan or self.tied:
                    x = x + 1
                return x if self.gate else -x
    """
    decisions = [e for e in events_in(tmp_path, source, library=library) if isinstance(e, Decision)]
    assert [decision.text for decision in decisions] == ["self.gate"]


@pytest.mark.parametrize(
    ("called", "seen"),
    [
        ("if labels is not None:\n    return NetLoss(x, labels)\nreturn x", False),
        ("if labels is not None:\n    return self.criterion(x, labels)\nreturn x", False),
        ("if labels is not None:\n    return compared(x, labels)\nreturn x", True),
        ("return NetLoss(x, x)", True),
    ],
)
def test_a_loss_is_followed_only_where_it_surely_runs(called, seen, tmp_path):
    losses = """
        def compared(x, labels):
            return x if (x - labels).sum() > 0 else -x

        def NetLoss(x, labels):
            return compared(x, labels)

        class NetCriterion(nn.Module):
            def forward(self, x, labels):
                return compared(x, labels)
    """
    model = forward(called, "x: torch.Tensor, labels: torch.Tensor | None = None", "self.criterion = NetCriterion()")
    source = "from losses import NetCriterion, NetLoss, compared\n\n" + model
    decisions = [e for e in events_in(tmp_path, source, losses=losses) if isinstance(e, Decision)]
    assert bool(decisions) is seen
