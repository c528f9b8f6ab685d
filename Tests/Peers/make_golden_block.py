"""Golden values of a transformer's block for NeuralNetworksTests, from PyTorch 2.13.0.

    python Tests/Peers/make_golden_block.py fixtures/nn

block.safetensors  the weights of a block with layer scales, its input, and for each error unit its result and the gradients
                   of the sum of products of that with `seed`
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

out = Path(sys.argv[1])
torch.manual_seed(20261201)
torch.set_num_threads(1)
WIDTH, HEADS, HIDDEN, TOKENS, SAMPLES = 32, 4, 48, 9, 3
UNITS = {
    "GELU": functional.gelu,
    "GELUTanh": lambda x: functional.gelu(x, approximate="tanh"),
    "quickGELU": lambda x: x * torch.sigmoid(1.702 * x),
}


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.lambda1 = nn.Parameter(torch.rand(WIDTH) + 0.2)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(WIDTH)
        self.self_attn = nn.ModuleDict({f"{n}_proj": nn.Linear(WIDTH, WIDTH) for n in ("q", "k", "v", "out")})
        self.layer_scale1 = Scale()
        self.layer_norm2 = nn.LayerNorm(WIDTH)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(WIDTH, HIDDEN), "fc2": nn.Linear(HIDDEN, WIDTH)})
        self.layer_scale2 = Scale()

    def forward(self, x, unit):
        rows = self.layer_norm1(x)
        q, k, v = (
            self.self_attn[f"{n}_proj"](rows).view(*x.shape[:2], HEADS, -1).transpose(1, 2) for n in ("q", "k", "v"))
        found = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        x = x + self.layer_scale1.lambda1 * self.self_attn["out_proj"](found)
        return x + self.layer_scale2.lambda1 * self.mlp["fc2"](unit(self.mlp["fc1"](self.layer_norm2(x))))


block = Block()
with torch.no_grad():
    for norm in (block.layer_norm1, block.layer_norm2):
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.uniform_(-0.3, 0.3)
x = torch.randn(SAMPLES, TOKENS, WIDTH, requires_grad=True)
seed = torch.randn(SAMPLES, TOKENS, WIDTH)
golden = {f"weights.{k}": v.clone() for k, v in block.state_dict().items()} | {"x": x.detach().clone(), "seed": seed}
for name, unit in UNITS.items():
    block.zero_grad()
    x.grad = None
    y = block(x, unit)
    y.backward(seed)
    golden |= {f"{name}.y": y.detach().clone(), f"{name}.x": x.grad.clone()}
    golden |= {f"{name}.{k}": p.grad.clone() for k, p in block.named_parameters()}
save_file(golden, out / "block.safetensors")
