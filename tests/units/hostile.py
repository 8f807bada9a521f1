"""Sources that nobody writes by hand, and that must cost no more than themselves."""

from __future__ import annotations

from collections.abc import Callable

HEAD = "import torch\nfrom torch import nn\n\n\n"
HARMLESS = HEAD + "class Net(nn.Module):\n    def forward(self, x):\n        return x if x.sum() > 0 else -x\n"


def _model(body: list[str], before: str = "") -> str:
    lines = ["class Net(nn.Module):", "    def forward(self, x: torch.Tensor):", *(f"        {line}" for line in body)]
    return HEAD + before + "\n".join([*lines, "        return x", ""])


def parentheses() -> str:
    """Deep nesting, on which libcst 1.9 dies."""
    return _model(["y = " + "(" * 3000 + "x" + ")" * 3000])


def long_sum() -> str:
    """A chain of operators, on which libcst 1.9 takes more than quadratic time."""
    return _model(["y = x" + " + 1" * 20_000])


def calls_in_a_row() -> str:
    return _model(["y = x" + ".relu()" * 3000])


def nested_blocks() -> str:
    return _model([" " * depth + "if x.shape[0] > 1:" for depth in range(90)] + [" " * 90 + "x = x + 1"])


def deep_functions() -> str:
    function = "def f{}(x):\n    return f{}(x) + x\n\n\n"
    return _model(["x = f0(x)"], "".join(function.format(i, i + 1) for i in range(400)))


def exponential_calls() -> str:
    """Each function calls the next one twice, with other arguments each time."""
    functions = [
        f"def f{i}(x, *args):\n    a = f{i + 1}(x, 1, *args)\n    return f{i + 1}(a, {{'k': a}}, *args)\n\n\n"
        for i in range(60)
    ]
    return _model(["x = f0(x)"], "".join(functions))


def mutual_recursion() -> str:
    function = "def f{}(x, n):\n    return f{}(f{}(x, [n]), (n, n))\n\n\n"
    functions = [function.format(i, (i * 7 + 1) % 30, (i + 3) % 30) for i in range(30)]
    return _model(["x = f0(x, 1)"], "".join(functions))


def doubled_tuples() -> str:
    """A value whose written form doubles with each line."""
    return _model(["y = (x, x)", *["y = (y, y)"] * 60, "z = [y, y]", "if z == y:", "    x = x + 1", "x = torch.cat(y)"])


def nested_tuple() -> str:
    return _model(["y = (x,)", *["y = (y, 1)"] * 3000, "x = torch.cat(y)"])


def wide_union() -> str:
    branches = [f"if self.flag{i}:\n            y = [y, {i}, 'a{i}']" for i in range(150)]
    return _model(["y = x", *branches, "x = torch.cat(y)"])


def loops_within_loops() -> str:
    loops = [" " * depth + f"for i{depth} in range(x.shape[{depth}]):" for depth in range(12)]
    return _model([*loops, " " * 12 + "x = x + 1"])


def huge_literal() -> str:
    return _model(["x = x + 1"], "TABLE = [" + ", ".join(map(str, range(100_000))) + "]\n\n\n")


def huge_power() -> str:
    return _model(["n = 9 ** 9 ** 9 ** 9", "s = 'a' * 10 ** 12", "t = [0] * 10 ** 12", "x = x.view(1 << 10 ** 10)"])


def generated_classes() -> str:
    model = "class N{}(nn.Module):\n    def forward(self, x):\n        return N{}()(x)\n\n\n"
    return HEAD + "".join(model.format(i, i + 1) for i in range(1500))


def base_of_itself() -> str:
    return HEAD + "class A(B, nn.Module): ...\n\n\nclass B(A): ...\n\n\nclass C(C): ...\n"


def imports_in_a_circle() -> str:
    own = "imports_in_a_circle"
    imports = f"from .{own} import *\nfrom {own} import *\nimport {own} as other\n"
    return imports + _model(["x = thing(x)", "x = other.thing.thing(x)"])


def too_large() -> str:
    return _model(["x = x + 1"], "TEXT = '" + "a" * 4_100_000 + "'\n\n\n")


def null_byte() -> str:
    return _model(["x = '\0'"])


def long_strings() -> str:
    return _model([f"if x.sum() > 0 and '{'b' * 200_000}':", "    x = -x"])


def many_decisions() -> str:
    return _model([line for i in range(1000) for line in (f"if x[{i}] > 0:", f"    x = x + {i}")])


SOURCES: tuple[Callable[[], str], ...] = (
    parentheses,
    long_sum,
    calls_in_a_row,
    nested_blocks,
    deep_functions,
    exponential_calls,
    mutual_recursion,
    doubled_tuples,
    nested_tuple,
    wide_union,
    loops_within_loops,
    huge_literal,
    huge_power,
    generated_classes,
    base_of_itself,
    imports_in_a_circle,
    too_large,
    null_byte,
    long_strings,
    many_decisions,
)
"""All of them; their names are those of the files."""
