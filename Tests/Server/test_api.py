"""Sends `assay serve` what its API's document allows and what it forbids, made up by schemathesis.

No answer may be outside the document; none may be a server's fault but 503; and the server has to be there at the end.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ASSAY", str(ROOT / ".build/release/assay"))
CHECKS = [
    "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method", "allow_header_conformance",
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, help="the figures as JSON, for bench_server.py --api")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Without a Chromium on its path: a PDF each would take most of the time.
        server = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--json", "--ledger", f"{folder}/desk.sqlite"],
            stdout=subprocess.PIPE, stderr=open(f"{folder}/log", "w"), text=True,
            env={**os.environ, "PATH": "/nowhere", "ASSAY_CHROMIUM": ""},
        )
        assert server.stdout
        url = json.loads(server.stdout.readline())["url"]
        with urllib.request.urlopen(f"{url}/openapi.json") as answer:
            paths = json.load(answer)["paths"]
        operations = sum(len(one) for one in paths.values())
        # Some of what is made up is the same twice, or is answered before it is counted.
        each = -(-arguments.cases * 5 // (4 * operations))
        run = subprocess.run(
            [Path(sys.executable).parent / "schemathesis", "run", f"{url}/openapi.json", "--checks", ",".join(CHECKS),
             # A panorama takes seconds; the tests of the pages and of the server ask for some.
             "--exclude-path", "/api/v1/generate/panorama", "--max-examples", str(each), "--seed", str(arguments.seed), "--phases", "examples,coverage,fuzzing",
             "--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off",
             "--continue-on-failure", "--request-timeout", "120"],
            cwd=folder, check=False,
        )
        with urllib.request.urlopen(f"{url}/metrics") as answer:
            text = answer.read().decode()
        counts: dict[str, int] = {}
        for status, count in re.findall(r'^assay_http_requests_total\{[^}]*status="(\d+)"\} (\d+)', text, re.M):
            counts[status] = counts.get(status, 0) + int(count)
        server.send_signal(signal.SIGTERM)
        ended = server.wait(timeout=150)
    faults = {status: count for status, count in counts.items() if status >= "500" and status != "503"}
    total = sum(counts.values())
    print(f"{total} requests to {operations} operations: {dict(sorted(counts.items()))}; the server ended with {ended}")
    if arguments.output:
        figures = {
            "requests": total, "operations": operations, "answers": dict(sorted(counts.items())), "issues": run.returncode,
            "schemathesis": version("schemathesis"),
        }
        arguments.output.write_text(json.dumps(figures))
    if total < arguments.cases:
        print(f"fewer than {arguments.cases} requests")
    return 1 if run.returncode or faults or ended or total < arguments.cases else 0


if __name__ == "__main__":
    sys.exit(main())
