#!/usr/bin/env python3
"""Runs each reader of Tests/Fuzzing under libFuzzer, and keeps what was reached.

    python3 Tests/Fuzzing/fuzz.py --program Tests/Fuzzing/.build/release/fuzz [--minutes 60] [--only jumbf,cbor] [--table FILE]

Readers take turns of some seconds of processor time each until the minutes are over, cheap ones longer turns than dear ones;
what was reached is added to `results.jsonl` after each turn, so that a run that was ended goes on where it was. Inputs begin
with parts of fixtures/; what opens new ways is kept in the state folder. A find is written into `finds` there and ends that
turn: none is committed.
"""

import argparse
import base64
import ctypes
import ctypes.util
import functools
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LARGEST = 1 << 16
FILES = {
    "png": ["png"], "jpeg": ["jpg"], "webp": ["webp"], "bmff": ["avif", "heic", "jxl"], "other": ["gif", "tif", "bmp"],
}
# Films, sounds and documents have credentials too.
CARRIERS = {"webp": ["wav", "avi"], "bmff": ["mp4", "mov", "m4a"], "other": ["mp3", "flac", "pdf"]}
ENDINGS = {"pem": ["pem"], "key": ["key"], "safetensors": ["safetensors"], "ocsp": ["der"], "table": ["csv"]}
# Few frames of where memory was taken: walking the stack at each allocation costs a third of the time.
ASAN = "detect_leaks=0:allocator_may_return_null=1:handle_abort=1:malloc_context_size=3:quarantine_size_mb=16"
# What libFuzzer ends with when it is told to.
INTERRUPTED = 72
# Bytes of inputs that the repository keeps of a reader: 2 MB of all.
KEPT = 33_000
# Turns in a row that a find may end before a reader is left alone.
PATIENCE = 5


def fixtures(*endings):
    """Contents of the fixtures with these endings, small enough to begin with."""
    return [path.read_bytes() for path in sorted((ROOT / "fixtures").rglob("*"))
            if path.is_file() and path.suffix[1:] in endings and path.stat().st_size <= LARGEST]


def seeds(name):
    """Contents that a reader begins with, the small ones first."""
    about, _, rest = name.partition("-")
    kind = rest if about in ("metadata", "credentials", "pixels", "rewriting", "scan") and rest in FILES else name
    if kind in FILES:
        found = {"jpeg": photographs, "png": graphics}.get(kind, list)() + fixtures(*FILES[kind], *(CARRIERS.get(kind, []) if name.startswith("credentials") else []))
    else:
        found = fixtures(*ENDINGS.get(kind, [])) + SEEDS.get(kind, list)()
    return sorted({content for content in found if len(content) <= LARGEST}, key=lambda content: (len(content), content))[:300]


def pictures():
    for path in sorted((ROOT / "fixtures").rglob("*")):
        if path.is_file() and path.suffix in (".c2pa", ".png", ".jpg", ".webp", ".tif") and path.stat().st_size <= 1 << 20:
            yield path.read_bytes()


def boxes(word, before):
    """Boxes of JUMBF whose type is `word`, from `before` bytes ahead of it to the end of the box."""
    found = []
    for content in pictures():
        for match in list(re.finditer(word, content))[:8]:
            start = match.start() - 4
            length = int.from_bytes(content[start:start + 4], "big") if start >= 0 else 0
            if 8 < length <= LARGEST and start + length <= len(content):
                found.append(content[match.end() if not before else start:start + length])
    return found


def around(pattern, ahead, length):
    return [content[max(0, match.start() - ahead):match.start() + length]
            for content in pictures() for match in list(re.finditer(pattern, content, re.S))[:2]]


@functools.cache
def key_pairs():
    """A key and its certificate of each kind, as openssl makes them, where it is installed."""
    found = []
    if not shutil.which("openssl"):
        return found
    kinds = [["rsa:2048"], ["rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"], ["ed25519"], *(["ec", "-pkeyopt", f"ec_paramgen_curve:{curve}"] for curve in ("P-256", "P-384", "P-521"))]
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            key, certificate = f"{folder}/key", f"{folder}/certificate"
            made = subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=fuzz/O=fuzz",
                                   "-addext", "keyUsage=digitalSignature,keyCertSign", "-addext", "extendedKeyUsage=emailProtection"], capture_output=True)
            if made.returncode == 0:
                found.append((Path(key).read_bytes(), Path(certificate).read_bytes()))
    return found


