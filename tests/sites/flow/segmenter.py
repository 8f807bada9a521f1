"""A tutorial on segmentation: a U-Net with skip connections and upsampling, for a server and for a phone.

What stands behind a mark was established by running it with torch 2.13, and `test_flow.py` runs it again.
"""

import os

import numpy as np
import onnx
import onnxruntime as rt
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnxruntime.quantization import QuantType, quantize_dynamic


class DoubleConv(nn.Sequential):
    def __init__(self, inside, outside):
        super().__init__(
            nn.Conv2d(inside, outside, 3, padding=1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )


class UNet(nn.Module):
    """Halves twice; what is no multiple of four is padded where `pad` is set, and refused elsewhere."""

    def __init__(self, channels=3, classes=2, pad=True):
        super().__init__()
        self.pad = pad
        self.first = DoubleConv(channels, 8)
        self.second = DoubleConv(8, 16)
        self.up = nn.ConvTranspose2d(16, 8, kernel_size=2, stride=2)
        self.merge = DoubleConv(16, 8)
        self.last = nn.Conv2d(8, classes, kernel_size=1)

    def forward(self, image):
        one = self.first(image)
        two = self.second(F.max_pool2d(one, 2))
        up = self.up(two)
        if self.pad:
            up = F.interpolate(up, size=one.shape[-2:], mode="bilinear", align_corners=False)
        return self.last(self.merge(torch.cat([up, one], dim=1)))


class Strict(nn.Module):
    """A decoder that does not look at what it is put beside."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, image):
        skip = image
        x = F.relu(self.down(image))
        x = self.up(x)
        return torch.cat((x, skip), dim=1)  # FAULT EXL310 raises in export_an_odd_image


class Grey(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, image):
        return self.net(image.repeat(1, 3, 1, 1))


def load(path, **options):
    model = UNet(**options)
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model


def written():
    model = UNet()
    torch.save(model.state_dict(), "unet.pth")
    return load("unet.pth")


def export_an_odd_image():
    model = Strict().eval()
    torch.jit.trace(model, torch.randn(1, 3, 33, 33))


def export_an_even_image():
    model = Strict().eval()
    traced = torch.jit.trace(model, torch.randn(1, 3, 32, 32))
    image = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(traced(image), model(image))


def export_for_a_server():
    model = written()
    model.eval()
    image = torch.randn(2, 3, 32, 32, requires_grad=True)
    torch.onnx.export(
        model,
        image,
        "unet.onnx",
        export_params=True,
        opset_version=13,
        do_constant_folding=True,
        input_names=["image"],
        output_names=["mask"],
        dynamic_axes={"image": {0: "batch", 2: "height", 3: "width"}, "mask": {0: "batch", 2: "height", 3: "width"}},
        dynamo=False,
    )
    onnx.checker.check_model(onnx.load("unet.onnx"), full_check=True)
    session = rt.InferenceSession("unet.onnx", providers=["CPUExecutionProvider"])
    other = np.random.rand(1, 3, 48, 40).astype("float32")
    (mask,) = session.run(["mask"], {"image": other})
    np.testing.assert_allclose(mask, model(torch.from_numpy(other)).detach().numpy(), rtol=1e-3, atol=1e-4)


def export_while_it_trains():
    model = written()
    model.train()
    image = torch.randn(2, 3, 32, 32)
    program = torch.export.export(model, (image,))  # FAULT EXL801 differs
    model.eval()
    return program.module()(image), model(image)


def export_through_a_wrapper():
    model = Grey(written()).eval()
    torch.onnx.export(model, (torch.randn(1, 1, 32, 32),), "grey.onnx", external_data=False)
    session = rt.InferenceSession("grey.onnx")
    session.run(None, {session.get_inputs()[0].name: np.ones((1, 1, 32, 32), np.float32)})


def run_another_height():
    model = written().eval()
    torch.onnx.export(model, (torch.randn(1, 3, 32, 32),), "fixed.onnx", input_names=["image"])
    session = rt.InferenceSession("fixed.onnx")
    session.run(None, {"image": np.zeros((1, 3, 64, 32), dtype=np.float32)})  # FAULT EXL810 raises


def quantized_size():
    model = nn.Sequential(nn.Conv2d(3, 256, 3), nn.Conv2d(256, 256, 3)).eval()
    torch.onnx.export(model, (torch.randn(1, 3, 32, 32),), "large.onnx")
    quantize_dynamic("large.onnx", "small.onnx", weight_type=QuantType.QUInt8)
    print("quantized:", os.path.getsize("small.onnx"))
    weights = sum(p.numel() * p.element_size() for p in model.parameters())
    return os.path.getsize("large.onnx") >= weights, True  # FAULT EXL816 differs


def dynamic_axis_that_is_none():
    model = written().eval()
    torch.onnx.export(
        model,
        (torch.randn(1, 3, 32, 32),),
        "axes.onnx",
        dynamo=False,
        input_names=["image"],
        dynamic_axes={"image": {4: "width"}},  # FAULT EXL806 raises
    )


def script_for_a_phone():
    model = written().eval()
    scripted = torch.jit.script(model)
    scripted.save("unet.pt")
    image = torch.randn(1, 3, 20, 20)
    return torch.jit.load("unet.pt")(image), model(image)


def program_of_any_size():
    model = written().eval()
    height, width = torch.export.Dim("height", min=8), torch.export.Dim("width", min=8)
    program = torch.export.export(
        model, (torch.randn(1, 3, 32, 32),), dynamic_shapes={"image": {2: 2 * height, 3: 2 * width}}
    )
    image = torch.randn(1, 3, 48, 40)
    torch.testing.assert_close(program.module()(image), model(image))


def compiled_first():
    model = torch.compile(written().eval())
    torch.jit.trace(model, torch.randn(1, 3, 32, 32))  # FAULT EXL809 raises


def with_a_session_of_the_old_converter():
    model = written().eval()
    torch.onnx.dynamo_export(model, torch.randn(1, 3, 32, 32)).save("old.onnx")  # FAULT EXL802 raises
