"""What is no problem must be no event: configuration, None, types, dtypes, devices, training, per-target guards."""

from __future__ import annotations

import textwrap

import pytest

from exportlint.finding import Confidence
from exportlint.flow.events import Conversion, Decision, Iteration
from tests.flow.events_of import HEADER, all_events, events_in, forward

SILENT = {
    "flag of the constructor": ("if self.flag:\n    x = x * 2\nreturn x", "x: torch.Tensor", "self.flag = flag"),
    "configuration object": (
        "if self.config.use_bias:\n    x = x + 1\nreturn x",
        "x: torch.Tensor",
        "self.config = config",
    ),
    "None": ("if mask is not None:\n    x = x * mask\nreturn x", "x: torch.Tensor, mask=None"),
    "optional truth": ("if not return_all:\n    x = x * 2\nreturn x", "x: torch.Tensor, return_all=None"),
    "flag without annotation": ("if return_all:\n    return x\nreturn x * 2", "x: torch.Tensor, return_all=False"),
    "membership of nothing": ("stops = ()\nif 1 in stops and x.sum() > 0:\n    return x\nreturn x * 2",),
    "a list of as many as there are members": (
        "given = list(given.unsqueeze(1))\nfor one, scale in zip(given, self.scales):\n"
        "    x = x + one * scale\nreturn x",
        "x: torch.Tensor, given: torch.Tensor",
        "self.scales = scales",
    ),
    "rows that layers ask for": (
        "rows = iter(given)\nfor layer in self.layers:\n    x = layer(x)\n    x = x + next(rows, 0)\nreturn x",
        "x: torch.Tensor, given: torch.Tensor",
        "self.layers = layers",
    ),
    "moved one by one": (
        "given = [one.to(x.device) for one in given]\nreturn x + given[0]",
        "x: torch.Tensor, given: torch.Tensor",
    ),
    "isinstance": ("if isinstance(x, (list, tuple)):\n    x = x[0]\nreturn x", "x"),
    "dtype": ("if x.dtype == torch.float16:\n    x = x.float()\nreturn x",),
    "device": ("if x.device.type == 'cuda':\n    x = x.half()\nreturn x",),
    "rank": ("if x.dim() == 3 and x.ndim < 5:\n    x = x[0]\nreturn x",),
    "training": ("if self.training and x.sum() > 0:\n    x = x * 2\nreturn x",),
    "static bool of torch": ("if torch.is_floating_point(x) and x.is_contiguous():\n    x = x * 2\nreturn x",),
    "known layers": (
        "for layer in self.layers:\n    x = layer(x)\nreturn x",
        "x: torch.Tensor",
        "self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(width)])",
    ),
    "list of tensors": (
        "outs = []\nfor i in range(3):\n    outs.append(x * i)\nif len(outs) > 2:\n    return outs[0]\nreturn x",
    ),
    "last size of a selection that was reshaped": (
        "y = x[x[:, 0] > 0].view(-1, 4).matmul(self.w)\nif y.shape[-1] == 3:\n    return y * 2\nreturn y",
        "x: torch.Tensor",
        "self.w = nn.Parameter(torch.ones(4, width))",
    ),
    "array, not tensor": (
        "if isinstance(x, np.ndarray):\n    x = torch.as_tensor(x)\nreturn x",
        "x: np.ndarray | list[torch.Tensor]",
    ),
    "last sizes of a selection": (
        "y = x[x > 0].view(-1, 4, 2)\nif y.shape[1:] != (4, 2):\n    return y\nreturn y * 2",
    ),
    "a tensor where it may be a list": (
        "if self.flag:\n    x = [x, x]\nreturn torch.as_tensor(x)",
        "x: torch.Tensor",
        "self.flag = flag",
    ),
    "columns": ("return x[tuple(x.long().T)] + x[tuple(x.nonzero().t())] + x[tuple(x.nonzero().transpose(0, 1))]",),
    "second size of a selection": (
        "y = x[x[:, 0] > 0]\nif y.size(1) != 2 or y.t().shape[0] == 3:\n    return y * 2\nreturn y",
    ),
    "first size where the second was selected": (
        "y = x[:, x[0] > 0]\nif y.size(0) == 2 or y.unsqueeze(0).shape[1] == 3:\n    return y * 2\nreturn y",
    ),
    "sizes of a selection whose axis is not followed": (
        "y = x.nonzero().unflatten(0, self.sizes)\nif y.shape[0] == 2:\n    return x * 2\nreturn x",
        "x: torch.Tensor",
        "self.sizes = config.sizes",
    ),
    "as many rows as there are layers": (
        "for row, layer in zip(x, self.layers):\n    layer(row)\nreturn x",
        "x: torch.Tensor",
        "self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(width)])",
    ),
    "list where it is no tensor": (
        "if not torch.is_tensor(t):\n    t = torch.tensor([t])\nreturn x * t",
        "x: torch.Tensor, t: int | torch.Tensor",
    ),
    "number where it is one": (
        "if not isinstance(scale, (int, float)) or scale != 1:\n    x = x * 2\nreturn x",
        "x: torch.Tensor, scale: float | torch.Tensor = 1.0",
    ),
    "array where it is no tensor": (
        "if not isinstance(given, torch.Tensor):\n    given = np.sqrt(given)\nreturn x * 2",
        "x: torch.Tensor, given",
    ),
    "string argument": ("if mode == 'max':\n    return x.max()\nreturn x", "x: torch.Tensor, mode='max'"),
    "string argument, guessed": ("if mode == 'max':\n    return x.max()\nreturn x", "x, mode"),
    "constructor's numbers": (
        "if self.rate > 0.5:\n    return x\nreturn x * 2",
        "x: torch.Tensor",
        "self.rate = torch.linspace(0, 1, 4)[1].item()",
    ),
    "an assertion on sizes": ("assert x.shape[0] == x.shape[1]\nreturn x",),
    "enumerate of modules": (
        "for i, (layer, scale) in enumerate(zip(self.layers, (1, 2))):\n    if i > 0:\n        x = layer(x)\nreturn x",
        "x: torch.Tensor",
        "self.layers = nn.ModuleList([nn.Linear(3, 3), nn.ReLU()])",
    ),
    "dictionary of options": (
        "if self.table['a'] > 1:\n    x = x * 2\nreturn x",
        "x: torch.Tensor",
        "self.table = {'a': width}",
    ),
    "identity with None in a list": ("states = [None] * 3\nif states[0] is None:\n    return x\nreturn states[0]",),
}


