"""What torch.jit.script would refuse: seen where torch says so, and nowhere in what it takes."""

from __future__ import annotations

import textwrap

import pytest

from exportlint.flow.events import Parameter, ScriptFault
from exportlint.flow.scripting import names
from tests.flow.events_of import HEADER, all_events, forward

HELD = "self.layers = nn.ModuleList([nn.Linear(4, 4)])\nself.none = None\nself.flag = True\nself.scale = lambda x: x"
TYPING = "from typing import List, Optional, Tuple, Union\n"


def faults(folder, source, **files):
    """Reasons and lines of the faults in `net.py`, the header not counted."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(HEADER + textwrap.dedent(text))
    path = folder / "net.py"
    path.write_text(TYPING + HEADER + source)
    seen = [e for e in all_events(path, ["script"]) if isinstance(e, ScriptFault | Parameter)]
    return [(e.reason if isinstance(e, ScriptFault) else "parameter", e.certain) for e in seen]


TAKEN = {
    "known to scripting": "if not torch.jit.is_scripting():\n    x = np.abs(x)\nreturn x",
    "returned before": "if torch.jit.is_scripting():\n    return x\nreturn np.abs(2)",
    "attribute that is None": "if self.none is not None:\n    x = self.none.weight\nreturn x",
    "isinstance that cannot be": "if isinstance(x, list):\n    return np.abs(2), x\nreturn x",
    "refined and": "if m is not None and m.dim() > 2:\n    x = x + m\nreturn x",
    "refined by return": "if m is None:\n    return x\nreturn x + m",
    "refined by assert": "assert m is not None\nreturn x + m",
    "none or tensor": "if x.dim() > 2:\n    y = None\nelse:\n    y = x\nreturn y",
    "unused mismatch": "if x.dim() > 2:\n    y = 1\nelse:\n    y = x\nreturn x",
    "int becomes tensor": "y = 0\nif x.dim() > 2:\n    y = x\nreturn y",
    "list becomes tuple": "y = [1]\nif x.dim() > 2:\n    y = (1, 2)\nreturn x",
    "loop over modules": "for i, layer in enumerate(self.layers):\n    y = layer(x)\nreturn y",
    "unused lambda attribute": "return x * 2",
    "literal getattr": "return getattr(self, 'layers')[0](x)",
    "sizes": "b, c = x.shape\nreturn x.view([b, c])",
    "annotated list": "a: List[int] = []\na.append(1)\nreturn x",
    "f-string": "if x.dim() > 9:\n    raise ValueError(f'{x.dim()} axes')\nreturn x",
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_torch_takes_is_no_fault(name, tmp_path):
    source = forward(TAKEN[name], "x: torch.Tensor, m: Optional[torch.Tensor] = None", HELD)
    assert faults(tmp_path, source) == []


REFUSED = {
    "variable-arguments": forward("return x", "x, *rest"),
    "nested-function": forward("y = [1, 2]\nif torch.jit.is_scripting():\n    return x\nreturn (lambda t: t)(x)"),
    "unsupported-syntax": forward("del self.flag\nreturn x", init=HELD),
    "star-expansion": forward("d = {'dim': 1}\nreturn x.sum(**d)"),
    "list-length": forward("return x.view(*x.shape[:2], -1)"),
    "module-container": forward("for i in range(1):\n    x = self.layers[i](x)\nreturn x", init=HELD),
    "reflection": forward("return x if type(x) is int else x * 2"),
    "optional": forward("return x + m", "x, m: Optional[torch.Tensor] = None"),
    "attribute": forward("return self.scale(x)", init=HELD),
    "variable-type": forward("y = None\nfor i in range(3):\n    y = x\nreturn x"),
    "return-type": forward("if x.dim() > 2:\n    return x, x\nreturn x"),
    "container-type": forward("sizes = []\nsizes.append(1)\nreturn x"),
    "argument-type": forward("return F.dropout(x, 0)"),
    "annotation": forward("return x", "x: torch.Tensor, sizes: Tuple[int, ...]"),
    "call-outside": forward("return x * math.prod([2, 3])"),
    "global-value": "SCALE = 2\n" + forward("return x * SCALE"),
    "super-call": forward("return super().forward(x)"),
    "tensor-method": forward("return x * x.nelement()"),
    "parameter": forward("return x * n", "x, n: int = None"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_torch_refuses_is_one_certain_fault(reason, tmp_path):
    assert faults(tmp_path, REFUSED[reason]) == [(reason, True)]


def test_modules_that_are_held_and_never_called_are_compiled(tmp_path):
    parts = """
        class Part(nn.Module):
            def forward(self, x, **options):
                return x
    """
    source = "from parts import Part\n" + forward("return x", init="self.part = Part()")
    assert faults(tmp_path, source, parts=parts) == [("variable-arguments", True)]


def test_ignored_and_unused_methods_are_not_compiled(tmp_path):
    source = forward("return self.debug(x) + self.other(x)") + (
        "    @torch.jit.ignore\n    def debug(self, x):\n        return np.abs(2)\n"
        "    @torch.jit.unused\n    def other(self, *rest):\n        return (lambda: 1)()\n"
    )
    assert faults(tmp_path, source) == []


def test_exported_methods_and_properties_are_compiled(tmp_path):
    source = forward("return x") + (
        "    @torch.jit.export\n    def debug(self, *rest):\n        return 1\n"
        "    @property\n    def sizes(self):\n        return [i for i in range(3) if i]\n"
    )
    assert sorted(faults(tmp_path, source)) == [("unsupported-syntax", True), ("variable-arguments", True)]


def test_a_branch_that_torch_may_drop_makes_a_doubtful_fault(tmp_path):
    source = forward("if self.part is not None:\n    x = x * math.prod([2])\nreturn x", init="self.part = config")
    assert faults(tmp_path, source) == [("call-outside", False)]


FLAGGED = "if self.flag:\n    x = self.more(x)\nreturn x"
BUILT = {
    "set for a flag": (FLAGGED, "self.flag = flag\nif flag:\n    self.more = nn.Linear(4, 4)", ["attribute"]),
    "None": (FLAGGED, "self.flag = flag\nself.more = config", ["optional"]),
    "set either way": (
        FLAGGED,
        "self.flag = flag\nif flag:\n    self.more = nn.ReLU()\nelse:\n    self.more = nn.Tanh()",
        [],
    ),
    "set by name": (FLAGGED, "self.flag = flag\nsetattr(self, 'mo' + 're', nn.ReLU())", []),
    "asked for": (
        "if hasattr(self, 'more'):\n    x = self.more(x)\nreturn x",
        "if flag:\n    self.more = nn.ReLU()",
        [],
    ),
    "not built": (FLAGGED, "self.flag = flag\nself.more = config\nif config is None:\n    raise ValueError", []),
}


@pytest.mark.parametrize("name", BUILT)
def test_what_a_constructor_leaves_out_by_default_is_a_doubtful_fault(name, tmp_path):
    body, init, reasons = BUILT[name]
    assert faults(tmp_path, forward(body, init=init)) == [(reason, False) for reason in reasons]


def test_containers_of_modules_cannot_be_called(tmp_path):
    init = "self.layers = nn.ModuleList([nn.Linear(4, 4)])\nself.named = nn.ModuleDict({'a': nn.Linear(4, 4)})"
    source = forward("return self.layers(x), self.named(x)", init=init)
    assert faults(tmp_path, source) == [("module-container", True)] * 2


OVERLOADED = """
@torch.jit._overload
def filled(x, value: Optional[float] = None):
    pass