def certificates():
    made = [b"\n".join(certificate for _, certificate in key_pairs())]
    return [base64.b64decode("".join(body.split())) for text in fixtures("pem") + made
            for body in re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", text.decode(), re.S)]


def packets():
    return [packet for content in pictures() for packet in re.findall(rb"<x:xmpmeta.*?</x:xmpmeta>", content, re.S)[:2]]


def segment(marker, content):
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def photographs():
    """JPEG files with metadata in the ways that fixtures lack: in parts, without their heads, one within another."""
    picture = min((content for content in fixtures("jpg") if content[:2] == b"\xff\xd8" and content[-2:] == b"\xff\xd9"), key=len)
    packet = packets()[0]
    extended = b"http://ns.adobe.com/xmp/extension/\0" + hashlib.md5(packet).hexdigest().upper().encode() + len(packet).to_bytes(4, "big")
    half = len(packet) // 2
    exif = next(block for block in around(rb"II\*\0", 0, 400) if block)
    store = next(iter(boxes(rb"jumb", True)), b"")[:2_000]
    app11 = lambda number, part: segment(0xEB, b"JP\0\1" + number.to_bytes(4, "big") + part)
    iptc = b"\x1c\x02\x6e\0\4fuzz\x1c\x02\x78\0\4fuzz"
    heads = [
        segment(0xE1, extended + (0).to_bytes(4, "big") + packet[:half]) + segment(0xE1, extended + half.to_bytes(4, "big") + packet[half:]),
        segment(0xE1, extended + (half + 9).to_bytes(4, "big") + packet[half:]),
        segment(0xE1, b"Exif\0\0" + exif[:200]) + segment(0xE1, b"Exif\0\0" + exif[200:]), segment(0xE1, exif), segment(0xE1, packet),
        segment(0xED, iptc), segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + len(iptc).to_bytes(4, "big") + iptc),
        app11(1, store[:1_000]) + app11(2, store[:8] + store[1_000:]), segment(0xFE, store), segment(0xFE, packet), segment(0xE4, exif),
        segment(0xE2, b"ICC_PROFILE\0\2\2" + profiles()[0][60:]) + segment(0xE2, b"ICC_PROFILE\0\1\2" + profiles()[0][:60]),
    ]
    return [picture[:2] + head + picture[2:] for head in heads] + [picture + b"\xff\xd0stray\xff\0\xff\xd9" + picture]


def chunk(kind, content):
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def graphics():
    """PNG files with texts in the ways that fixtures lack."""
    picture = min(fixtures("png"), key=len)
    packet, store = packets()[0], next(iter(boxes(rb"jumb", True)), b"")[:2_000]
    chunks = [
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0a\0" + zlib.compress(packet)), chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"Steps: 20, Seed: 1")),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n      12\n457869660000" + b"49492a000800" + b"\n")),
        chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(b"\niptc\n      9\n1c026e000466757a7a\n")),
        chunk(b"tEXt", b"Comment\0" + packet), chunk(b"tEXt", b"Comment\0" + base64.b64encode(store)), chunk(b"caBX", store) + chunk(b"caBX", store),
        chunk(b"iCCP", b"x\0\0" + zlib.compress(profiles()[0])), chunk(b"eXIf", next(iter(around(rb"II\*\0", 0, 400)))), chunk(b"tIME", b"\7\xe9\1\1\0\0\0"),
        chunk(b"iTXt", b"x\0\1\0\0\0no deflate"), chunk(b"iTXt", b"x\0\0"), chunk(b"tEXt", b"no zero"),
    ]
    return [picture[:33] + made + picture[33:] for made in chunks] + [picture + b"stray" + picture]