@pytest.mark.parametrize("name", SILENT)
def test_no_decision_no_conversion_no_loop(name, tmp_path):
    found = [e for e in events_in(tmp_path, forward(*SILENT[name])) if isinstance(e, Decision | Conversion | Iteration)]
    assert found == []


GUARDS = {
    "torch.jit.is_scripting()": {"script"},
    "torch.jit.is_tracing()": {"trace", "onnx-ts"},
    "torch.onnx.is_in_onnx_export()": {"onnx", "onnx-ts"},
    "torch.compiler.is_exporting()": {"export", "onnx"},
}


ALL = {"trace", "script", "export", "onnx", "onnx-ts"}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_leaves_its_targets_alone(guard, tmp_path):
    source = forward(f"if not {guard}:\n    if x.sum() > 0:\n        x = x * 2\nreturn x")
    (decision,) = decisions_in(tmp_path, source)
    assert decision.targets == ALL - GUARDS[guard]


def decisions_in(folder, *words, **files):
    """What of the events is about control flow; others tell what a model returns."""
    return [event for event in events_in(folder, *words, **files) if isinstance(event, Decision)]


LOOKED_UP = """
_is_compiling = getattr(torch.compiler, "is_compiling", None) or getattr(torch._dynamo, "is_compiling", None)

def compiling():
    return bool(_is_compiling()) if _is_compiling is not None else False
"""


@pytest.mark.parametrize(
    ("body", "targets"),
    [
        ("if not compiling() and not x.sum() > 0:\n    raise ValueError\nreturn x", {"trace", "script", "onnx-ts"}),
        (
            "if x.ndim != 2 or torch.jit.is_tracing() or compiling():\n    return x\nreturn x if x.sum() > 0 else -x",
            {"script"},
        ),
    ],
)
def test_a_guard_that_is_looked_up_where_the_module_is_loaded(body, targets, tmp_path):
    (decision,) = decisions_in(tmp_path, LOOKED_UP + forward(body))
    assert decision.targets == targets


