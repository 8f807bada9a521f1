"""The arithmetic of windows that slide over a tensor: convolutions and pooling, as torch documents it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exportlint.flow.sizes.sized import Mismatch, Sized, Sizes, shown


@dataclass(frozen=True)
class Window:
    """One axis of a window. `both`: what is padded at each end, None for padding that keeps the size."""

    kernel: int
    stride: int = 1
    both: int | None = 0
    dilation: int = 1
    up: bool = False
    extra: int = 0

    def slid(self, size: int) -> tuple[int, str]:
        """How many places it has along an axis, and the sum that says so."""
        reach = self.dilation * (self.kernel - 1) + 1
        if self.both is None:
            return size, f"padding keeps {size}"
        room = size + 2 * self.both - reach
        count = (-(-room // self.stride) if self.up else room // self.stride) + 1
        if self.up and (count - 1) * self.stride >= size + self.both:
            count -= 1  # no window starts in the padding at the end
        padded = f"{size} + 2*{self.both}" if self.both else str(size)
        divided = f"({padded} - {reach})//{self.stride}" if self.stride != 1 else f"{padded} - {reach}"
        divided = f"ceil(({padded} - {reach})/{self.stride})" if self.up and self.stride != 1 else divided
        return count, f"{divided} + 1 = {count}"

    def spread(self, size: int) -> tuple[int, str]:
        """How long the axis was that it slid along: transposed convolution."""
        reach = self.dilation * (self.kernel - 1) + 1
        count = (size - 1) * self.stride - 2 * (self.both or 0) + reach + self.extra
        padded = f" - 2*{self.both}" if self.both else ""
        extra = f" + {self.extra}" if self.extra else ""
        return count, f"({size} - 1)*{self.stride}{padded} + {reach}{extra} = {count}"


def over(tensor: Sized, windows: list[Window], label: str, channels: int | None, spread: bool = False) -> Sized:
    """A tensor after windows over its last axes, `channels` in front of them where they change. Raises Mismatch."""
    rank = len(windows)
    kept, moved = tensor.sizes[:-rank], tensor.sizes[-rank:]
    if channels is not None:
        kept = (*kept[:-1], channels)
    sizes, sums = _counted(tensor, moved, [w.spread if spread else w.slid for w in windows], label)
    return tensor.then((*kept, *sizes), f"{label} {', '.join(dict.fromkeys(sums))}".rstrip())


def _counted(
    tensor: Sized, moved: Sizes, axes: list[Callable[[int], tuple[int, str]]], label: str
) -> tuple[Sizes, list[str]]:
    sizes: list[int | None] = []
    sums: list[str] = []
    for size, count in zip(moved, axes, strict=True):
        if size is None:
            sizes.append(None)
            continue
        places, said = count(size)
        if places < 1:
            raise Mismatch(f"`{label}` gets {shown(tensor.sizes)}, smaller than its window: {said}", tensor)
        sizes.append(places)
        sums.append(said)
    return tuple(sizes), sums
