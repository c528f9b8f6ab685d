"""The package against the program's own lines."""

import json
import os
import random
import signal
import subprocess
import tarfile
import threading
import time

import pytest

import assay

ONLY = ["provenance"]


def lines(*arguments):
    program = os.path.join(os.environ["ASSAY_BIN"], "assay")
    result = subprocess.run([program, "scan", "--json", *arguments], capture_output=True)
    return result.stdout.decode().splitlines()


def test_scans_are_the_programs_lines_to_the_byte(gallery):
    expected = lines(*gallery)
    assert [one.json for one in assay.scan_many(gallery, workers=2)] == expected
    assert [assay.scan(path).json for path in gallery[:3]] == expected[:3]


def test_bytes_and_paths_are_answered_alike(gallery):
    for path in gallery[:4]:
        data = open(path, "rb").read()
        assert assay.scan(data, name=path, only=ONLY) == assay.scan(path, only=ONLY)
        assert assay.scan(assay.Picture(path, data), only=ONLY) == assay.scan(path, only=ONLY)
        assert assay.scan(memoryview(data), only=ONLY).file == "-"


def test_makers_are_named():
    scan = assay.scan("fixtures/gallery/grok.jpg", only=ONLY)
    assert scan.generators == ("xAI Grok",) or any("Grok" in one for one in scan.generators)
    assert scan.evidence[0].origin == "generated"


def test_names_that_are_no_utf8(tmp_path, gallery):
    path = os.fsencode(str(tmp_path)) + b"/\xe9.png"
    with open(path, "wb") as file:
        file.write(open(gallery[0], "rb").read())
    scan = assay.scan(os.fsdecode(path), only=ONLY)
    assert scan.error is None and scan.file.endswith("\\xE9.png")


def test_order_is_the_order_of_the_pictures_and_no_more_is_taken_than_needed(gallery):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield gallery[taken % len(gallery)]

    scans = assay.scan_many(endless(), workers=2, only=ONLY)
    got = [next(scans).file for _ in range(50)]
    scans.close()
    assert got == [gallery[(index + 1) % len(gallery)] for index in range(50)]
    assert taken <= 50 + 3 * 2 * 16


def test_what_is_no_picture_is_unreadable():
    codes = [one.error.code for one in assay.scan_many([b"", b"text", "missing.png"], only=ONLY, workers=1)]
    assert codes == ["format.empty", "format.unknown", "file.open"]
    with pytest.raises(TypeError):
        assay.scan(7)


def test_large_answers_and_large_frames_do_not_wait_for_each_other(gallery):
    data = open(gallery[0], "rb").read()
    padded = data + bytes(3_000_000)
    scans = list(assay.scan_many([padded] * 24, workers=2, only=ONLY))
    assert len({one.json for one in scans}) == 1


def test_workers_killed_200_times_lose_no_picture_and_answer_none_twice(gallery):
    """SIGKILL at random moments; every picture has exactly one answer, and it is the right one."""
    total = 6000
    expected = {path: assay.scan(path, only=ONLY).json for path in gallery}
    pool = assay.Pool(2, only=ONLY)
    kills = 0
    done = threading.Event()
    chance = random.Random(1)

    def hunt():
        nonlocal kills
        while not done.is_set() and kills < 200:
            time.sleep(chance.uniform(0, 0.06))
            pids = pool.pids
            if pids:
                try:
                    os.kill(chance.choice(pids), signal.SIGKILL)
                    kills += 1
                except ProcessLookupError:
                    pass

    def pictures():
        for index in range(10**9):
            if kills >= 200 and index >= total:
                return
            yield gallery[index % len(gallery)]

    hunter = threading.Thread(target=hunt)
    hunter.start()
    count = 0
    lost = 0
    with pool:
        for index, scan in enumerate(pool.scan_many(pictures())):
            count += 1
            path = gallery[index % len(gallery)]
            if scan.error is not None and scan.error.code == "worker.died":
                lost += 1
                assert scan.file == path
            else:
                assert scan.json == expected[path]
    done.set()
    hunter.join()
    assert kills == 200
    assert count >= total
    # Only a picture that was hit twice in a row is given up, and it is named.
    assert lost <= 10


