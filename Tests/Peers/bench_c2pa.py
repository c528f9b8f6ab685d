"""Verifies files with c2pa-python for `make bench-peers`: a path a line in, a validation state a line out.

Argument: anchors as PEM. Starting Python and loading the library are not part of what is timed.
"""

import json
import sys
from pathlib import Path

import c2pa

settings = {
    "trust": {"trust_anchors": Path(sys.argv[1]).read_text(), "trust_config": "1.3.6.1.5.5.7.3.4\n"},
    "verify": {"verify_trust": True},
}
context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
for line in sys.stdin:
    report = json.loads(c2pa.Reader.try_create(line.rstrip("\n"), context=context).json())
    print(report["validation_state"], flush=True)
