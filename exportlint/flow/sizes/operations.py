"""What torch's functions and the methods of tensors do to sizes, and which they refuse."""

from __future__ import annotations

from collections.abc import Callable

from exportlint.flow.arguments import Arguments
from exportlint.flow.sizes import made
from exportlint.flow.sizes.resized import interpolated, number, numbers, padded
from exportlint.flow.sizes.sized import Mismatch, Sized, Sizes, broadcast, product, shown
from exportlint.flow.values import UNKNOWN, Const, Layer, Seq, Value

_SAME = frozenset(
    "relu relu_ relu6 gelu silu sigmoid sigmoid_ tanh leaky_relu elu selu softplus hardswish hardsigmoid mish softmax "
    "log_softmax logsigmoid dropout dropout1d dropout2d dropout3d alpha_dropout normalize exp log sqrt rsqrt abs neg "
    "sin cos square clamp clip clone contiguous detach to float half double bfloat16 long int bool cpu cuda "
    "requires_grad_ type_as zeros_like ones_like rand_like randn_like empty_like round floor ceil sign erf "
    "cumsum flip roll nan_to_num".split()
)
_ELEMENTWISE = frozenset("add sub mul div add_ sub_ mul_ div_ maximum minimum".split())
_REDUCES = frozenset("mean sum amax amin prod logsumexp".split())
_LAYERS = {
    "max_pool": ("MaxPool", "kernel_size stride padding dilation ceil_mode return_indices"),
    "avg_pool": ("AvgPool", "kernel_size stride padding ceil_mode count_include_pad divisor_override"),
    "adaptive_avg_pool": ("AdaptiveAvgPool", "output_size"),
    "adaptive_max_pool": ("AdaptiveMaxPool", "output_size return_indices"),
}
"""Functions of torch.nn.functional that do what a layer does, with the names of their arguments."""


def function(name: str, given: Arguments) -> Value:
    """What a function of torch gives. Raises Mismatch."""
    if not name.startswith("torch."):
        return UNKNOWN
    short = name.rpartition(".")[2]
    layer = _as_layer(name, short, given)
    if layer is not None:
        from exportlint.flow.sizes.layers import apply

        return apply(layer, short, given.args[:1])
    first = given.get("input", 0)
    if short in ("cat", "concat", "concatenate", "stack"):
        return _joined(short, given)
    if short == "interpolate" and isinstance(first, Sized):
        if given.get("mode", 3) is None or isinstance(given.get("mode", 3), Const):
            return interpolated(first, given.get("size", 1), given.get("scale_factor", 2), short)
        return UNKNOWN
    if short == "pad" and isinstance(first, Sized):
        amounts = given.get("pad", 1)
        count = len(amounts.items) if isinstance(amounts, Seq) and amounts.items is not None else 0
        known = numbers(amounts, count) if count else None
        return padded(first, known, short) if known else UNKNOWN
    if short in made.MAKES:
        return made.new(short, given)
    if not isinstance(first, Sized):
        return UNKNOWN
    rest = Arguments(given.args[1:] if "input" not in given.kwargs else given.args, given.kwargs, given.open_args)
    return method(first, short, rest)


def _as_layer(name: str, short: str, given: Arguments) -> Layer | None:
    family = short[:-2]
    if not name.startswith("torch.nn.functional.") or family not in _LAYERS:
        return None
    kind, words = _LAYERS[family]
    named = dict(zip(words.split(), given.args[1:], strict=False)) | given.kwargs
    return Layer(f"torch.nn.{kind}{short[-2:]}", tuple((k, v) for k, v in named.items() if k != "input"))


def method(tensor: Sized, name: str, given: Arguments) -> Value:
    """What a method of a tensor gives. Raises Mismatch."""
    if given.open_args is not None or given.open_kwargs:
        return UNKNOWN
    if name in _SAME:
        return tensor
    if name in _ELEMENTWISE and given.args:
        other = given.args[0]
        return broadcast(tensor, other, f"`{name}`") if isinstance(other, Sized) else _scaled(tensor, other)
    if name in _REDUCES:
        return _reduced(tensor, given)
    handler = _METHODS.get(name)
    return handler(tensor, given) if handler is not None else UNKNOWN


def _scaled(tensor: Sized, other: Value) -> Value:
    """A tensor times, plus... a number; what else it meets may be of any size."""
    return tensor if isinstance(other, Const) else UNKNOWN


