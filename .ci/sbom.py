#!/usr/bin/env python3
"""Writes what Assay is made of as CycloneDX 1.6, JSON: `make sbom`.

    python3 .ci/sbom.py -o .build/assay.cdx.json [--validate]

Swift packages come from `swift package show-dependencies` and Package.resolved with the revision that was built, C code
that they carry from their own records, the system's libraries from dpkg, models and lists from Sources/*/Resources with their
SHA-256. The time is SOURCE_DATE_EPOCH, or that of the last commit, and the serial number is derived from the content: the
same tree on the same machine gives the same bytes. --validate holds the result to CycloneDX's JSON Schema, which the PyPI
package cyclonedx-python-lib[json-validation] carries.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where a package's copyright file names licences in words of its own.
SPDX = {
    "libpng16-16": ["Libpng"], "libjpeg62-turbo": ["IJG", "BSD-3-Clause", "Zlib"], "libfftw3-single3": ["GPL-2.0-or-later"],
    "libopenblas0-pthread": ["BSD-3-Clause"], "libwebp7": ["BSD-3-Clause"], "libwebpmux3": ["BSD-3-Clause"],
    "libwebpdemux2": ["BSD-3-Clause"], "libheif1": ["LGPL-3.0-or-later"], "libtiff6": ["libtiff"], "libgif7": ["MIT"],
    "libjxl0.7": ["BSD-3-Clause"], "libsqlite3-0": ["blessing"], "libbrotli1": ["MIT"],
    "libpangocairo-1.0-0": ["LGPL-2.0-or-later"], "fonts-dejavu-core": ["Bitstream-Vera"], "zlib1g": ["Zlib"],
}


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def licence(text):
    """SPDX's name of a licence by its text; None where it is none of those expected."""
    head = " ".join(text.split())
    if "Apache License Version 2.0" in head:
        return "Apache-2.0 WITH Swift-exception" if "Runtime Library Exception" in head else "Apache-2.0"
    if "Permission is hereby granted, free of charge" in head:
        return "MIT"
    return None


def licences(names):
    known = [name for name in names if name]
    if len(known) == 1:
        key = "expression" if " " in known[0] else "license"
        return [{key: known[0]} if key == "expression" else {"license": {"id": known[0]}}]
    return [{"license": {"id": name}} for name in known]


def file_hash(path):
    return {"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}


def swift_packages(scratch):
    """Components, and which needs which."""
    tree = json.loads(run("swift", "package", "--scratch-path", scratch, "show-dependencies", "--format", "json"))
    pins = {pin["identity"]: pin for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]}
    components, needs = {}, {}

    def reference(node):
        return "swift:" + node["identity"]

    def visit(node):
        for child in node["dependencies"]:
            visit(child)
        needs[reference(node) if node is not tree else "assay"] = sorted({reference(child) for child in node["dependencies"]})
        if node is tree or reference(node) in components:
            return
        folder = Path(node["path"])
        text = next((path for path in sorted(folder.glob("LICENSE*"))), None)
        pin = pins[node["identity"]]
        place = re.sub(r"^https://|\.git$", "", node["url"])
        components[reference(node)] = {
            "type": "library", "bom-ref": reference(node), "name": node["name"], "version": node["version"],
            "licenses": licences([licence(text.read_text())] if text else []),
            "purl": f"pkg:swift/{place}@{node['version']}",
            "externalReferences": [{"type": "vcs", "url": node["url"], "comment": f"commit {pin['state']['revision']}"}],
        }
        carried = carries(node["identity"], folder)
        for part in carried:
            components[part["bom-ref"]] = part
            needs[part["bom-ref"]] = []
            needs[reference(node)] = sorted([*needs[reference(node)], part["bom-ref"]])

    visit(tree)
    return components, needs


def carries(identity, folder):
    """C libraries that a Swift package compiles in."""
    # Each has a copy of its own, under names of its own: one for signatures, one for TLS.
    copies = {"swift-crypto": ("CCryptoBoringSSL", "c:boringssl"), "swift-nio-ssl": ("CNIOBoringSSL", "c:boringssl-tls")}
    if identity in copies:
        copy, name = copies[identity]
        text = (folder / f"Sources/{copy}/hash.txt").read_text()
        revision = re.search(r"[0-9a-f]{40}", text)[0]
        return [{
            "type": "library", "bom-ref": name, "name": "BoringSSL", "version": revision,
            "licenses": licences(["Apache-2.0"]), "purl": f"pkg:generic/boringssl@{revision}",
            "externalReferences": [{"type": "vcs", "url": "https://boringssl.googlesource.com/boringssl"}]}]
    if identity == "yams":
        header = "".join(path.read_text(errors="replace") for path in sorted((folder / "Sources/CYaml").rglob("*.[ch]")))
        version = {part: re.search(rf"YAML_VERSION_{part}\s+(\d+)", header) for part in ("MAJOR", "MINOR", "PATCH")}
        number = ".".join(found[1] for found in version.values()) if all(version.values()) else "as carried by Yams"
        return [{
            "type": "library", "bom-ref": "c:libyaml", "name": "LibYAML", "version": number, "licenses": licences(["MIT"]),
            "purl": f"pkg:generic/libyaml@{number.replace(' ', '-')}"}]
    return []


