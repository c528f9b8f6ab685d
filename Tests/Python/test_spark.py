"""assay.spark on this machine: local, and a small cluster of processes."""

import json
import os
import sys

import pytest

pyspark = pytest.importorskip("pyspark")
from pyspark.sql import Observation, SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402

import assay  # noqa: E402
import assay.spark  # noqa: E402

ONLY = ["provenance"]
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
os.environ["PYTHONPATH"] = os.pathsep.join([sys.path[0], *os.environ.get("PYTHONPATH", "").split(os.pathsep)])


def session(master):
    packages = os.path.join(os.path.dirname(assay.__file__), os.pardir)
    return (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.executor.memory", "1g")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 5)
        .config("spark.executorEnv.PYTHONPATH", os.path.abspath(packages))
        .config("spark.executorEnv.ASSAY_BIN", os.environ["ASSAY_BIN"])
        .getOrCreate()
    )


@pytest.fixture(scope="module", params=["local[2]", "local-cluster[2,1,1024]"])
def spark(request):
    made = session(request.param)
    made.sparkContext.setLogLevel("ERROR")
    yield made
    made.stop()


def rows(gallery):
    return [(path, bytearray(open(path, "rb").read())) for path in gallery]


def test_the_distributed_json_is_the_single_machines(spark, gallery):
    expected = {one.file: one.json for one in assay.scan_many(gallery, workers=2)}
    frame = spark.createDataFrame(rows(gallery), "name string, image binary").repartition(4)
    observation = Observation()
    scans = assay.spark.scan(frame, "image", name="name", observation=observation).collect()
    assert {one["name"]: one["scan"]["json"] for one in scans} == expected
    outcomes = [json.loads(one)["outcome"] for one in expected.values()]
    assert observation.get == {
        "pictures": len(gallery),
        "unreadable": outcomes.count("unreadable"),
        "ai": sum(one.startswith("ai") for one in outcomes),
    }


def test_nulls_and_what_is_no_picture(spark, gallery):
    data = rows(gallery[:1])[0][1]
    frame = spark.createDataFrame([(1, data), (2, None), (3, bytearray(b"text"))], "id int, image binary")
    scans = {one["id"]: one["scan"] for one in assay.spark.scan(frame, "image", only=ONLY).collect()}
    assert scans[1]["outcome"] != "unreadable" and scans[2] is None
    assert scans[3]["error_code"] == "format.unknown"


def test_structs_of_bytes_and_path(spark, gallery):
    frame = spark.createDataFrame(rows(gallery[:3]), "path string, bytes binary")
    frame = frame.select(F.struct("bytes", "path").alias("image"))
    names = [one["scan"]["file"] for one in assay.spark.scan(frame, "image", only=ONLY).collect()]
    assert sorted(names) == sorted(gallery[:3])


def test_columns_that_hold_no_pictures_are_refused_before_anything_runs(spark):
    frame = spark.createDataFrame([("a",)], "image string")
    with pytest.raises(assay.AssayError, match="holds no pictures"):
        assay.spark.scan(frame, "image")
    with pytest.raises(assay.AssayError, match="no column"):
        assay.spark.scan(frame, "picture")


def test_a_picture_that_kills_its_worker_fails_no_task(spark, gallery, mortal_worker):
    script, _ = mortal_worker
    frame = spark.createDataFrame([*rows(gallery[:5]), ("poison", bytearray(b"x"))], "name string, image binary")
    scans = assay.spark.scan(frame.coalesce(1), "image", name="name", only=ONLY, program=str(script)).collect()
    codes = {one["name"]: one["scan"]["error_code"] for one in scans}
    assert codes.pop("poison") == "worker.died"
    assert len(codes) == 5 and "worker.died" not in codes.values()