def _axis(tensor: Sized, value: Value | None) -> int | None:
    axis, rank = number(value), len(tensor.sizes)
    return axis % rank if axis is not None and -rank <= axis < rank else None


def _size(tensor: Sized, given: Arguments) -> Value:
    sizes = tuple(UNKNOWN if size is None else Const("int", size) for size in tensor.sizes)
    if given.get("dim", 0) is None:
        return Seq("Size", sizes)
    axis = _axis(tensor, given.get("dim", 0))
    return sizes[axis] if axis is not None else UNKNOWN


def _viewed(tensor: Sized, given: Arguments) -> Value:
    wanted = given.args[0].items if given.args and isinstance(given.args[0], Seq) else given.args
    sizes = [number(size) for size in wanted or ()]
    total = product(tensor.sizes)
    alone = len(given.args) == 1 and not isinstance(given.args[0], Seq)
    if not sizes or sizes.count(-1) > 1 or given.kwargs or (alone and sizes == [None]):
        return UNKNOWN  # a dtype, or a shape of which nothing is known
    if total is None or None in sizes:
        return Sized(tuple(None if size == -1 else size for size in sizes), tensor.steps)
    rest = product(tuple(size for size in sizes if size != -1))
    asked = shown(tuple(sizes))
    if (-1 in sizes and (not rest or total % rest)) or (-1 not in sizes and rest != total):
        held = f"{'*'.join(map(str, tensor.sizes))} = {total}"
        raise Mismatch(f"a view of {shown(tensor.sizes)} as {asked}: {held} numbers do not fit", tensor)
    done = tuple(total // rest if size == -1 else size for size in sizes)
    divided = f"{'*'.join(map(str, tensor.sizes))}{f'/{rest}' if rest != 1 else ''} = {total // rest}"
    return tensor.then(done, f"view {asked} {divided}" if -1 in sizes else f"view {asked}")


def flattened(tensor: Sized, start: int | None, end: int | None, label: str) -> Value:
    """A tensor with some axes made one."""
    rank = len(tensor.sizes)
    if start is None or end is None or not (-rank <= start < rank and -rank <= end < rank):
        return UNKNOWN
    start, end = start % rank, end % rank
    if end < start:
        return UNKNOWN
    run = tensor.sizes[start : end + 1]
    sizes = (*tensor.sizes[:start], product(run), *tensor.sizes[end + 1 :])
    text = f"{'*'.join(map(str, run))} = {product(run)}" if len(run) > 1 and None not in run else ""
    return tensor.then(sizes, f"{label} {text}".rstrip())


def _flatten(tensor: Sized, given: Arguments) -> Value:
    start, end = given.get("start_dim", 0), given.get("end_dim", 1)
    zero, last = Const("int", 0), Const("int", -1)
    return flattened(tensor, number(zero if start is None else start), number(last if end is None else end), "flatten")


def _permuted(tensor: Sized, given: Arguments) -> Value:
    order = given.args[0].items if given.args and isinstance(given.args[0], Seq) else given.args
    axes = [_axis(tensor, one) for one in order or ()]
    if sorted(axis for axis in axes if axis is not None) != list(range(len(tensor.sizes))):
        return UNKNOWN
    return tensor.then(tuple(tensor.sizes[axis] for axis in axes), "permute")


def _transposed(tensor: Sized, given: Arguments) -> Value:
    one, other = _axis(tensor, given.get("dim0", 0)), _axis(tensor, given.get("dim1", 1))
    if one is None or other is None:
        return UNKNOWN
    sizes = list(tensor.sizes)
    sizes[one], sizes[other] = sizes[other], sizes[one]
    return tensor.then(tuple(sizes), "transpose")


def _unsqueezed(tensor: Sized, given: Arguments) -> Value:
    axis, rank = number(given.get("dim", 0)), len(tensor.sizes) + 1
    if axis is None or not -rank <= axis < rank:
        return UNKNOWN
    axis %= rank
    return tensor.then((*tensor.sizes[:axis], 1, *tensor.sizes[axis:]), "unsqueeze")


def _squeezed(tensor: Sized, given: Arguments) -> Value:
    axis = _axis(tensor, given.get("dim", 0))
    if axis is None or tensor.sizes[axis] is None:
        return UNKNOWN
    if tensor.sizes[axis] != 1:
        return tensor
    return tensor.then(tensor.sizes[:axis] + tensor.sizes[axis + 1 :], "squeeze")


def _reduced(tensor: Sized, given: Arguments) -> Value:
    wanted, keep = given.get("dim", 0), given.get("keepdim", 1) or Const("bool", False)
    items = wanted.items if isinstance(wanted, Seq) and wanted.items is not None else (wanted,)
    axes = [_axis(tensor, item) for item in items]
    if None in axes or not isinstance(keep, Const):
        return UNKNOWN
    if keep.value:
        return tensor.then(tuple(1 if i in axes else size for i, size in enumerate(tensor.sizes)), "mean")
    return tensor.then(tuple(size for i, size in enumerate(tensor.sizes) if i not in axes), "mean")


def _parts(tensor: Sized, given: Arguments) -> Value:
    """chunk, where the axis divides."""
    count, axis = number(given.get("chunks", 0)), _axis(tensor, given.get("dim", 1) or Const("int", 0))
    size = tensor.sizes[axis] if axis is not None else None
    if count is None or size is None or count < 1 or size % count:
        return UNKNOWN
    part = tensor.then((*tensor.sizes[:axis], size // count, *tensor.sizes[axis + 1 :]), "chunk")
    return Seq("tuple", (part,) * count)


def _product(tensor: Sized, given: Arguments) -> Value:
    other = given.args[0] if given.args else UNKNOWN
    return multiplied(tensor, other) if isinstance(other, Sized) else UNKNOWN


def multiplied(left: Sized, right: Sized) -> Value:
    """A matrix product; batches of two ranks are left alone. Raises Mismatch."""
    if min(len(left.sizes), len(right.sizes)) < 2:
        return UNKNOWN
    inner, outer = left.sizes[-1], right.sizes[-2]
    if None not in (inner, outer) and inner != outer:
        raise Mismatch(f"a matrix product of {shown(left.sizes)} and {shown(right.sizes)}", left, right)
    if len(left.sizes) != len(right.sizes):
        return UNKNOWN
    batch = broadcast(Sized(left.sizes[:-2]), Sized(right.sizes[:-2]), "a matrix product").sizes
    return left.then((*batch, left.sizes[-2], right.sizes[-1]), "matmul")


def _joined(short: str, given: Arguments) -> Value:
    parts, axis_given = given.get("tensors", 0), given.get("dim", 1) or Const("int", 0)
    if not isinstance(parts, Seq) or not parts.items or not all(isinstance(part, Sized) for part in parts.items):
        return UNKNOWN
    tensors = list(parts.items)
    first = tensors[0]
    if short == "stack":
        same = all(tensor.sizes == first.sizes for tensor in tensors)
        axis = number(axis_given)
        if not same or axis is None or not 0 <= axis <= len(first.sizes):
            return UNKNOWN
        return first.then((*first.sizes[:axis], len(tensors), *first.sizes[axis:]), "stack")
    axis = _axis(first, axis_given)
    if axis is None or any(len(tensor.sizes) != len(first.sizes) for tensor in tensors):
        return UNKNOWN
    for other in tensors[1:]:
        _beside(first, other, axis)
    along = [tensor.sizes[axis] for tensor in tensors]
    total = None if None in along else sum(along)
    longest = max(tensors, key=lambda tensor: len(tensor.steps))
    sizes: Sizes = (*first.sizes[:axis], total, *first.sizes[axis + 1 :])
    step = f"cat {' + '.join(map(str, along))} = {total}" if total is not None else "cat"
    return Sized(longest.sizes, longest.steps).then(sizes, step)


def _beside(first: Sized, other: Sized, axis: int) -> None:
    for position, (one, two) in enumerate(zip(first.sizes, other.sizes, strict=True)):
        if position != axis and None not in (one, two) and one != two:
            said = f"`cat` along axis {axis} gets {shown(first.sizes)} and {shown(other.sizes)}"
            raise Mismatch(f"{said}: {one} is not {two}", first, other)


_METHODS: dict[str, Callable[[Sized, Arguments], Value]] = {
    "size": _size,
    "dim": lambda tensor, given: Const("int", len(tensor.sizes)),
    "view": _viewed,
    "reshape": _viewed,
    "flatten": _flatten,
    "permute": _permuted,
    "transpose": _transposed,
    "swapaxes": _transposed,
    "unsqueeze": _unsqueezed,
    "squeeze": _squeezed,
    "chunk": _parts,
    "matmul": _product,
    "bmm": _product,
    "expand": made.expanded,
    "repeat": made.repeated,
}
