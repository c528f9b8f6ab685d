"""The golden values of NeuralNetworksTests are PyTorch's: made again, they are those in fixtures/nn."""

import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite_pytorch")
from safetensors.torch import load_file  # noqa: E402

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "fixtures" / "nn"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nn")
    for script in ["make_golden_nn.py", "make_golden_block.py"]:
        subprocess.run([sys.executable, HERE / script, folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", ["training.safetensors", "efficientnet.safetensors", "block.safetensors"])
def test_golden_values_are_what_pytorch_gives_today(made, name):
    fresh, kept = load_file(made / name), load_file(FIXTURES / name)
    assert fresh.keys() == kept.keys()
    for key, value in kept.items():
        # Kernels differ from processor to processor; the Swift tests allow 1e-3.
        torch.testing.assert_close(fresh[key], value, rtol=2e-4, atol=2e-4)
