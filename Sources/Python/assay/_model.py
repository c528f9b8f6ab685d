"""What the programs answer, as dataclasses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional


class AssayError(Exception):
    """What could not be done, why, and how to mend it."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{message} ({code}); fix: {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Failure:
    """Why a picture could not be read, or not whole."""

    code: str
    message: str
    remedy: str
    location: Optional[Mapping[str, Any]] = None


@dataclass(frozen=True)
class Evidence:
    """One sign, or that one was looked for and is not there."""

    method: str
    #: ``verified``, ``declared``, ``watermark``, ``statistical`` or ``context``
    kind: str
    #: ``found``, ``absent`` or ``notEvaluated``
    result: str
    summary: str
    strength: Optional[str] = None
    origin: Optional[str] = None
    generator: Optional[str] = None
    reason: Optional[str] = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    location: Optional[Mapping[str, Any]] = None

    @staticmethod
    def of(value: Mapping[str, Any]) -> "Evidence":
        detail = value.get("detail") or {}
        return Evidence(
            method=value["method"],
            kind=value["class"],
            result=value["result"],
            summary=value["summary"],
            strength=value.get("strength"),
            origin=detail.get("origin"),
            generator=detail.get("generator"),
            reason=value.get("reason"),
            detail=detail,
            location=value.get("location"),
        )


@dataclass(frozen=True)
class Scan:
    """What a scan says of one picture: a line of ``assay.scan/1``."""

    file: str
    outcome: str
    sha256: Optional[str]
    pixel_sha256: Optional[str]
    format: Optional[str]
    width: Optional[int]
    height: Optional[int]
    #: Of the shipped detector, calibrated, 0…1; None where it did not judge.
    ai_probability: Optional[float]
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]
    error: Optional[Failure]
    #: The line as the program wrote it, without its line feed.
    json: str = field(repr=False)

    @staticmethod
    def of(line: str) -> "Scan":
        value = json.loads(line)
        error = value["error"]
        return Scan(
            file=value["file"],
            outcome=value["outcome"],
            sha256=value["sha256"],
            pixel_sha256=value["pixelSha256"],
            format=value["format"],
            width=value["width"],
            height=value["height"],
            ai_probability=value["aiProbability"],
            evidence=tuple(Evidence.of(one) for one in value["evidence"]),
            warnings=tuple(value["warnings"]),
            error=None
            if error is None
            else Failure(error["code"], error["message"], error["remedy"], error.get("location")),
            json=line,
        )

    @staticmethod
    def unreadable(file: str, code: str, message: str, remedy: str, version: str) -> "Scan":
        """The result of what no program could answer.

        :param version: of the program that was asked.
        """
        line: dict[str, Any] = {
            "aiProbability": None,
            "error": {"code": code, "location": None, "message": message, "remedy": remedy},
            "evidence": [],
            "file": file,
            "format": None,
            "height": None,
            "outcome": "unreadable",
            "pixelSha256": None,
            "schema": "assay.scan/1",
            "sha256": None,
            "version": version,
            "warnings": [],
            "width": None,
        }
        return Scan.of(json.dumps(line, separators=(",", ":"), ensure_ascii=False))

    @property
    def generators(self) -> tuple[str, ...]:
        """Whoever the found signs name as the maker of an AI picture, each once."""
        names = [
            one.generator
            for one in self.evidence
            if one.result == "found" and one.origin in ("generated", "edited") and one.generator
        ]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Credentials:
    """What Content Credentials say (``assay.credentials/1``)."""

    file: str
    #: ``trusted``, ``valid``, ``invalid``, ``malformed``, ``absent`` or ``undetermined``
    state: str
    reason: str
    failure: tuple[str, ...]
    #: The whole answer.
    report: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def of(value: Mapping[str, Any]) -> "Credentials":
        return Credentials(
            file=value["file"],
            state=value["state"],
            reason=value["reason"],
            failure=tuple(value["failure"]),
            report=value,
        )


@dataclass(frozen=True)
class Mark:
    """A watermark that was read."""

    scheme: str
    payload: bytes
    #: The payload as the text that it was written as; None where its bytes spell none.
    text: Optional[str]
    name: Optional[str]
    p_value: float
    bit_agreement: float


@dataclass(frozen=True)
class Watermarks:
    """The marks of a picture."""

    file: str
    marks: tuple[Mark, ...]
    #: Why a scheme could not be looked for.
    not_evaluable: tuple[str, ...]

    @staticmethod
    def of(value: Mapping[str, Any]) -> "Watermarks":
        return Watermarks(
            file=value["file"],
            marks=tuple(
                Mark(
                    scheme=one["scheme"],
                    payload=bytes.fromhex(one["payloadHex"]),
                    text=one.get("payloadText"),
                    name=one.get("payloadName"),
                    p_value=one["pValue"],
                    bit_agreement=one["bitAgreement"],
                )
                for one in value["marks"]
            ),
            not_evaluable=tuple(value["notEvaluable"]),
        )


@dataclass(frozen=True)
class Marked:
    """A picture with its new mark."""

    data: bytes = field(repr=False)
    #: ``png``, ``jpeg`` or ``webp``
    format: str
    #: What of the input's metadata it does not keep.
    not_kept: tuple[str, ...]
