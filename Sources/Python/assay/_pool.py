"""Workers, fed and read by one thread.

Every worker is a process of ``assay-worker``. It has at most two frames: the one that it works on, and the next, so that it
never waits. Where one dies, the first frame without an answer is to blame: that picture is tried once more, alone, and then
reported as unreadable; the frame behind it goes to another worker. No picture is answered twice, as the pipe of a process
that died is read to its end before its frames are given to others.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import struct
import subprocess
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import IO, Any, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Union

from ._model import AssayError, Scan
from . import _programs

PROTOCOL = "assay.worker/1"
_START = struct.Struct("<4sIQ")
_AHEAD = 2


class Picture(NamedTuple):
    """A picture in memory and its name."""

    name: str
    data: bytes


#: A file's path, a picture's bytes, or bytes with a name.
Source = Union[str, bytes, bytearray, memoryview, "os.PathLike[str]", Picture]


@dataclass
class Request:
    """A frame to come, and what became of it."""

    number: int
    operation: str
    header: dict[str, Any]
    body: Union[bytes, memoryview]
    display: str
    deaths: int = 0

    def frame(self) -> list[memoryview]:
        header = json.dumps({"id": self.number, "operation": self.operation, **self.header}).encode()
        start = _START.pack(b"AWF1", len(header), len(self.body))
        parts = [memoryview(start + header)]
        if len(self.body):
            parts.append(memoryview(self.body).cast("B"))
        return parts


@dataclass(frozen=True)
class Answer:
    """A line of the worker: the answer's JSON as it was written, or an error."""

    number: int
    text: Optional[str]
    error: Optional[AssayError]


def request(
    number: int, operation: str, source: Source, extra: Optional[Mapping[str, Any]] = None
) -> Request:
    """The request for a source."""
    header: dict[str, Any] = dict(extra or {})
    if isinstance(source, Picture):
        header["name"] = source.name
        return Request(number, operation, header, source.data, source.name)
    if isinstance(source, (bytes, bytearray, memoryview)):
        body = source if isinstance(source, bytes) else memoryview(source)
        return Request(number, operation, header, body, "-")
    if isinstance(source, (str, os.PathLike)):
        path = os.fsencode(source)
        try:
            header["path"] = path.decode("utf-8")
        except UnicodeDecodeError:
            header["pathBytes"] = base64.b64encode(path).decode("ascii")
        return Request(number, operation, header, b"", path.decode("utf-8", "backslashreplace"))
    raise TypeError(f"a picture is a path, bytes or assay.Picture, and not {type(source).__name__}")


