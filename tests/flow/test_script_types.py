"""Operators, builtins and functions of torch: what TorchScript has no variant for is a fault, what it takes is none.

Each expression is really scripted too.
"""

from __future__ import annotations

import importlib.util
import random
import textwrap

import pytest

from exportlint.data import script_signatures
from exportlint.flow.events import Parameter, ScriptFault
from exportlint.flow.scripting.signatures import objection
from exportlint.flow.scripting.types import INT, TENSOR, list_of
from tests.flow.events_of import HEADER, all_events

HELPERS = """
import warnings
from typing import Dict, List, Optional, Tuple, Union


def sized(x: torch.Tensor, sizes: List[int]):
    return x


def pair(x: torch.Tensor, sizes: Tuple[int, int]):
    return x


def scaled(x: torch.Tensor, factors: List[float]):
    return x


def switched(x: torch.Tensor, flag: bool = True):
    return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = None
        self.linear = nn.Linear(4, 4)
        self.layers = nn.ModuleList([nn.Linear(4, 4)])
        self.method = self.linear_twice

    def linear_twice(self, x):
        return self.linear(self.linear(x))

    def forward(
        self,
        x: torch.Tensor,
        k: Union[int, torch.Tensor],
        v: Union[int, float],
        s: list,
        t: tuple,
        n: Optional[int] = None,
        m: Optional[torch.Tensor] = None,
    ):
"""
# What is left of `;` stands before it.
TAKEN = """
x.sum(dim=1, keepdim=True)
torch.sum(input=x, dim=1)
x.mean((1, 2), True)
x.permute(0, 1) + x.view(x.shape[0], -1) + x.view([4, 4]) + x.view(x.shape)
x.view(x.shape[0], x.sum())
x.new_zeros([])
torch.zeros(2, 3, device=x.device)
torch.zeros((), dtype=torch.float32)
torch.full((2,), x)
torch.sqrt(2) + torch.mul(2, x) + torch.clamp(x, 0, 1.0)
torch.cat((x, x), 1) + torch.stack(x.unbind(0), 1)
torch.einsum("ij,jk->ik", x, x)
x.to("cpu", torch.float32, non_blocking=True)
torch.matmul(x, x, out=x)
x.to(x.device, x.dtype)
F.interpolate(x, size=x.shape[2:])
F.interpolate(x, scale_factor=[1.0, 2.0])
F.dropout(x, x.sum().item())
F.layer_norm(x, (4,))
F.has_torch_function((x,))
torch.tensor(0.0, requires_grad=True)
sized(x, 2)
sized(x, (2, 3))
switched(x, x.dim() > 2)
(1,) + (2,)
x.shape + (2,)
2 * [1]
x * [1]
x.shape * 2
x.shape == (1, 2)
(1, 2) == (1, 2)
'%s' % x
True + x
n is None
m is None
x.shape is None
len(x.dim())
int('3')
bool([1])
max(x.shape)
max(x, 2.0)
sum(x.shape[1:])
sum(x)
any(x > 0)
list(x)
hex(1)
warnings.warn('a', stacklevel=2)
x[..., None]
x[:, : x.sum()]
x[[0, 1]]
x[x > 0, ...]
x[..., x.dim(), None, :]
x[None] + x[(1, 2)]
(x, 1)[-1]
(x, x)[x.dim()]
x.max(dim=1).values
x.is_leaf, x.requires_grad, x.layout, x.itemsize, x.H
'a'.upper()
x.shape.index(2)
y: List[int] = []; y
y: Optional[int] = 2; y
self.act if self.act is not None else x
(k, s, t)
len(s) + len(t)
isinstance(s, list)
x * k if isinstance(k, int) else x + k
k if isinstance(k, int) else k.shape[0]
assert not isinstance(k, int); k.shape
k = x; k * x
k = torch.tensor(k) if isinstance(k, int) else k; k * x
x * v if v > 1 else x + v
getattr(self, 'linear', nn.ReLU())(x)
[layer(x) for layer in self.layers]
"""
REFUSED = """
argument-type: x.mean(dim=1, keepdims=True)
argument-type: x.sum(axis=1)
argument-type: torch.cat([x, x], axis=1)
argument-type: torch.bmm(mat1=x, mat2=x)
argument-type: x.norm(dim=1)
argument-type: F.interpolate(x, scale_factor=2)
argument-type: F.interpolate(x, size=4.0)
argument-type: F.pad(x, (1, 1), value=0)
argument-type: F.dropout(x, 0)
argument-type: F.layer_norm(x, x.shape[-1])
argument-type: F.scaled_dot_product_attention(x, x, x, scale=1)
optional: F.adaptive_avg_pool2d(x, None)
argument-type: torch.zeros(2, requires_grad=True)
argument-type: torch.full(2, 1)
argument-type: torch.full((2, x), 1)
argument-type: torch.full((2, 1.0), 1)
argument-type: torch.maximum(x, 0)
argument-type: torch.linspace(0, 1, x.shape[0] / 2)
argument-type: torch.cat(x, x)
argument-type: x.softmax()
argument-type: x.transpose(1)
argument-type: x.unsqueeze(1, 2)
argument-type: x.sum(x)
argument-type: x.sum(x.sum().item())
argument-type: x.view((2, -1), 3)
optional: x.view(2, None)
optional: torch.min(x, dim=1, out=None)
optional: x.sum(n)
optional: x.mul(m)
optional: torch.cat([x, m])
argument-type: sized(x, (2, 3.0))
argument-type: pair(x, x.shape)
argument-type: pair(x, (2, 3.0))
argument-type: scaled(x, [2, 3])
argument-type: switched(x, x.sum() > 0)
argument-type: switched(x, other=True)
argument-type: switched(x, True, flag=True)
optional: self.act(x)
argument-type: x + (1, 2)
argument-type: [1] + x
argument-type: x - 'a'
argument-type: x + None
argument-type: x.shape - x.shape
argument-type: x.shape / 2
argument-type: x @ 2
argument-type: -[1]
argument-type: ~1
argument-type: x == (1, 2)
argument-type: x == None
argument-type: x.shape[0] != None
argument-type: m == None
argument-type: n == None
argument-type: x.dtype == None
argument-type: 1 == 'a'
argument-type: int(x.shape)
argument-type: float(None)
argument-type: abs([1])
argument-type: max(1, None)
call-outside: max([x, x])
call-outside: all([x])
argument-type: sum([1, 2], 0)
argument-type: round(2.5, 1)
argument-type: sorted([1, 2], reverse=True)
argument-type: reversed([1])
argument-type: range(2.0)
argument-type: range(x.sum())
argument-type: print('a', end='')
argument-type: x[1.0]
argument-type: x[..., x > 0]
argument-type: x[..., [0, 1], :]
argument-type: x[:, 1.0]
argument-type: x[:, : x.shape[1] / 2]
argument-type: x[True]
argument-type: x[None, 'a']
argument-type: (x, 1)[x.dim()]
argument-type: (x, 1)[2]
tensor-method: x.dtype.is_floating_point
tensor-method: x.names
tensor-method: x.grad_fn
tensor-method: x.anything()
tensor-method: x.shape.numel()
tensor-method: x.dim().bit_length()
tensor-method: 'a'.removeprefix('a')
variable-type: y: float = 1; y
variable-type: y: int = x.sum(); y
variable-type: y: List[int] = x.dim(); y
list-length: y, z = (1, 2, 3); y
attribute: x.requires_grad = True; x
unsupported-syntax: y = (1, 2); y[0] = 1; y
unsupported-syntax: ...; x
global-value: warnings.warn('a', DeprecationWarning)
unsupported-syntax: y = [1, 2]; y[:1] = [3]; y
argument-type: x * k
argument-type: k.shape
argument-type: k[0]
argument-type: k > 1
argument-type: -k
argument-type: 1 if k else 2
argument-type: torch.cat(k)
argument-type: sized(x, k)
argument-type: s[0]
argument-type: t + t
argument-type: s == [1]
argument-type: y, z = t; y
argument-type: [i for i in s]
module-container: self.linear[0]
module-container: [part(x) for part in self.linear]
attribute: self.method(x)
"""


