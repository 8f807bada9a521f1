"""What the inputs of forward are, by their names and annotations."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

import torch

ROLES: tuple[tuple[str, str], ...] = (
    ("edges", r"edge_index|adj_t"),
    ("mask", r"\w*mask|masks"),
    ("time", r"t|ts|times?|time_?steps?|sigmas?|noise_levels?|time_?step_ids?"),
    ("tokens", r"\w*_ids|ids|\w*tokens|tokens?|token_\w+|words?|texts?|captions?|indices|index|labels?|idx|targets?"),
    ("video", r"videos?|clips?|\w*pixel_values_videos?|vid"),
    ("image", r"\w*pixel_values|\w*images?|imgs?|pictures?|photos?|rgb|img\w*|\w+_img"),
    ("volume", r"volumes?|voxels?|scans?"),
    ("spectrum", r"\w*mels?|\w*spec|spectrograms?|input_features|fbanks?"),
    ("audio", r"wavs?|waves?|waveforms?|audios?|speech|signals?|input_values|raw_\w+|audio_values"),
    (
        "sequence",
        r"\w*hidden_states?|\w*embeds?|\w*embeddings?|contexts?|cond\w*|memory|quer(y|ies)|keys?|values?|q|k|v|seq|"
        r"sequences?|src|tgt|feats?|features|past_values|encodings?|latents?|style",
    ),
)
"""Roles with the names that have them, the first that matches; any other name may be anything."""

_PLAIN = {"int", "float", "bool", "str", "dict", "Dict", "Mapping"}


@dataclass(frozen=True)
class Wanted:
    """A parameter of forward: what its name says it is ("" for nothing), whether a call must give it, `noted` shape."""

    name: str
    role: str
    required: bool
    noted: str = ""


def role_of(name: str) -> str:
    """The role that a name has, "" for none."""
    bare = name.lower().lstrip("_")
    return next((role for role, pattern in ROLES if re.fullmatch(pattern, bare)), "")


def wanted(model: torch.nn.Module) -> list[Wanted]:
    """The parameters of forward that can be passed by name, in their order."""
    found = []
    for parameter in inspect.signature(model.forward).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            noted = _annotation(parameter)
            role = role_of(parameter.name) or ("tokens" if re.search(r"\b(Long|Int)\w*\b", noted) else "")
            found.append(Wanted(parameter.name, role, parameter.default is parameter.empty, noted))
    return found


def starting(parameters: list[Wanted], model: torch.nn.Module) -> list[Wanted]:
    """Those that every call gives: the required ones, else the one that the class names, else the first tensor."""
    required = [parameter for parameter in parameters if parameter.required]
    if required:
        return required
    main = getattr(model, "main_input_name", None)  # transformers' convention
    named = [parameter for parameter in parameters if parameter.name == main]
    return (named or [parameter for parameter in parameters if parameter.noted not in _PLAIN])[:1]


def is_tensor(parameter: Wanted) -> bool:
    """Whether a tensor can be meant: any annotation but one of a plain Python value, or of a container."""
    return parameter.noted not in _PLAIN and not re.match(
        r"(typing\.)?(List|Sequence|Tuple|list|tuple|dict|Dict)\b", parameter.noted
    )


def _annotation(parameter: inspect.Parameter) -> str:
    noted = parameter.annotation
    if noted is parameter.empty:
        return ""
    return noted if isinstance(noted, str) else getattr(noted, "__name__", None) or str(noted)