def settings():
    """Texts of PNG files behind the number of their keyword."""
    keywords = re.search(r"let keywords = \[(.*?)\]", (HERE / "Sources/fuzz/Readers.swift").read_text(), re.S)[1]
    names = re.findall(r'"([^"]+)"', keywords)
    found = []
    for content in fixtures("png"):
        place = 8
        while place + 12 <= len(content):
            length = int.from_bytes(content[place:place + 4], "big")
            kind, data = content[place + 4:place + 8], content[place + 8:place + 8 + length]
            word, _, rest = data.partition(b"\0")
            if kind == b"zTXt":
                try:
                    rest = zlib.decompress(rest[1:])
                except zlib.error:
                    rest = b""
            elif kind == b"iTXt":
                rest = rest[2:].split(b"\0", 2)[-1]
            if kind in (b"tEXt", b"zTXt", b"iTXt") and word.decode("latin-1") in names:
                found.append(bytes([names.index(word.decode("latin-1"))]) + rest)
            place += length + 12
    return found + [bytes([number]) + b'{"a": [1, "b"]}' for number in range(len(names))]


def written(form, options=""):
    """An archive as libarchive writes it, which Assay reads with; none where it is not installed. Its members are encrypted where
    the options say so."""
    name = ctypes.util.find_library("archive")
    if not name:
        return []
    library = ctypes.CDLL(name)
    for function in ("archive_write_new", "archive_entry_new"):
        getattr(library, function).restype = ctypes.c_void_p
    library.archive_write_data.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    library.archive_entry_set_size.argtypes = [ctypes.c_void_p, ctypes.c_int64]
    archive = ctypes.c_void_p(library.archive_write_new())
    held, used = ctypes.create_string_buffer(LARGEST), ctypes.c_size_t(0)
    try:
        steps = [library.archive_write_set_format_by_name(archive, form.encode())]
        if options:
            steps += [library.archive_write_set_passphrase(archive, b"fuzz"), library.archive_write_set_options(archive, options.encode())]
        steps.append(library.archive_write_open_memory(archive, held, ctypes.c_size_t(LARGEST), ctypes.byref(used)))
        if any(steps):
            return []
        for number, content in enumerate(sorted(fixtures("png", "jpg"), key=len)[:3]):
            entry = ctypes.c_void_p(library.archive_entry_new())
            library.archive_entry_set_pathname(entry, f"folder/{number}.png".encode())
            library.archive_entry_set_size(entry, len(content))
            library.archive_entry_set_filetype(entry, 0o100000)
            library.archive_write_header(archive, entry)
            library.archive_write_data(archive, content, len(content))
            library.archive_entry_free(entry)
        library.archive_write_close(archive)
        return [held.raw[:used.value]]
    finally:
        library.archive_write_free(archive)


def archives():
    small = fixtures("png", "jpg", "gif")
    members = sorted(small, key=len)[:4]
    found = []
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode=mode) as archive:
            for number, content in enumerate(members):
                entry = tarfile.TarInfo(f"folder/{number}.png")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        found.append(held.getvalue())
    for way in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", way) as archive:
            for number, content in enumerate(members):
                archive.writestr(f"{number}.png", content)
            archive.writestr("inner.tar", found[0])
        found.append(held.getvalue())
    return (found + written("7zip") + written("7zip", "7zip:compression=store") + written("zip", "zip:encryption=zipcrypt")
            + written("zip", "zip:encryption=aes256"))


def texts(*patterns):
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


@functools.cache
def lines():
    """Lines of the sample, and of what a release build finds in fixtures, where there is one: each kind of evidence."""
    found = [line for content in texts("reports/samples/scan.jsonl") for line in content.splitlines()]
    program = ROOT / ".build/release/assay"
    if program.exists():
        folders = [ROOT / "fixtures" / name for name in ("gallery", "audit-case/pictures", "labels", "formats")]
        found += subprocess.run([program, "scan", *folders, "--json"], capture_output=True).stdout.splitlines()
        with tempfile.TemporaryDirectory() as folder:
            marked = f"{folder}/marked.png"
            subprocess.run([program, "watermark", "embed", ROOT / "reports/samples/flowers-7-grid.jpg", "-o", marked, "--text", "fuzz"], capture_output=True)
            found += subprocess.run([program, "scan", marked, "--json"], capture_output=True).stdout.splitlines()
    return found


