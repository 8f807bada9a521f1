"""Published architectures, built small from their own packages' classes with fresh weights: nothing is downloaded.

`make demo` verifies them. Each factory has its example inputs beside it; exportlint.toml ties the two together.
"""

import importlib.util
from pathlib import Path
from types import ModuleType

import torch
from torch import nn


def simple_vit() -> nn.Module:
    return _vit_pytorch("simple_vit").SimpleViT(
        image_size=32, patch_size=8, num_classes=10, dim=32, depth=2, heads=2, mlp_dim=64, dim_head=16
    )


def cait() -> nn.Module:
    """CaiT with layer dropout, as its README has it: `all(to_drop)` in vit_pytorch/cait.py needs a tensor's values."""
    return _vit_pytorch("cait").CaiT(
        image_size=32,
        patch_size=8,
        num_classes=10,
        dim=32,
        depth=2,
        cls_depth=1,
        heads=2,
        mlp_dim=64,
        layer_dropout=0.05,
    )


def image() -> tuple[torch.Tensor]:
    return (torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)),)


def monai_unet() -> nn.Module:
    """With batch normalisation: by instance, the default, a blank image is rounding errors over almost nothing."""
    from monai.networks.nets import UNet

    return UNet(spatial_dims=2, in_channels=1, out_channels=2, channels=(4, 8, 16), strides=(2, 2), norm="batch")


def scan() -> tuple[torch.Tensor]:
    return (torch.randn(2, 1, 32, 32, generator=torch.Generator().manual_seed(0)),)


def bert() -> nn.Module:
    from transformers import BertConfig, BertModel

    return BertModel(
        BertConfig(
            vocab_size=120, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
            max_position_embeddings=64,
        )
    )  # fmt: skip


def tokens() -> dict[str, torch.Tensor]:
    return {"input_ids": torch.randint(5, 120, (2, 16), generator=torch.Generator().manual_seed(0))}


def gpt2() -> nn.Module:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(vocab_size=120, n_embd=32, n_layer=2, n_head=4, n_positions=64, use_cache=False))


def hf_vit() -> nn.Module:
    from transformers import ViTConfig, ViTForImageClassification

    return ViTForImageClassification(
        ViTConfig(
            image_size=32, patch_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
            intermediate_size=48, num_labels=10,
        )
    )  # fmt: skip


def _vit_pytorch(module: str) -> ModuleType:
    """One module of vit_pytorch alone: the package's `__init__` imports torchvision for a model not used here."""
    package = importlib.util.find_spec("vit_pytorch")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("vit_pytorch is not installed; `make demo` installs it")
    spec = importlib.util.spec_from_file_location(module, Path(package.origin).with_name(f"{module}.py"))
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
