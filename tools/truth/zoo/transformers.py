"""transformers: every model type in small, bare and with a head; texts, images, sound and time series as input."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from truth.called import Built, fitting, small
from truth.tiny import config_of

_HEADS = (
    "ForSequenceClassification ForQuestionAnswering ForCausalLM ForMaskedLM ForTokenClassification ForSeq2SeqLM "
    "ForImageClassification ForObjectDetection ForSemanticSegmentation ForDepthEstimation ForCTC ForSpeechSeq2Seq "
    "ForAudioClassification ForVideoClassification ForTimeSeriesPrediction ForKeypointDetection"
).split()
_BATCH, _LENGTH = 2, 16


def names() -> list[str]:
    """Model types, then `type:head`; each type has the head of those it knows that the fewest types before it had."""
    from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

    types = sorted(MODEL_MAPPING_NAMES)
    used = dict.fromkeys(_HEADS, 0)
    heads = []
    for model_type in types:
        known = [head for head in _HEADS if _class(model_type, head) is not None]
        if known:
            head = min(known, key=lambda name: used[name])
            used[head] += 1
            heads.append(f"{model_type}:{head}")
    return [*types, *heads]


def build(name: str) -> Built:
    """One of `names()`, as small as its configuration lets it be."""
    from transformers import CONFIG_MAPPING, AutoModel

    model_type, _, head = name.partition(":")
    refusal: Exception | None = None
    for degree in range(3):
        try:
            config = config_of(CONFIG_MAPPING[model_type], degree)
            create = _class(model_type, head) if head else AutoModel.from_config
            with torch.device("meta"):
                small(create(config))
            model = create(config).float()
            return fitting(model, (((), inputs) for inputs in _inputs(model)))
        except ImportError:
            raise
        except Exception as error:  # sizes that do not fit together: a larger configuration may
            refusal = refusal or error
    raise LookupError(f"{refusal}")


def _class(model_type: str, head: str) -> type[nn.Module] | None:
    """The class of a model type for a head, from the tables by which transformers' Auto classes find it."""
    auto = importlib.import_module("transformers.models.auto.modeling_auto")
    transformers = importlib.import_module("transformers")
    for table, known in vars(auto).items():
        name = known.get(model_type) if table.startswith("MODEL_FOR_") and table.endswith("_MAPPING_NAMES") else None
        if isinstance(name, str) and name.endswith(head):
            return getattr(transformers, name, None)
    return None


def _inputs(model: nn.Module) -> Iterator[dict[str, torch.Tensor]]:
    """Keyword inputs that may fit, the fullest first."""
    takes = inspect.signature(model.forward).parameters
    main = model.main_input_name
    for tensor in _main(main, model.config):
        base = {main: tensor}
        rest = {name: value for name, value in _beside(model.config).items() if name in takes and name not in base}
        text = {name: value for name, value in rest.items() if name in ("attention_mask", "decoder_input_ids")}
        yield base | rest
        yield base | text
        yield base | {name: value for name, value in rest.items() if name == "decoder_input_ids"}
        yield base


def _main(name: str, config: Any) -> Iterator[torch.Tensor]:
    image = _number(config, "image_size", 32)
    channels = _number(config, "num_channels", 3)
    if name in ("input_ids", "inputs"):
        yield _words(config, _LENGTH)
    if name in ("pixel_values", "pixel_values_videos", "inputs"):
        for size in (max(image, 32), 64, 128, 224):
            yield torch.randn(_BATCH, channels, size, size)
            yield torch.randn(_BATCH, _number(config, "num_frames", 4), channels, size, size)
    if name in ("input_features", "input_values", "audio_values"):
        bins = _number(config, "num_mel_bins", _number(config, "feature_size", 16))
        for shape in ((2000,), (bins, 64), (64, bins), (1, 2000), (_number(config, "max_length", 64), bins), (64, 160)):
            yield torch.randn(_BATCH, *shape)
    if name == "past_values":
        context = _number(config, "context_length", 32)
        yield torch.randn(_BATCH, context, _number(config, "num_input_channels", 1))
        yield torch.rand(_BATCH, context + max(getattr(config, "lags_sequence", None) or [0]))
    yield torch.randn(_BATCH, _LENGTH, 32)


def _beside(config: Any) -> dict[str, torch.Tensor]:
    """What a model takes beside its main input, by the name of the parameter."""
    mask = torch.ones(_BATCH, _LENGTH, dtype=torch.long)
    mask[1, -4:] = 0
    image = max(_number(config, "image_size", 32), 32)
    past = _number(config, "context_length", 32) + max(getattr(config, "lags_sequence", None) or [0])
    horizon, features = _number(config, "prediction_length", 8), _number(config, "num_time_features", 1)
    return {
        "input_ids": _words(config, _LENGTH),
        "attention_mask": mask,
        "decoder_input_ids": _words(config, 8),
        "bbox": torch.randint(0, 100, (_BATCH, _LENGTH, 4)).sort(-1).values,
        "pixel_values": torch.randn(_BATCH, _number(config, "num_channels", 3), image, image),
        "past_time_features": torch.randn(_BATCH, past, features),
        "past_observed_mask": torch.ones(_BATCH, past),
        "future_values": torch.rand(_BATCH, horizon),
        "future_time_features": torch.randn(_BATCH, horizon, features),
    }


def _words(config: Any, length: int) -> torch.Tensor:
    return torch.randint(5, min(_number(config, "vocab_size", 100), 95), (_BATCH, length))


def _number(config: Any, name: str, default: int) -> int:
    """An integer of a configuration or of one of those in it; the first of several."""
    inner = [value for value in vars(config).values() if hasattr(value, "model_type")]
    for holder in (config, *inner):
        value = getattr(holder, name, None)
        value = value[0] if isinstance(value, (list, tuple)) and value else value
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return default