def test_a_picture_that_kills_its_worker_is_tried_twice_and_named(mortal_worker, gallery):
    script, log = mortal_worker
    pictures = [*gallery[:3], assay.Picture("poison", b"x"), *gallery[3:6]]
    with assay.Pool(2, only=ONLY, program=str(script)) as pool:
        scans = list(pool.scan_many(pictures))
    assert [one.file for one in scans] == [*gallery[:3], "poison", *gallery[3:6]]
    assert scans[3].error.code == "worker.died"
    # The line in its place is one of the same schema.
    failed, whole = json.loads(scans[3].json), json.loads(scans[0].json)
    assert failed.keys() == whole.keys()
    assert all(failed[key] == whole[key] for key in ("schema", "version"))
    assert all(one.error is None or one.error.code != "worker.died" for one in scans[:3] + scans[4:])
    assert log.read_text() == "xx"


def test_a_worker_that_hangs_is_reported(tmp_path, gallery):
    script = tmp_path / "worker"
    script.write_text('#!/bin/sh\necho \'{"protocol":"assay.worker/1"}\'\nexec sleep 60\n')
    script.chmod(0o755)
    with assay.Pool(1, program=str(script), time_limit=0.01) as pool:
        scans = list(pool.scan_many(gallery[:1]))
    assert scans[0].error.code == "worker.time"


def test_the_time_limit_is_a_pictures_own(gallery):
    scans = list(assay.scan_many(gallery[:3], workers=1, time_limit=0.000001))
    assert [one.error.code for one in scans] == ["worker.time"] * 3


def test_programs_that_are_none_say_so(tmp_path):
    script = tmp_path / "worker"
    script.write_text("#!/bin/sh\necho hello\n")
    script.chmod(0o755)
    with pytest.raises(assay.AssayError, match="does not speak"):
        list(assay.Pool(1, program=str(script)).scan_many([b"x"]))
    script.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    with pytest.raises(assay.AssayError, match="broken"):
        list(assay.Pool(1, program=str(script)).scan_many([b"x"]))
    with pytest.raises(assay.AssayError, match="cannot be started"):
        list(assay.Pool(1, program=str(tmp_path / "none")).scan_many([b"x"]))


def test_marks_are_written_and_read(tmp_path):
    path = "fixtures/gallery/camera.jpg"
    try:
        marked = assay.embed_watermark(path, text="id 7")
    except assay.AssayError as error:
        pytest.skip(f"the gallery's picture takes no mark: {error}")
    marks = assay.read_watermark(marked.data, name="marked.png").marks
    assert any(one.text == "id 7" for one in marks)
    with pytest.raises(assay.AssayError, match="payload"):
        assay.embed_watermark(path)


def test_folders_and_archives(tmp_path, gallery):
    with tarfile.open(tmp_path / "set.tar", "w") as tar:
        for path in gallery[:5]:
            tar.add(path, os.path.basename(path))
    scans = list(assay.scan_files(tmp_path / "set.tar", only=ONLY))
    assert [one.file for one in scans] == [f"{tmp_path}/set.tar!/{os.path.basename(path)}" for path in gallery[:5]]
    report = assay.audit(tmp_path / "set.tar", rules=["iptc"], clock="2026-11-25T12:00:00Z")
    assert report["schema"] == "assay.report/1"
    with pytest.raises(assay.AssayError):
        assay.audit(tmp_path / "set.tar", rules=["no such pack"])


def test_threads_and_forks_have_workers_of_their_own(gallery):
    expected = assay.scan(gallery[0], only=ONLY)
    results = []
    threads = [threading.Thread(target=lambda: results.append(assay.scan(gallery[0], only=ONLY))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4
    pid = os.fork()
    if pid == 0:
        os._exit(0 if assay.scan(gallery[0], only=ONLY) == expected else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert assay.scan(gallery[0], only=ONLY) == expected
