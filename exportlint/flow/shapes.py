"""Sizes and dtypes of results, for the operations that hand them on; everything else has unknown sizes."""

from __future__ import annotations

from dataclasses import replace

from exportlint.flow import dtypes, ragged
from exportlint.flow.arguments import Arguments
from exportlint.flow.arithmetic import broadcast
from exportlint.flow.values import Const, Dim, Layer, Seq, Static, Tensor, Value

# Sizes and dtype of the first input are those of the result.
_SAME = frozenset(
    "relu gelu silu sigmoid tanh exp log sqrt rsqrt abs neg sin cos clone contiguous detach to float half double "
    "cuda cpu clamp clip softmax log_softmax dropout layer_norm batch_norm masked_fill masked_fill_ add_ mul_ "
    "sub_ div_ zeros_like ones_like rand_like randn_like full_like empty_like type_as leaky_relu elu softplus "
    "hardswish hardsigmoid cumsum flip roll normalize nan_to_num requires_grad_ floor ceil round pow square "
    "reciprocal erf tril triu logical_not bitwise_not sort bool long int".split()
)
_ELEMENTWISE = frozenset(
    "add sub mul div true_divide maximum minimum eq ne lt le gt ge where logical_and logical_or".split()
)
_SAME_LAYERS = frozenset(
    "ReLU GELU SiLU Sigmoid Tanh LeakyReLU ELU Softplus Hardswish Softmax LogSoftmax Dropout Dropout2d LayerNorm "
    "GroupNorm BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm2d Identity RMSNorm PReLU ReLU6 Mish".split()
)
_MOVES = frozenset(
    "clone contiguous detach view reshape flatten unsqueeze squeeze expand transpose permute repeat flip roll "
    "cuda cpu t chunk split unbind index_select gather narrow select expand_as view_as tril triu masked_fill cat "
    "stack".split()
)
_RESHAPED = frozenset("view reshape flatten squeeze unsqueeze transpose permute t".split())
_REBUILT = frozenset("scatter_add scatter_reduce index_add_ scatter_ index_add one_hot to_dense".split())
_ROW_BY_ROW = frozenset("linear embedding".split())  # what becomes of the axis that a selection made is plain
_CREATES = frozenset("zeros ones empty rand randn full".split())


def of_operator(name: str, receiver: Tensor | None, given: Arguments, inputs: list[Tensor], result: Tensor) -> Tensor:
    """The result of a function or method with its sizes, where they follow from the inputs' sizes."""
    short = name.rpartition(".")[2]
    result = replace(result, dtype=result.dtype or dtypes.of_operator(name, receiver, given, inputs))
    args = given.args if receiver is not None else given.args[1:]
    if given.open_args is not None:
        return result  # `torch.zeros(3, *sizes)`: nobody knows how many
    if short in _CREATES and receiver is None:
        return replace(result, shape=_given_sizes(given.args))
    if short in ("arange", "linspace") and receiver is None:
        return replace(result, shape=None)
    if not inputs:
        return result
    first = inputs[0]
    if short in ("view", "reshape"):
        return replace(result, shape=_viewed(first.shape, args))
    if short in _SAME:
        return replace(result, shape=first.shape, source=first.source)
    if short in _ELEMENTWISE:
        shape = first.shape
        for other in inputs[1:]:
            shape = broadcast(shape, other.shape)
        return replace(result, shape=shape)
    if first.shape is None:
        return result
    return replace(result, shape=_moved(short, list(first.shape), args, given))


def _given_sizes(args: tuple[Value, ...]) -> tuple[Value, ...] | None:
    sizes = args[0].items if args and isinstance(args[0], Seq) else args
    if not sizes or not all(isinstance(s, Const | Dim | Static) for s in sizes):
        return None
    return tuple(sizes)