PREDICATE = """
    def may_stop(x, plain):
        if torch.jit.is_tracing() or torch.compiler.is_compiling():
            return False
        if plain:
            return False
        return LAST

    """


@pytest.mark.parametrize("last", ["x.ndim == 2", "True", "not plain or x.is_contiguous()"])
@pytest.mark.parametrize(
    "body",
    [
        "if may_stop(x, self.plain) and x.sum() > 0:\n    x = -x\nreturn x",
        "rounds = range(3)\nif may_stop(x, self.plain):\n    if x.sum() > 0:\n        x = -x\nreturn x",
    ],
)
def test_a_predicate_is_false_where_it_asks_for_exporters_first(body, last, tmp_path):
    source = textwrap.dedent(PREDICATE).replace("LAST", last) + forward(body, init="self.plain = flag")
    (decision,) = decisions_in(tmp_path, source)
    assert decision.targets == {"script"}


def test_a_predicate_that_differs_by_target_may_give_more_than_bools(tmp_path):
    source = textwrap.dedent(PREDICATE).replace("LAST", "x") + forward(
        "if may_stop(x, self.plain).sum() > 0:\n    x = -x\nreturn x", init="self.plain = flag"
    )
    (decision,) = decisions_in(tmp_path, source)
    assert decision.targets == ALL


def test_what_a_predicate_keeps_from_every_target_is_gone(tmp_path):
    source = textwrap.dedent(PREDICATE).replace("LAST", "x.ndim == 2") + forward(
        "rounds = range(3) if may_stop(x, self.plain) else ()\n"
        "for i in range(3):\n    if i in rounds and x.sum() > 0:\n        break\n    x = x + 1\nreturn x",
        init="self.plain = flag",
    )
    (tmp_path / "net.py").write_text(HEADER + source)
    assert not [event for event in all_events(tmp_path / "net.py", ("trace", "export")) if isinstance(event, Decision)]


def test_a_guard_behind_a_helper_with_try(tmp_path):
    helper = """
        def tracing():
            try:
                import torch
                return torch.compiler.is_compiling()
            except Exception:
                return False

        def any_tracing(tensor=None):
            found = tracing() or torch.jit.is_tracing()
            if tensor is not None:
                found |= isinstance(tensor, torch.fx.Proxy)
            return found
    """
    source = "from guards import any_tracing\n\n" + forward(
        "if not any_tracing(x) and (x == 0).all():\n    return None\nreturn x"
    )
    (decision,) = decisions_in(tmp_path, source, guards=helper)
    assert decision.targets == {"script"}


def test_what_stands_under_a_flag_is_not_certain(tmp_path):
    source = forward("if self.flag:\n    if x.sum() > 0:\n        x = x * 2\nreturn x", init="self.flag = flag")
    (decision,) = decisions_in(tmp_path, source)
    assert not decision.certain


def test_a_forward_that_a_decorator_may_replace_is_a_guess(tmp_path):
    source = """
    def dispatched(cls):
        original = cls.forward

        def forward(self, *args):
            return TABLE.get(self.config.implementation, original)(self, *args)

        cls.forward = forward
        return cls

    @dispatched
    class Experts(nn.Module):
        def forward(self, x: torch.Tensor):
            return x * 2 if x.sum() > 0 else x

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.experts = Experts()

        def forward(self, x: torch.Tensor):
            return self.experts(x)
    """
    (decision,) = decisions_in(tmp_path, source)
    assert decision.confidence is Confidence.LOW


def test_what_a_layer_hides_in_its_wrapper_stays_silent(tmp_path):
    source = """
        class Wrap(nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner

            def forward(self, x):
                return self.inner(x) if self.inner is not None else x

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.net = nn.Sequential(Wrap(nn.Linear(3, 3)), Wrap(None))

            def forward(self, x: torch.Tensor):
                return self.net(x)
    """
    assert events_in(tmp_path, source) == []


def test_an_object_of_a_class_of_the_project_is_no_tensor(tmp_path):
    source = """
    class Boxes:
        @property
        def data(self):
            return self.held

    class Net(nn.Module):
        def forward(self, x: torch.Tensor, boxes: torch.Tensor | Boxes):
            if isinstance(boxes, Boxes):
                return x * boxes.data
            return x
    """
    assert events_in(tmp_path, source) == []