class _Worker:
    """One process."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.errors: IO[bytes] = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=environment
            )
        except OSError as error:
            raise AssayError(
                "python.program", f"{command[0]} cannot be started: {error.strerror}", "install Assay again"
            ) from error
        assert self.process.stdin and self.process.stdout
        self.input = self.process.stdin.fileno()
        self.output = self.process.stdout.fileno()
        os.set_blocking(self.input, False)
        os.set_blocking(self.output, False)
        self.waiting: deque[Request] = deque()
        self.unsent: deque[memoryview] = deque()
        self.received = bytearray()
        self.greeting: Optional[dict[str, Any]] = None
        #: When the first frame's answer was due to be worked on.
        self.since = time.monotonic()
        self.answered = 0

    def send(self, request: Request) -> None:
        if not self.waiting:
            self.since = time.monotonic()
        self.waiting.append(request)
        self.unsent.extend(request.frame())
        self.write()

    def write(self) -> None:
        """Writes what the pipe takes; a broken one shows when the output ends."""
        while self.unsent:
            try:
                count = os.write(self.input, self.unsent[0])
            except BlockingIOError:
                return
            except OSError:
                self.unsent.clear()
                return
            if count == len(self.unsent[0]):
                self.unsent.popleft()
            else:
                self.unsent[0] = self.unsent[0][count:]

    def read(self) -> tuple[list[bytes], bool]:
        """The lines that came, and whether the output has ended."""
        ended = False
        while True:
            try:
                part = os.read(self.output, 1 << 18)
            except BlockingIOError:
                break
            if not part:
                ended = True
                break
            self.received += part
        if b"\n" not in self.received:
            return [], ended
        *lines, rest = bytes(self.received).split(b"\n")
        self.received = bytearray(rest)
        return lines, ended

    def words(self) -> str:
        """What it said on its standard error, for messages."""
        self.errors.seek(0)
        text = self.errors.read(4096).decode("utf-8", "replace").strip()
        return text or f"it ended with {self.process.returncode}"

    def close(self, kill: bool = False) -> None:
        if kill:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe:
                    pipe.close()
            except OSError:
                pass
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()


class Pool:
    """Workers that stay alive between calls; of use as a context.

    :param workers: processes; all cores by default.
    :param only: look only at these: ``provenance``, ``watermark``, ``spectra``, ``detector``.
    :param time_limit: seconds that one picture may take; 0 for any time.
    :param max_pixels: refuse pictures with more.
    :param trust: PEM files of signers' anchors, or ``["none"]``.
    :param tsa_trust: PEM files of time-stamp authorities' anchors.
    :param detector: weights of a detector of your own.
    :param program: the path of ``assay-worker``.
    """

    def __init__(
        self,
        workers: Optional[int] = None,
        *,
        only: Optional[Sequence[str]] = None,
        time_limit: float = 60.0,
        max_pixels: Optional[int] = None,
        trust: Optional[Sequence[str]] = None,
        tsa_trust: Optional[Sequence[str]] = None,
        detector: Optional[str] = None,
        program: Optional[str] = None,
    ) -> None:
        if workers is not None and workers < 1:
            raise ValueError("workers must be at least 1")
        affinity = getattr(os, "sched_getaffinity", None)
        self.workers = workers or (len(affinity(0)) if affinity else os.cpu_count() or 1)
        self.time_limit = time_limit
        command = [_programs.find("assay-worker", program), "--time-limit", repr(float(time_limit))]
        for option, value in (
            ("--only", None if only is None else ",".join(only)),
            ("--max-pixels", max_pixels),
            ("--trust", None if trust is None else ",".join(trust)),
            ("--tsa-trust", None if tsa_trust is None else ",".join(tsa_trust)),
            ("--detector", detector),
        ):
            if value is not None:
                command += [option, str(value)]
        self.command = command
        # Several workers share the cores; one alone uses them all.
        self.environment = _programs.environment(1 if self.workers > 1 else None)
        self._processes: list[_Worker] = []
        self._lock = threading.Lock()
        self._owner: Optional[int] = None
        self._pid = os.getpid()
        self._false_starts = 0
        #: Of the program, from its greeting.
        self._version = "unknown"
        #: How many processes died while they had work.
        self.deaths = 0

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """The processes' ids."""
        return [one.process.pid for one in self._processes]

    def close(self) -> None:
        """Ends the processes."""
        processes, self._processes = self._processes, []
        if self._pid == os.getpid():
            for one in processes:
                one.close(kill=bool(one.waiting))

    def scan_many(self, sources: Iterable[Source]) -> Iterator[Scan]:
        """As :func:`assay.scan_many`."""
        names: dict[int, str] = {}

        def requests() -> Iterator[Request]:
            for number, source in enumerate(sources):
                one = request(number, "scan", source)
                names[number] = one.display
                yield one

        for answer in self.ordered(requests()):
            name = names.pop(answer.number)
            if answer.text is not None:
                yield Scan.of(answer.text)
            else:
                assert answer.error
                fault = answer.error
                yield Scan.unreadable(name, fault.code, fault.message, fault.remedy, self._version)

    def one(self, operation: str, source: Source, extra: Optional[Mapping[str, Any]] = None) -> str:
        """The answer to one request.

        :raises AssayError: where the worker answers with an error.
        """
        for answer in self.run([request(0, operation, source, extra)]):
            if answer.error:
                raise answer.error
            assert answer.text is not None
            return answer.text
        raise AssertionError("a request without an answer")

    def ordered(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """The answers in the order of the requests; few wait for an earlier one, since no more are begun meanwhile."""
        ready: dict[int, Answer] = {}
        state = {"given": 0, "begun": 0}
        window = 16 * self.workers

        def paced() -> Iterator[Optional[Request]]:
            for one in requests:
                while state["begun"] - state["given"] >= window:
                    yield None
                state["begun"] += 1
                yield one

        for answer in self.run(paced()):
            ready[answer.number] = answer
            while state["given"] in ready:
                answer = ready.pop(state["given"])
                state["given"] += 1
                yield answer

    def run(self, requests: Iterable[Optional[Request]]) -> Iterator[Answer]:
        """Answers as they come. Requests are taken when a worker can have them; None stands for "not yet"."""
        if self._pid != os.getpid():
            # After a fork the processes are the parent's.
            self._processes, self._pid, self._lock, self._owner = [], os.getpid(), threading.Lock(), None
        if self._owner == threading.get_ident():
            # It would wait for itself.
            raise RuntimeError("the pool is at work on other pictures: finish these, or use a second pool")
        with self._lock:
            self._owner = threading.get_ident()
            finished = False
            try:
                yield from self._run(iter(requests))
                finished = True
            finally:
                self._owner = None
                # Whoever stops half-way leaves answers in the pipes that nobody asks for.
                if not finished:
                    processes, self._processes = self._processes, []
                    for one in processes:
                        one.close(kill=bool(one.waiting))

    def _run(self, requests: Iterator[Optional[Request]]) -> Iterator[Answer]:
        again: deque[Request] = deque()
        at_end = False
        with selectors.DefaultSelector() as selector:
            for worker in self._processes:
                selector.register(worker.output, selectors.EVENT_READ, worker)
            while True:
                at_end = self._feed(selector, requests, again, at_end)
                if at_end and not again and not any(one.waiting for one in self._processes):
                    return
                for worker in self._processes:
                    self._watch_input(selector, worker)
                events = selector.select(self._patience())
                touched = {id(key.data): key.data for key, _ in events}
                for key, _ in events:
                    if key.fd == key.data.input:
                        key.data.write()
                for worker in touched.values():
                    lines, ended = worker.read()
                    for line in lines:
                        answer = self._take(worker, line)
                        if answer:
                            yield answer
                    if ended:
                        yield from self._bury(selector, worker, again)
                yield from self._lose_patience(selector, again)

    def _feed(
        self,
        selector: selectors.BaseSelector,
        requests: Iterator[Optional[Request]],
        again: deque[Request],
        at_end: bool,
    ) -> bool:
        """Gives work to whoever can take some; whether the requests have ended."""
        for ahead in range(1, _AHEAD + 1):
            index = 0
            while index < self.workers:
                worker = self._processes[index] if index < len(self._processes) else None
                index += 1
                if worker and (
                    len(worker.waiting) >= ahead
                    # What killed a worker is tried again alone.
                    or worker.waiting
                    and worker.waiting[0].deaths
                ):
                    continue
                one: Optional[Request] = None
                if again and not (again[0].deaths and worker and worker.waiting):
                    one = again.popleft()
                elif not again and not at_end:
                    try:
                        one = next(requests)
                    except StopIteration:
                        at_end = True
                if one is None:
                    return at_end
                if worker is None:
                    worker = _Worker(self.command, self.environment)
                    self._processes.append(worker)
                    selector.register(worker.output, selectors.EVENT_READ, worker)
                worker.send(one)
        return at_end

    @staticmethod
    def _watch_input(selector: selectors.BaseSelector, worker: _Worker) -> None:
        watched = worker.input in selector.get_map()
        if worker.unsent and not watched:
            selector.register(worker.input, selectors.EVENT_WRITE, worker)
        elif not worker.unsent and watched:
            selector.unregister(worker.input)

    def _take(self, worker: _Worker, line: bytes) -> Optional[Answer]:
        if worker.greeting is None:
            try:
                greeting = json.loads(line)
                if greeting["protocol"] != PROTOCOL:
                    raise KeyError
            except (ValueError, KeyError, TypeError):
                raise AssayError(
                    "python.protocol",
                    f"{self.command[0]} does not speak {PROTOCOL}",
                    "install the program and the package of the same version",
                ) from None
            worker.greeting = greeting
            self._version = str(greeting.get("assay", self._version))
            return None
        text = line.decode("utf-8")
        if not worker.waiting:
            return None
        one = worker.waiting[0]
        start = f'{{"id":{one.number},"op":"{one.operation}","answer":'
        if text.startswith(start):
            answer = Answer(one.number, text[len(start) : -1], None)
        else:
            value = json.loads(text)
            fault = value["error"]
            if value["id"] not in (one.number, None):
                raise AssayError("python.protocol", "an answer to nothing that was asked", "report this as a bug")
            answer = Answer(one.number, None, AssayError(fault["code"], fault["message"], fault["remedy"]))
        worker.waiting.popleft()
        worker.answered += 1
        worker.since = time.monotonic()
        return answer

    def _remove(self, selector: selectors.BaseSelector, worker: _Worker) -> None:
        selector.unregister(worker.output)
        if worker.input in selector.get_map():
            selector.unregister(worker.input)
        self._processes.remove(worker)

    def _bury(
        self, selector: selectors.BaseSelector, worker: _Worker, again: deque[Request]
    ) -> Iterator[Answer]:
        """Takes leave of a process that ended; its frames go to others, but for what killed it twice."""
        self._remove(selector, worker)
        worker.process.wait()
        gave_up = worker.process.returncode == 3
        # Before its greeting it has read nothing, and no picture is to blame.
        started = worker.greeting is not None
        self._false_starts = 0 if started else self._false_starts + 1
        if not started and (worker.process.returncode >= 0 or self._false_starts > 50):
            words = worker.words()
            worker.close()
            raise AssayError("python.start", f"assay-worker does not start: {words}", "see assay-worker --help")
        for place, one in reversed(list(enumerate(worker.waiting))):
            # One that gave up over the time limit said so, and is not to blame for what waited.
            if place == 0 and started and not gave_up:
                one.deaths += 1
            again.appendleft(one)
        if worker.waiting and not gave_up:
            self.deaths += 1
        worker.close()
        if again and again[0].deaths > 1:
            one = again.popleft()
            yield Answer(
                one.number,
                None,
                AssayError(
                    "worker.died",
                    "the program died twice while it examined the picture",
                    "report this as a bug, with the picture if it can be shared",
                ),
            )

    def _patience(self) -> Optional[float]:
        """Seconds until a worker is late that should have given up itself."""
        if self.time_limit <= 0:
            return None
        due = [one.since + 1.5 * self.time_limit + 5 for one in self._processes if one.waiting]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _lose_patience(self, selector: selectors.BaseSelector, again: deque[Request]) -> Iterator[Answer]:
        if self.time_limit <= 0:
            return
        now = time.monotonic()
        for worker in list(self._processes):
            if not worker.waiting or now <= worker.since + 1.5 * self.time_limit + 5:
                continue
            self._remove(selector, worker)
            one = worker.waiting.popleft()
            again.extendleft(reversed(worker.waiting))
            worker.waiting.clear()
            worker.close(kill=True)
            yield Answer(
                one.number,
                None,
                AssayError(
                    "worker.time",
                    f"the program did not answer within {self.time_limit} seconds",
                    "give more time, or look at the picture alone",
                ),
            )
