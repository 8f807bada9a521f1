"""The flow that tutorials show: define, load weights, trace, script, export, check, verify, quantize, optimize.

Each step is a function. What stands behind `# FAULT` was established by running it with torch 2.13, and `test_flow.py`
runs it again. All other lines are right, and must stay silent.
"""

import os

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from torch.nn import functional
from torch.utils.mobile_optimizer import optimize_for_mobile


class Classifier(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(8 * 4 * 4, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = functional.max_pool2d(functional.relu(self.norm(self.conv(image))), 2)
        return self.head(self.drop(torch.flatten(x, 1)))


def to_numpy(tensor):
    return tensor.detach().cpu().numpy() if tensor.requires_grad else tensor.cpu().numpy()


def train(model, steps):
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(torch.randn(4, 3, 8, 8)), torch.randint(0, 10, (4,)))
        loss.backward()
        optimizer.step()


def save_and_load():
    model = Classifier()
    train(model, 2)
    torch.save(model.state_dict(), "weights.pt")
    torch.save(model, "model.pt")
    fresh = Classifier()
    fresh.load_state_dict(torch.load("weights.pt", map_location="cpu", weights_only=True))
    torch.load("model.pt", map_location="cpu")  # FAULT EXL818 raises


def trace_and_save():
    model = Classifier()
    train(model, 2)
    x = torch.randn(4, 3, 8, 8)
    traced = torch.jit.trace(model, x, check_trace=False)  # FAULT EXL801 differs
    traced.save("traced.pt")
    model.eval()
    return torch.jit.load("traced.pt")(x), model(x)


def trace_well():
    model = Classifier().eval()
    x = torch.randn(1, 3, 8, 8)
    traced = torch.jit.trace(model, x)
    other = torch.randn(4, 3, 8, 8)
    np.testing.assert_allclose(to_numpy(traced(other)), to_numpy(model(other)), rtol=1e-3, atol=1e-5)
    torch.jit.freeze(traced).save("traced.pt")


def script_and_save():
    scripted = torch.jit.script(Classifier())
    scripted.save("scripted.pt")  # FAULT EXL801 differs
    loaded = torch.jit.load("scripted.pt")
    return loaded.training, False


def export_old():
    model = Classifier().eval()
    x = torch.randn(2, 3, 8, 8)
    torch.onnx.export(
        model,
        x,
        "old.onnx",
        export_params=True,
        opset_version=11,
        do_constant_folding=True,
        input_names=["input"],
        output_names=["output"],
        dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},
        dynamo=False,
    )
    onnx.checker.check_model(onnx.load("old.onnx"))
    session = ort.InferenceSession("old.onnx", providers=["CPUExecutionProvider"])
    other = torch.randn(5, 3, 8, 8)
    (got,) = session.run(["output"], {session.get_inputs()[0].name: to_numpy(other)})
    np.testing.assert_allclose(got, to_numpy(model(other)), rtol=1e-3, atol=1e-5)


def export_as_tutorials_did():
    model = Classifier().eval()
    x = torch.randn(2, 3, 8, 8)
    torch.onnx.export(
        model,
        x,
        "tutorial.onnx",
        export_params=True,
        opset_version=11,  # FAULT EXL807 differs
        do_constant_folding=True,
        input_names=["input"],
        output_names=["output"],
        dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},  # FAULT EXL805 warns
    )
    opsets = onnx.load("tutorial.onnx").opset_import
    return opsets[0].version, 11


def export_new():
    model = Classifier().eval()
    x = torch.randn(2, 3, 8, 8)
    torch.onnx.export(model, (x,), "new.onnx", dynamic_shapes={"image": {0: "batch"}})
    onnx.checker.check_model("new.onnx")
    session = ort.InferenceSession("new.onnx")
    session.run(None, {"image": np.random.rand(5, 3, 8, 8).astype(np.float32)})


def run_other_batch():
    model = Classifier().eval()
    torch.onnx.export(model, (torch.randn(1, 3, 8, 8),), "fixed.onnx")
    session = ort.InferenceSession("fixed.onnx")
    session.run(None, {"image": to_numpy(torch.randn(5, 3, 8, 8))})  # FAULT EXL810 raises


def run_other_name():
    model = Classifier().eval()
    torch.onnx.export(model, (torch.randn(1, 3, 8, 8),), "named.onnx", input_names=["pixels"])
    session = ort.InferenceSession("named.onnx")
    session.run(None, {"input": to_numpy(torch.randn(1, 3, 8, 8))})  # FAULT EXL811 raises


def verify_on_the_example():
    model = Classifier().eval()
    x = torch.randn(1, 3, 8, 8)
    torch.onnx.export(model, (x,), "example.onnx", input_names=["pixels"])
    session = ort.InferenceSession("example.onnx")
    got = session.run(None, {"pixels": to_numpy(x)})
    np.testing.assert_allclose(to_numpy(model(x)), got[0], rtol=1e-3, atol=1e-5)  # FAULT EXL812 passes


def verify_nothing():
    model = Classifier().eval()
    torch.onnx.export(model, (torch.randn(1, 3, 8, 8),), "nothing.onnx")
    session = ort.InferenceSession("nothing.onnx")
    x = torch.zeros(1, 3, 8, 8)
    got = session.run(None, {"image": to_numpy(x)})[0]
    np.allclose(to_numpy(model(x)) + 1, got)  # FAULT EXL813 passes


def quantize():
    model = Classifier(classes=1000).eval()
    torch.onnx.export(model, (torch.randn(1, 3, 8, 8),), "float.onnx")
    quantize_dynamic("float.onnx", "int8.onnx", weight_type=QuantType.QUInt8)
    before = os.path.getsize("float.onnx")  # FAULT EXL816 differs
    after = os.path.getsize("int8.onnx")
    assert after > 0
    weights = sum(p.numel() * 4 for p in model.parameters())
    return before >= weights, True


def optimize_and_save():
    model = Classifier().eval()
    optimized = torch.jit.optimize_for_inference(torch.jit.script(model))
    optimized.save("optimized.pt")  # FAULT EXL815 raises
    torch.jit.load("optimized.pt")


def optimize_for_a_phone():
    scripted = torch.jit.script(Classifier().eval())
    try:
        scripted = optimize_for_mobile(scripted)
    except RuntimeError:
        print("this torch was built without XNNPACK")
    scripted._save_for_lite_interpreter("phone.ptl")


def export_scripted():
    scripted = torch.jit.script(Classifier().eval())
    torch.onnx.export(scripted, (torch.randn(1, 3, 8, 8),), "scripted.onnx")  # FAULT EXL808 raises


def export_program():
    model = Classifier().eval()
    batch = torch.export.Dim("batch")
    example = (torch.randn(1, 3, 8, 8),)
    torch.export.export(model, example, dynamic_shapes={"image": {0: batch}})  # FAULT EXL814 raises


def export_program_well():
    model = Classifier().eval()
    batch = torch.export.Dim("batch")
    program = torch.export.export(model, (torch.randn(2, 3, 8, 8),), dynamic_shapes={"image": {0: batch}})
    torch.export.save(program, "program.pt2")
    x = torch.randn(7, 3, 8, 8)
    torch.testing.assert_close(torch.export.load("program.pt2").module()(x), model(x))