def test_a_list_of_feature_maps_is_as_long_in_every_call_whatever_the_parameter_is_called(tmp_path):
    source = """
    class Net(nn.Module):
        def forward(self, x: list[torch.Tensor]):
            feature_maps = x
            return [features * 2 for features in feature_maps]
    """
    assert events_in(tmp_path, source) == []


def test_feature_maps_that_are_annotated_as_a_tensor_are_a_list(tmp_path):
    source = """
    class Net(nn.Module):
        def forward(self, feats: torch.Tensor):
            return [feat * 2 for feat in feats]
    """
    assert events_in(tmp_path, source) == []


def test_sparse_tensors_are_not_exported(tmp_path):
    source = """
    def is_sparse(x):
        return x.is_sparse or x.layout == torch.sparse_csr

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            if is_sparse(x) and x.sum() > 0:
                return -x
            return x
    """
    assert events_in(tmp_path, source) == []


def test_a_tensor_for_tracers_only_decides_for_nobody_else(tmp_path):
    source = """
    AVAILABLE = find("torch")

    def whole(n):
        if not AVAILABLE:
            return int(n)
        return n.to(torch.int64) if torch.jit.is_tracing() and isinstance(n, torch.Tensor) else int(n)

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            n = whole(torch.ceil(x.mean())) if torch.jit.is_tracing() else 3
            if n != 4:
                return -x
            return x
    """
    decisions = [event for event in events_in(tmp_path, source) if isinstance(event, Decision)]
    assert {decision.confidence for decision in decisions} == {Confidence.LOW}


CHECKS = {
    "a message is made": 'if x.min() < -5:\n    what = "too small"\n    raise ValueError(what)\nreturn x',
    "a flag": "if x.min() < -5:\n    if self.flag:\n        raise ValueError(x)\n    return False\nreturn True",
}


@pytest.mark.parametrize("body", CHECKS.values(), ids=CHECKS)
def test_an_arm_that_raises_is_a_check(body, tmp_path):
    (decision,) = decisions_in(tmp_path, forward(body, init="self.flag = flag"))
    assert decision.only_checks


def test_an_arm_that_gives_a_constant_without_raising_is_none(tmp_path):
    (decision,) = decisions_in(tmp_path, forward("if x.min() < -5:\n    return False\nreturn x"))
    assert not decision.only_checks


def test_a_number_that_a_function_checks_is_only_checked(tmp_path):
    source = """
    def require(holds, raises: bool = True):
        if not holds:
            if raises:
                raise ValueError("out of range")
            return False
        return True

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            require(x.amin(0).item() > -5 and x.amax(0).item() < 5)
            return x
    """
    conversions = [event for event in events_in(tmp_path, source) if isinstance(event, Conversion)]
    assert [{use for use, _ in event.uses} for event in conversions] == [{"check"}, {"check"}]


def test_a_tensor_passed_for_a_flag_is_none(tmp_path):
    source = """
    def scaled(x, twice=False):
        return x * 2 if twice else x

    class Net(nn.Module):
        def forward(self, x: torch.Tensor, mask: torch.Tensor):
            return scaled(x, mask)
    """
    assert events_in(tmp_path, source) == []


def test_one_of_a_tuple_of_unlike_things_is_a_guess(tmp_path):
    source = """
    class Net(nn.Module):
        def forward(self, x: torch.Tensor, more: tuple[torch.Tensor, ...]):
            outputs = (x, (x.shape[1], x.shape[2])) + more
            height, width = outputs[1]
            if height > 4:
                x = -x
            return x
    """
    decisions = [event for event in events_in(tmp_path, source) if isinstance(event, Decision)]
    assert {decision.confidence for decision in decisions} <= {Confidence.LOW}


def test_a_flag_that_is_or_ed_stays_true(tmp_path):
    source = """
    def is_tracing(x):
        known = torch.compiler.is_compiling() or torch.jit.is_tracing() or torch.cuda.is_current_stream_capturing()
        known |= isinstance(x, torch.fx.Proxy)
        return known

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            if not is_tracing(x) and x.sum() > 0:
                x = -x
            return x
    """
    (decision,) = (event for event in events_in(tmp_path, source) if isinstance(event, Decision))
    assert decision.targets == {"script"}


