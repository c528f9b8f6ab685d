"""Measures `assay serve` on this machine's loopback, and writes the figures with machine and versions.

Throughput stands beside `assay scan --json` on the same pictures, in turns, so that whatever else the machine does slows both. wrk
(Debian's package) sends; slow and too many clients are this program's own.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def jpeg_size(data: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(data):
        if data[place] != 0xFF:
            return 0, 0
        kind, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if kind in (0xC0, 0xC1, 0xC2):
            return int.from_bytes(data[place + 7 : place + 9], "big"), int.from_bytes(data[place + 5 : place + 7], "big")
        place += 2 + length
    return 0, 0


def megapixel_jpegs(folder: Path, count: int) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*.jpg")):
        width, height = jpeg_size(path.read_bytes())
        if 900_000 <= width * height <= 1_100_000:
            found.append(path)
        if len(found) == count:
            break
    return found


class Server:
    def __init__(self, program: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [program, "serve", "--port", "0", "--json", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.port = int(self.url.rsplit(":", 1)[1])
        while True:
            try:
                with urllib.request.urlopen(self.url + "/readyz") as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.1)

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(self.url + "/metrics") as answer:
            text = answer.read().decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))

    @property
    def memory(self) -> float:
        return self.metric("process_resident_memory_bytes") / (1 << 20)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=150)


LUA = """
local pictures = {}
local number = 0
function init(args)
  for _, name in ipairs(args) do
    local file = io.open(name, "rb")
    pictures[#pictures + 1] = file:read("*a")
    file:close()
  end
end
function request()
  number = number % #pictures + 1
  return wrk.format("POST", "/api/v1/scan", { ["Content-Type"] = "application/octet-stream" }, pictures[number])
end
"""


def throughput(program: str, pictures: list[Path], rounds: int, seconds: int) -> dict:
    server = Server(program)
    ratios, command, served, latencies = [], [], [], []
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA)
        script.flush()
        for _ in range(rounds):
            start = time.monotonic()
            subprocess.run(
                [program, "scan", "--json", "--quiet", *map(str, pictures)], stdout=subprocess.DEVNULL, check=False
            )
            command.append(len(pictures) / (time.monotonic() - start))
            out = subprocess.run(
                ["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency", "--timeout", "60s", "-s", script.name, server.url, "--",
                 *map(str, pictures)],
                capture_output=True, text=True, check=True,
            ).stdout
            served.append(float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)))
            latencies.append(re.search(r"50%\s+(\S+)[\s\S]*?99%\s+(\S+)", out).groups())
            assert "Non-2xx" not in out, out
            ratios.append(served[-1] / command[-1])
    memory = server.memory
    server.end()
    return {
        "command": command, "served": served, "ratios": ratios, "median": statistics.median(ratios),
        "latencies": latencies, "memory": memory,
    }


async def slow(program: str, picture: bytes, count: int, seconds: float) -> dict:
    """So many clients that send, or read, a little every second; an honest one goes on meanwhile."""
    server = Server(program)
    report: dict = {"before": server.memory}
    head = f"POST /api/v1/scan?only=provenance HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/octet-stream\r\nContent-Length: {len(picture)}\r\n\r\n".encode()

    async def sender(delay: float) -> int:
        await asyncio.sleep(delay)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head)
        step = max(1, len(picture) // int(seconds))
        for place in range(0, len(picture), step):
            writer.write(picture[place : place + step])
            await writer.drain()
            await asyncio.sleep(1)
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status

    async def honest() -> list[float]:
        times = []
        for _ in range(int(seconds)):
            start = time.monotonic()
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(head + picture)
            assert b"200" in await reader.readline()
            writer.close()
            times.append(time.monotonic() - start)
            await asyncio.sleep(0.5)
        return times

    async def watch() -> float:
        peak = 0.0
        while True:
            try:
                peak = max(peak, await asyncio.to_thread(lambda: server.memory))
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                return peak

    watching = asyncio.create_task(watch())
    good = asyncio.create_task(honest())
    statuses = await asyncio.gather(*(sender(seconds * i / count) for i in range(count)), return_exceptions=True)
    times = await good
    watching.cancel()
    report |= {
        "senders": count, "answered": sum(one == 200 for one in statuses), "peak": await watching,
        "honest": len(times), "slowest": max(times),
    }
    # Readers that take nothing of answers of half a megabyte.
    sockets = []
    request = f"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode() * 12
    for _ in range(count):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", server.port))
        one.sendall(request)
        sockets.append(one)
    await asyncio.sleep(3)
    watching = asyncio.create_task(watch())
    times = await honest()
    watching.cancel()
    report |= {"readers": count, "readersPeak": await watching, "readersSlowest": max(times)}
    for one in sockets:
        one.close()
    await asyncio.sleep(8)
    report["after"] = server.memory
    server.end()
    return report


async def overload(program: str, pictures: list[bytes], times: float, seconds: float) -> dict:
    """Requests at so many times the rate that can be answered, whether answers come or not."""
    server = Server(program)
    results: list[tuple[int, float]] = []

    async def one(picture: bytes) -> None:
        start = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(
                f"POST /api/v1/scan HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\nContent-Type: application/octet-stream\r\nContent-Length: {len(picture)}\r\n\r\n".encode()
                + picture
            )
            status = int((await reader.readline()).split()[1])
            while await reader.read(1 << 16):
                pass
            writer.close()
            results.append((status, time.monotonic() - start))
        except (OSError, IndexError):
            results.append((0, time.monotonic() - start))

    # What it can do, with as many at once as it has workers.
    start, done = time.monotonic(), 0
    while time.monotonic() - start < 10:
        await asyncio.gather(*(one(pictures[(done + i) % len(pictures)]) for i in range(os.cpu_count() or 2)))
        done += os.cpu_count() or 2
    able = done / (time.monotonic() - start)
    usual = statistics.median(taken for _, taken in results)
    results.clear()
    before = server.memory
    memories = []
    tasks = []
    start, number = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        while number < now * able * times:
            tasks.append(asyncio.create_task(one(pictures[number % len(pictures)])))
            number += 1
        if len(memories) < now:
            memories.append(await asyncio.to_thread(lambda: server.memory))
        await asyncio.sleep(0.01)
    await asyncio.gather(*tasks)
    accepted = sorted(taken for status, taken in results if status == 200)
    busy = sum(status == 503 for status, _ in results)
    report = {
        "able": able, "usual": usual, "sent": number, "seconds": seconds, "accepted": len(accepted), "busy": busy,
        "other": len(results) - len(accepted) - busy, "p50": accepted[len(accepted) // 2],
        "p99": accepted[int(len(accepted) * 0.99)], "before": before, "peak": max(memories),
        "quarter": statistics.mean(memories[len(memories) // 4 : len(memories) // 2]),
        "last": statistics.mean(memories[-max(1, len(memories) // 4) :]),
    }
    # The five seconds after the last answer, as before the storm: one request after the other.
    results.clear()
    start = time.monotonic()
    while time.monotonic() - start < 5:
        await one(pictures[len(results) % len(pictures)])
    report["then"] = results[0]
    report["calm"] = (sum(status == 200 for status, _ in results), len(results), statistics.median(taken for _, taken in results))
    await asyncio.sleep(8)
    report["after"] = server.memory
    server.end()
    return report


def page(program: str) -> dict | None:
    """First paint and weight of the page, where playwright and a Chromium are there."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    chromium = next((p for p in map(shutil.which, ["chromium", "chromium-browser", "google-chrome"]) if p), None)
    if chromium is None:
        return None
    server = Server(program)
    paints, bare, weight = [], [], 0

    def painted(tab) -> float:
        for _ in range(100):
            time.sleep(0.1)
            found = tab.evaluate("performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)")
            if found:
                return found[0]
        raise RuntimeError("the page was not painted")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(9):
            context = browser.new_context()
            tab = context.new_page()
            tab.goto(server.url)
            paints.append(painted(tab))
            weight = tab.evaluate(
                "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, one) => sum + one.transferSize, 0)"
            )
            # What the browser takes for a page of one word, in the same moment.
            tab.goto("data:text/html,word")
            bare.append(painted(tab))
            context.close()
        version = browser.version
        browser.close()
    server.end()
    return {"paint": statistics.median(paints), "quickest": min(paints), "bare": statistics.median(bare), "slowest": max(paints), "weight": weight, "chromium": version}


def machine() -> str:
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="a folder with JPEGs of about one megapixel")
    parser.add_argument("--assay", default=str(ROOT / ".build/release/assay"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=20, help="of each round by wrk, and of slow clients")
    parser.add_argument("--overload", type=int, default=300, help="seconds")
    parser.add_argument("--slow", type=int, default=500, help="connections")
    parser.add_argument("--keep", type=Path, help="figures of an earlier run as JSON: what is there is not measured again")
    parser.add_argument("--api", type=Path, help="figures that test_api.py wrote with --output")
    parser.add_argument("--note", default="", help="what else the machine did")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    files = megapixel_jpegs(arguments.pictures, 40)
    assert len(files) >= 8, f"{len(files)} JPEGs of a megapixel are too few"
    data = [one.read_bytes() for one in files]
    kept = json.loads(arguments.keep.read_text()) if arguments.keep and arguments.keep.exists() else {}

    def part(name: str, measure):
        if name not in kept:
            kept[name] = measure()
            if arguments.keep:
                arguments.keep.write_text(json.dumps(kept))
        return kept[name]

    speed = part("speed", lambda: throughput(arguments.assay, files, arguments.rounds, arguments.seconds))
    crawl = part("crawl", lambda: asyncio.run(slow(arguments.assay, data[0], arguments.slow, arguments.seconds)))
    heavy = part("heavy", lambda: asyncio.run(overload(arguments.assay, data, 4, arguments.overload)))
    paint = part("paint", lambda: page(arguments.assay))
    version = subprocess.run([arguments.assay, "--version"], capture_output=True, text=True).stdout.strip()
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True)
    wrk_version = (wrk.stdout + wrk.stderr).split("[")[0].strip()
    turns = "; ".join(f"{s:.2f} and {c:.2f}" for s, c in zip(speed["served"], speed["command"]))
    rows = [
        ("`POST /api/v1/scan`, JPEGs of 1 megapixel, 8 connections, beside `assay scan --json` on the same files in turns",
         "≥ 0.9", f"{speed['median']:.2f} (pictures a second in {len(speed['ratios'])} turns: {turns})"),
        (f"{crawl['senders']} connections that each send a picture over {arguments.seconds} s, begun over as long", "bounded memory, none refused",
         f"{crawl['answered']} answered; memory {crawl['before']:.0f} → at most {crawl['peak']:.0f} MiB; an honest client beside them waited at most {crawl['slowest']:.2f} s"),
        (f"{crawl['readers']} connections that ask for 0.5 MB each and read nothing", "bounded memory, none refused",
         f"memory at most {crawl['readersPeak']:.0f} MiB, {crawl['after']:.0f} MiB after them; honest client at most {crawl['readersSlowest']:.2f} s"),
        (f"4 times what it can do ({heavy['able']:.1f}/s) for {heavy['seconds']} s", "p99 ≤ 4 × p50, the rest 503, memory flat, normal within 5 s",
         f"{heavy['accepted']} answered, {heavy['busy']} × 503, {heavy['other']} others; p50 {heavy['p50']:.2f} s, p99 {heavy['p99']:.2f} s ({heavy['p99'] / heavy['p50']:.1f} ×); memory {heavy['before']:.0f} MiB before, {heavy['quarter']:.0f} in the second quarter, {heavy['last']:.0f} in the last, at most {heavy['peak']:.0f}, {heavy['after']:.0f} after it; the next request: {heavy['then'][0]} in {heavy['then'][1]:.2f} s, in the 5 s after it {heavy['calm'][0]} of {heavy['calm'][1]} answered, one after the other, median {heavy['calm'][2]:.2f} s (two at once before it {heavy['usual']:.2f} s)"),
    ]
    if paint:
        rows += [
            ("first contentful paint of the page", "≤ 200 ms", f"median {paint['paint']:.0f} ms, of 9 the quickest {paint['quickest']:.0f} and the slowest {paint['slowest']:.0f} ms; a page of one word in the same browser and moment {paint['bare']:.0f} ms (Chromium {paint['chromium']})"),
            ("page weight", "≤ 150 kB", f"{paint['weight'] / 1000:.0f} kB"),
        ]
    if arguments.api:
        api = json.loads(arguments.api.read_text())
        answers = ", ".join(f"{count} × {status}" for status, count in api["answers"].items())
        rows.append((
            "requests made up from `/openapi.json` (`make test-api`)", "2,000; no 5xx but 503, no answer outside the document",
            f"{api['requests']} to {api['operations']} operations (schemathesis {api['schemathesis']}), {'none' if not api['issues'] else 'some'} outside; {answers}",
        ))
    text = f"""# `assay serve` under load

{machine()}; assay {version}; {wrk_version}; Python {platform.python_version()}. {arguments.note}
Made by `python Tests/Server/bench_server.py PICTURES --rounds {arguments.rounds} --seconds {arguments.seconds} --overload {arguments.overload}`; loopback, client and server on the same cores. The command's time holds its start, which the server has behind it.

| what | must | is |
|---|---|---|
""" + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in rows)
    if arguments.output:
        arguments.output.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
