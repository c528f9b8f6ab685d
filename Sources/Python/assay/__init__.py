"""Tell where images came from, from Python.

The package drives the program ``assay-worker`` (``assay`` for audits, folders and archives) and reads no picture itself,
so that its answers are those of ``assay scan --json`` to the byte.

>>> import assay
>>> scan = assay.scan("fixtures/gallery/webui.png", only=["provenance"])
>>> scan.outcome, scan.format, scan.width
('aiDeclared', 'png', 192)
>>> scan.evidence[0].method, scan.evidence[0].result
('provenance.sdwebui', 'found')
>>> with open("fixtures/gallery/camera.jpg", "rb") as file:
...     assay.scan(file.read(), name="camera.jpg", only=["provenance"]).outcome
'noIndication'
>>> [one.outcome for one in assay.scan_many(["fixtures/gallery/webui.png", b"no picture"], only=["provenance"])]
['aiDeclared', 'unreadable']
"""

from ._api import audit, embed_watermark, read_watermark, scan, scan_files, scan_many, verify
from ._model import AssayError, Credentials, Evidence, Failure, Mark, Marked, Scan, Watermarks
from ._pool import Picture, Pool, Source

__all__ = [
    "AssayError",
    "Credentials",
    "Evidence",
    "Failure",
    "Mark",
    "Marked",
    "Picture",
    "Pool",
    "Scan",
    "Source",
    "Watermarks",
    "audit",
    "embed_watermark",
    "read_watermark",
    "scan",
    "scan_files",
    "scan_many",
    "verify",
]
__version__ = "0.1.0"