def source(expression: str) -> str:
    """A model whose forward ends with an expression."""
    *before, last = expression.split("; ")
    return HEADER + HELPERS + textwrap.indent("\n".join([*before, f"made = {last}", "return x"]), " " * 8) + "\n"


def faults(folder, expression: str) -> list[str]:
    path = folder / "net.py"
    path.write_text(source(expression))
    seen = [e for e in all_events(path, ["script"]) if isinstance(e, ScriptFault | Parameter)]
    return [e.reason if isinstance(e, ScriptFault) else "parameter" for e in seen]


TAKEN_EXPRESSIONS = TAKEN.strip().splitlines()
REFUSED_EXPRESSIONS = [tuple(line.split(": ", 1)) for line in REFUSED.strip().splitlines()]


@pytest.mark.parametrize("expression", TAKEN_EXPRESSIONS)
def test_what_has_a_variant_is_no_fault(expression, tmp_path):
    assert faults(tmp_path, expression) == []


@pytest.mark.parametrize(("reason", "expression"), REFUSED_EXPRESSIONS)
def test_what_has_no_variant_is_one_fault(reason, expression, tmp_path):
    assert faults(tmp_path, expression) == [reason]


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", [*TAKEN_EXPRESSIONS, *(one for _, one in REFUSED_EXPRESSIONS)])
def test_torch_says_the_same(expression, tmp_path):
    import torch

    path = tmp_path / "scripted_types.py"
    path.write_text(source(expression))
    specification = importlib.util.spec_from_file_location("scripted_types", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    model = module.Net()
    if expression in TAKEN_EXPRESSIONS:
        torch.jit.script(model)
    else:
        with pytest.raises(RuntimeError, match=r"scripted_types\.py"):
            torch.jit.script(model)


def test_the_parameter_to_blame_is_named():
    assert objection("torch.Tensor.mean", [], {"dim": INT, "keepdims": INT}) == ("keepdims", None)
    assert objection("torch.cat", [TENSOR], {}) == ("tensors", TENSOR)
    assert objection("torch.nn.functional.layer_norm", [TENSOR, INT], {}) == ("normalized_shape", INT)
    assert objection("torch.Tensor.transpose", [INT], {}) == ("dim1", None)
    assert objection("torch.Tensor.view", [list_of(INT), INT], {})[0] == "size"
    assert objection("torch.no_such_function", [INT], {}) is None


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
def test_the_table_is_what_torch_declares(monkeypatch):
    from pathlib import Path

    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "tools"))
    import torch
    from generate_script_signatures import described, schemas

    names = random.Random(0).sample(sorted(script_signatures()), 60)
    for public in names:
        namespace, _, name = public.rpartition(".")
        is_method = namespace == "torch.Tensor"
        owner = torch.Tensor if is_method else torch
        for part in namespace.split(".")[1:] if not is_method else ():
            owner = getattr(owner, part)
        value = getattr(owner, name)
        builtin = is_method or torch.jit._builtins._find_builtin(value) is not None
        found = [s for s in schemas(namespace, name, value) if not any(a.is_out for a in s.arguments)]
        assert sorted({described(one, is_method, builtin) for one in found}) == script_signatures()[public], public
