"""Small configurations for transformers: what their names say is a size is made less."""

from __future__ import annotations

import re
from typing import Any

# The first pattern that an attribute's whole name fits gives the most that it may be.
_LAYERS = (
    (r"(num|n|e|d)_(\w+_)?(layers?|blocks?)|(\w+_)?(layers|depth)|num_(sparse_\w+|hidden_groups)", 2),
)  # fmt: skip
_COUNTS = (
    (r"(\w+_)?vocab_size(_\w+)?", 120),
    (
        r"(\w*_)?(intermediate_size|ffn_dim|d_ff|n_inner|mlp_dim|ffn_hidden_size|dim_feedforward|feedforward_size)\w*",
        48,
    ),
    (r"max_(position|source_position|target_position)\w*|n_positions|n_ctx|max_seq(_len|_length)?|seq_length", 64),
    (r"(num|n)_(routed_|local_)?experts|moe_num_experts", 4),
    (r"num_experts_per_(tok|token)|moe_(k|topk)|top_k_experts", 2),
    (r"num_(object_)?queries|num_frames|sliding_window|attention_window", 8),
)
_WIDTHS = (
    (r"(\w+_)?(key_value|kv)_heads", 2),
    (r"(num|n)_(\w+_)?heads?|(\w+_)?attention_heads|n_head", 4),
    (r"((\w+_)?head_dim|d_kv|kv_channels|chunk_size|window_size|block_size|(ssm_)?state_size|\w+_lora_rank)", 8),
    (
        r"(\w+_)?(hidden|embed|embedding|projection|model|emb)_(size|dim|proj_dim)|d_model|n_embd|(text_|vision_)?dim",
        32,
    ),
    (r"image_size", 32),
    (r"patch_size", 8),
    (r"num_mel_bins", 16),
)
_DEGREES = (_LAYERS + _COUNTS + _WIDTHS, _LAYERS + _COUNTS, _LAYERS)


def config_of(cls: type, degree: int) -> Any:
    """A small configuration: `degree` 0 is smallest, 2 takes away layers only. Raises what the class does."""
    changed = _changes(cls(), degree)
    try:
        return cls(**changed)
    except Exception:  # the number of layers and the list of their kinds have to agree
        return cls(**{name: value for name, value in changed.items() if name != "layer_types"})


def _changes(config: Any, degree: int) -> dict[str, Any]:
    changed = {}
    for name, value in vars(config).items():
        if name.startswith("_") or isinstance(value, bool):
            continue
        if hasattr(value, "model_type") and hasattr(value, "to_dict"):
            changed[name] = {**value.to_dict(), **_changes(value, degree)}
        elif isinstance(value, int):
            changed[name] = less(name, value, degree)
        elif name == "layer_types" and isinstance(value, list):
            changed[name] = value[:2]
        elif isinstance(value, (list, tuple)) and name in ("depths", "num_blocks", "encoder_depths"):
            changed[name] = type(value)(1 for _ in value)
    if hasattr(config, "use_cache"):
        changed["use_cache"] = False
    return {name: value for name, value in changed.items() if value != getattr(config, name)}


def less(name: str, value: int, degree: int) -> int:
    """What `value` becomes where `name` says that it is a size; see `config_of` for `degree`."""
    if name.endswith(("_token_id", "_token_index")):
        return value if value < 120 else 100 + sum(map(ord, name)) % 19
    for pattern, most in _DEGREES[degree]:
        if re.fullmatch(pattern, name):
            return min(value, most)
    return value