def shortened(value):
    """A report with one of everything, so that it is small."""
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value[:1]]
    return value if not isinstance(value, str) or len(value) < 2_000 else value[:200]


def reports():
    """Small ones, of this build's catalogue: another's is not looked at further."""
    catalogue = {"language": "en", "sha256": hashlib.sha256(texts("Sources/Reports/Resources/text.en.json")[0]).hexdigest()}
    found = []
    for text in texts("reports/samples/audit/report.json"):
        report = json.loads(text)
        duplicates = report["duplicates"][:1]
        report = shortened(report) | {"catalogue": catalogue}
        found += [json.dumps(report | {"duplicates": []}).encode(), json.dumps(report | {"duplicates": duplicates}).encode()]
    return found


def pages():
    found = []
    for report in reports():
        page = b'<html><a href="data:application/json;base64,' + base64.b64encode(report) + b'">x</a><dt>JSON twin</dt><dd>%s</dd></html>'
        found += [page % b"", page % hashlib.sha256(report).hexdigest().encode()]
    picture = base64.b64encode(min(fixtures("png"), key=len))
    return found + [found[1].replace(b"</html>", b'<img src="data:image/png;base64,' + picture + b'"></html>')]


def ledgers():
    source = (ROOT / "Sources/Audits/Ledger/Ledger.swift").read_text()
    tables = re.search(r'"""\n(\s+CREATE TABLE IF NOT EXISTS entry.*?)"""', source, re.S)[1]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/ledger.sqlite"
        database = sqlite3.connect(path)
        database.executescript(tables)
        for number in (1, 2):
            database.execute("INSERT INTO entry VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                             (number, "2026-11-25T12:00:00.000Z", "a.png", "0" * 64, "noIndication", "{}", "t", "m", "r", "t", "o", b"\0" * 32, b"\1" * 32))
        database.commit()
        database.close()
        made, program = f"{folder}/made.sqlite", ROOT / ".build/release/assay"
        if program.exists():
            subprocess.run([program, "ledger", "add", "-", "--operator", "fuzz", "--ledger", made], input=b"\n".join(lines()[:3]), capture_output=True)
            subprocess.run([program, "ledger", "verify", "--ledger", made], capture_output=True)
        return [Path(name).read_bytes() for name in (path, made) if Path(name).exists()]


def descriptions():
    return [json.dumps({
        "schema": "assay.model/1", "name": "m", "version": "1", "licence": "MIT", "source": "s", "sha256": "0" * 64,
        "input": {"width": 224, "height": 224, "fit": "crop", "filter": "bilinear", "layout": layout, "scale": 255, "mean": [0, 0, 0], "std": [1, 1, 1]},
        "output": {"generated": 0, "activation": "sigmoid"}}).encode() for layout in ("NCHW", "NHWC")]


def fingerprints():
    """A shipped one with a narrow band, so that it is small."""
    content = texts("Sources/Fingerprints/Resources/*.fingerprint")[0]
    length = int.from_bytes(content[8:12], "little")
    header = json.loads(content[12:12 + length])
    found = []
    for band in (4, 16):
        weights = bytes(range(256)) * 8
        weights = weights[:(2 * band + 1) * (band + 1) * 2]
        header |= {"band": band, "sha256": hashlib.sha256(weights).hexdigest()}
        text = json.dumps(header).encode()
        found.append(content[:8] + len(text).to_bytes(4, "little") + text + weights)
    return found


def profiles():
    head = bytearray(132)
    head[:4], head[8:12], head[12:24], head[36:40] = (132).to_bytes(4, "big"), b"\4\0\0\0", b"mntrRGB XYZ ", b"acsp"
    return [bytes(head)]


def forms():
    """A line with the content's type, and a form."""
    picture = min(fixtures("png"), key=len)
    head = b"multipart/form-data; boundary=x\n"
    file = b'Content-Disposition: form-data; name="file"; filename="C:\\a\\photo.png"\r\nContent-Type: image/png\r\n\r\n'
    field = b'Content-Disposition: form-data; name=blend\r\n\r\n0.5'
    return [
        head + b"--x\r\n" + field + b"\r\n--x--\r\n",
        head + b"before\r\n--x\r\n" + field + b"\r\n--x\r\n" + file + picture + b"\r\n--x\r\n" + file + b"\r\n--x--\r\nafter",
        b'Multipart/Form-Data; charset=utf-8; boundary="a\\"b"\n--a"b\r\n' + file + b'--a"b--',
        head + b"--x\r\n" + b"--x\r\n".join((file + b"a\r\n",) * 24) + b"--x--",
        head + b"--x\r\nX: " + b"y" * 8_000,
    ]


SEEDS = {
    "key": lambda: [key for key, _ in key_pairs()],
    "pem": lambda: [certificate for _, certificate in key_pairs()] + [b"".join(certificate for _, certificate in key_pairs())],
    "request-form": forms,
    "request-json": lambda: [
        b'{"model":"landscapes","seed":7,"scale":2,"truncation":0.5,"toward":{"seed":1,"place":0.5},"parts":[{"seed":1,"weight":1,"x":null}]}',
        b'{"model":1,"seed":-1,"scale":9,"truncation":"a","toward":[],"parts":[1]}', b'{"parts":[],"unknown":null}', b"[]"],
    "request-query": lambda: [b"scale=0.5&jpeg=70&strip=true&structure=png&name=../a%20b.png", b"scale=9&scale=1", b"jpeg=x", b"unknown=1",
                              b"strip=1", b"structure=none"],
    "request-target": lambda: [b"/api/v1/scan?only=detector\nlocalhost:8484", b"http://desk.example:80/a?b#c\n[::1]:8484", b"*\nx", b"https://[fe80::1]",
                               b"/\na\nb", b"ftp://a@b/c\n"],
    "jumbf": lambda: boxes(rb"jumb", True), "sidecar": lambda: boxes(rb"jumb", True) + fixtures("c2pa"),
    "cbor": lambda: boxes(rb"cbor", False), "cose": lambda: around(rb"\xd2\x84", 0, 12_000), "certificate": certificates,
    "timestamp": lambda: around(re.escape(b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), 6, 8_000),
    "xmp": packets, "exif": lambda: around(rb"II\*\0|MM\0\*", 0, 2_000), "iptc": lambda: around(rb"8BIM\x04\x04", 0, 600),
    "icc": profiles, "settings": settings,
    "json": lambda: lines()[:40] + settings() + [
        b'{"Comment":{"prompt":"a\\u00e9\\"","steps":28,"scale":5.0,"x":1e-7,"big":1e22,"n":null,"t":[true,false,-0.0],"signed_hash":"AAAA"},"Description":"a"}'], "rules": lambda: texts("Sources/Audits/Resources/rules/*.yaml"),
    "project": lambda: fixtures("yaml"), "scan-lines": lines, "report": reports, "report-page": pages, "ledger": ledgers,
    "model-description": descriptions, "archive": archives, "archive-tar": lambda: archives()[:1],
    "fingerprint": fingerprints,
    "table": lambda: [b'a,b\r\n"1,""2",3\r\n', b"path,label\nx,ai\n"],
    **{name: lambda: [bytes([96, 80, 0]) + bytes(range(256)) * 8, bytes([63, 63, 1, 0, 255])]
       for name in ("watermarks", "visible-marks", "fingerprints")},
}


# What reads: a pattern of its sources, and of those among them that only write, draw or search.
PARSERS = {
    "containers of pictures": (r"ImageFormats/Containers/", None),
    "metadata: EXIF, XMP, IPTC, ICC, boxes, texts": (r"ImageFormats/Metadata/", None),
    "pixels, in Swift": (r"ImageFormats/(Codecs/|ImageFile)", r"ImageEncoder|CodecVersions"),
    "pixels, in C": (r"CCodecs/", r"versions"),
    "archives": (r"C?Archives/", None),
    "JUMBF": (r"ContentCredentials/JUMBF/", r"Writer"),
    "CBOR, read and written": (r"ContentCredentials/CBOR/", None),
    "claims and manifests": (r"ContentCredentials/Manifests/", None),
    "COSE, time stamps": (r"ContentCredentials/Signatures/", r"Making"),
    "certificates, OCSP": (r"ContentCredentials/Certificates/", None),
    "keys, DER": (r"ContentCredentials/Keys/", None),
    "stores in files": (r"ContentCredentials/Containers/", None),
    "validation of credentials": (r"ContentCredentials/Validation/", None),
    "what metadata declare": (r"Provenance/", r"JSONText"),
    "JSON text": (r"Provenance/JSONText", None),
    "rule packs, projects (YAML)": (r"Audits/(YAML/|Rules/RulePackReader|ProjectManifest)", None),
    "tables (CSV)": (r"Audits/Fairness/CSVTable", None),
    "scan lines": (r"(Reports/ScanLines|Scanning/Evidence/(Evidence\+Codable|Detail/))", None),
    "reports": (r"Reports/(Model/Report\+Reading|PageCheck|Text/JSONFault)", None),
    "ledgers": (r"Audits/Ledger/Ledger(Verification|Entry)", None),
    "weights": (r"NeuralNetworks/Weights/Safetensors", None),
    "fingerprint files": (r"Fingerprints/FingerprintFile", None),
    "descriptions of models": (r"ForeignDetectors/ModelDescription", None),
    "requests to the server": (r"Requests/", None),
    "marks in pixels": (r"(VisibleMarks/|Watermarks/(DWT/|OpenMarkReader))", r"DWTScheme"),
}


def processor_time(pid, otherwise):
    """Seconds that a process has worked; `otherwise` where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else otherwise


class Turns:
    def __init__(self, options):
        self.program = str(Path(options.program).resolve())
        self.state = Path(options.state).resolve()
        self.state.mkdir(parents=True, exist_ok=True)
        self.record = self.state / "results.jsonl"
        self.more = Path(options.more) if options.more else None
        listed = subprocess.run([self.program], capture_output=True, text=True, check=True, env={**os.environ, "LLVM_PROFILE_FILE": "/dev/null"}).stdout.split("\n")
        self.readers = {line.split()[0]: line.split()[2] for line in listed if line}
        self.failing = {}

    def folder(self, kind, name):
        folder = self.state / kind / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def seeds(self, name):
        """The folder of what a reader begins with, which is filled once."""
        folder = self.state / "seeds" / name
        if not folder.exists():
            folder.mkdir(parents=True)
            for number, content in enumerate(seeds(name)):
                (folder / str(number)).write_bytes(content)
        return folder

    def further(self, name):
        """A folder of links to what a reader of whole files finds in a folder of somebody's own, as an argument; nothing without."""
        about, _, kind = name.partition("-")
        if not self.more or about not in ("metadata", "credentials", "pixels", "rewriting", "scan") or kind not in FILES:
            return []
        folder = self.folder("more", kind)
        for number, path in enumerate(sorted(self.more.rglob("*"))):
            link = folder / f"{number}{path.suffix}"
            if path.suffix[1:] in FILES[kind] + CARRIERS.get(kind, []) and path.stat().st_size <= 1 << 20 and not link.exists():
                link.symlink_to(path.resolve())
        return [str(folder)]

    def take(self, name, seconds, end):
        """One turn of a reader: so many seconds of processor time, not beyond the end."""
        corpus, found, first = self.folder("corpus", name), self.folder("finds", name), self.seeds(name)
        start = time.monotonic()
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                [self.program, name, str(corpus), str(first), "-print_final_stats=1", "-timeout=60", "-rss_limit_mb=3000",
                 f"-max_len={LARGEST if self.readers[name] == 'dear' else LARGEST // 8}", "-reload=0", f"-artifact_prefix={found}/", f"-dict={HERE / 'Dictionaries/all.dict'}"],
                stdout=subprocess.DEVNULL, stderr=log,
                env={**os.environ, "ASAN_OPTIONS": ASAN, "LLVM_PROFILE_FILE": "/dev/null",
                     "UBSAN_OPTIONS": "print_stacktrace=1", "SWIFT_BACKTRACE": "enable=no"})
            used = 0
            while process.poll() is None:
                time.sleep(0.2)
                used = processor_time(process.pid, time.monotonic() - start) or used
                if used >= seconds or time.monotonic() >= end:
                    process.send_signal(signal.SIGINT)
                    try:
                        process.wait(90)
                    except subprocess.TimeoutExpired:
                        process.kill()
                    break
            code = process.wait()
            log.seek(0)
            text = log.read().decode("utf-8", "replace")
        statuses = re.findall(r"cov: (\d+) ft: (\d+)", text)
        begun = re.search(r"INITED cov: (\d+)", text)
        executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
        counted = re.findall(r"^#(\d+)", text, re.M)
        entry = {
            "reader": name, "executions": int(executed[1]) if executed else int(counted[-1]) if counted else 0,
            "edges before": int(begun[1]) if begun else None, "edges": int(statuses[-1][0]) if statuses else 0,
            "features": int(statuses[-1][1]) if statuses else 0, "seconds": round(used, 1), "exit": code}
        if code not in (0, INTERRUPTED):
            entry["find"] = (re.findall(r"SUMMARY: .*|Fatal error: .*|.*runtime error: .*", text) or [text[-300:]])[0]
            (self.folder("finds", name) / f"{time.time():.0f}.txt").write_text(text[-20_000:])
            self.failing[name] = self.failing.get(name, 0) + 1
        else:
            self.failing[name] = 0
        with self.record.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        print(json.dumps(entry), flush=True)

    def keep(self, name, folder, most):
        """Writes the fewest inputs that reach what all reach into one file of the repository, the small ones first, none large."""
        with tempfile.TemporaryDirectory() as few:
            subprocess.run(
                [self.program, name, "-merge=1", "-timeout=60", few, str(self.folder("corpus", name)), str(self.seeds(name))],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "LLVM_PROFILE_FILE": "/dev/null"})
            contents = sorted((path.read_bytes() for path in Path(few).iterdir()), key=lambda content: (len(content), content))
        packed = b""
        for content in contents:
            if len(packed) + len(content) + 4 > most:
                break
            packed += len(content).to_bytes(4, "little") + content
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(packed)
        print(f"{name}: {len(contents)} inputs reach all, {len(packed)} bytes kept", flush=True)

    def coverage(self, names):
        """Lines of each of Assay's source files that the kept inputs of these readers reach together: [reached, all]. Profiles are
        kept, and made again only for a reader whose inputs are newer."""
        profiles = self.folder("profiles", "")
        for name in names:
            raw = profiles / f"{name}.profraw"
            inputs = [self.folder("corpus", name), self.seeds(name)]
            newest = max((path.stat().st_mtime for folder in inputs for path in folder.iterdir()), default=0)
            if raw.exists() and raw.stat().st_mtime > max(newest, Path(self.program).stat().st_mtime):
                continue
            print(name, flush=True)
            subprocess.run(
                [self.program, name, str(self.folder("corpus", name)), str(self.seeds(name)), *self.further(name), "-runs=0",
                 "-timeout=60"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "LLVM_PROFILE_FILE": str(raw)})
        tools = Path(shutil.which("swift") or "swift").resolve().parent
        merged = profiles / "all.profdata"
        subprocess.run([tools / "llvm-profdata", "merge", "-o", merged, *(profiles / f"{name}.profraw" for name in names)], check=True)
        exported = subprocess.run([tools / "llvm-cov", "export", "-summary-only", f"-instr-profile={merged}", self.program],
                                  capture_output=True, check=True).stdout
        files = {}
        for file in json.loads(exported)["data"][0]["files"]:
            if (match := re.search(r"(?<!Fuzzing)/Sources/((?!fuzz/)\w+/\S+\.(?:swift|c))$", file["filename"])) and "/checkouts/" not in file["filename"]:
                files[match[1]] = [file["summary"]["lines"]["covered"], file["summary"]["lines"]["count"]]
        return files

    def parsers(self, files):
        """Lines reached by parser, Markdown, with the files of which less than the goal was reached."""
        lines = ["| parser | lines | reached | files below 85 % |", "|---|---:|---:|---|"]
        for parser, (chosen, left_out) in PARSERS.items():
            rows = {file: row for file, row in files.items() if re.match(chosen, file) and not (left_out and re.search(left_out, file))}
            reached, count = (sum(row[index] for row in rows.values()) for index in (0, 1))
            below = [f"`{Path(file).name}` {100 * row[0] // row[1]}" for file, row in sorted(rows.items()) if row[0] * 100 < row[1] * 85]
            lines.append(f"| {parser} | {count:,} | {100 * reached / max(count, 1):.0f} % | {', '.join(below)} |")
        return "\n".join(lines) + "\n"

    def entries(self):
        return [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []

    def table(self):
        rows = {}
        for entry in self.entries():
            row = rows.setdefault(entry["reader"], {"executions": 0, "seconds": 0, "before": entry["edges before"], "edges": 0, "finds": 0})
            row["executions"] += entry["executions"]
            row["seconds"] += entry["seconds"]
            row["edges"] = max(row["edges"], entry["edges"])
            row["finds"] += "find" in entry
        lines = ["| reader | executions | seconds | edges by the seeds | edges reached | finds |", "|---|---:|---:|---:|---:|---:|"]
        lines += [f"| {name} | {row['executions']:,} | {row['seconds']:,.0f} | {row['before']} | {row['edges']} | {row['finds']} |"
                  for name, row in sorted(rows.items())]
        total = {key: sum(row[key] for row in rows.values()) for key in ("executions", "seconds", "finds")}
        lines.append(f"| all | {total['executions']:,} | {total['seconds']:,.0f} | | | {total['finds']} |")
        return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--state", default=".build/fuzzing")
    parser.add_argument("--minutes", type=float, default=60, help="of all readers together")
    parser.add_argument("--turn", type=float, default=12, help="seconds of a cheap reader's turn; a dear one's takes a third")
    parser.add_argument("--only", help="readers, separated by commas")
    parser.add_argument("--keep", action="store_true", help="run nothing: write inputs into Tests/Fuzzing/Inputs for the tests")
    parser.add_argument("--coverage", help="search nothing: write how many lines of each source were reached into a file, CSV")
    parser.add_argument("--more", help="a folder of files that are run for the coverage too, and are never kept")
    parser.add_argument("--table", help="write what was reached so far, Markdown")
    options = parser.parse_args()
    turns = Turns(options)
    names = options.only.split(",") if options.only else list(turns.readers)
    if options.keep:
        for name in names:
            turns.keep(name, HERE / "Inputs", KEPT)
        return 0
    if options.coverage:
        files = turns.coverage(names)
        Path(options.coverage).write_text("file,reached,lines\n" + "".join(f"{file},{row[0]},{row[1]}\n" for file, row in sorted(files.items())))
        print(turns.parsers(files))
        return 0
    known = len([entry for entry in turns.entries() if "find" in entry])
    end = time.monotonic() + options.minutes * 60
    # The first round is short, so that a run of some minutes sees every reader.
    isFirst = True
    while time.monotonic() < end:
        left = [name for name in names if turns.failing.get(name, 0) < PATIENCE]
        if not left:
            break
        # The cheap ones first: in a short run they see the most.
        for name in sorted(left, key=lambda name: turns.readers[name] != "cheap"):
            if time.monotonic() < end - 1:
                seconds = options.turn / (1 if turns.readers[name] == "cheap" else 3)
                turns.take(name, min(2, seconds) if isFirst else seconds, end)
        isFirst = False
    finds = len([entry for entry in turns.entries() if "find" in entry]) - known
    print(turns.table())
    if options.table:
        Path(options.table).write_text(turns.table())
    print(f"{finds} turns ended with a find")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
