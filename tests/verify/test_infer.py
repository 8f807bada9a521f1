"""Specs that nobody wrote: what is inferred for models of many kinds, and what is said where nothing is."""

from __future__ import annotations

import json

import pytest

from exportlint.verify.contract import Result
from tests.verify.conftest import Verify

pytestmark = pytest.mark.torch

IMAGES = """
class Net(nn.Module):
    def __init__(self, in_channels, num_classes, hidden=8):
        super().__init__()
        self.stem = nn.Conv2d(in_channels, hidden, 3, stride=2)
        self.head = nn.Linear(hidden, num_classes)

    def forward(self, x):
        return self.head(self.stem(x).mean((2, 3)))
"""
LENET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 6, 5)
        self.head = nn.Linear(6 * 12 * 12, 10)

    def forward(self, digits):
        return self.head(F.max_pool2d(self.stem(digits), 2).flatten(1))
"""
WORDS = """
class Net(nn.Module):
    def __init__(self, vocab_size, d_model, nhead):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, d_model)
        self.attend = nn.MultiheadAttention(d_model, nhead, batch_first=True)

    def forward(self, words, key_padding_mask=None):
        x = self.embed(words)
        return self.attend(x, x, x, key_padding_mask=key_padding_mask)[0]
"""
RECURRENT = """
class Net(nn.Module):
    def __init__(self, input_size: int, layers: int = 1):
        super().__init__()
        self.cell = nn.GRU(input_size, 7, layers, batch_first=True)

    def forward(self, series):
        return self.cell(series)[0]
"""
FUNCTIONAL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(9, 4))

    def forward(self, x):
        rows, steps, width = x.shape
        return x @ self.weight
"""
SIZED = """
class Net(nn.Module):
    def __init__(self, image_size=48, patch=8):
        super().__init__()
        self.cut = nn.Conv2d(3, 6, patch, patch)
        self.place = nn.Parameter(torch.zeros(1, (image_size // patch) ** 2, 6))

    def forward(self, image):
        return self.cut(image).flatten(2).transpose(1, 2) + self.place
"""
EITHER = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 4)

    def forward(self, hidden_states=None, input_ids=None, scale=None):
        if input_ids is None:
            raise ValueError("You have to specify input_ids")
        return self.embed(input_ids) * (1 + scale.mean())
"""
DOCUMENTED = """
class Net(nn.Module):
    def forward(self, x):
        '''x: [batch, 5, 3], rows of three points.'''
        assert x.shape[1:] == (5, 3)
        return x * 2
"""
NOTED = """
class Float:
    def __class_getitem__(cls, item): return cls

class Net(nn.Module):
    def forward(self, points: 'Float[torch.Tensor, "b 5 3"]'):
        assert points.shape[1:] == (5, 3), points.ndim
        return points * 2
"""
TIMED = """
class Net(nn.Module):
    def __init__(self, channels: int = 3):
        super().__init__()
        self.stem = nn.Conv2d(channels, 4, 3)
        self.embed = nn.Embedding(50, 4)

    def forward(self, x, timesteps):
        return self.stem(x) + self.embed(timesteps)[:, :, None, None]
"""


@pytest.mark.parametrize(
    ("source", "inputs"),
    [
        (IMAGES, {"x": "float32[batch, 3, 64, 64]"}),
        (LENET, {"digits": "float32[batch, 1, 28, 28]"}),
        (WORDS, {"words": "int64[batch, 16] < 100"}),
        (RECURRENT, {"series": "float32[batch, 16, 32]"}),
        (FUNCTIONAL, {"x": "float32[batch, 16, 9]"}),
        (SIZED, {"image": "float32[batch, 3, 48, 48]"}),
        (EITHER, None),
        (DOCUMENTED, {"x": "float32[batch, 5, 3]"}),
        (NOTED, {"points": "float32[batch, 5, 3]"}),
        (TIMED, {"x": "float32[batch, 3, 64, 64]", "timesteps": "int64[batch] < 10"}),
    ],
    ids=["images", "lenet", "words", "recurrent", "functional", "sized", "either", "documented", "noted", "timed"],
)
def test_inputs_are_found(verify: Verify, source: str, inputs: dict[str, str] | None) -> None:
    result = verify(source, "export", only="spec")
    assert result.status == "ok", result.reason
    assert result.spec is not None
    if inputs is not None:
        assert result.spec.inputs == inputs
    assert result.spec.example.startswith("inferred in ")


def test_the_model_is_verified_on_what_was_inferred(verify: Verify) -> None:
    result = verify(IMAGES, "trace")
    assert result.status == "ok", result.reason
    assert result.inputs_tried > 10
    # nobody declared the batch dynamic
    assert result.checks["dynamic"] == "skipped: no dynamic dimension declared"


def _kwargs(result: Result) -> dict[str, object]:
    assert result.spec is not None, result.reason
    return {name: json.loads(text) for name, text in result.spec.kwargs.items()}


def test_arguments_by_name_are_small_and_fit_one_another(verify: Verify) -> None:
    assert _kwargs(verify(WORDS, "export", only="spec")) == {"vocab_size": 100, "d_model": 32, "nhead": 4}


def test_arguments_by_annotation_and_by_trial(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self, body: nn.Module, widths: list[int], gate: bool, unheard_of):
            super().__init__()
            self.body, self.layer = body, nn.Linear(widths[0], unheard_of[1])

        def forward(self, x):
            return self.layer(self.body(x))
    """
    kwargs = _kwargs(verify(source, "export", only="spec"))
    assert kwargs == {"body": {"make": "torch.nn:Identity"}, "widths": [32, 32], "gate": False, "unheard_of": [4, 8]}


