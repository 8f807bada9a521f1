"""Real models in small: how each is built and called. All are built with random weights; nothing is fetched."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from truth.without_kernels import import_torchvision

Built = tuple[nn.Module, tuple[Any, ...], dict[str, Any]]  # model, positional inputs, keyword inputs
PACKAGES = ("vit_pytorch", "x_transformers", "timm", "monai", "transformers", "exportdb")

_VIT = {
    "image_size": 32, "patch_size": 8, "num_classes": 10, "dim": 32, "depth": 2, "heads": 2, "mlp_dim": 64, "frames": 4,
    "image_patch_size": 8, "frame_patch_size": 2, "seq_len": 64, "max_frames": 4, "channels": 3,
}  # fmt: skip
_VIT_INPUTS = ((2, 3, 32, 32), (2, 3, 4, 32, 32), (2, 3, 64))
_TINY = {
    "hidden_size": 32, "d_model": 32, "n_embd": 32, "dim": 32, "embedding_size": 32, "num_hidden_layers": 2,
    "n_layer": 2, "n_layers": 2, "num_layers": 2, "encoder_layers": 2, "decoder_layers": 2, "num_attention_heads":
    4, "n_head": 4, "n_heads": 4, "num_heads": 4, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "num_key_value_heads": 2, "intermediate_size": 48, "d_ff": 48, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48,
    "hidden_dim": 48, "vocab_size": 120, "head_dim": 8, "d_kv": 8, "max_position_embeddings": 64, "n_positions": 64,
    "image_size": 32, "patch_size": 8, "pad_token_id": 0, "use_cache": False,
}  # fmt: skip
_TYPES = (
    "albert bert biogpt bloom canine deberta deberta-v2 deit distilbert electra ernie esm falcon funnel gemma git "
    "gpt2 gpt_neo gpt_neox gptj ibert layoutlm led llama longformer mamba mbart megatron-bert mistral mixtral "
    "mobilebert mpnet mpt mra nezha nystromformer opt persimmon phi qwen2 reformer rembert roberta roc_bert "
    "roformer splinter squeezebert stablelm starcoder2 t5 vit vit_mae xglm xlm xlnet xmod yoso"
).split()
_TIMM = (
    "beit_base_patch16_224 botnet26t_256 cait_xxs24_224 coat_tiny convit_tiny convnext_atto crossvit_tiny_240 "
    "davit_tiny deit_tiny_patch16_224 densenet121 dla34 edgenext_xx_small efficientformer_l1 efficientvit_b0 "
    "eva02_tiny_patch14_224 fastvit_t8 focalnet_tiny_srf gcvit_xxtiny ghostnet_100 halonet26t hgnet_tiny "
    "levit_128s lambda_resnet26t maxvit_nano_rw_256 mixer_s16_224 mobilenetv3_small_050 mobilevit_xxs mvitv2_tiny "
    "nfnet_l0 pit_ti_224 poolformer_s12 pvt_v2_b0 regnetx_002 repghostnet_050 res2net50d resnet18 rexnet_100 "
    "swin_tiny_patch4_window7_224 swinv2_tiny_window8_256 test_efficientnet tiny_vit_5m_224 "
    "tnt_s_legacy_patch16_224 tresnet_m twins_svt_small vgg11 visformer_tiny vit_tiny_patch16_224 volo_d1_224 "
    "xcit_nano_12_p16_224"
).split()
_MONAI = {
    "UNet": {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "channels": (4, 8, 16), "strides": (2, 2)},
    "BasicUNet": {"spatial_dims": 2, "features": (4, 4, 8, 8, 16, 4)},
    "AttentionUnet": {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "channels": (4, 8), "strides": (2, 2)},
    "SegResNet": {"spatial_dims": 2, "in_channels": 1, "init_filters": 8},
    "VNet": {"spatial_dims": 2},
    "UNETR": {"in_channels": 1, "out_channels": 2, "img_size": (32, 32), "spatial_dims": 2, "hidden_size": 24,
              "mlp_dim": 48, "num_heads": 4, "feature_size": 4},
    "SwinUNETR": {"in_channels": 1, "out_channels": 2, "feature_size": 12, "depths": (1, 1, 1, 1),
                  "num_heads": (1, 1, 1, 1), "spatial_dims": 2},
    "DenseNet121": {"spatial_dims": 2, "in_channels": 1, "out_channels": 2},
    "HighResNet": {"spatial_dims": 2},
}  # fmt: skip


def names(package: str) -> list[str]:
    """The models of one package that are tried."""
    if package in ("vit_pytorch", "timm"):
        import_torchvision()
    if package == "vit_pytorch":
        return sorted(found.name for found in pkgutil.iter_modules(importlib.import_module(package).__path__))
    if package == "exportdb":
        import torch._export.db.examples as examples

        return sorted(found.name for found in pkgutil.iter_modules(examples.__path__))
    return list({"timm": _TIMM, "monai": _MONAI, "transformers": _TYPES, "x_transformers": _WRAPPERS}[package])


def build(package: str, name: str) -> Built:
    """One model in eval mode with its inputs.

    Raises
    ------
    Exception
        Whatever the package raises where it cannot build or call the model; LookupError where no input fits.
    """
    torch.manual_seed(0)
    model, args, kwargs = _BUILDERS[package](name)
    return model.eval(), args, kwargs


def _vit_pytorch(name: str) -> Built:
    module = importlib.import_module(f"vit_pytorch.{name}")
    own = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, nn.Module)]
    for cls in reversed([c for c in own if c.__module__ == module.__name__]):
        parameters = inspect.signature(cls).parameters.values()
        needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
        if set(needed) <= set(_VIT):
            model = cls(**{name: _VIT[name] for name in needed}).eval()
            return model, _fitting(model, (torch.randn(size) for size in _VIT_INPUTS)), {}
    raise LookupError("no constructor that is known")


def _fitting(model: nn.Module, candidates: Iterator[torch.Tensor]) -> tuple[torch.Tensor]:
    for candidate in candidates:
        try:
            with torch.no_grad():
                model(candidate)
        except (RuntimeError, ValueError, AssertionError, TypeError, IndexError):
            continue
        return (candidate,)
    raise LookupError("no input fits")


def _exportdb(name: str) -> Built:
    module = importlib.import_module(f"torch._export.db.examples.{name}")
    return module.model, module.example_args, getattr(module, "example_kwargs", {})


def _timm(name: str) -> Built:
    import timm

    model = timm.create_model(name, pretrained=False)
    return model, (torch.randn(2, *model.default_cfg["input_size"]),), {}


def _monai(name: str) -> Built:
    import monai.networks.nets as nets

    return (
        getattr(nets, name)(**_MONAI[name]),
        (torch.randn(2, 1, 64 if name != "UNETR" else 32, 64 if name != "UNETR" else 32),),
        {},
    )


def _transformers(name: str) -> Built:
    from transformers import CONFIG_MAPPING, AutoModel

    known = vars(CONFIG_MAPPING[name]())
    model = AutoModel.from_config(CONFIG_MAPPING[name](**{key: value for key, value in _TINY.items() if key in known}))
    if model.main_input_name == "pixel_values":
        return model, (), {"pixel_values": torch.randn(2, 3, 32, 32)}
    mask = torch.ones(2, 16, dtype=torch.long)
    mask[1, -4:] = 0
    kwargs = {"input_ids": torch.randint(5, 95, (2, 16)), "attention_mask": mask}
    if "decoder_input_ids" in inspect.signature(model.forward).parameters:
        kwargs["decoder_input_ids"] = torch.randint(5, 95, (2, 8))
    return model, (), kwargs


_WRAPPERS = (
    "rotary_pos_emb alibi_pos_bias rel_pos_bias ff_glu use_rmsnorm dynamic_pos_bias attn_talking_heads sandwich_norm "
    "attn_qk_norm attn_one_kv_head residual_attn gate_residual attn_gate_values attn_value_rmsnorm"
).split()


def _x_transformers(name: str) -> Built:
    from x_transformers import Decoder, TransformerWrapper

    layers = Decoder(dim=32, depth=2, heads=2, **{name: True})
    model = TransformerWrapper(num_tokens=64, max_seq_len=128, attn_layers=layers)
    return model, (torch.randint(0, 64, (2, 16)),), {}


_BUILDERS: dict[str, Callable[[str], Built]] = {
    "vit_pytorch": _vit_pytorch,
    "exportdb": _exportdb,
    "timm": _timm,
    "monai": _monai,
    "transformers": _transformers,
    "x_transformers": _x_transformers,
}
