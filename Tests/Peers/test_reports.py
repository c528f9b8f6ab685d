"""Reports in the eyes of others: JSON under its own schema (jsonschema), SARIF under the objects that it uses and in
sarif-tools 3.0.5, JUnit XML in Python's parser.

The SARIF schema below is written from the standard (OASIS, SARIF 2.1.0 with errata 01, clauses 3.13 to 3.49): of each
object that Assay writes, all properties that it may use, and nothing else.
"""

import csv
import json
import os
import subprocess
import xml.etree.ElementTree as XML
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource

ASSAY = os.environ["ASSAY"]
ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "fixtures/audit-case"


def assay(*arguments, allowed=(0,)):
    done = subprocess.run([ASSAY, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode in allowed, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    hostile = folder / "pictures"
    hostile.mkdir()
    names = ["<b>x</b>.jpg", "a\"b'.jpg", "two\nlines.jpg", "=1+1.jpg", "\u202egnp.jpg", "\x1b[31m.jpg", "r&d 100%.jpg"]
    for name in names:
        (hostile / name).write_bytes((CASE / "pictures/generated/xmp-only.jpg").read_bytes())
    assay("audit", CASE / "pictures", hostile, "--rules", "eu,c2pa,cn,ca,in,kr,iptc,merchant,privacy", "--project",
          CASE / "project.yaml", "--trust", CASE / "trust/signers.pem", "--format", "json,sarif,junit,csv,html",
          "-o", folder / "first", allowed=(1,))
    assay("audit", CASE / "pictures", "--rules", "c2pa", "--baseline", folder / "first/report.json", "--format", "json",
          "-o", folder / "second", allowed=(1,))
    return folder


def test_reports_are_valid_under_their_schema(audit):
    schema = json.loads(assay("audit", "--schema"))
    scan = json.loads(assay("scan", "--schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    registry = Registry().with_resource("urn:assay:schema:scan:1", Resource.from_contents(scan))
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
    for name in ["first", "second"]:
        report = json.loads((audit / name / "report.json").read_text())
        assert [error.message[:300] for error in validator.iter_errors(report)] == []
    assert report["comparison"]["removed"]
    del report["header"]["time"]
    assert not validator.is_valid(report)


def thing(required, **properties):
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


TEXT = thing(["text"], text={"type": "string"}, markdown={"type": "string"})
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = thing(
    ["version", "runs"],
    **{"$schema": {"type": "string", "format": "uri"}, "version": {"const": "2.1.0"}},
    runs={"type": "array", "items": thing(
        ["tool"],
        tool=thing(["driver"], driver=thing(
            ["name"], name={"type": "string"}, version={"type": "string"},
            rules={"type": "array", "uniqueItems": True, "items": thing(
                ["id"], id={"type": "string"}, shortDescription=TEXT, fullDescription=TEXT, help=TEXT,
                defaultConfiguration=thing([], level=LEVEL))})),
        results={"type": "array", "items": thing(
            ["message"], ruleId={"type": "string"}, ruleIndex={"type": "integer", "minimum": -1}, level=LEVEL,
            message=TEXT, locations={"type": "array", "items": thing([], physicalLocation=thing(
                [], artifactLocation=thing([], uri={"type": "string", "pattern": "^[A-Za-z0-9._~/%-]+$"})))})})},
)


def test_sarif_holds_what_the_standard_allows(audit):
    log = json.loads((audit / "first/report.sarif").read_text())
    validator = jsonschema.Draft202012Validator(SARIF)
    assert [error.message[:300] for error in validator.iter_errors(log)] == []
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["results"] and len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_tools_reads_it(audit):
    loader = pytest.importorskip("sarif.loader")
    files = loader.load_sarif_file(str(audit / "first/report.sarif"))
    log = json.loads((audit / "first/report.sarif").read_text())
    assert files.get_result_count() == len(log["runs"][0]["results"])


def test_junit_is_xml_with_one_suite_a_file(audit):
    root = XML.parse(audit / "first/junit.xml").getroot()
    report = json.loads((audit / "first/report.json").read_text())
    assert len(root.findall("testsuite")) == len(report["items"]) + 2
    failures = sum(j["result"] == "fail" for item in report["items"] for j in item["judgements"])
    failures += sum(j["result"] == "fail" for j in report["folder"] + report["project"])
    assert len(root.findall(".//failure")) == failures


def test_csv_has_its_columns_and_no_formula(audit):
    with open(audit / "first/report.csv", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["file", "sha256", "outcome", "rule", "result", "severity", "finding"]
    assert all(len(row) == 7 for row in rows)
    assert not any(cell[:1] in ("=", "+", "@", "-") for row in rows[1:] for cell in row)
