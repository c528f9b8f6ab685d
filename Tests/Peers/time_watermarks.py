"""The other side of the benchmark watermark.read: decodes with invisible-watermark 0.2.0 on demand.

Each line of standard input is METHOD, LENGTH and PATH with tabs between; the bits are printed. A picture is
read from its file once, so what a caller times after that is the library's decoding.
"""

import sys

import cv2
from imwatermark import WatermarkDecoder

pictures = {}
for line in sys.stdin:
    method, length, path = line.rstrip("\n").split("\t")
    if path not in pictures:
        pictures[path] = cv2.imread(path)
    bits = WatermarkDecoder("bits", int(length)).decode(pictures[path], method)
    print("".join("1" if bit else "0" for bit in bits), flush=True)
