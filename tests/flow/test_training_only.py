"""Losses, metrics and augmentation: what is seen there is a note, unless the configuration declares the model."""

from __future__ import annotations

import textwrap

import pytest

from exportlint.check import check
from exportlint.config import ModelSpec, Settings
from exportlint.finding import Severity

BRANCH = "if x.sum() > 0:\n            x = -x\n        return x"
HELPER = f"""
    import torch
    from torch import nn

    def NAME(x):
        {BRANCH}

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            return NAME(x)
    """


def levels(folder, source, file="net.py", **settings):
    """Severities of the branches on values that `check` finds in one file."""
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(source)
    settings = Settings(targets=("trace",), root=folder, **settings)
    return [finding.severity for finding in check([path], settings, cache=False).findings if finding.rule == "EXL101"]


def calls(name):
    """A model that calls a helper of that name, which branches on a value."""
    return textwrap.dedent(HELPER).replace("NAME", name)


@pytest.mark.parametrize(
    "name",
    [
        "contrastive_loss",
        "_loss",
        "loss_of_boxes",
        "compute_losses",
        "get_nll",
        "random_masking",
        "_augment",
        "mean_distributed",
        "_compute_perplexity",
        "dequantize_int8",
        "_dequant_blocks",
        "_4bit_matmul",
        "FP8Mixer",
        "flash_attention_forward",
    ],
)
def test_a_loss_is_a_note(name, tmp_path):
    assert levels(tmp_path, calls(name)) == [Severity.INFO]


@pytest.mark.parametrize(("file", "level"), [("mxfp4.py", Severity.INFO), ("mx4.py", Severity.ERROR)])
def test_kernels_of_one_device_are_told_by_the_name_of_their_module(file, level, tmp_path):
    assert levels(tmp_path, calls("routing"), file) == [level]


@pytest.mark.parametrize(
    "name", ["normalise", "lossless", "glossary", "unmasking_of", "dropout_layers", "int_8", "print8", "flash"]
)
def test_other_helpers_are_not(name, tmp_path):
    assert levels(tmp_path, calls(name)) == [Severity.ERROR]


@pytest.mark.parametrize(
    "file", ["io/net.py", "losses/net.py", "augmentation/net.py", "metrics.py", "preprocessing.py"]
)
def test_a_module_says_what_it_is_for(file, tmp_path):
    if "/" in file:
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).with_name("__init__.py").write_text("")
    assert levels(tmp_path, calls("normalise"), file) == [Severity.INFO]


def test_a_declared_model_is_exported_whatever_it_is_called(tmp_path):
    declared = ModelSpec(entry="metrics.py::Net", inputs={"x": "float32[2]"})
    found = levels(tmp_path, calls("contrastive_loss"), "metrics.py", models=(declared,))
    assert found == [Severity.ERROR]


LOSS = """import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, y):
        {}
"""


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ("return torch.nn.functional.binary_cross_entropy(x, y)", Severity.ERROR),
        ("loss = torch.nn.functional.binary_cross_entropy(x, y)\n        return x, loss", Severity.INFO),
        (
            "if y is None:\n            return x\n        return torch.nn.functional.binary_cross_entropy(x, y)",
            Severity.INFO,
        ),
    ],
)
def test_a_loss_of_torch_counts_where_it_is_the_answer(body, level, tmp_path):
    (tmp_path / "net.py").write_text(LOSS.format(body))
    report = check([tmp_path / "net.py"], Settings(targets=("onnx-ts",), root=tmp_path), cache=False)
    assert [finding.severity for finding in report.findings if finding.rule in ("EXL501", "EXL502")] == [level]


FORWARD = """import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x: torch.Tensor, labels: torch.Tensor | None = None):
{}
"""
BRANCHING = "if x.sum() > 0:\n    x = -x\n"


def forward(*lines):
    """A model with this forward, whose first branch is on a value."""
    text = textwrap.indent("\n".join(lines), " " * 8)
    return FORWARD.format(text)


