"""Columns of pictures in Arrow and Parquet.

A column holds the pictures' bytes (``binary``, ``large_binary``, ``binary_view``), or Hugging Face's struct of ``bytes`` and
``path``. Every row has one result in its place: a null is a null, and what cannot be read is ``unreadable`` with its error.
"""

from __future__ import annotations

import os
from collections import deque
from typing import Any, Iterable, Iterator, Optional, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from ._model import AssayError, Scan
from ._pool import Picture, Pool

#: What a scan is in a table; ``json`` is the whole line of ``assay.scan/1``.
SCAN_FIELDS = [
    pa.field("file", pa.string()),
    pa.field("outcome", pa.string()),
    pa.field("sha256", pa.string()),
    pa.field("pixel_sha256", pa.string()),
    pa.field("format", pa.string()),
    pa.field("width", pa.int64()),
    pa.field("height", pa.int64()),
    pa.field("ai_probability", pa.float64()),
    pa.field("generators", pa.list_(pa.string())),
    pa.field("error_code", pa.string()),
    pa.field("error_message", pa.string()),
    pa.field("json", pa.string()),
]
SCAN_TYPE = pa.struct(SCAN_FIELDS)


def row(scan: Scan) -> dict[str, Any]:
    """A scan as a row of :data:`SCAN_FIELDS`."""
    return {
        "file": scan.file,
        "outcome": scan.outcome,
        "sha256": scan.sha256,
        "pixel_sha256": scan.pixel_sha256,
        "format": scan.format,
        "width": scan.width,
        "height": scan.height,
        "ai_probability": scan.ai_probability,
        "generators": list(scan.generators),
        "error_code": scan.error.code if scan.error else None,
        "error_message": scan.error.message if scan.error else None,
        "json": scan.json,
    }


def _is_binary(kind: pa.DataType) -> bool:
    view = getattr(pa.types, "is_binary_view", lambda _: False)
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or view(kind)
    )


def check(kind: pa.DataType, column: str = "the column") -> None:
    """Refuses a column that holds no pictures.

    :raises AssayError: with the code ``column.type``.
    """
    if _is_binary(kind):
        return
    if pa.types.is_struct(kind):
        names = {kind.field(index).name: kind.field(index).type for index in range(kind.num_fields)}
        if "bytes" in names and (_is_binary(names["bytes"]) or pa.types.is_null(names["bytes"])):
            return
    raise AssayError(
        "column.type",
        f"{column} is {kind}, and holds no pictures",
        "name a column of binary, or a struct of bytes and path",
    )


def _pictures(values: Any, names: Optional[Sequence[Optional[str]]], offset: int) -> Iterator[Optional[Picture]]:
    """The pictures of an array; None for a null and for a struct without bytes."""
    for index, value in enumerate(values):
        path: Optional[str] = None
        if value.is_valid and pa.types.is_struct(value.type):
            scalar = value["bytes"]
            if "path" in {value.type.field(place).name for place in range(value.type.num_fields)}:
                path = value["path"].as_py()
            value = scalar
        if not value.is_valid or pa.types.is_null(value.type):
            yield None
            continue
        name = (names[index] if names is not None else None) or path or f"row {offset + index}"
        buffer = value.as_buffer() if hasattr(value, "as_buffer") else None
        yield Picture(name, memoryview(buffer) if buffer is not None else value.as_py())  # type: ignore[arg-type]


def scan_array(
    values: Any, *, pool: Pool, names: Optional[Sequence[Optional[str]]] = None, offset: int = 0
) -> Any:
    """Scans an array or chunked array of pictures; the results as an array of :data:`SCAN_TYPE`.

    :param names: what the pictures are called; else their path, where the struct has one, or ``row 7``.
    :param offset: the number of the first row.
    """
    check(values.type)
    places: list[int] = []

    def given() -> Iterator[Picture]:
        for index, one in enumerate(_pictures(values, names, offset)):
            if one is not None:
                places.append(index)
                yield one

    rows: list[Optional[dict[str, Any]]] = [None] * len(values)
    for number, scan in enumerate(pool.scan_many(given())):
        rows[places[number]] = row(scan)
    return pa.array(rows, type=SCAN_TYPE)


