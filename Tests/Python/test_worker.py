"""The protocol of assay-worker, byte by byte."""

import json
import os
import struct
import subprocess
import threading
import time

WORKER = os.path.join(os.environ["ASSAY_BIN"], "assay-worker")


def frame(header, body=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<4sIQ", b"AWF1", len(text), len(body) if length is None else length) + text + body


def run(data, *options):
    result = subprocess.run([WORKER, "--only", "provenance", *options], input=data, capture_output=True, timeout=120)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines[0]["protocol"] == "assay.worker/1"
    return lines[1:], result.returncode


def scan(number, path):
    return frame({"id": number, "operation": "scan", "path": path})


def test_every_frame_has_one_answer_in_order(gallery):
    answers, code = run(b"".join(scan(number, path) for number, path in enumerate(gallery)))
    assert code == 0
    assert [one["id"] for one in answers] == list(range(len(gallery)))
    assert [one["answer"]["file"] for one in answers] == gallery


def test_bytes_are_answered_as_the_file_is(gallery):
    for path in gallery:
        with open(path, "rb") as file:
            data = file.read()
        answers, _ = run(scan("a", path) + frame({"id": "b", "operation": "scan", "name": path}, data))
        assert answers[0]["answer"] == answers[1]["answer"]


def test_a_name_never_leads_to_the_disk(tmp_path, gallery):
    # A store beside a file of that name is not the bytes' own.
    (tmp_path / "x.c2pa").write_bytes(b"no store")
    name = str(tmp_path / "x.png")
    data = open(gallery[0], "rb").read()
    with_name, _ = run(frame({"id": 1, "operation": "scan", "name": name}, data))
    (tmp_path / "x.c2pa").unlink()
    without, _ = run(frame({"id": 1, "operation": "scan", "name": name}, data))
    assert with_name == without


def test_half_frames_are_told_with_what_came():
    whole = frame({"id": 7, "operation": "scan", "name": "x"}, b"0123456789")
    for length in range(1, len(whole)):
        answers, code = run(whole[:length]) if length % 9 == 1 or length > len(whole) - 3 else ([None], 1)
        if answers == [None]:
            continue
        assert code == 1
        assert len(answers) == 1
        assert answers[0]["error"]["code"] == "worker.frame"
        # With the header, the picture is named too.
        assert answers[0]["id"] == (7 if length >= len(whole) - 10 else None)


def test_what_is_no_frame_ends_the_worker(gallery):
    answers, code = run(scan(1, gallery[0]) + b"GET / HTTP/1.1\r\n\r\n" + scan(2, gallery[0]))
    assert code == 1
    assert [one.get("id") for one in answers] == [1, None]
    answers, code = run(struct.pack("<4sIQ", b"AWF1", 1 << 31, 0))
    assert code == 1 and "header of" in answers[0]["error"]["message"]


def test_a_header_that_is_no_request_costs_its_frame_alone(gallery):
    for header in (b"{", b"[]", b'{"id":1}', b'{"id":1,"operation":"fly"}', b'{"operation":"scan"}', b"\xff"):
        answers, code = run(frame(header, b"body") + scan(2, gallery[0]))
        assert code == 0
        assert answers[0]["error"]["code"] == "worker.header"
        assert answers[1]["id"] == 2


def test_a_frame_of_four_gigabytes_is_passed_over(gallery):
    length = (4 << 30) + 5
    process = subprocess.Popen(
        [WORKER, "--only", "provenance"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def feed():
        header = json.dumps({"id": 1, "operation": "scan", "name": "large.png"}).encode()
        process.stdin.write(struct.pack("<4sIQ", b"AWF1", len(header), length) + header)
        block = bytes(64 << 20)
        left = length
        while left:
            process.stdin.write(block[: min(left, len(block))])
            left -= min(left, len(block))
        process.stdin.write(scan(2, gallery[0]))
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    lines = [json.loads(line) for line in process.stdout]
    with open(f"/proc/{process.pid}/status") as status:
        peak = [line for line in status if line.startswith("VmHWM")]
    feeder.join()
    assert process.wait() == 0
    assert lines[1]["error"]["code"] == "file.size"
    assert lines[2]["answer"]["file"] == gallery[0]
    # A process that has ended shows no figure.
    assert not peak or int(peak[0].split()[1]) < 500_000


def test_a_claim_of_bytes_costs_no_memory():
    header = {"id": 1, "operation": "scan", "name": "x.png"}
    answers, code = run(frame(header, b"short", length=2 << 30))
    assert code == 1
    assert answers[0]["id"] == 1 and "after 5 of" in answers[0]["error"]["message"]


def test_a_picture_that_takes_too_long_is_answered_and_ends_the_worker(gallery):
    data = scan(1, gallery[0]) + scan(2, gallery[1])
    result = subprocess.run([WORKER, "--time-limit", "0.000001"], input=data, capture_output=True, timeout=120)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 3
    assert lines[1]["answer"]["outcome"] == "unreadable"
    assert lines[1]["answer"]["error"]["code"] == "worker.time"
    assert len(lines) == 2


def test_writing_more_than_is_read_waits():
    process = subprocess.Popen([WORKER, "--only", "provenance"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.set_blocking(process.stdin.fileno(), False)
    body = frame({"id": 1, "operation": "scan", "name": "x"}, bytes(10_000))
    written = 0
    idle = 0
    # Nobody reads the answers: the pipes fill, and then nothing more is taken.
    while idle < 50 and written < 10_000 * len(body):
        try:
            written += os.write(process.stdin.fileno(), body[written % len(body) :])
            idle = 0
        except BlockingIOError:
            idle += 1
            threading.Event().wait(0.01)
    process.kill()
    process.wait()
    assert idle == 50


def test_the_other_operations_answer(gallery, tmp_path):
    import base64

    data = open("fixtures/gallery/nothing.png", "rb").read()
    answers, code = run(
        frame({"id": 1, "operation": "verify", "name": "a.png"}, data)
        + frame({"id": 2, "operation": "readWatermark", "name": "a.png"}, data)
        + frame({"id": 3, "operation": "verify", "path": "missing.png"})
        + frame({"id": 4, "operation": "embedWatermark", "name": "a.png", "embed": {"text": "x", "payload": "00"}}, data)
        + frame({"id": 5, "operation": "embedWatermark", "name": "a.png", "embed": {"text": "x", "quality": 0}}, data)
    )
    assert code == 0
    assert answers[0]["answer"]["state"] == "absent"
    assert answers[1]["answer"]["found"] is False
    assert answers[2]["error"]["code"] == "file.open"
    assert [one["error"]["code"] for one in answers[3:]] == ["worker.embed", "worker.embed"]
    assert base64.b64encode(b"") == b""


def test_an_input_that_does_not_wait_is_waited_for(gallery):
    read, write = os.pipe()
    # It belongs to the open pipe, so that the worker's end has it too.
    os.set_blocking(read, False)
    worker = subprocess.Popen([WORKER, "--only", "provenance"], stdin=read, stdout=subprocess.PIPE)
    os.close(read)
    assert json.loads(worker.stdout.readline())["protocol"] == "assay.worker/1"
    whole = scan(1, gallery[0])
    for part in (whole[:9], whole[9:30], whole[30:]):
        time.sleep(0.2)
        os.write(write, part)
    assert json.loads(worker.stdout.readline())["answer"]["file"] == gallery[0]
    os.close(write)
    assert worker.stdout.read() == b""
    assert worker.wait(60) == 0
    worker.stdout.close()


def test_an_input_that_cannot_be_read_is_a_fault(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        result = subprocess.run([WORKER, "--only", "provenance"], stdin=folder, capture_output=True, timeout=120)
    finally:
        os.close(folder)
    assert result.returncode == 1
    error = json.loads(result.stdout.splitlines()[1])["error"]
    assert error["code"] == "worker.frame" and "cannot be read" in error["message"]
