"""A tutorial on text: a transformer encoder with padding masks, exported with a sequence of any length.

What stands behind a mark was established by running it with torch 2.13, and `test_flow.py` runs it again.
"""

import math
from typing import Optional

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn
from torch.export import Dim

VOCABULARY = 50
WIDTH = 16
LONGEST = 32


class PositionalEncoding(nn.Module):
    def __init__(self, d_model: int, dropout: float = 0.1, max_len: int = LONGEST):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(x + self.pe[:, : x.size(1)])


class Encoder(nn.Module):
    def __init__(self, layers: int = 2, heads: int = 2):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH, padding_idx=0)
        self.position = PositionalEncoding(WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, heads, 32, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 3)

    def forward(self, tokens: Tensor, mask: Optional[Tensor] = None) -> Tensor:
        x = self.position(self.embed(tokens) * math.sqrt(WIDTH))
        x = self.encoder(x, src_key_padding_mask=mask)
        return self.head(self.norm(x).mean(dim=1))


class Gated(nn.Module):
    """Skips texts that hold nothing, with a branch that is frozen."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder

    def forward(self, tokens: Tensor) -> Tensor:
        if tokens.sum() == 0:  # FAULT EXL101 raises in export_the_branch
            return torch.zeros(tokens.size(0), 3)
        return self.encoder(tokens)


class LearnedPositions(nn.Module):
    """Knows sequences of one length only."""

    def __init__(self, length=LONGEST):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Parameter(torch.zeros(1, length, WIDTH))
        self.head = nn.Linear(WIDTH, 3)

    def forward(self, tokens):
        x = self.embed(tokens)
        x = x + self.positions  # FAULT EXL310 raises in export_a_sequence_that_is_too_short
        return self.head(x).mean(1)


def tokens_of(batch, length):
    return torch.randint(1, VOCABULARY, (batch, length))


def export_with_two_dynamic_axes():
    model = Encoder().eval()
    tokens = tokens_of(2, 7)
    mask = torch.zeros(2, 7, dtype=torch.bool)
    batch, length = Dim("batch"), Dim("length", max=LONGEST)
    torch.onnx.export(
        model,
        (tokens, mask),
        "encoder.onnx",
        input_names=["tokens", "mask"],
        output_names=["scores"],
        dynamic_shapes={"tokens": {0: batch, 1: length}, "mask": {0: batch, 1: length}},
    )
    onnx.checker.check_model("encoder.onnx")
    session = ort.InferenceSession("encoder.onnx")
    tokens, mask = tokens_of(3, 11), torch.zeros(3, 11, dtype=torch.bool)
    (got,) = session.run(["scores"], {"tokens": tokens.numpy(), "mask": mask.numpy()})
    np.testing.assert_allclose(got, model(tokens, mask).detach().numpy(), rtol=1e-3, atol=1e-5)


def export_without_dynamic_length():
    model = Encoder().eval()
    torch.onnx.export(model, (tokens_of(1, 7),), "short.onnx", input_names=["tokens"])
    session = ort.InferenceSession("short.onnx")
    other = torch.randint(1, VOCABULARY, (1, 9))
    session.run(None, {"tokens": other.numpy()})  # FAULT EXL810 raises


def feed_what_tokenizers_give():
    model = Encoder().eval()
    torch.onnx.export(model, (torch.randint(1, VOCABULARY, (1, 7)),), "ids.onnx", input_names=["tokens"])
    ids = np.ones((1, 7), dtype=np.int32)
    ort.InferenceSession("ids.onnx").run(None, {"tokens": ids})  # FAULT EXL811 raises


def feed_a_name_of_another_model():
    model = Encoder().eval()
    example = torch.randint(1, VOCABULARY, (1, 7))
    torch.onnx.export(model, (example,), "ids.onnx", input_names=["input_ids"])
    session = ort.InferenceSession("ids.onnx")
    session.run(None, {"tokens": example.numpy()})  # FAULT EXL811 raises


def export_the_branch():
    model = Gated(Encoder()).eval()
    torch.onnx.export(model, (tokens_of(2, 7),), "gated.onnx")


def export_a_sequence_that_is_too_short():
    model = LearnedPositions().eval()
    torch.export.export(model, (torch.randint(0, VOCABULARY, (2, 12)),))


def export_a_sequence_that_fits():
    model = LearnedPositions(length=12).eval()
    example = torch.randint(0, VOCABULARY, (2, 12))
    program = torch.export.export(model, (example,), dynamic_shapes={"tokens": {0: Dim.AUTO}})
    other = torch.randint(0, VOCABULARY, (5, 12))
    torch.testing.assert_close(program.module()(other), model(other))


def export_one_sentence_of_any_number():
    model = Encoder().eval()
    example = torch.randint(1, VOCABULARY, (1, 7))
    torch.export.export(model, (example,), dynamic_shapes=({0: Dim("batch")}, None))  # FAULT EXL814 raises


def script_with_a_mask():
    model = Encoder().eval()
    scripted = torch.jit.script(PositionalEncoding(WIDTH).eval())
    x = torch.randn(2, 5, WIDTH)
    torch.testing.assert_close(scripted(x), model.position(x))


def script_while_training():
    scripted = torch.jit.script(PositionalEncoding(WIDTH))
    scripted.save("positions.pt")  # FAULT EXL801 differs
    return torch.jit.load("positions.pt").training, False


def trace_in_half():
    model = Encoder().eval().double()
    mask = torch.zeros(2, 7, dtype=torch.bool)
    traced = torch.jit.trace(model, (tokens_of(2, 7), mask), check_trace=False)
    tokens, mask = tokens_of(4, 7), torch.zeros(4, 7, dtype=torch.bool)
    torch.testing.assert_close(traced(tokens, mask), model(tokens, mask), rtol=1e-3, atol=1e-5)


def axes_of_another_name():
    model = Encoder().eval()
    torch.onnx.export(
        model,
        (tokens_of(2, 7),),
        "axes.onnx",
        dynamo=False,
        input_names=["tokens"],
        dynamic_axes={"input_ids": {0: "batch", 1: "length"}},  # FAULT EXL806 differs
    )
    shape = onnx.load("axes.onnx").graph.input[0].type.tensor_type.shape
    return bool(shape.dim[0].dim_param), True


def verified_at_two_lengths():
    model = Encoder().eval()
    torch.onnx.export(
        model,
        (tokens_of(2, 7),),
        "any.onnx",
        opset_version=18,
        input_names=["tokens"],
        dynamic_shapes={"tokens": {0: "batch", 1: "length"}},
    )
    session = ort.InferenceSession("any.onnx")
    for length in (5, 20):
        tokens = tokens_of(2, length)
        (got,) = session.run(None, {"tokens": tokens.numpy()})
        assert np.abs(got - model(tokens).detach().numpy()).max() < 1e-4