def test_what_stands_before_a_raise_is_not_exported(tmp_path):
    body = "if x.ndim == 4:\n    n = x.sum().item()\n    raise ValueError(n)\nreturn x"
    events = [event for event in events_in(tmp_path, forward(body)) if isinstance(event, Conversion)]
    assert {event.targets for event in events} == {frozenset({"script"})}


def test_one_cause_in_a_nest_is_told_once(tmp_path):
    body = "n = max(min(x[x > 0].shape[0], 8), 2)\nreturn x.new_zeros(n)"
    events = events_in(tmp_path, forward(body))
    assert [event.form for event in events if isinstance(event, Decision)] == ["min"]


LENGTHS_CHECKED = {
    "raises": "if len(x) != 4:\n    raise ValueError(x)\nreturn x",
    "asserts": "assert len(x) == 4\nreturn x",
}


@pytest.mark.parametrize("body", LENGTHS_CHECKED.values(), ids=LENGTHS_CHECKED)
def test_a_length_that_is_only_checked(body, tmp_path):
    assert not [event for event in events_in(tmp_path, forward(body)) if isinstance(event, Conversion)]


def test_a_size_that_was_decided_on_is_not_asked_again(tmp_path):
    body = "x = x[x > 0]\nmany = x.shape[0] > 4 and not self.flag\nif many:\n    x = -x\nreturn x"
    events = events_in(tmp_path, forward(body, init="self.flag = flag"))
    assert [event.form for event in events if isinstance(event, Decision)] == ["and"]


def test_a_class_that_is_asked_for(tmp_path):
    source = """
    def convert(x, kind):
        if issubclass(kind, np.ndarray):
            return x.numpy()
        return x

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            return convert(x, torch.Tensor)
    """
    assert events_in(tmp_path, source) == []
    events = events_in(tmp_path, source.replace("(x, torch.Tensor)", "(x, np.ndarray)"))
    assert "numpy" in [event.how for event in events if isinstance(event, Conversion)]


def test_a_guard_in_a_helper_that_knows_older_releases(tmp_path):
    source = """
    ASK = getattr(torch.compiler, "is_compiling", None) or getattr(torch._dynamo, "is_compiling", None)
    OLD = torch.__version__ < "2"

    def is_compiling():
        if OLD:
            return False
        return bool(ASK()) if ASK is not None else False

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            if not is_compiling() and x.sum() > 0:
                x = -x
            return x
    """
    (decision,) = (event for event in events_in(tmp_path, source) if isinstance(event, Decision))
    assert decision.targets == {"trace", "script", "onnx-ts"}


FIXED_TURNS = {
    "called a list": "row_list = x\nfor row in row_list:\n    row.add_(0)\nreturn x",
    "taken apart": "height, width = (2 * size for size in x)\nreturn height + width",
    "joined as a list": "for row in x:\n    row.add_(0)\nreturn torch.cat(x)",
    "documented as a list": '"""Args:\n    x (`list[torch.Tensor]`)"""\nfor row in x:\n    row.add_(0)\nreturn row',
    "beside members": "for i, row in enumerate(x):\n    x = x + self.layers[i](row)\nreturn x",
}


@pytest.mark.parametrize("body", FIXED_TURNS.values(), ids=FIXED_TURNS)
def test_a_loop_with_as_many_turns_in_every_call(body, tmp_path):
    init = "self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(width)])"
    assert events_in(tmp_path, forward(body, init=init)) == []


def test_what_is_annotated_as_a_tuple_is_none_of_the_tensors_that_another_class_gets(tmp_path):
    source = """
    class Plain:
        def __call__(self, x: torch.Tensor, mask: torch.Tensor):
            return x * mask

    class OfTwo:
        def __call__(self, x: torch.Tensor, mask: tuple[torch.Tensor, torch.Tensor]):
            first, second = mask if mask else (x, x)
            return x * first + second

    class Net(nn.Module):
        def __init__(self, both=False):
            super().__init__()
            self.apply_to = OfTwo() if both else Plain()

        def forward(self, x: torch.Tensor, mask: torch.Tensor):
            return self.apply_to(x, mask)
    """
    assert [event for event in events_in(tmp_path, source) if isinstance(event, Decision)] == []