def _moved(short: str, sizes: list[Value], args: tuple[Value, ...], given: Arguments) -> tuple[Value, ...] | None:
    numbers = [a.value if isinstance(a, Const) and type(a.value) is int else None for a in args]
    rank = len(sizes)
    if short == "unsqueeze" and numbers[:1] and numbers[0] is not None and -rank - 1 <= numbers[0] <= rank:
        at = numbers[0] if numbers[0] >= 0 else numbers[0] + rank + 1
        return (*sizes[:at], Const("int", 1), *sizes[at:])
    if (
        short in ("transpose", "swapaxes")
        and len(numbers) == 2
        and all(n is not None and -rank <= n < rank for n in numbers)
    ):
        a, b = numbers
        sizes[a], sizes[b] = sizes[b], sizes[a]
        return tuple(sizes)
    if short == "permute":
        order = args[0].items if args and isinstance(args[0], Seq) and args[0].items else args
        known = [a.value if isinstance(a, Const) else None for a in order]
        if len(known) == rank and all(type(n) is int and -rank <= n < rank for n in known):
            return tuple(sizes[n] for n in known)
        return None
    if short in ("mean", "sum", "amax", "amin", "prod", "std", "var", "norm", "any", "all", "argmax", "argmin"):
        return _reduced(sizes, given, args)
    if short == "flatten":
        start = numbers[0] if numbers and numbers[0] is not None else 0
        if 0 <= start < rank and len(numbers) < 2:
            return (*sizes[:start], _product(sizes[start:]))
    return None


def _viewed(sizes: tuple[Value, ...] | None, args: tuple[Value, ...]) -> tuple[Value, ...] | None:
    wanted = args[0].items if args and isinstance(args[0], Seq) else args
    if not wanted or not all(isinstance(w, Const | Dim | Static) for w in wanted):
        return None
    rest = _product(list(sizes)) if sizes is not None else Dim((), False, False, False)
    return tuple(rest if isinstance(w, Const) and w.value == -1 else w for w in wanted)


def _reduced(sizes: list[Value], given: Arguments, args: tuple[Value, ...]) -> tuple[Value, ...] | None:
    axis = given.kwargs.get("dim", args[0] if args else None)
    keep = given.kwargs.get("keepdim", args[1] if len(args) > 1 else None)
    if axis is None:
        return ()
    axes = axis.items if isinstance(axis, Seq) and axis.items is not None else (axis,)
    if not all(isinstance(a, Const) and type(a.value) is int and -len(sizes) <= a.value < len(sizes) for a in axes):
        return None
    gone = {a.value % len(sizes) for a in axes}
    if isinstance(keep, Const) and keep.value:
        return tuple(Const("int", 1) if i in gone else size for i, size in enumerate(sizes))
    return (
        tuple(size for i, size in enumerate(sizes) if i not in gone)
        if keep is None or isinstance(keep, Const)
        else None
    )


def _product(sizes: list[Value]) -> Value:
    from exportlint.flow.arithmetic import dimension

    dims = [s for s in sizes if isinstance(s, Dim)]
    return dimension(dims) if dims else Static("int")


def of_layer(module: Layer, first: Tensor, result: Tensor) -> Tensor:
    """The result of a layer with its sizes."""
    short = module.name.rpartition(".")[2]
    if short in _SAME_LAYERS:
        return replace(result, shape=first.shape, ragged=first.ragged)
    known = dict(module.arguments)
    if short == "Linear" and first.shape:
        return replace(result, shape=(*first.shape[:-1], known.get("out_features", Static("int"))), ragged=first.ragged)
    if short == "Embedding" and first.shape is not None:
        return replace(result, shape=(*first.shape, known.get("embedding_dim", Static("int"))), ragged=first.ragged)
    if short.startswith(("Conv", "MaxPool", "AvgPool")) and first.shape and len(first.shape) > 2:
        channels = known.get("out_channels", Static("int")) if short.startswith("Conv") else first.shape[1]
        spatial = tuple(replace(s, exact=False) if isinstance(s, Dim) else Static("int") for s in first.shape[2:])
        return replace(result, shape=(first.shape[0], channels, *spatial))
    return result


