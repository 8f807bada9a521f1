"""A first tutorial: a small network for digits, a training loop, and everything that is done with it afterwards.

Written as such scripts are: settings at the top, helpers with defaults, a class around the exported file. What stands
behind a mark was established by running it with torch 2.13, and `test_flow.py` runs it again.
"""

import copy
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from onnxruntime.quantization import quantize_dynamic
from torch.utils.mobile_optimizer import optimize_for_mobile

CLASSES = 10
OPSET = 11
MODEL_PATH = "digits.onnx"
device = torch.device("cpu")


class Net(nn.Module):
    """For digits of 28 by 28."""

    def __init__(self, channels=1, hidden=64):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(channels, 8, 3, 1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(16 * 12 * 12, hidden)
        self.fc2 = nn.Linear(hidden, CLASSES)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.dropout(x)
        x = torch.flatten(x, 1)
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)


class WideNet(Net):
    """Made for other images than it is exported with."""

    def __init__(self):
        super().__init__(channels=3)
        self.head = nn.Linear(16 * 14 * 14, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(self.conv2(F.relu(self.conv1(x))), kernel_size=2)
        x = x.view(x.shape[0], -1)
        return self.head(x)  # FAULT EXL310 raises in export_the_wrong_size


class Normalized(nn.Module):
    """Wraps a network, and divides by what it is told to."""

    def __init__(self, inner, mean=0.13, std=0.31):
        super().__init__()
        self.inner = inner
        self.register_buffer("mean", torch.tensor(mean))
        self.std = std

    def forward(self, image):
        return self.inner((image - self.mean) / self.std)


def train_epoch(model, optimizer, steps=2):
    model.train()
    for step in range(steps):
        data, target = torch.randn(4, 1, 28, 28).to(device), torch.randint(0, CLASSES, (4,))
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(f"step {step}: {loss.item():.4f}")


def evaluate(model):
    model.eval()
    with torch.no_grad():
        return model(torch.randn(4, 1, 28, 28)).argmax(dim=1)


def trained():
    model = Net().to(device)
    train_epoch(model, optim.SGD(model.parameters(), lr=0.01))
    return model


class OnnxClassifier:
    """The exported file behind the interface of a model."""

    def __init__(self, path):
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def __call__(self, batch):
        return self.session.run(None, {self.name: batch})[0]


def checkpoints():
    model = trained()
    torch.save({"model": model.state_dict(), "epoch": 2}, "checkpoint.pth")
    state = torch.load("checkpoint.pth", map_location=device, weights_only=True)
    fresh = Net()
    fresh.load_state_dict(state["model"])
    torch.save(fresh.state_dict(), Path("weights.pth"))
    torch.jit.script(fresh.eval()).save("scripted.pt")
    torch.load("scripted.pt", map_location="cpu")  # FAULT EXL818 raises


def trace_after_training():
    model = trained()
    sample = torch.rand(4, 1, 28, 28)
    traced = torch.jit.trace(model, sample, check_trace=False)  # FAULT EXL801 differs
    model.eval()
    return traced(sample), model(sample)


def trace_after_evaluation():
    model = trained()
    evaluate(model)
    sample = torch.rand(1, 1, 28, 28)
    traced = torch.jit.trace(model, sample)
    others = torch.rand(3, 1, 28, 28)
    assert torch.allclose(traced(others), model(others), atol=1e-5)
    traced.save("traced.pt")
    again = torch.jit.load("traced.pt", map_location="cpu")
    return again(others), model(others)


def export_the_wrong_size():
    model = WideNet()
    model.eval()
    torch.onnx.export(model, torch.randn(1, 3, 28, 28), "wide.onnx", opset_version=18)


def export_the_right_size():
    model = WideNet()
    model.eval()
    torch.onnx.export(model, torch.randn(1, 3, 32, 32), "wide.onnx", opset_version=18)
    onnx.checker.check_model(onnx.load("wide.onnx"))


def export_with_another_head():
    model = WideNet()
    model.head = nn.Linear(16 * 12 * 12, CLASSES)
    torch.onnx.export(model.eval(), torch.randn(1, 3, 28, 28), "wide.onnx")


def export_and_serve():
    model = Normalized(trained()).eval()
    dummy_input = torch.randn(2, 1, 28, 28, device=device)
    torch.onnx.export(
        model,
        (dummy_input,),
        MODEL_PATH,
        input_names=["image"],
        output_names=["scores"],
        opset_version=18,
        dynamic_shapes={"image": {0: "batch"}},
        external_data=False,
    )
    onnx.checker.check_model(MODEL_PATH)
    classify = OnnxClassifier(MODEL_PATH)
    batch = np.random.rand(7, 1, 28, 28).astype(np.float32)
    np.testing.assert_allclose(classify(batch), model(torch.from_numpy(batch)).detach().numpy(), rtol=1e-3, atol=1e-5)
    quantize_dynamic(MODEL_PATH, "small.onnx")
    assert os.path.getsize("small.onnx") < os.path.getsize(MODEL_PATH)


def export_at_an_old_opset():
    model = trained().eval()
    torch.onnx.export(model, (torch.randn(1, 1, 28, 28),), MODEL_PATH, opset_version=OPSET)  # FAULT EXL807 differs
    return onnx.load(MODEL_PATH).opset_import[0].version, OPSET


def export_in_the_mode_that_was_asked_for():
    model = trained()
    torch.onnx.export(
        model,
        torch.randn(1, 1, 28, 28),
        MODEL_PATH,
        training=torch.onnx.TrainingMode.EVAL,
        opset_version=OPSET,
        dynamo=False,
    )
    sample = torch.randn(1, 1, 28, 28)
    return torch.from_numpy(OnnxClassifier(MODEL_PATH)(sample.numpy())), model.eval()(sample)


def feed_doubles():
    model = trained().eval()
    torch.onnx.export(model, (torch.randn(1, 1, 28, 28),), MODEL_PATH, input_names=["image"])
    session = onnxruntime.InferenceSession(MODEL_PATH)
    session.run(None, {"image": np.random.rand(1, 1, 28, 28)})  # FAULT EXL811 raises


def export_with_an_old_argument():
    model = trained().eval()
    sample = torch.randn(1, 1, 28, 28)
    torch.onnx.export(model, sample, MODEL_PATH, example_outputs=model(sample))  # FAULT EXL802 raises


def for_a_phone():
    model = copy.deepcopy(trained()).eval()
    scripted = torch.jit.script(model)
    try:
        scripted = optimize_for_mobile(scripted)
    except RuntimeError as error:
        print("no XNNPACK here:", error)
    scripted._save_for_lite_interpreter("digits.ptl")


def frozen():
    model = trained()
    scripted = torch.jit.freeze(torch.jit.script(model.eval()))
    torch.jit.save(scripted, "frozen.pt")
    sample = torch.randn(2, 1, 28, 28)
    return torch.jit.load("frozen.pt")(sample), model(sample)


def optimized():
    scripted = torch.jit.optimize_for_inference(torch.jit.script(trained().eval()))
    torch.jit.save(scripted, "optimized.pt")  # FAULT EXL815 raises
    torch.jit.load("optimized.pt")


def compared_but_not_asserted():
    model = trained().eval()
    program = torch.export.export(model, (torch.randn(2, 1, 28, 28),))
    sample = torch.randn(2, 1, 28, 28)
    torch.allclose(program.module()(sample), model(sample))  # FAULT EXL813 passes
