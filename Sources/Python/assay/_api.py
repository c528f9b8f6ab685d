"""What the package does, in functions."""

from __future__ import annotations

import atexit
import base64
import json
import os
import subprocess
import threading
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Union

from . import _programs
from ._model import AssayError, Credentials, Marked, Scan, Watermarks
from ._pool import Picture, Pool, Source

_pools: dict[tuple[Any, ...], Pool] = {}
_lock = threading.Lock()


def _pool(
    only: Optional[Sequence[str]] = None,
    time_limit: float = 60.0,
    trust: Optional[Sequence[str]] = None,
    detector: Optional[str] = None,
) -> Pool:
    """A worker of this kind, kept alive until the program ends."""
    key = (
        None if only is None else tuple(only),
        time_limit,
        None if trust is None else tuple(trust),
        detector,
        os.environ.get("ASSAY_BIN"),
    )
    with _lock:
        if key not in _pools:
            _pools[key] = Pool(1, only=only, time_limit=time_limit, trust=trust, detector=detector)
        return _pools[key]


@atexit.register
def _close() -> None:
    for one in _pools.values():
        one.close()


def _named(source: Source, name: Optional[str]) -> Source:
    if name is None or isinstance(source, (str, os.PathLike, Picture)):
        return source
    return Picture(name, bytes(source))


def scan(
    source: Source,
    *,
    name: Optional[str] = None,
    only: Optional[Sequence[str]] = None,
    time_limit: float = 60.0,
    trust: Optional[Sequence[str]] = None,
    detector: Optional[str] = None,
) -> Scan:
    """Examines one picture.

    :param source: a path, the picture's bytes, or an :class:`assay.Picture`.
    :param name: what bytes are called in the result.
    :param only: look only at these: ``provenance``, ``watermark``, ``spectra``, ``detector``.

    A picture that cannot be read has the outcome ``unreadable`` and an error; nothing is raised.

    >>> scan("missing.png").error.code
    'file.open'
    """
    answers = _pool(only, time_limit, trust, detector).scan_many([_named(source, name)])
    return list(answers)[0]


def scan_many(
    sources: Iterable[Source],
    *,
    workers: Optional[int] = None,
    only: Optional[Sequence[str]] = None,
    time_limit: float = 60.0,
    trust: Optional[Sequence[str]] = None,
    detector: Optional[str] = None,
) -> Iterator[Scan]:
    """Examines many pictures in several processes; results come in the order of the pictures.

    Of an iterator no more is taken than the workers need, so that it may be longer than the memory. A picture that kills a
    worker is tried once more, alone, and then ``unreadable`` with the code ``worker.died``.

    >>> [one.outcome for one in scan_many(["fixtures/gallery/webui.png"] * 3, only=["provenance"], workers=2)]
    ['aiDeclared', 'aiDeclared', 'aiDeclared']
    """
    with Pool(workers, only=only, time_limit=time_limit, trust=trust, detector=detector) as pool:
        yield from pool.scan_many(sources)


def verify(source: Source, *, name: Optional[str] = None, trust: Optional[Sequence[str]] = None) -> Credentials:
    """Validates Content Credentials.

    >>> verify("fixtures/gallery/webui.png").state
    'absent'

    :raises AssayError: where the picture cannot be read.
    """
    return Credentials.of(json.loads(_pool(trust=trust).one("verify", _named(source, name))))


def read_watermark(source: Source, *, name: Optional[str] = None, key: Optional[bytes] = None) -> Watermarks:
    """Reads marks; nothing need be known of them but the key of those that have one.

    :raises AssayError: where the picture cannot be read.
    """
    extra = {} if key is None else {"embed": {"key": base64.b64encode(key).decode("ascii")}}
    return Watermarks.of(json.loads(_pool().one("readWatermark", _named(source, name), extra)))


def embed_watermark(
    source: Source,
    *,
    text: Optional[str] = None,
    payload: Optional[bytes] = None,
    scheme: str = "assay",
    key: Optional[bytes] = None,
    strength: Optional[float] = None,
    format: str = "png",
    quality: int = 95,
    name: Optional[str] = None,
) -> Marked:
    """Writes a mark into a picture and reads it back; the file is not touched.

    :param text: what the mark says, or
    :param payload: the same as bytes.
    :param scheme: ``assay``, ``dwtDct`` or ``dwtDctSvd``.
    :param format: of the result: ``png``, ``jpeg`` or ``webp`` (without loss).
    :raises AssayError: where the picture cannot be read or does not take the mark.
    """
    embed: dict[str, Any] = {"scheme": scheme, "format": format, "quality": quality}
    if text is not None:
        embed["text"] = text
    if payload is not None:
        embed["payload"] = payload.hex()
    if key is not None:
        embed["key"] = base64.b64encode(key).decode("ascii")
    if strength is not None:
        embed["strength"] = strength
    value = json.loads(_pool().one("embedWatermark", _named(source, name), {"embed": embed}))
    return Marked(base64.b64decode(value["bytes"]), value["format"], tuple(value["notKept"]))


Path = Union[str, "os.PathLike[str]"]


def scan_files(*paths: Path, only: Optional[Sequence[str]] = None, workers: Optional[int] = None) -> Iterator[Scan]:
    """Examines files, folders and archives with ``assay scan``; members of archives are called ``shard.tar!/a/b.jpg``.

    >>> [one.outcome for one in scan_files("fixtures/gallery/webui.png", only=["provenance"])]
    ['aiDeclared']
    """
    command = [_programs.find("assay"), "scan", "--json", "--allow-empty"]
    if only is not None:
        command += ["--only", ",".join(only)]
    if workers is not None:
        command += ["--workers", str(workers)]
    process = subprocess.Popen(
        [*command, "--", *(os.fspath(one) for one in paths)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_programs.environment(),
    )
    assert process.stdout and process.stderr
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read() if process.stderr else b""))
    reader.start()
    try:
        for line in process.stdout:
            yield Scan.of(line.decode("utf-8").rstrip("\n"))
        if process.wait() not in (0, 1):
            reader.join()
            raise AssayError("python.scan", b"".join(errors).decode("utf-8", "replace").strip(), "see assay help scan")
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
        process.stderr.close()


def audit(
    *paths: Path,
    rules: Sequence[str] = ("c2pa", "iptc", "privacy"),
    project: Optional[Path] = None,
    operator: Optional[str] = None,
    clock: Optional[str] = None,
) -> Mapping[str, Any]:
    """Holds files, folders and archives against rule packs; the report as ``assay audit --json`` gives it.

    >>> audit("fixtures/gallery/webui.png", rules=["iptc"])["schema"]
    'assay.report/1'

    :param clock: the audit's time in ISO 8601 instead of now: same input, same report.
    :raises AssayError: where the audit cannot be made.
    """
    command = [_programs.find("assay"), "audit", "run", "--json", "--rules", ",".join(rules)]
    for option, value in (("--project", project), ("--operator", operator), ("--clock", clock)):
        if value is not None:
            command += [option, os.fspath(value)]
    result = subprocess.run(
        [*command, "--", *(os.fspath(one) for one in paths)], capture_output=True, env=_programs.environment()
    )
    try:
        report = json.loads(result.stdout)
        assert isinstance(report, dict)
        return report
    except (ValueError, AssertionError):
        words = result.stderr.decode("utf-8", "replace").strip()
        raise AssayError("python.audit", words, "see assay help audit") from None