def stays_ragged(name: str, inputs: list[Tensor], given: Arguments) -> ragged.Ragged:
    """The axes of a result whose sizes depend on values because an input's do, True where it is not known which.

    None where all axes are reduced, or where most operations of that name leave such an axis out (attention sums over
    the axis that a selection made).
    """
    short = name.rpartition(".")[2]
    reduces = short in (
        "sum",
        "mean",
        "max",
        "min",
        "any",
        "all",
        "prod",
        "norm",
        "argmax",
        "argmin",
        "numel",
        "index_add",
        "scatter",
    )
    if reduces or short in _REBUILT:
        return False
    axes = next((t.ragged for t in inputs if t.ragged), False)
    if short == "index_select" and inputs[-1].ragged:
        dim = given.get("dim", 0 if name.startswith("torch.Tensor.") else 1)
        return (dim.value,) if isinstance(dim, Const) and type(dim.value) is int and dim.value >= 0 else True
    if not axes or short in _SAME or short in _ELEMENTWISE or short in _ROW_BY_ROW:
        return axes
    if given.open_args is not None:
        return short in _MOVES
    return _moved_axes(short, axes, given.args if name.startswith("torch.Tensor.") else given.args[1:], given)


def selected(name: str, given: Arguments) -> ragged.Ragged:
    """The axis along which an operation selects or repeats: the first, unless it is told another."""
    if not name.endswith((".repeat_interleave", ".unique", ".unique_consecutive")):
        return (0,)
    behind = 1 if name.startswith("torch.Tensor.") else 2
    dim = given.get("dim", behind) if name.endswith(".repeat_interleave") else given.kwargs.get("dim")
    if dim is None or (isinstance(dim, Const) and dim.value is None):
        return (0,)
    return (dim.value,) if isinstance(dim, Const) and type(dim.value) is int and dim.value >= 0 else True


def _moved_axes(short: str, axes: ragged.Ragged, args: tuple[Value, ...], given: Arguments) -> ragged.Ragged:
    """Where ragged axes end up; True where that is not known."""
    wanted = args[0].items if args and isinstance(args[0], Seq) and args[0].items else args
    numbers = [w.value if isinstance(w, Const) and type(w.value) is int else None for w in wanted]
    dim = given.kwargs.get("dim", wanted[0] if wanted else Const("int", 0))
    at = dim.value if isinstance(dim, Const) and type(dim.value) is int else None
    if short in ("view", "reshape") and (-1 in numbers or any(isinstance(w, Dim) and w.ragged for w in wanted)):
        return tuple(i for i, w in enumerate(wanted) if numbers[i] == -1 or (isinstance(w, Dim) and w.ragged))
    if short == "flatten" and not args and not given.kwargs:
        return (0,)
    if short == "t":
        return ragged.swapped(axes, 0, 1)
    if short == "transpose" and len(numbers) == 2 and None not in numbers:
        return ragged.swapped(axes, *numbers)
    if short == "permute" and None not in numbers and min(numbers, default=-1) >= 0:
        return ragged.reordered(axes, numbers)
    if short in ("unsqueeze", "stack") and at is not None:
        return ragged.inserted(axes, at)
    if short in ("squeeze", "select", "unbind") and at is not None:
        return ragged.removed(axes, at)
    if short in _RESHAPED or short in ("unsqueeze", "stack", "select", "unbind"):
        return True
    return axes if short in _MOVES else False


def known(tensor: Tensor) -> tuple | None:
    """Sizes as plain values: an int, "dynamic" for a declared dimension, None where unknown."""
    if tensor.shape is None:
        return None
    return tuple(
        s.value
        if isinstance(s, Const) and type(s.value) is int
        else "dynamic"
        if isinstance(s, Dim) and s.declared
        else None
        for s in tensor.shape
    )
