"""segmentation-models-pytorch: every decoder on a small encoder, and one on others."""

from __future__ import annotations

import torch

from truth.called import Built, fitting

_ENCODERS = ("mobilenet_v2", "timm-efficientnet-b0", "mit_b0", "densenet121", "mobileone_s0", "timm-regnetx_002")


def names() -> list[str]:
    """`decoder:encoder`."""
    from segmentation_models_pytorch import MODEL_ARCHITECTURES_MAPPING

    return [*(f"{name}:resnet18" for name in MODEL_ARCHITECTURES_MAPPING), *(f"unet:{name}" for name in _ENCODERS)]


def build(name: str) -> Built:
    """One of `names()`."""
    import segmentation_models_pytorch

    decoder, _, encoder = name.partition(":")
    model = segmentation_models_pytorch.create_model(decoder, encoder, encoder_weights=None, classes=2)
    return fitting(model, (((torch.randn(2, 3, size, size),), {}) for size in (64, 128, 512)))