@torch.jit._overload
def filled(x, value: Optional[str] = None):
    pass


def filled(x, value: Union[float, str, None] = None) -> Union[torch.Tensor, float]:
    return x if value is None else x * value


"""


@pytest.mark.parametrize(("value", "reasons"), [("0.5", []), ("'a'", []), ("0", ["argument-type"])])
def test_one_of_several_overloads_has_to_take_a_call(value, reasons, tmp_path):
    source = OVERLOADED + forward(f"return filled(x, value={value}) + 1")
    assert faults(tmp_path, source) == [(reason, True) for reason in reasons]


@pytest.mark.parametrize(("helper", "reasons"), [("doubled", ["wrapped-function"]), ("math", []), ("len", [])])
def test_names_are_looked_up_where_a_wrapper_stands(helper, reasons, tmp_path):
    wrapping = """
        import functools


        def noted(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)

            return wrapper
    """
    before = "from wrapping import noted\n\n\ndef doubled(x):\n    return x * 2\n\n\n"
    used = {"math": "math.sqrt(2.0)", "len": "len(x)"}.get(helper, f"{helper}(x)")
    source = before + forward(f"return x * {used}").replace("    def forward", "    @noted\n    def forward")
    assert faults(tmp_path, source, wrapping=wrapping) == [(reason, True) for reason in reasons]


def test_what_a_module_gives_is_known_behind_others(tmp_path):
    """Of a subclass of a layer, of modules in a row, and of what a variable is that has a shape."""
    parts = "class Part(nn.Linear):\n    pass\n\n\n"
    init = "self.parts = nn.Sequential(nn.ReLU(), Part(4, 4))\nself.last = Part(4, 4)\nself.other = config"
    body = "y = self.other(x)\nreturn tuple(self.parts(x).shape), tuple(self.last(x).shape), tuple(y.shape)"
    found = faults(tmp_path, parts + forward(body, init=init))
    assert [reason for reason, _ in found if reason == "list-length"] == ["list-length"] * 3


def test_where_a_parameter_that_is_no_str_is_compared_is_told(tmp_path):
    path = tmp_path / "net.py"
    body = "if x.dim() > 2:\n    return x\nassert mode in ['a', 'b']\nreturn x if mode == 'a' else x * 2"
    path.write_text(HEADER + forward(body, "x, mode='a'"))
    (event,) = (e for e in all_events(path, ["script"]) if isinstance(e, Parameter))
    lines = path.read_text().splitlines()
    assert [lines[place.line - 1].strip() for place in event.tested] == ["assert mode in ['a', 'b']"]


def test_losses_are_compiled_and_few_are_scripted(tmp_path):
    source = forward("loss = x - y\nreturn math.prod([2]) * loss", "x, y").replace("Net", "SomeLoss")
    assert faults(tmp_path, source) == [("call-outside", False)]
    shared = "\n\ndef scaled(x):\n    return math.prod([2]) * x\n\n\n"
    source = shared + forward("return scaled(x)").replace("Net", "SomeLoss") + forward("return scaled(x)")
    assert faults(tmp_path, source) == [("call-outside", True)]


def test_functions_of_modules_that_are_imported_are_compiled(tmp_path):
    source = "import helpers\n\n" + forward("return helpers.clipped(x)")
    helpers = "def clipped(x):\n    return x * math.prod([2])\n"
    assert faults(tmp_path, source, helpers=helpers) == [("call-outside", True)]


NO_SUCH = (
    "Unknown builtin op|not supported in Torchscript|no attribute or method|aren't supported|attribute lookup|"
    "variable number of arguments|type 'float' for argument|cannot be used as a value|weak reference|Expected type hint"
)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "call",
    [f"x.{name}()" for name in sorted(names.TENSOR_METHODS)]
    + [f"torch.{name}(x)" for name in sorted(names.TORCH_FUNCTIONS - {"Tensor", "load", "save"})]
    + [f"math.{name}(x)" for name in sorted(names.MATH_FUNCTIONS)]
    + [f"x.{name}" for name in sorted(names.TENSOR_FIELDS_LACKING)],
)
def test_torch_lacks_what_the_tables_say(call, tmp_path):
    import importlib.util

    import torch

    name = "call_" + "".join(c if c.isalnum() else "_" for c in call)
    path = tmp_path / f"{name}.py"
    path.write_text(f"import math\nimport torch\n\ndef called(x):\n    return {call}\n")
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    with pytest.raises((RuntimeError, torch.jit.frontend.FrontendError, TypeError), match=NO_SUCH):
        torch.jit.script(module.called)


def test_a_message_spells_what_is_not_known_as_a_question_mark(tmp_path):
    """And never as this program holds it: an object of the project carries the text of its file."""
    body = "y = (len(x), Held())\na, b, c = y\nreturn a"
    path = tmp_path / "net.py"
    path.write_text(HEADER + "class Held:\n    pass\n\n\n" + forward(body))
    details = [event.detail for event in all_events(path, ["script"]) if isinstance(event, ScriptFault)]
    assert details == ["Tuple[int, ?] unpacked into 3 names"]
