#!/usr/bin/env python3
"""Times scans where the pictures are: in a folder, a tar, Python, and Spark; and what a user would write in Spark instead.

    python bench_bring.py PICTURES --bin .build/release --work /tmp/bench --count 20000 --deep 400 --output PREFIX

PICTURES is a folder of pictures. Those of at most --largest bytes are linked into WORK/folder, as often as it takes to have
--count; the tar and the Parquet file hold the same. Of --deep pictures everything is looked at, of the rest what they declare
(the quick kind, in which reading weighs most). Sides take turns, and each figure is the median of the rounds; as other work may
share the machine, seconds of the processor stand beside those of the clock.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tarfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def prepare(arguments):
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    sets = {}
    for name, count in (("quick", arguments.count), ("deep", arguments.deep)):
        folder, tar, parquet = work / name / "folder", work / name / "set.tar", work / name / "set.parquet"
        sets[name] = (folder, tar, parquet)
        if parquet.exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        files = sorted(
            one
            for one in arguments.pictures.rglob("*")
            if one.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp")
            and not one.is_symlink()
            and one.stat().st_size <= arguments.largest
        )
        # Spread over the sources, the same on every run.
        files.sort(key=lambda one: hash_of(one.name))
        for number in range(count):
            source = files[number % len(files)]
            target = folder / f"{number % 100:02}" / f"{number:06}{source.suffix.lower()}"
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                os.link(source, target)
        with tarfile.open(tar, "w") as archive:
            for one in sorted(folder.rglob("*.*")):
                info = archive.gettarinfo(one, str(one.relative_to(folder)))
                info.type, info.linkname, info.size = tarfile.REGTYPE, "", one.stat().st_size
                with open(one, "rb") as file:
                    archive.addfile(info, file)
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([("name", pa.string()), ("image", pa.binary())])
        with pq.ParquetWriter(parquet, schema, compression="none") as out:
            batch = []
            for one in sorted(folder.rglob("*.*")):
                batch.append({"name": str(one), "image": one.read_bytes()})
                # Spark divides a file between row groups alone: both slots get some of a small set too.
                if len(batch) == min(100, max(1, count // 16)):
                    out.write_table(pa.Table.from_pylist(batch, schema=schema))
                    batch = []
            if batch:
                out.write_table(pa.Table.from_pylist(batch, schema=schema))
    return sets


def hash_of(text):
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


def timed(work):
    """Seconds of the clock, of processors in children and here, and the children's largest memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    start = time.monotonic()
    result = work()
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    cpu = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after))
    return {"wall": wall, "cpu": cpu, "result": result}


def program(arguments, target, only, workers=2):
    """A scan by the program: lines, and the peak of its memory in MB."""
    command = [str(arguments.bin / "assay"), "scan", "--json", "--workers", str(workers), str(target)]
    if only:
        command += ["--only", only]
    with open(arguments.work / "out.jsonl", "wb") as out:
        process = subprocess.Popen(command, stdout=out)
        _, _, usage = os.wait4(process.pid, 0)
    lines = sum(1 for _ in open(arguments.work / "out.jsonl", "rb"))
    return lines, usage.ru_maxrss // 1024


def rounds(count, **sides):
    """Each side in turn, so many times: the medians."""
    runs = {name: [] for name in sides}
    for number in range(count):
        order = list(sides) if number % 2 == 0 else list(sides)[::-1]
        for name in order:
            run = timed(sides[name])
            runs[name].append(run)
            print(f"  {name}: {run['wall']:.1f} s, {run['cpu']:.1f} s of processors, {run['result']}", flush=True)
    return {
        name: {
            "wall": statistics.median(one["wall"] for one in all),
            "cpu": statistics.median(one["cpu"] for one in all),
            "result": all[-1]["result"],
        }
        for name, all in runs.items()
    }


