"""Every line of `assay scan --json` is valid under the schema that `assay scan --schema` prints (jsonschema)."""

import json
import os
import subprocess
from pathlib import Path

import jsonschema

ASSAY = os.environ["ASSAY"]
ROOT = Path(__file__).resolve().parents[2]


def schema():
    text = subprocess.run([ASSAY, "scan", "--schema"], capture_output=True, check=True, text=True).stdout
    return json.loads(text)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())


def test_lines_of_good_and_bad_files_are_valid(tmp_path):
    bad = {
        "empty.png": b"",
        "text.jpg": b"no picture",
        "huge.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\0\0\0\0",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    folders = [tmp_path, tmp_path / "missing.png"] + [p for p in (ROOT / "fixtures").iterdir() if p.is_dir()]
    done = subprocess.run([ASSAY, "scan", "--json", *map(str, folders)], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    validator = jsonschema.Draft202012Validator(schema())
    lines = done.stdout.splitlines()
    assert len(lines) > 20
    for line in lines:
        errors = [error.message for error in validator.iter_errors(json.loads(line))]
        assert not errors, (line, errors)
