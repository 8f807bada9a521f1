"""What to write instead of a call that does not export: each pair was exported, run and compared by the tests."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from exportlint.operators.names import UNKNOWN, namesakes, normal

LOWEST = {"onnx-ts": 13, "onnx": 18}
"""By target, the opset from which on the replacements were measured to work."""


@dataclass(frozen=True)
class Recipe:
    """`call`, as a user writes it, and `instead`, which computes the same.

    Names in them stand for whatever the user has there. `but`: where the two are not the same.
    """

    call: str
    instead: str
    but: str = ""

    @property
    def name(self) -> str:
        """The operator: "torch.hypot"."""
        return self.call.partition("(")[0]

    def __str__(self) -> str:
        return f"write `{self.instead}` instead of `{self.call}`" + (f" ({self.but})" if self.but else "")

    def arguments(self) -> dict[str, object]:
        """The arguments of the call in normal form; what a name stands for is UNKNOWN."""
        node = ast.parse(self.call, mode="eval").body
        assert isinstance(node, ast.Call)
        given = {str(index): _literal(argument) for index, argument in enumerate(node.args)}
        given |= {keyword.arg: _literal(keyword.value) for keyword in node.keywords if keyword.arg}
        return normal(self.name, self.name, given)


def recipe(name: str, arguments: Mapping[str, object], target: str, opset: int) -> Recipe | None:
    """The recipe for a call of `name` that gives just these arguments; None where none was measured to work there.

    All were measured in float32. Forms in place have none: other tensors may look at the same memory.
    """
    if opset < LOWEST.get(target, opset + 1) or name.endswith("_") or arguments.get("@dtype", "float32") != "float32":
        return None
    for spelling in namesakes(name, {}):
        for one in _by_name().get(spelling, ()):
            given = {key for key in normal(name, spelling, arguments) if not key.startswith("@")}
            if given == set(one.arguments()):
                return one
    return None


def recipes_for(name: str) -> tuple[Recipe, ...]:
    """All recipes for calls of an operator, by the name that the table has for it."""
    return _by_name().get(name, ())


def _literal(node: ast.expr) -> object:
    return ast.literal_eval(node) if isinstance(node, ast.Constant) else UNKNOWN


@cache
def _by_name() -> dict[str, tuple[Recipe, ...]]:
    names = dict.fromkeys(one.name for one in RECIPES)
    return {name: tuple(one for one in RECIPES if one.name == name) for name in names}


_LARGE = "overflows where the squares do, beyond 1e19 in float32"
_SMALL = "less exact next to zero"

RECIPES = (
    Recipe("torch.acosh(x)", "torch.log(x + torch.sqrt(x * x - 1))", _LARGE),
    Recipe("torch.addbmm(x, y, z)", "x + torch.bmm(y, z).sum(0)"),
    Recipe("torch.addcdiv(x, y, z)", "x + y / z"),
    Recipe("torch.addr(x, y, z)", "x + y.unsqueeze(1) * z"),
    Recipe("torch.argwhere(x)", "torch.nonzero(x)"),
    Recipe("torch.asinh(x)", "torch.sign(x) * torch.log(torch.abs(x) + torch.sqrt(x * x + 1))", _LARGE),
    Recipe("torch.atanh(x)", "torch.log((1 + x) / (1 - x)) / 2", _SMALL),
    Recipe("torch.cdist(x, y)", "(x.unsqueeze(-2) - y.unsqueeze(-3)).pow(2).sum(-1).sqrt()", "needs more memory"),
    Recipe("torch.copysign(x, y)", "torch.where(y < 0, -torch.abs(x), torch.abs(x))", "the sign of -0.0 is lost"),
    Recipe("torch.cosh(x)", "(torch.exp(x) + torch.exp(-x)) / 2"),
    Recipe("torch.count_nonzero(x)", "(x != 0).sum()"),
    Recipe("torch.deg2rad(x)", "x * (torch.pi / 180)"),
    Recipe("torch.diag_embed(x)", "x.unsqueeze(-1) * torch.eye(x.shape[-1], dtype=x.dtype)", "of finite values"),
    Recipe("torch.diff(x)", "x[..., 1:] - x[..., :-1]"),
    Recipe("torch.dist(x, y)", "(x - y).pow(2).sum().sqrt()"),
    Recipe("torch.erfc(x)", "1 - torch.erf(x)", "less exact for large values"),
    Recipe("torch.exp2(x)", "torch.pow(2.0, x)"),
    Recipe("torch.expm1(x)", "torch.exp(x) - 1", _SMALL),
    Recipe("torch.fliplr(x)", "torch.flip(x, (1,))"),
    Recipe("torch.flipud(x)", "torch.flip(x, (0,))"),
    Recipe("torch.floor_divide(x, y)", "torch.floor(x / y)", "for floats"),
    Recipe("torch.fmax(x, y)", "torch.where(x.isnan(), y, torch.where(y.isnan(), x, torch.maximum(x, y)))"),
    Recipe("torch.fmin(x, y)", "torch.where(x.isnan(), y, torch.where(y.isnan(), x, torch.minimum(x, y)))"),
    Recipe("torch.frac(x)", "x - torch.sign(x) * torch.floor(torch.abs(x))"),
    Recipe("torch.heaviside(x, y)", "torch.where(x == 0, y, (x > 0).to(x.dtype))"),
    Recipe("torch.hypot(x, y)", "torch.sqrt(x * x + y * y)", _LARGE),
    Recipe("torch.inner(x, y)", "torch.matmul(x, y.transpose(-1, -2))", "of two dimensions and more"),
    Recipe("torch.isclose(x, y)", "torch.abs(x - y) <= 1e-8 + 1e-5 * torch.abs(y)", "of finite values"),
    Recipe("torch.linalg.vecdot(x, y)", "(x * y).sum(-1)", "of real values"),
    Recipe(
        "torch.logaddexp(x, y)", "torch.maximum(x, y) + torch.log(1 + torch.exp(-torch.abs(x - y)))", "of finite values"
    ),
    Recipe("torch.median(x)", "torch.sort(x.flatten())[0][(x.numel() - 1) // 2]", "without NaN"),
    Recipe("torch.msort(x)", "torch.sort(x, 0)[0]"),
    Recipe("torch.nanmean(x)", "torch.where(x.isnan(), torch.zeros_like(x), x).sum() / (~x.isnan()).sum()"),
    Recipe("torch.nansum(x)", "torch.where(x.isnan(), torch.zeros_like(x), x).sum()"),
    Recipe(
        "torch.nn.functional.avg_pool2d(x, size, divisor_override=n)",
        "torch.nn.functional.avg_pool2d(x, size) * (size * size / n)",
        "with a size that is one number",
    ),
    Recipe(
        "torch.nn.functional.channel_shuffle(x, groups)",
        "x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)",
    ),
    Recipe("torch.nn.functional.l1_loss(x, y)", "torch.abs(x - y).mean()"),
    Recipe(
        "torch.nn.functional.rms_norm(x, normalized)",
        "x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1.2e-7)",
        "over the last dimension, of float32",
    ),
    Recipe("torch.nn.functional.threshold(x, low, value)", "torch.where(x > low, x, value)"),
    Recipe("torch.rad2deg(x)", "x * (180 / torch.pi)"),
    Recipe("torch.ravel(x)", "torch.flatten(x)"),
    Recipe("torch.rot90(x)", "torch.flip(torch.transpose(x, 0, 1), (0,))"),
    Recipe("torch.searchsorted(x, y)", "(x.unsqueeze(-2) < y.unsqueeze(-1)).sum(-1)", "needs more memory"),
    Recipe("torch.signbit(x)", "x < 0", "but for -0.0"),
    Recipe("torch.sinc(x)", "torch.where(x == 0, 1.0, torch.sin(torch.pi * x) / (torch.pi * x))"),
    Recipe("torch.sinh(x)", "(torch.exp(x) - torch.exp(-x)) / 2", _SMALL),
    Recipe("torch.take_along_dim(x, y, dim)", "torch.gather(x, dim, y)", "of like shapes but for that dimension"),
    Recipe("torch.trace(x)", "torch.diagonal(x).sum()"),
    Recipe("torch.trunc(x)", "torch.sign(x) * torch.floor(torch.abs(x))"),
    Recipe("torch.vdot(x, y)", "torch.sum(x * y)", "of real values"),
    Recipe("torch.xlogy(x, y)", "torch.where(x == 0, torch.zeros_like(x), x * torch.log(y))"),
)