def scan_batches(
    batches: Iterable[Any], column: str, *, pool: Pool, names: Optional[str] = None
) -> Iterator[tuple[Any, Any]]:
    """Scans a column of record batches as they come; each batch with its results, in order.

    The workers go on from one batch into the next, of which one or two are in memory meanwhile.
    """
    #: Batches under way: the batch, its rows, the places of its pictures that have no result yet.
    waiting: deque[tuple[Any, list[Optional[dict[str, Any]]], deque[int]]] = deque()

    def given() -> Iterator[Picture]:
        offset = 0
        for batch in batches:
            values = batch.column(column)
            check(values.type, f"the column {column!r}")
            called = None if names is None else batch.column(names).to_pylist()
            pictures = list(_pictures(values, called, offset))
            offset += batch.num_rows
            places = deque(place for place, one in enumerate(pictures) if one is not None)
            waiting.append((batch, [None] * len(pictures), places))
            yield from (one for one in pictures if one is not None)

    def done() -> Iterator[tuple[Any, Any]]:
        while waiting and not waiting[0][2]:
            batch, rows, _ = waiting.popleft()
            yield batch, pa.array(rows, type=SCAN_TYPE)

    for scan in pool.scan_many(given()):
        # Batches without a picture have no result that would tell them done.
        yield from done()
        _, rows, places = waiting[0]
        rows[places.popleft()] = row(scan)
        yield from done()
    yield from done()


def scan_table(table: Any, column: str, *, workers: Optional[int] = None, only: Optional[Sequence[str]] = None) -> Any:
    """A table with one more column, ``scan``.

    >>> import pyarrow as pa
    >>> data = open("fixtures/gallery/webui.png", "rb").read()
    >>> table = pa.table({"image": [{"bytes": data, "path": "a.png"}, None]})
    >>> scan_table(table, "image", workers=1, only=["provenance"])["scan"].to_pylist()[0]["outcome"]
    'aiDeclared'
    """
    values = _column(table, column)
    with Pool(workers, only=only) as pool:
        return table.append_column("scan", scan_array(values, pool=pool))


def _column(table: Any, column: str) -> Any:
    if column not in table.schema.names:
        raise AssayError(
            "column.name",
            f"there is no column {column!r}",
            f"name one of {', '.join(table.schema.names)}",
        )
    values = table.column(column)
    check(values.type, f"the column {column!r}")
    return values


def scan_parquet(
    source: "str | os.PathLike[str]",
    target: "str | os.PathLike[str]",
    column: str = "image",
    *,
    keep: Optional[Sequence[str]] = None,
    names: Optional[str] = None,
    workers: Optional[int] = None,
    only: Optional[Sequence[str]] = None,
    batch_size: int = 256,
) -> int:
    """Scans a column of a Parquet file and writes the results as another, row by row in the same order.

    Memory: ``batch_size`` rows of pictures at a time.

    :param keep: columns that the result keeps; all but the pictures' by default.
    :param names: a column that names the pictures.
    :returns: the number of rows.
    :raises AssayError: for a column that is missing or holds no pictures; before anything is written.
    """
    file = pq.ParquetFile(source)
    schema = file.schema_arrow
    if column not in schema.names:
        raise AssayError(
            "column.name", f"{os.fspath(source)} has no column {column!r}", f"name one of {', '.join(schema.names)}"
        )
    check(schema.field(column).type, f"the column {column!r} of {os.fspath(source)}")
    kept = [name for name in schema.names if name != column] if keep is None else list(keep)
    taken = [column, *kept] + ([names] if names is not None and names not in kept else [])
    missing = [name for name in taken if name not in schema.names]
    if missing:
        raise AssayError("column.name", f"there is no column {missing[0]!r}", f"name one of {', '.join(schema.names)}")
    fields = [schema.field(name) for name in kept] + [pa.field("scan", SCAN_TYPE)]
    partial = f"{os.fspath(target)}.part"
    rows = 0
    try:
        with Pool(workers, only=only) as pool, pq.ParquetWriter(partial, pa.schema(fields), compression="zstd") as out:
            batches = file.iter_batches(batch_size=batch_size, columns=taken)
            for batch, scans in scan_batches(batches, column, pool=pool, names=names):
                out.write_table(
                    pa.table([*(batch.column(name) for name in kept), scans], schema=pa.schema(fields))
                )
                rows += batch.num_rows
        os.replace(partial, target)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    return rows
