"""Values for constructor arguments by their names, chosen to fit one another: small, and divisible where it matters."""

from __future__ import annotations

import re

WIDTH, HEADS, HEAD, HIDDEN, LAYERS, CLASSES, VOCABULARY, STEPS, SIDE, PATCH = 32, 4, 8, 64, 2, 10, 100, 64, 32, 8

_NAMES: tuple[tuple[str, object], ...] = (
    ("in_?(put_)?(chans?|channels?|ch)|num_channels|channels_in|c_in|image_channels|img_channels|n_channels", 3),
    ("out_?(put_)?(chans?|channels?|ch)|channels_out|c_out", 8),
    ("(image|img|crop|input_image)_?(size|shape|resolution)|resolution", SIDE),
    (r"in_shape|input_shape|img_shape", [3, SIDE, SIDE]),
    (r"\w*frame_?patch_?size|temporal_patch_size|tubelet_size", 2),
    (r"\w*patch_?size|patch", PATCH),
    (r"\w*frames|frame_size", 4),
    (r"\w*(classes|labels)|nb_classes|n_class|nclass|num_cls", CLASSES),
    (r"\w*(vocab|vocab_size|vocabulary|num_tokens|num_embeddings|n_tokens?|ntokens?|vocabulary_size)", VOCABULARY),
    (r"(max_)?(seq|sequence|context|ctx|block|source|src|target|tgt|text)_?(len|length|size)|max_len(gth)?|max_position\w*|n_ctx"
     r"|n_positions|max_(source|target)_positions", STEPS),
    (r"(dim|head|attention_head|attn)_?(head|dim)(_dim)?|d_?head|d_k|d_v|d_kv", HEAD),
    (r"(num_|n_)?(key_value|kv)_heads", 2),
    (r"\w*heads?|nhead", HEADS),
    (r"\w*(mlp|ffn?|feed_?forward|inner|intermediate|hidden_features|expand)_?(dim|size|features|channels|hidden)?"
     r"|dim_feedforward|d_ff|d_inner|n_inner", HIDDEN),
    (r"\w*(depth|layers?|blocks?|stages?|repeats?)|num_res_blocks|n_layer", LAYERS),
    (r"\w*(experts|experts_per_tok)", 4),
    (r"spatial_dims?|ndims?|n_?dim|dimensions", 2),
    (r"\w*(dropout|drop|drop_?path|drop_?rate|dropout_?p|dropout_prob)|p|momentum|rate|prob", 0.1),
    (r"\w*kernel(_?size)?|ksize|window(_?size)?|k", 3),
    (r"\w*(stride|dilation|groups|expansion|multiplier)s?", 1),
    (r"\w*(padding|pad)", 1),
    (r"\w*ratio", 2),
    (r"\w*(eps|epsilon)", 1e-5),
    (r"\w*(act|activation|act_layer|act_fn|nonlinearity)", "relu"),
    (r"\w*norm(_layer|_type)?", "batch"),
    (r"\w*(bias|flag|enabled)|use_\w+|with_\w+|is_\w+|has_\w+", False),
    (r"\w*(scale|factor|upscale)\w*", 2),
    (r"\w*(dim|dims|size|width|channels?|chs?|features?|planes|units|filters|hidden|embed\w*|model|n_embd|latent\w*)"
     r"|d|nf|nc|c\d*|ch", WIDTH),
    (r"(num|n|max|min)_\w+|\w+_(num|count)", 2),
)  # fmt: skip

_SHRUNK = re.compile(
    r"\w*(hidden|embd|embed|embedding|dim|dims|size|model|inner|ff|ffn_dim|layers?|blocks?|depth|heads?|vocab\w*|positions?"
    r"|length|experts|experts_per_tok\w*|rank|latents?|state|hidden_groups|queries|bins|channels|d_kv|kv|n_layer|n_head|n_ctx)"
)
_LISTS = re.compile(r"depths|num_blocks|layers_per_stage|\w*_depths|stage_num_blocks")


def value_of(name: str) -> object | None:
    """A value for an argument of that name, None where the name says nothing."""
    bare = name.lower().strip("_")
    for word in (bare, bare.removesuffix("s")):
        for pattern, value in _NAMES:
            if re.fullmatch(pattern, word):
                return value
    return None


def list_of(name: str) -> list[object]:
    """A value for an argument of that name that must be a sequence: an entry for each stage."""
    value = value_of(name)
    return list(value) if isinstance(value, list) else [value if value is not None else 4] * 2


def smaller(name: str, value: object) -> object | None:
    """A smaller value for a setting of a configuration, None where it must stay what it is."""
    if isinstance(value, list) and _LISTS.fullmatch(name):
        return [1] * len(value)
    if type(value) is not int or not _SHRUNK.fullmatch(name.lower()) or name.endswith(("_id", "_idx", "kernel_size")):
        return None
    small = value_of(name)
    return small if type(small) is int and value > small else None
