#!/usr/bin/env python3
"""Plans a scan of very many pictures with Spark from measured times, and checks the plan by simulation.

    python spark_plan.py PICTURES --bin .build/release --output reports/evaluation/spark-plan

PICTURES is an index.csv or a folder; --sample of its pictures are examined by one worker with one thread, and the
processor's time of each is measured, whatever else the machine does meanwhile. The simulation draws partitions of such pictures,
gives them to task slots as Spark does (the next one to whoever is free), kills workers and executors at the rates given, and
tells how long the whole takes beside the best that is possible.
"""

import argparse
import heapq
import json
import math
import os
import random
import statistics
import struct
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def measure(arguments):
    """Milliseconds of the processor and bytes of each picture; of a start; a warm worker."""
    files = sorted(
        one
        for one in arguments.pictures.rglob("*")
        if one.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp") and one.is_file()
    )
    files = random.Random(1).sample(files, min(arguments.sample, len(files)))
    environment = dict(os.environ, ASSAY_THREADS="1")
    process = subprocess.Popen(
        [arguments.bin / "assay-worker", "--time-limit", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    process.stdout.readline()

    def used():
        total = 0
        for task in os.listdir(f"/proc/{process.pid}/task"):
            try:
                total += int(open(f"/proc/{process.pid}/task/{task}/schedstat").read().split()[0])
            except OSError:
                pass
        return total / 1e6

    def ask(path):
        header = json.dumps({"id": 1, "operation": "scan", "path": str(path)}).encode()
        process.stdin.write(struct.pack("<4sIQ", b"AWF1", len(header), 0) + header)
        process.stdin.flush()
        return process.stdout.readline()

    ask(files[0])
    start = used()
    times, sizes, answers = [], [], []
    for path in files:
        before = used()
        line = ask(path)
        times.append(used() - before)
        sizes.append(path.stat().st_size)
        answers.append(len(line))
    process.stdin.close()
    process.wait()
    return {"milliseconds": times, "bytes": sizes, "answer": statistics.mean(answers), "start": start}


def simulate(times, start, pictures, partition, slots, deaths, losses, seed, skew=0.0):
    """Seconds until the last task ends.

    :param times: milliseconds a picture.
    :param deaths: share of pictures that kill their worker: a start and a second try, and again.
    :param losses: executors (of four slots) that are lost an hour and slot group; their tasks begin anew.
    :param skew: share of partitions that hold pictures of the slowest tenth alone.
    """
    chance = random.Random(seed)
    mean, deviation = statistics.mean(times) / 1000, statistics.pstdev(times) / 1000
    slow = sorted(times)[-max(1, len(times) // 10) :]
    slow_mean = statistics.mean(slow) / 1000
    count = math.ceil(pictures / partition)
    free = [(0.0, slot) for slot in range(slots)]
    heapq.heapify(free)
    end = 0.0
    for _ in range(count):
        average = slow_mean if chance.random() < skew else mean
        work = max(0.0, chance.gauss(partition * average, math.sqrt(partition) * deviation))
        killed = chance.gauss(partition * deaths, math.sqrt(partition * deaths)) if deaths else 0
        work += max(0.0, killed) * 2 * (start / 1000 + average) + 0.2
        now, slot = heapq.heappop(free)
        # An executor that is lost takes what it did of this task with it.
        hazard = losses / 3600
        while hazard and chance.random() < 1 - math.exp(-hazard * work):
            now += chance.random() * work + 30
        now += work
        end = max(end, now)
        heapq.heappush(free, (now, slot))
    return end


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--bin", type=Path, default=ROOT / ".build" / "release")
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--vcpu-hour", type=float, default=0.04, help="what an hour of one virtual CPU costs, for the table")
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    target = arguments.output.with_suffix(".json")
    if target.exists():
        measured = json.loads(target.read_text())["measured"]
    else:
        measured = measure(arguments)
    times = measured["milliseconds"]
    mean = statistics.mean(times)
    pictures, slots = 100_000_000, 1000
    ideal = pictures * mean / 1000 / slots
    rows = []
    for partition in (500, 2_000, 5_000, 20_000, 100_000, 500_000):
        for name, deaths, losses, skew in (
            ("nothing goes wrong", 0, 0, 0),
            ("one picture in 100,000 kills a worker, each slot loses its executor every ten hours", 1e-5, 0.1, 0),
            ("the same, and a twentieth of the partitions hold the slowest pictures alone", 1e-5, 0.1, 0.05),
        ):
            ends = [
                simulate(times, measured["start"], pictures, partition, slots, deaths, losses, seed, skew)
                for seed in range(2 if partition < 2_000 else 3)
            ]
            loaded = ideal * (1 + skew * (statistics.mean(sorted(times)[-max(1, len(times) // 10) :]) / mean - 1))
            rows.append((partition, name, statistics.median(ends) / 3600, loaded / statistics.median(ends)))
    target.parent.mkdir(parents=True, exist_ok=True)
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    target.write_text(
        json.dumps(
            {
                "schema": "assay.sparkPlan/1",
                "processor": cpu,
                "measured": measured,
                "simulated": [dict(zip(("partition", "case", "hours", "efficiency"), row)) for row in rows],
            }
        )
        + "\n"
    )
    ordered = sorted(times)
    hours = pictures * mean / 3.6e6
    size = statistics.mean(measured["bytes"])
    text = f"""# A plan for 100 million pictures with Spark

Measured by `Tests/Peers/spark_plan.py` on {len(times)} pictures, one worker with one thread on {cpu}: seconds of the processor, so
that other work on the machine counts little (it was busy: caches and clocks were shared). Simulated: {slots} task slots, as Spark hands out tasks.

| what | figure |
|---|---|
| a picture, everything looked at | mean {mean:.0f} ms, median {ordered[len(ordered) // 2]:.0f}, 90 % {ordered[int(len(ordered) * 0.9)]:.0f}, 99 % {ordered[int(len(ordered) * 0.99)]:.0f}, largest {ordered[-1]:.0f} |
| its bytes, and those of its answer | {size / 1000:.0f} kB, {measured['answer'] / 1000:.1f} kB |
| a worker's start with its first picture | {measured['start']:.0f} ms |
| all of them | {hours:.0f} hours of one core; {ideal / 3600:.1f} h on {slots} cores |
| read, written | {pictures * size / 1e12:.1f} TB, {pictures * measured['answer'] / 1e9:.0f} GB of JSON before compression |
| price at {arguments.vcpu_hour} a core and hour | {hours * arguments.vcpu_hour:.0f} |

## Partitions

| pictures a partition | case | hours | of the best possible |
|---|---|---|---|
"""
    for partition, name, took, share in rows:
        text += f"| {partition:,} | {name} | {took:.2f} | {100 * share:.0f} % |\n"
    text += f"""
- **Partitions**: 500 to 2,000 pictures, {500 * mean / 60000:.0f} to {2000 * mean / 60000:.0f} minutes each. Smaller ones pay Spark's 0.2 s a task more often; longer
  tasks lose more with each executor, and the last of them run while most slots have nothing to do. `spark.sql.files.maxPartitionBytes` sets it:
  {2000 * size / 1e6:.0f} MB here.
- **Skew**: pictures cost by their pixels, not their bytes. Small partitions even it out, as the table shows; shuffling pictures costs more
  than it saves.
- **Memory and spill**: the scan shuffles nothing, so nothing spills. A batch of Arrow is in memory twice (JVM, Python), and a worker holds
  one decoded picture: with `spark.sql.execution.arrow.maxRecordsPerBatch` = 64, {128 * size / 1e6:.0f} MB a slot and some 500 MB for the worker.
- **Retries**: a picture that kills its worker costs two starts and is then a row with `worker.died`; no task fails. A lost executor costs what its
  tasks had done: with 2,000 pictures a partition at most {2000 * mean / 60000:.0f} minutes a slot. Speculation (`spark.speculation`) is not needed for pictures, whose
  time is bounded by `time_limit`, and helps against slow machines.
- **Resuming**: write by batches of partitions into folders of their own, and leave out the keys that are there (`left_anti` join on keys).
- **Object stores**: {pictures * size / 1e12 / (ideal / 3600) * 1000 / 3600:.1f} GB/s over all slots, {size / mean / 1000:.1f} MB/s a slot: Parquet files of 128 MB or more need one request for many
  pictures; one object a picture costs 100 million requests and is to be packed first (`assay scan shard.tar` on the packing machine is the same scan).
- **Cost**: the processor's time, as the table says; provenance alone (`only=["provenance"]`) costs well under a hundredth of that, and finds what is declared and signed.
"""
    arguments.output.with_suffix(".md").write_text(text)
    print(target)


if __name__ == "__main__":
    main()
