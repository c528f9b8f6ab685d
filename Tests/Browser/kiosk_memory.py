"""A kiosk in time lapse: pictures and walls one after the other, and the server's memory as they go.

python Tests/Browser/kiosk_memory.py [--pictures 100000] [--minutes 10]

It asks for what the page asks for: a mixture that moves, of both models in turn, every fourth picture treated and scanned, now and
then a drawing and a painting. Printed is the resident memory every ten seconds; at the end, by how much it grew since the first minute.
"""

import argparse
import json
import math
import os
import platform
import signal
import struct
import subprocess
import threading
import time
import urllib.request
import zlib
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]


def post(url, body, kind="application/json"):
    """The answer's bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": kind}), timeout=120) as answer:
        return answer.read()



def drawing(side, phase):
    """Two ridges on paper, as a PNG."""
    ridges = [[side * (low + 0.12 * math.sin(phase + 9 * x / side)) for x in range(side)] for low in (0.4, 0.7)]
    rows = b"".join(b"\0" + bytes(0 if any(abs(y - ridge[x]) < 4 for ridge in ridges) else 255 for x in range(side)) for y in range(side))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def painting(url, picture):
    """A picture in the manner of itself: what counts here is the work, not the look."""
    line = "assay-kiosk"
    parts = b"".join(
        f'--{line}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.png"\r\n\r\n'.encode() + picture + b"\r\n"
        for name in ("content", "style", "style2"))
    field = f'--{line}\r\nContent-Disposition: form-data; name="styleSize"\r\n\r\n160\r\n--{line}--\r\n'.encode()
    post(url + "/api/v1/generate/style", parts + field, f"multipart/form-data; boundary={line}")


def resident(process):
    """MiB."""
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    count = 0
    walls = 0
    lock = threading.Lock()
    begun = time.monotonic()
    process = subprocess.Popen(
        [ROOT / ".build/release/assay-server", "--port", "0", "--json", "--kiosk"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    url = json.loads(process.stdout.readline())["url"]

    def over():
        return count >= options.pictures or time.monotonic() - begun > 60 * options.minutes

    def visit():
        nonlocal count, walls
        while True:
            with lock:
                if over():
                    return
                count += 1
                mine = count
            x, y = 0.5 + 0.5 * math.sin(mine * 0.013), 0.5 + 0.5 * math.sin(mine * 0.007)
            seeds = [mine // 200 + corner for corner in range(4)]
            weights = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y]
            body = {"model": ("landscapes", "flowers")[mine // 50 % 2],
                    "parts": [{"seed": s, "weight": w} for s, w in zip(seeds, weights)]}
            picture = post(url + "/api/v1/generate/morph", body)
            if mine % 50 == 1:
                post(url + "/api/v1/generate/landscape", drawing(256, mine), "image/png")
            if mine % 200 == 2:
                painting(url, picture)
            if mine % 4 == 0:
                quality = 5 + mine % 95
                only = "" if mine % 40 == 0 else "&only=provenance,watermark"
                post(f"{url}/api/v1/wall?jpeg={quality}{only}", picture, "application/octet-stream")
                with lock:
                    walls += 1

    threads = [threading.Thread(target=visit) for _ in range(3)]
    for thread in threads:
        thread.start()
    first = None
    lines = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(10)
        seconds = time.monotonic() - begun
        memory = resident(process)
        lines.append({"seconds": round(seconds), "pictures": count, "walls": walls, "residentMiB": round(memory, 1)})
        if seconds >= 60 and first is None:
            first = max(line["residentMiB"] for line in lines)
        print(json.dumps(lines[-1]), flush=True)
    seconds = time.monotonic() - begun
    last = resident(process)
    first = first or lines[0]["residentMiB"]
    print(json.dumps({
        "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "pictures": count,
        "walls": walls, "seconds": round(seconds), "picturesPerSecond": round(count / seconds, 1),
        "firstMinuteMiB": first, "lastMiB": round(last, 1), "growthPercent": round(100 * (last / first - 1), 2)}))

    process.send_signal(signal.SIGTERM)
    process.wait(60)


if __name__ == "__main__":
    main()
