"""The image that attacks are played in."""

from tests.box.conftest import image

__all__ = ["image"]