@pytest.mark.parametrize(
    "end",
    [
        "loss = (x * 2).mean()\nreturn loss",
        "total_loss = x.mean()\nreturn total_loss.sum()",
        "loss = x.mean()\nreturn loss, x",
        "loss = x.mean()\nreturn 2 * loss + x.var()",
        "return nn.functional.mse_loss(x, -x)",
        "if self.eager:\n    return self.encoder(x)\nloss = x.mean()\nreturn loss",
        "return nn.functional.cross_entropy(x, -x)",
        "loss = x.mean()\nreturn Output(loss=loss, logits=x)",
        "loss = x.mean()\nreturn {'loss': loss, 'logits': x}",
        "outputs = self.model(x)\nreturn outputs.loss",
    ],
)
def test_a_forward_that_gives_a_loss_is_a_note(end, tmp_path):
    assert levels(tmp_path, forward(BRANCHING, end)) == [Severity.INFO]


@pytest.mark.parametrize(
    "end",
    [
        "return x",
        "loss = None\nif labels is not None:\n    loss = x.mean()\nreturn loss, x",
        "loss = x.mean()\nreturn x, loss",
        "loss = None\nif labels is not None:\n    loss = x.mean()\nreturn Output(loss=loss, logits=x)",
        "if labels is None:\n    return x\nreturn nn.functional.mse_loss(x, labels)",
        "return x.lossless()",
    ],
)
def test_one_that_gives_something_else_is_not(end, tmp_path):
    assert levels(tmp_path, forward(BRANCHING, end)) == [Severity.ERROR]


def test_what_hands_on_to_a_member_that_gives_a_loss(tmp_path):
    source = """
        import torch
        from torch import nn

        class Inner(nn.Module):
            def forward(self, x: torch.Tensor):
                loss = (x * x).mean()
                return loss

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = Inner()

            def forward(self, x: torch.Tensor):
                if x.sum() > 0:
                    x = -x
                return self.inner(x)
        """
    source = textwrap.dedent(source)
    assert levels(tmp_path, source) == [Severity.INFO]
    given = source.replace("return loss", "return x, loss")
    assert levels(tmp_path, given) == [Severity.ERROR]


@pytest.mark.parametrize(
    ("forward", "level"),
    [
        ("if random.random() > self.p:\n    return x\nreturn self.layer(x)", Severity.INFO),
        ("if random.random() > self.p:\n    x = -x\nreturn self.layer(x)", Severity.ERROR),
    ],
)
def test_what_applies_something_at_random_is_augmentation(forward, level, tmp_path):
    source = textwrap.dedent("""
        import random
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self, p):
                super().__init__()
                self.p, self.layer = p, nn.Linear(2, 2)

            def forward(self, x: torch.Tensor):
    """) + textwrap.indent(forward, " " * 8)
    (tmp_path / "net.py").write_text(source)
    report = check([tmp_path / "net.py"], Settings(targets=("trace",), root=tmp_path), cache=False)
    assert [(f.rule, f.severity) for f in report.findings] == [("EXL605", level)]


def test_what_a_trainer_calls_is_looked_at_for_itself(tmp_path):
    source = """
        import torch
        from torch import nn

        class Encoder(nn.Module):
            def forward(self, x: torch.Tensor):
                if x.sum() > 0:
                    x = -x
                return x

        class Trainer(nn.Module):
            def __init__(self):
                super().__init__()
                self.encoder = Encoder()

            def forward(self, x: torch.Tensor):
                loss = self.encoder(x).mean()
                return loss
        """
    assert levels(tmp_path, textwrap.dedent(source)) == [Severity.ERROR]


