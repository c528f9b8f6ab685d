"""Pictures in pandas."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import pandas as pd

from ._pool import Picture, Pool
from .arrow import SCAN_FIELDS, row


def scan_series(series: Any, *, workers: Optional[int] = None, only: Optional[Sequence[str]] = None) -> Any:
    """Scans a series of paths, bytes, or dicts of ``bytes`` and ``path``; a frame with the same index.

    >>> import pandas as pd
    >>> frame = scan_series(pd.Series(["fixtures/gallery/webui.png", None], index=["a", "b"]), only=["provenance"])
    >>> frame.loc["a", "outcome"]
    'aiDeclared'
    >>> bool(frame.loc["b"].isna().all())
    True
    """
    sources: list[Any] = []
    places: list[int] = []
    for place, (label, value) in enumerate(series.items()):
        if isinstance(value, dict):
            data = value.get("bytes")
            value = None if data is None else Picture(value.get("path") or f"row {label}", data)
        if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
            continue
        sources.append(value)
        places.append(place)
    columns = [field.name for field in SCAN_FIELDS]
    rows: list[list[Any]] = [[None] * len(columns) for _ in range(len(series))]
    with Pool(workers, only=only) as pool:
        for number, scan in enumerate(pool.scan_many(sources)):
            rows[places[number]] = list(row(scan).values())
    return pd.DataFrame(rows, index=series.index, columns=columns).astype({"width": "Int64", "height": "Int64"})