def toolchain():
    version = re.search(r"Swift version (\S+)", run("swift", "--version"))[1]
    return {
        "type": "framework", "bom-ref": "swift:runtime", "name": "Swift standard library, Foundation and Dispatch",
        "version": version, "licenses": licences(["Apache-2.0 WITH Swift-exception"]),
        "purl": f"pkg:swift/github.com/swiftlang/swift@{version}",
        "description": "Linked into the program of the Debian package; Foundation carries ICU's data (Unicode-3.0)."}


def debian_packages():
    """The libraries that .ci/set-up installs, as the packages that hold what is loaded; their versions of this machine."""
    named = re.search(r"^debian=\((.*?)\)", (ROOT / ".ci/set-up").read_text(), re.M | re.S)[1].split()
    if subprocess.run(["which", "dpkg-query"], capture_output=True).returncode:
        return {}, []
    distribution = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.M))
    result, sources = {}, []
    for name in named:
        if name == "pkg-config":
            continue
        held = [name]
        if name.endswith("-dev"):
            depends = run("dpkg-query", "-W", "-f", "${Depends}", name)
            names = [re.match(r"[\w.+-]+", part.strip())[0] for part in depends.split(",") if part.strip()]
            held = [other for other in names if re.match(r"lib", other) and not other.endswith("-dev") and not other.startswith("libc6")
                    and not re.search(r"bin$|quad|double|long|xx\d|gcc", other)] or held
            if name == "libopenblas-dev":
                held = ["libopenblas0-pthread"]
            elif name == "libjpeg-dev":
                held = ["libjpeg62-turbo"]
        for package in held:
            found = subprocess.run(["dpkg-query", "-W", "-f", "${Version} ${Architecture} ${source:Package}", package],
                                   capture_output=True, text=True)
            if found.returncode or not found.stdout.strip():
                continue
            version, architecture, source = found.stdout.split(" ")
            result[f"deb:{package}"] = {
                "type": "library" if package.startswith("lib") else "data", "bom-ref": f"deb:{package}", "name": package,
                "version": version, "licenses": licences(SPDX.get(package, [])),
                "purl": f"pkg:deb/{distribution.get('ID', 'debian')}/{package}@{version}?arch={architecture}"
                        f"&distro={distribution.get('ID')}-{distribution.get('VERSION_ID')}",
                "properties": [{"name": "assay:sourcePackage", "value": source},
                               {"name": "assay:licenceText", "value": f"/usr/share/doc/{package}/copyright"}]}
            sources.append(f"deb:{package}")
    return result, sources


def resources():
    """Weights, fingerprints and lists that ship, each by its hash."""
    result = {}
    for path in sorted((ROOT / "Sources").glob("*/Resources/**/*")):
        if path.suffix not in (".safetensors", ".fingerprint", ".pem") or not path.is_file():
            continue
        place = str(path.relative_to(ROOT))
        card = path.parent / "card.md"
        outside = (path.parent / "NOTICE").exists() and path.parent.name == "encoder"
        result["file:" + place] = {
            "type": "machine-learning-model" if path.suffix == ".safetensors" else "data", "bom-ref": "file:" + place,
            "name": place, "version": hashlib.sha256(path.read_bytes()).hexdigest()[:12], "hashes": [file_hash(path)],
            # The certificates of trust lists are facts, not works; their SOURCE.md says whose list it is.
            **({} if path.suffix == ".pem" else {"licenses": licences(["MIT" if outside else "Apache-2.0"])}),
            **({"description": f"described in {card.relative_to(ROOT)}"} if card.exists() else {})}
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--scratch-path", default=".build", help="where SwiftPM keeps the packages")
    parser.add_argument("--validate", action="store_true")
    options = parser.parse_args()
    version = re.search(r'assayVersion = "([^"]+)"', (ROOT / "Sources/Diagnostics/AssayVersion.swift").read_text())[1]
    swift, needs = swift_packages(options.scratch_path)
    debian, libraries = debian_packages()
    runtime, files = toolchain(), resources()
    needs["assay"] = sorted([*needs["assay"], *libraries, runtime["bom-ref"], *files])
    components = [*swift.values(), runtime, *debian.values(), *files.values()]
    for component in components:
        needs.setdefault(component["bom-ref"], [])
        if not component.get("licenses"):
            component.pop("licenses", None)
    when = int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct"))
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(when, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application", "bom-ref": "assay", "name": "assay", "version": version,
                "licenses": licences(["Apache-2.0"]), "purl": f"pkg:generic/assay@{version}"}},
        "components": sorted(components, key=lambda component: component["bom-ref"]),
        "dependencies": [{"ref": name, "dependsOn": needs[name]} if needs[name] else {"ref": name} for name in sorted(needs)],
    }
    content = json.dumps(bom, sort_keys=True)
    bom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, 'assay:' + hashlib.sha256(content.encode()).hexdigest())}"
    text = json.dumps(bom, indent=2, ensure_ascii=False) + "\n"
    if options.validate:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator

        fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
        if fault:
            print(f"error: the list does not follow CycloneDX 1.6: {fault}", file=sys.stderr)
            return 1
    Path(options.output).parent.mkdir(parents=True, exist_ok=True)
    Path(options.output).write_text(text)
    bare = [component["name"] for component in components if "licenses" not in component]
    print(f"{options.output}: {len(components)} components"
          + (", held to the schema of CycloneDX 1.6" if options.validate else "")
          + (f"; without a licence: {', '.join(bare)}" if bare else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