@pytest.mark.parametrize(
    ("test", "level"),
    [
        ("labels is not None", Severity.INFO),
        ("x.ndim == 2 and labels is not None", Severity.INFO),
        ("labels is None", Severity.WARNING),
        ("x.requires_grad", Severity.INFO),
        ("isinstance(x, SparseTensor)", Severity.INFO),
        ("not isinstance(x, SparseTensor)", Severity.WARNING),
        ("is_torch_sparse_tensor(x)", Severity.INFO),
        ("x.is_complex()", Severity.INFO),
        ("x.device.type == 'mps'", Severity.INFO),
        ("x.device.type != 'mps'", Severity.WARNING),
        ("return_loss and x.dim() == 2", Severity.INFO),
        ("return_loss", Severity.INFO),
        ("self.is_training", Severity.INFO),
        ("kind in FLASH_ATTENTION_KINDS", Severity.INFO),
        ("mlm_targets", Severity.INFO),
        ("kind in KINDS", Severity.WARNING),
        ("is_flash_attention_requested(self.config)", Severity.INFO),
        ("not return_loss", Severity.WARNING),
        ("isinstance(self.inner, torch.jit.ScriptModule)", Severity.INFO),
        ("not isinstance(self.inner, torch.jit.ScriptModule)", Severity.WARNING),
        ("return_loss or x.dim() == 2", Severity.WARNING),
        ("self.use_blocks", Severity.WARNING),
    ],
)
def test_what_stands_under_labels_gradients_or_switches_is_a_note(test, level, tmp_path):
    body = f"if {test}:\n" + textwrap.indent(BRANCHING, "    ") + "return x"
    assert levels(tmp_path, forward(body)) == [level]


@pytest.mark.parametrize(
    ("test", "level"),
    [
        ("not is_flash_attention_requested(self.config)", Severity.INFO),
        ("labels is None", Severity.INFO),
        ("self.plain or labels is None", Severity.INFO),
        ("not isinstance(x, SparseTensor)", Severity.INFO),
        ("not (return_loss or self.is_training)", Severity.INFO),
        ("not (return_loss or self.use_blocks)", Severity.WARNING),
        ("self.plain and labels is None", Severity.WARNING),
        ("labels is not None", Severity.WARNING),
        ("not self.use_blocks", Severity.WARNING),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        "if {}:\n    return x\n" + BRANCHING + "return x",
        "with torch.no_grad():\n    if {}:\n        return x\n    x = x * 2\n" + BRANCHING + "return x",
        "if {}:\n    x = x * 2\nelse:\n" + textwrap.indent(BRANCHING, "    ") + "return x",
    ],
)
def test_so_is_what_is_left_where_a_switch_is_off(body, test, level, tmp_path):
    (found,) = levels(tmp_path, forward(body.format(test)))
    assert (found is Severity.INFO) == (level is Severity.INFO)


def test_what_an_inner_branch_returns_says_nothing_of_the_rest(tmp_path):
    body = "if self.use_blocks:\n    if labels is None:\n        return x\n    x = x + 1\n" + BRANCHING + "return x"
    assert levels(tmp_path, forward(body)) == [Severity.ERROR]


@pytest.mark.parametrize(
    ("test", "body", "level"),
    [
        ("not is_compiling()", "check_that(x.min() >= 0 and x.max() <= 1)", Severity.INFO),
        ("not torch.compiler.is_compiling()", "if x.sum() > 0:\n    raise ValueError(x)", Severity.INFO),
        ("self.strict and not is_exporting()", "assert x.sum() > 0", Severity.INFO),
        ("not is_compiling() and x.sum() > 0", "raise ValueError(x)", Severity.INFO),
        ("not is_compiling() and x.sum() > 0", "x = -x", Severity.WARNING),
        ("self.strict", "assert x.sum() > 0", Severity.WARNING),
        ("not is_compiling()", "if x.sum() > 0:\n    x = -x", Severity.WARNING),
        ("not is_compiling()", "self.check(x.sum() > 0 or x.mean() > 0)", Severity.WARNING),
    ],
)
def test_a_check_that_exporters_are_meant_to_do_without_is_a_note(test, body, level, tmp_path):
    source = "from checks import check_that, is_compiling, is_exporting\n" + forward(
        f"if {test}:", textwrap.indent(body, "    "), "return x"
    )
    assert {*levels(tmp_path, source)} == {level}