def test_a_configuration_is_made_tiny(verify: Verify) -> None:
    source = """
    class SomeConfig:
        def __init__(self, vocab_size=50000, hidden_size=4096, pad_token_id=49999, kind="plain"):
            self.vocab_size, self.hidden_size, self.pad_token_id = vocab_size, hidden_size, pad_token_id

    class Net(nn.Module):
        def __init__(self, config: SomeConfig):
            super().__init__()
            self.embed = nn.Embedding(config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id)

        def forward(self, input_ids):
            return self.embed(input_ids)
    """
    result = verify(source, "export", only="spec")
    config = _kwargs(result)["config"]
    assert (config["vocab_size"], config["hidden_size"]) == (100, 32)
    assert config["pad_token_id"] < 100
    assert result.spec.inputs == {"input_ids": "int64[batch, 16] < 100"}


CALL = {
    "at": "README.md:3",
    "args": [],
    "kwargs": {"in_channels": 5, "num_classes": 3},
    "inputs": {"args": ["float32[4, 5, 20, 20]"], "kwargs": {}},
}


def test_a_call_in_the_project_says_more_than_names(verify: Verify) -> None:
    result = verify(IMAGES, "export", only="spec", calls=(CALL,))
    assert _kwargs(result) == {"in_channels": 5, "num_classes": 3}
    assert result.spec.inputs == {"x": "float32[batch=4, 5, 20, 20]"}
    assert "README.md:3" in result.spec.arguments


def test_a_call_that_does_not_fit_is_passed_over(verify: Verify) -> None:
    wrong = {**CALL, "kwargs": {"in_channels": 5, "num_classes": 3, "since_removed": 1}, "inputs": None}
    result = verify(IMAGES, "export", only="spec", calls=(wrong,))
    assert _kwargs(result) == {"in_channels": 3, "num_classes": 10}


def test_what_cannot_be_inferred_says_what_was_tried(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self, backbone):
            super().__init__()
            self.features = backbone.features_of("layer4")

        def forward(self, x):
            return x
    """
    result = verify(source, "export")
    assert result.status == "no-spec"
    assert "write `kwargs = { backbone = ... }`" in result.reason
    assert "no arguments fit in" in result.reason


def test_inherited_inputs_hold_only_where_the_model_runs_on_them(verify: Verify) -> None:
    source = """
    class Base(nn.Module):
        dummy_inputs = {"input_ids": torch.zeros(2, 3)}

    class Net(Base):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(3, 2, 1)

        def forward(self, pixel_values):
            return self.layer(pixel_values)
    """
    result = verify(source, "export")
    assert result.status == "ok", result.reason
    assert result.spec.inputs == {"pixel_values": "float32[batch, 3, 64, 64]"}


def test_a_trial_leaves_no_trace_in_the_model(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.cached = nn.Linear(6, 6), None
            self.register_buffer("kept", torch.zeros(6))

        def forward(self, x):
            if self.cached is None:
                self.cached = torch.ones(6)
                self.kept = self.kept + 1
            return self.layer(x) + self.cached + self.kept
    """
    assert verify(source, "export", only="spec").status == "ok"


@pytest.mark.parametrize(("empty", "fill"), [("{}", "self.cached['cpu'] = new"), ("[]", "self.cached += [new]")])
def test_nor_in_what_its_attributes_hold(verify: Verify, empty: str, fill: str) -> None:
    """As LeViT keeps its attention biases, a tensor for each device."""
    source = f"""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.cached = nn.Linear(6, 6), {empty}
            self.register_buffer("index", torch.arange(6))

        def forward(self, x):
            if not self.cached:
                new = self.layer.bias[self.index]
                {fill}
            return self.layer(x) + sum(self.cached{".values()" if empty == "{}" else ""})
    """
    result = verify(source, "trace")
    assert result.status == "ok", result.reason


def test_a_state_dict_is_loaded(verify: Verify, tmp_path) -> None:
    import torch

    torch.save({"by": torch.tensor(float("inf"))}, tmp_path / "by.pt")
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.by = nn.Parameter(torch.ones(()))

        def forward(self, x):
            if self.by > 100:
                return x
            return x.t()
    """
    shape = {"x": "float32[2, 3]"}
    assert verify(source, "trace", inputs=shape, weights=str(tmp_path / "by.pt")).status == "ok"
    torch.save({"other": torch.ones(())}, tmp_path / "other.pt")
    refused = verify(source, "trace", inputs=shape, weights=str(tmp_path / "other.pt"))
    assert (refused.status, "other" in refused.reason) == ("not-runnable", True)
