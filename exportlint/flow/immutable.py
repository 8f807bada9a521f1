"""Data classes of which objects are made by the hundred thousand: values and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object):
        return lambda decorator: decorator


Cls = TypeVar("Cls", bound=type)
# A frozen data class takes four times as long to make. The tests freeze them, so that changing one is an error there.
FROZEN = False


@dataclass_transform(frozen_default=True)
def immutable(cls: Cls) -> Cls:
    """A data class that is compared, can be hashed and is never changed; its own ways to do so it keeps."""
    own = vars(cls)
    return dataclass(eq="__eq__" not in own, unsafe_hash="__hash__" not in own and not FROZEN, frozen=FROZEN)(cls)
