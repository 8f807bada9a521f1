"""A recurrent layer runs on a packed sequence.

## What it does
Reports calls of `nn.RNN`, `nn.GRU` and `nn.LSTM` with what `pack_padded_sequence` or `pack_sequence` made.

## Why it breaks
How long each step of a packed sequence is depends on the lengths, which are values of a tensor. `torch.export`, and the
ONNX exporter built on it, stop inside of the layer: "zeros(): argument 'size' failed to unpack", or a guard on
data-dependent sizes.

## Example
```python
class Encoder(nn.Module):
    inputs = (torch.randn(3, 5, 4), torch.tensor([5, 3, 2]))

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 6, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        out, _ = self.rnn(packed)
        return nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=5)[0]
```

## Use instead
```python
class Encoder(nn.Module):
    inputs = (torch.randn(3, 5, 4), torch.tensor([5, 3, 2]))

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 6, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor):
        out, _ = self.rnn(x)
        steps = torch.arange(x.shape[1])
        return out * (steps < lengths[:, None])[..., None]
```
A layer that runs in one direction gives the same steps on the padded batch; what comes after the end is masked. One
that runs in both needs the batch reversed within each length.

## When it is no problem
`torch.jit.trace` and `torch.jit.script` take packed sequences. The older ONNX exporter does where the output is padded
again right behind the layer, to a `total_length`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import PackedCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("export", "onnx")
HELP = "run the layer on the padded batch and mask what comes after each length"


def check(event: PackedCall, context: Context) -> Iterator[Finding]:
    """Recurrent layers on packed sequences; which form packs them makes no difference (measured: tests/fixtures)."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"`{event.layer}` runs on a packed sequence, whose sizes depend on the lengths"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL304", "packed-sequence", TARGETS, (PackedCall,), check)