TACOTRON = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def forward(self, x: torch.Tensor, PARAMETERS):
            BODY
            if x.sum() > 0:
                x = -x
            return x

        def METHOD(self, x):
            return x
    """


@pytest.mark.parametrize(
    ("parameters", "body", "method", "level"),
    [
        ("targets", "x = x + targets", "infer", Severity.INFO),
        ("batch", "lengths, targets = batch", "inference", Severity.INFO),
        ("batch", "lengths, targets = self.targets(batch)", "inference", Severity.ERROR),
        ("targets", "x = x + targets", "encode", Severity.ERROR),
        ("queries", "x = x + queries", "infer", Severity.ERROR),
    ],
)
def test_a_forward_that_takes_targets_beside_a_method_that_infers_trains(parameters, body, method, level, tmp_path):
    source = textwrap.dedent(TACOTRON)
    for name, value in (("PARAMETERS", parameters), ("BODY", body), ("METHOD", method)):
        source = source.replace(name, value)
    assert levels(tmp_path, source) == [level]


def test_a_check_of_labels_is_a_note(tmp_path):
    body = "if labels is not None and labels.max() > 9:\n    raise ValueError(labels)\nreturn x"
    assert levels(tmp_path, forward(body)) == [Severity.INFO]


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ("return to_numpy(x) if self.plain else x", Severity.INFO),
        ("return x + torch.from_numpy(to_numpy(x))", Severity.ERROR),
    ],
)
def test_what_a_caller_may_want_without_torch_is_a_note(body, level, tmp_path):
    source = """
        import torch
        from torch import nn

        def to_numpy(x):
            return x.numpy()

        class Net(nn.Module):
            def __init__(self, plain):
                super().__init__()
                self.plain = plain

            def forward(self, x: torch.Tensor):
                BODY
        """
    (tmp_path / "net.py").write_text(textwrap.dedent(source).replace("BODY", body))
    report = check([tmp_path / "net.py"], Settings(targets=("trace",), root=tmp_path), cache=False)
    assert [(f.rule, f.severity) for f in report.findings] == [("EXL202", level)]


@pytest.mark.parametrize(("base", "level"), [("", Severity.INFO), ("(nn.Module)", Severity.ERROR)])
def test_what_drives_a_model_is_no_part_of_it(base, level, tmp_path):
    source = f"""
        import torch
        from torch import nn

        class MaskPredictor{base}:
            def __call__(self, x):
                if x.sum() > 0:
                    x = -x
                return x

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.predictor = MaskPredictor()

            def forward(self, x: torch.Tensor):
                return self.predictor(x)
        """
    assert levels(tmp_path, textwrap.dedent(source)) == [level]


def test_only_scripting_runs_other_methods(tmp_path):
    source = (
        forward("return x")
        + """
    @torch.jit.export
    def sample(self, x: torch.Tensor):
        return x * 2 if x.sum() > 0 else x
"""
    )
    assert levels(tmp_path, source) == []


def test_a_transform_of_data_is_a_class_and_a_function_beside_it_a_helper(tmp_path):
    (tmp_path / "transforms").mkdir()
    (tmp_path / "transforms" / "__init__.py").write_text("")
    source = """
        import torch
        from torch import nn

        def fit(x: torch.Tensor):
            return -x if x.sum() > 0 else x

        class Fit:
            def __call__(self, x: torch.Tensor):
                return -x if x.mean() > 0 else x
        """
    (tmp_path / "transforms" / "fit.py").write_text(textwrap.dedent(source))
    net = """
        import torch
        from torch import nn
        from transforms.fit import Fit, fit

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fit = Fit()

            def forward(self, x: torch.Tensor):
                return fit(x) + self.fit(x)
        """
    (tmp_path / "net.py").write_text(textwrap.dedent(net))
    report = check([tmp_path], Settings(targets=("trace",), root=tmp_path), cache=False)
    found = {f.message[:9]: f.severity for f in report.findings if f.rule == "EXL101"}
    assert found == {"`x.sum() ": Severity.ERROR, "`x.mean()": Severity.INFO}
