"""A class of settings, such as transformers' configurations, made with tiny sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exportlint.verify.infer.meanings import VOCABULARY, smaller


def is_configuration(kind: Any) -> bool:
    """Whether a class is one of plain settings that can all be left out: it says so by its name."""
    return isinstance(kind, type) and kind.__name__.endswith(("Config", "Configuration", "Args", "Params", "Settings"))


def tiny(kind: type) -> Iterator[dict[str, Any]]:
    """{"make": ...} for a configuration, from all sizes made small to none. Yields nothing where it has no defaults."""
    try:
        whole = kind()
    except Exception:  # the user's own class: it cannot be made without arguments
        return
    made = {"make": f"{kind.__module__}:{kind.__qualname__}"}
    for words in (
        (),
        ("size", "dim", "embd", "model", "hidden", "rank", "channels", "kv"),
        ("head", "size", "dim", "embd", "model", "hidden"),
    ):
        changed = _smaller(whole, words)
        if changed:
            yield {**made, **changed, **_quiet(whole)}
    yield {**made, **_quiet(whole)}


def _quiet(whole: Any) -> dict[str, Any]:
    """No cache among the outputs, no weights from elsewhere."""
    return {name: False for name in ("use_cache", "use_pretrained_backbone") if getattr(whole, name, None) is True}


def _smaller(whole: Any, kept: tuple[str, ...]) -> dict[str, Any]:
    """Settings to make smaller, without those whose name holds one of the words `kept`."""
    changed: dict[str, Any] = {}
    for name, value in vars(whole).items():
        if name.startswith("_") or any(word in name for word in kept):
            continue
        small = smaller(name, value)
        if small is not None:
            changed[name] = small
        elif name.endswith(("_token_id", "_token_index")) and isinstance(value, int) and value >= VOCABULARY:
            changed[name] = VOCABULARY - 1 - len(changed) % 20
        elif type(value).__name__.endswith("Config") and not isinstance(value, type):
            inner = _smaller(value, kept)
            if inner:
                model_type = getattr(value, "model_type", None)
                changed[name] = {**inner, **({"model_type": model_type} if model_type else {})}
        elif name == "layer_types" and isinstance(value, list):
            changed[name] = list(value[:2])
    return changed
