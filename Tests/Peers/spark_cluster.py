#!/usr/bin/env python3
"""A Spark cluster on this machine: a master and two workers, each in a network namespace of its own and on one core.

    sudo python spark_cluster.py PICTURES --bin .build/release --work /tmp/cluster --count 4000

It lays a bridge and two namespaces (iproute2), starts Spark's standalone master beside the bridge and a worker in each namespace,
scans a Parquet file of --count pictures with one of them and with both, in turns, and holds every line to that of `assay scan`
on the same files. Needs root, Java 17, and pyspark and pyarrow in the Python that runs it; what it laid is taken away at the end.
Prints one JSON object, and writes it into --output where that is named.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))
NETWORK = "10.231.77"
BRIDGE = "assay-spark"
SPACES = ["assay-spark-1", "assay-spark-2"]


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=not check)


def lay():
    clear()
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("addr", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")
    for number, space in enumerate(SPACES, 1):
        ip("netns", "add", space)
        ip("link", "add", f"assay-s{number}", "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", f"assay-s{number}", "master", BRIDGE, "up")
        ip("-n", space, "addr", "add", f"{NETWORK}.{10 + number}/24", "dev", "eth0")
        ip("-n", space, "link", "set", "eth0", "up")
        ip("-n", space, "link", "set", "lo", "up")


def clear():
    for number, space in enumerate(SPACES, 1):
        ip("link", "del", f"assay-s{number}", check=False)
        ip("netns", "del", space, check=False)
    ip("link", "del", BRIDGE, check=False)


class Cluster:
    """The master, and so many workers."""

    def __init__(self, arguments, home, workers):
        self.arguments, self.home = arguments, home
        self.processes = []
        self.logs = arguments.work / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            self.begin(workers)
        except BaseException:
            self.stop()
            raise

    def begin(self, workers):
        self.start("master", [], f"{NETWORK}.1", "master.Master", "--host", f"{NETWORK}.1", "--port", "7077", "--webui-port", "0")
        self.await_line("master", "elected leader")
        arguments = self.arguments
        for number in range(1, workers + 1):
            place = ["ip", "netns", "exec", SPACES[number - 1], "taskset", "-c", str(number - 1)]
            self.start(
                f"worker-{number}", place, f"{NETWORK}.{10 + number}", "worker.Worker", "--host", f"{NETWORK}.{10 + number}",
                "--cores", "1", "--memory", "2g", "--webui-port", "0", "--work-dir", str(arguments.work / f"worker-{number}"),
                f"spark://{NETWORK}.1:7077",
            )
            self.await_line(f"worker-{number}", "Successfully registered with master")

    def start(self, name, place, address, *words):
        environment = dict(os.environ, SPARK_HOME=str(self.home), SPARK_LOCAL_IP=address, SPARK_LOCAL_HOSTNAME=address)
        log = open(self.logs / name, "w")
        self.processes.append(
            subprocess.Popen(
                [*self.arguments.prefix.split(), *place, str(self.home / "bin" / "spark-class"), f"org.apache.spark.deploy.{words[0]}", *words[1:]],
                stdout=log, stderr=log, env=environment, start_new_session=True,
            )
        )

    def await_line(self, name, text):
        for _ in range(600):
            if text in (self.logs / name).read_text():
                return
            time.sleep(0.1)
        raise SystemExit(f"error: the {name} did not start\n  fix: read {self.logs / name}")

    def stop(self):
        for process in reversed(self.processes):
            os.killpg(process.pid, 15)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()


def session(arguments, workers):
    from pyspark.sql import SparkSession

    made = (
        SparkSession.builder.master(f"spark://{NETWORK}.1:7077")
        .appName(f"assay with {workers}")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", f"{NETWORK}.1")
        .config("spark.driver.bindAddress", f"{NETWORK}.1")
        .config("spark.driver.maxResultSize", "2g")
        .config("spark.cores.max", workers)
        .config("spark.executor.cores", 1)
        .config("spark.executor.memory", "1500m")
        .config("spark.executorEnv.PYTHONPATH", str(ROOT / "Sources" / "Python"))
        .config("spark.executorEnv.ASSAY_BIN", str(arguments.bin))
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 64)
        .config("spark.sql.files.maxPartitionBytes", arguments.partition)
        .config("spark.sql.parquet.columnarReaderBatchSize", 64)
        .config("spark.scheduler.minRegisteredResourcesRatio", 1.0)
        .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("ERROR")
    return made


def run(arguments, home, parquet, workers, expected):
    """Seconds of one scan after start-up, and on which hosts its tasks ran."""
    import assay.spark

    cluster = Cluster(arguments, home, workers)
    try:
        spark = session(arguments, workers)
        try:
            options = {"only": [arguments.only]} if arguments.only else {}
            frame = spark.read.parquet(str(parquet))
            # After start-up: on every core, the Python process and its worker are there.
            assay.spark.scan(frame.limit(64).repartition(2 * workers), "image", name="name", **options).collect()
            begin = time.monotonic()
            lines = assay.spark.scan(frame, "image", name="name", **options).select("name", "scan.json").collect()
            seconds = time.monotonic() - begin
            got = {one["name"]: one["json"] for one in lines}
            if len(lines) != len(expected) or got != expected:
                wrong = [name for name in expected if got.get(name) != expected[name]]
                raise SystemExit(f"error: {len(wrong)} of {len(expected)} lines are not those of the program, such as {wrong[:1]}")
            hosts = spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
            return seconds, sorted({one.host() for one in hosts} - {f"{NETWORK}.1"})
        finally:
            spark.stop()
    finally:
        cluster.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--bin", type=Path, default=ROOT / ".build" / "release")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=4_000)
    parser.add_argument("--largest", type=int, default=300_000, help="bytes of a picture at most")
    parser.add_argument("--only", default="", help="look only at this, as `assay scan --only`")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--partition", type=int, default=8 << 20, help="bytes of a partition")
    parser.add_argument("--prefix", default="", help="stands in front of what is started, such as 'chrt -r 10' on a busy machine")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("error: network namespaces need root\n  fix: run it with sudo")
    arguments.bin, arguments.work = arguments.bin.resolve(), arguments.work.resolve()
    arguments.deep = 0
    os.environ["ASSAY_BIN"] = str(arguments.bin)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    sys.path.insert(0, str(ROOT / "Sources" / "Python"))
    import bench_bring
    import pyspark

    home = Path(pyspark.__file__).parent
    folder, _, parquet = bench_bring.prepare(arguments)["quick"]
    command = [str(arguments.bin / "assay"), "scan", "--json", str(folder)] + (["--only", arguments.only] if arguments.only else [])
    done = subprocess.run(command, capture_output=True, text=True)
    expected = {json.loads(line)["file"]: line for line in done.stdout.splitlines()}
    lay()
    try:
        runs = {1: [], 2: []}
        for number in range(arguments.rounds):
            for workers in (1, 2) if number % 2 == 0 else (2, 1):
                seconds, hosts = run(arguments, home, parquet, workers, expected)
                runs[workers].append(seconds)
                print(f"{workers} on {', '.join(hosts)}: {seconds:.1f} s", file=sys.stderr, flush=True)
    finally:
        clear()
        for number in (1, 2):
            shutil.rmtree(arguments.work / f"worker-{number}", ignore_errors=True)
    one, two = (statistics.median(runs[workers]) for workers in (1, 2))
    answer = {
        "schema": "assay.bench.cluster/1", "pictures": len(expected), "only": arguments.only or "all",
        "seconds": {"one": runs[1], "two": runs[2]}, "ofTheHalvedTime": round(one / (2 * two), 3), "linesEqual": True,
        "load": os.getloadavg()[0], "command": " ".join(["spark_cluster.py", *sys.argv[1:]]),
    }
    text = json.dumps(answer, indent=1)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
