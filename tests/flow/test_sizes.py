"""Sizes are followed as PyTorch computes them: random models, built and run, against what is said of their source."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from exportlint.flow.arguments import Arguments
from exportlint.flow.sizes.example import Built, mismatch
from exportlint.flow.sizes.sized import Sized
from exportlint.source.project import Project, bindings

SEEDS = range(300)
HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n\n\nclass Net(nn.Module):\n"


def layer(draw: random.Random, channels: int) -> tuple[str, int]:
    """The source of a layer that takes about so many channels, and how many it gives."""
    out = draw.choice([2, 4, 6])
    channels = channels if draw.random() < 0.97 else channels + 1
    kernel, stride, padding = (
        draw.choice([1, 2, 3, (3, 1), 5]),
        draw.choice([1, 2, (1, 2)]),
        draw.choice([0, 1, (0, 1)]),
    )
    odd = draw.choice(["", ", dilation=2", ", ceil_mode=True"])
    forms = [
        (f"nn.Conv2d({channels}, {out}, {kernel}, {stride}, {padding})", out),
        (f"nn.Conv2d({channels}, {out}, {kernel}, padding='same', dilation=2)", out),
        (f"nn.ConvTranspose2d({channels}, {out}, {kernel}, {stride}, {padding})", out),
        (f"nn.ConvTranspose2d({channels}, {out}, 3, stride=2, padding=1, output_padding=1)", out),
        (f"nn.MaxPool2d(2, {stride}{odd})", channels),
        (f"nn.AvgPool2d(3, padding=1{odd if 'ceil' in odd else ''})", channels),
        (f"nn.AdaptiveAvgPool2d(({draw.choice([1, 3])}, None))", channels),
        (f"nn.BatchNorm2d({channels})", channels),
        (f"nn.GroupNorm({channels}, {channels})", channels),
        ("nn.Upsample(scale_factor=2)", channels),
        ("nn.ZeroPad2d((1, 0, 2, 1))", channels),
        (f"nn.PixelShuffle({draw.choice([1, 2])})", channels // 4 or 1),
    ]
    return draw.choice(forms)


def step(draw: random.Random, index: int) -> str:
    """A statement of forward."""
    return draw.choice(
        [
            f"x = self.layers[{index}](x)",
            f"x = F.relu(self.layers[{index}](x))",
            f"x = x + self.layers[{index}](x)",
            f"x = torch.cat([x, self.layers[{index}](x)], dim=1)",
            f"x = F.max_pool2d(self.layers[{index}](x), 2)",
            f"x = F.interpolate(self.layers[{index}](x), size=(7, 9))",
            f"x = self.layers[{index}](x).transpose(2, 3).contiguous()",
            f"x = F.pad(self.layers[{index}](x), (1, 1))",
        ]
    )


def source(draw: random.Random, features: int) -> str:
    """A model whose last layer takes so many features."""
    channels, layers, steps = 3, [], []
    for index in range(draw.randint(1, 5)):
        made, channels = layer(draw, channels)
        layers.append(made)
        steps.append(step(draw, index))
        channels *= 2 if "cat" in steps[-1] and "Conv" not in made else 1
    end = draw.choice(["torch.flatten(x, 1)", "x.view(x.size(0), -1)", "x.reshape(x.shape[0], -1)", "x.flatten(1)"])
    body = "\n".join(f"        {line}" for line in [*steps, f"x = {end}", "return self.fc(x)"])
    held = f"        self.layers = nn.ModuleList([{', '.join(layers)}])\n        self.fc = nn.Linear({features}, 2)\n"
    return f"{HEAD}    def __init__(self):\n        super().__init__()\n{held}\n    def forward(self, x):\n{body}\n"


def said(folder: Path, text: str, sizes: tuple[int, ...]) -> tuple[int, str] | None:
    """The line of the mismatch and its message."""
    (folder / "net.py").write_text(text, "utf-8")
    project = Project([folder], folder)
    project.begin(1 << 20)
    module = project.add(folder / "net.py")
    interpreter = Built(project, frozenset(["trace"]))
    found = mismatch(interpreter, bindings(module)["Net"], Arguments(), Arguments((Sized(sizes),)), False)
    return (found.node.lineno, found.message()) if found else None


def happens(text: str, sizes: tuple[int, ...]) -> tuple[int, str] | None:
    """The line of the model at which eager PyTorch raises, and what it says."""
    import torch

    names: dict = {}
    exec(compile(text, "net.py", "exec"), names)
    torch.manual_seed(0)
    try:
        names["Net"]().eval()(torch.randn(sizes))
    except RuntimeError as error:
        trace, line = error.__traceback__, 0
        while trace is not None:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "net.py" else line
            trace = trace.tb_next
        return line, str(error)
    except ValueError as error:  # a layer that cannot be built
        pytest.skip(str(error))
    return None


@pytest.mark.torch
@pytest.mark.parametrize("part", range(10))
def test_a_mismatch_is_named_where_torch_raises_and_nowhere_else(part: int, tmp_path: Path) -> None:
    import re

    fitting = raising = 0
    for seed in SEEDS[part::10]:
        draw = random.Random(seed)
        sizes = (draw.choice([1, 2]), 3, draw.choice([5, 8, 11]), draw.choice([6, 9]))
        text = source(draw, 10)
        error = happens(text, sizes)
        shapes = re.search(r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+)", error[1]) if error else None
        if shapes and draw.random() < 0.6:  # now with the right number
            text = text.replace("nn.Linear(10,", f"nn.Linear({shapes[1]},")
            error = happens(text, sizes)
        found = said(tmp_path, text, sizes)
        assert (found and found[0]) == (error and error[0]), f"{seed}: {sizes}\n{text}\n{error}\n{found}"
        fitting, raising = fitting + (error is None), raising + (error is not None)
    assert min(fitting, raising) > 2