def spark_session(arguments):
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["ASSAY_BIN"] = str(arguments.bin)
    os.environ["PYTHONPATH"] = str(ROOT / "Sources" / "Python")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "3g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 64)
        .config("spark.sql.files.maxPartitionBytes", arguments.partition)
        .config("spark.sql.parquet.columnarReaderBatchSize", 64)
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def peer(frame):
    """What a user would write: Pillow decodes and names, c2pa-python reads the manifest, imagehash hashes."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import StringType

    def look(data):
        import io

        import c2pa
        import imagehash
        from PIL import Image

        answer = {}
        try:
            image = Image.open(io.BytesIO(data))
            answer["format"] = image.format
            answer["size"] = image.size
            answer["exif"] = {str(k): str(v) for k, v in image.getexif().items()}
            answer["phash"] = str(imagehash.phash(image.convert("RGB")))
            kind = Image.MIME.get(image.format, "")
            try:
                answer["c2pa"] = c2pa.Reader(kind, io.BytesIO(data)).json()
            except Exception:
                answer["c2pa"] = None
        except Exception as error:
            answer["error"] = str(error)
        return json.dumps(answer)

    return frame.select("name", F.udf(look, StringType())("image").alias("answer"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--bin", type=Path, default=ROOT / ".build" / "release")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--deep", type=int, default=400)
    parser.add_argument("--largest", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partition", type=int, default=64 << 20, help="bytes of a partition in Spark")
    parser.add_argument("--kinds", default="quick,deep")
    parser.add_argument("--parts", default="archive,python,spark")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    os.environ["ASSAY_BIN"] = str(arguments.bin)
    sys.path.insert(0, str(ROOT / "Sources" / "Python"))
    sets = prepare(arguments)
    results = {}
    target = arguments.output.with_suffix(".json")
    if target.exists():
        results = json.loads(target.read_text())["results"]

    def save():
        target.parent.mkdir(parents=True, exist_ok=True)
        cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
        machine = {"processor": cpu, "cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
        target.write_text(
            json.dumps(
                {
                    "schema": "assay.bench.bring/1",
                    "machine": machine,
                    "assay": subprocess.run([arguments.bin / "assay", "--version"], capture_output=True, text=True).stdout.strip(),
                    "command": " ".join(["bench_bring.py", *sys.argv[1:]]),
                    "results": results,
                },
                indent=1,
            )
            + "\n"
        )

    for name, only in (("quick", "provenance"), ("deep", None)):
        if name not in arguments.kinds:
            continue
        folder, tar, parquet = sets[name]
        paths = [str(one) for one in sorted(folder.rglob("*.*"))]
        if "archive" in arguments.parts:
            print(f"{name}: tar beside folder", flush=True)
            results[f"{name}.archive"] = rounds(
                arguments.rounds,
                folder=lambda: program(arguments, folder, only),
                tar=lambda: program(arguments, tar, only),
            )
            save()
        if "python" in arguments.parts:
            import assay

            print(f"{name}: scan_many beside the program", flush=True)
            options = {"only": [only]} if only else {}
            results[f"{name}.python"] = rounds(
                arguments.rounds,
                program=lambda: program(arguments, folder, only),
                scan_many=lambda: sum(1 for _ in assay.scan_many(paths, workers=2, **options)),
            )
            save()
        if "spark" in arguments.parts:
            spark = spark_session(arguments)
            import assay.spark

            options = {"only": [only]} if only else {}
            frame = spark.read.parquet(str(parquet))
            # After start-up: the Java machine, the Python processes and their workers are there.
            assay.spark.scan(frame.limit(50), "image", name="name", **options).collect()
            peer(frame.limit(50)).collect()

            def whole(scanned, column):
                return scanned.selectExpr(f"sum(length({column}))").collect()[0][0]

            print(f"{name}: Spark beside the program and a function of one's own", flush=True)
            results[f"{name}.spark"] = rounds(
                arguments.rounds,
                program=lambda: program(arguments, folder, only),
                spark=lambda: whole(assay.spark.scan(frame, "image", name="name", **options), "scan.json"),
                udf=lambda: whole(peer(frame), "answer"),
            )
            spark.stop()
            save()
    print(target)


if __name__ == "__main__":
    main()
