"""Pictures in Spark, where they are.

Every task slot keeps one ``assay-worker`` for as long as Spark keeps its Python process. A picture that kills it is tried
once more, alone, and is then ``unreadable`` with the code ``worker.died``; a task is never failed by a picture.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
)

from ._model import AssayError

#: The declared schema of ``scan``; the fields of :data:`assay.arrow.SCAN_FIELDS`.
SCAN_SCHEMA = StructType(
    [
        StructField("file", StringType()),
        StructField("outcome", StringType()),
        StructField("sha256", StringType()),
        StructField("pixel_sha256", StringType()),
        StructField("format", StringType()),
        StructField("width", LongType()),
        StructField("height", LongType()),
        StructField("ai_probability", DoubleType()),
        StructField("generators", ArrayType(StringType())),
        StructField("error_code", StringType()),
        StructField("error_message", StringType()),
        StructField("json", StringType()),
    ]
)

# Kept between the tasks of a Python process.
_pools: dict[Any, Any] = {}


def _pool(options: Mapping[str, Any]) -> Any:
    from ._pool import Pool

    key = tuple(sorted((name, repr(value)) for name, value in options.items()))
    if key not in _pools:
        pool = Pool(1, **options)
        # One core a task slot.
        pool.environment.setdefault("ASSAY_THREADS", "1")
        _pools[key] = pool
    return _pools[key]


def scan(
    df: DataFrame,
    column: str,
    *,
    name: Optional[str] = None,
    keep: Optional[Sequence[str]] = None,
    observation: Optional[Observation] = None,
    **options: Any,
) -> DataFrame:
    """A frame with one more column, ``scan``, of :data:`SCAN_SCHEMA`, and without the pictures'.

    :param column: of binary, or of structs with ``bytes`` and ``path``.
    :param name: a column that names the pictures in the results.
    :param keep: columns to keep; all but the pictures' by default.
    :param observation: gets the counters ``pictures``, ``unreadable`` and ``ai``; without one they stand in the metrics of
        the Spark UI's SQL tab under the name ``assay``.
    :param options: of :class:`assay.Pool`: ``only``, ``time_limit``, ``max_pixels``, ``trust``, ``program`` …

    A batch of Arrow holds ``spark.sql.execution.arrow.maxRecordsPerBatch`` pictures, 10,000 by default: set it to 64 or so.
    """
    if column not in df.columns:
        raise AssayError("column.name", f"there is no column {column!r}", f"name one of {', '.join(df.columns)}")
    kind = df.schema[column].dataType.simpleString()
    if kind != "binary" and not kind.startswith("struct<bytes:binary") and ",bytes:binary" not in kind:
        raise AssayError(
            "column.type",
            f"the column {column!r} is {kind}, and holds no pictures",
            "name a column of binary, or a struct of bytes and path",
        )
    kept = [one for one in df.columns if one != column] if keep is None else list(keep)
    taken = [*kept, column] + ([name] if name is not None and name not in kept else [])
    schema = StructType([df.schema[one] for one in kept] + [StructField("scan", SCAN_SCHEMA)])

    def examine(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        from . import arrow

        for batch, scans in arrow.scan_batches(batches, column, pool=_pool(options), names=name):
            yield pa.RecordBatch.from_arrays([*(batch.column(one) for one in kept), scans], names=[*kept, "scan"])

    scanned = df.select(*taken).mapInArrow(examine, schema)
    outcome = F.col("scan.outcome")
    counters = [
        F.count(outcome).alias("pictures"),
        F.count(F.when(outcome == "unreadable", 1)).alias("unreadable"),
        F.count(F.when(outcome.startswith("ai"), 1)).alias("ai"),
    ]
    return scanned.observe(observation if observation is not None else "assay", *counters)
