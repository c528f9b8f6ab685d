"""Trains a DCGAN at 128×128 for a given time and writes its pictures: what Assay's generators are held against.

    python Tests/Peers/train_dcgan.py FOLDER --seconds 4080 --checkpoints RUN --samples OUT
    python Tests/Peers/train_dcgan.py --from RUN/dcgan-0040.pt --samples OUT

A run that was stopped is taken up at its last checkpoint.

Time is the processor time of this process, which works on one thread, so that a shared machine counts no more
than a quiet one; reading the pictures and keeping checkpoints is not counted.

Source: Radford et al. 2016, arXiv:1511.06434, with a stage more on both sides for 128×128. Pictures are made as
they were in training, by the statistics of their own batch, as the authors' code does.
"""

import argparse
import json
import time
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

NOISE = 100
SAMPLE_BATCH = 50


def generator(width=64):
    layers, inputs = [], NOISE
    for index, factor in enumerate([16, 8, 4, 2, 1]):
        stride, padding = (1, 0) if index == 0 else (2, 1)
        layers += [
            nn.ConvTranspose2d(inputs, factor * width, 4, stride, padding, bias=False),
            nn.BatchNorm2d(factor * width),
            nn.ReLU(inplace=True),
        ]
        inputs = factor * width
    return nn.Sequential(*layers, nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh())


def discriminator(width=64):
    layers = [nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    inputs = width
    for factor in [2, 4, 8, 16]:
        layers += [
            nn.Conv2d(inputs, factor * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(factor * width),
            nn.LeakyReLU(0.2, inplace=True),
        ]
        inputs = factor * width
    return nn.Sequential(*layers, nn.Conv2d(inputs, 1, 4, 1, 0, bias=False))


def initialise(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)


def pictures(folder):
    files = sorted(path for path in Path(folder).iterdir() if path.suffix in {".jpg", ".png"})
    images = [numpy.asarray(Image.open(path).convert("RGB")) for path in files]
    return torch.from_numpy(numpy.stack(images)).permute(0, 3, 1, 2)


def train(arguments):
    data = pictures(arguments.folder)
    # channels_last is PyTorch's faster layout here, by a tenth.
    layout = torch.channels_last
    make = generator().apply(initialise).to(memory_format=layout)
    judge = discriminator().apply(initialise).to(memory_format=layout)
    settings = dict(lr=2e-4, betas=(0.5, 0.999))
    making = torch.optim.Adam(make.parameters(), **settings)
    judging = torch.optim.Adam(judge.parameters(), **settings)
    size, kept, spent, step = arguments.batch, 0, 0.0, 0
    arguments.checkpoints.mkdir(parents=True, exist_ok=True)
    parts = dict(generator=make, discriminator=judge, making=making, judging=judging)
    last = arguments.checkpoints / "last.pt"
    if last.exists():
        state = torch.load(last, weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        torch.set_rng_state(state["random"])
        kept, spent, step = state["kept"], state["seconds"], state["step"]
        print(f"{last}: goes on after {step} steps, {spent:.0f} s", flush=True)
    log = (arguments.checkpoints / "training.jsonl").open("a")
    while spent < arguments.seconds:
        start = time.process_time()
        real = data[torch.randint(len(data), (size,))].float().div_(127.5).sub_(1)
        mirrored = torch.rand(size, 1, 1, 1) < 0.5
        real = torch.where(mirrored, real.flip(3), real).contiguous(memory_format=layout)
        fake = make(torch.randn(size, NOISE, 1, 1))
        judging.zero_grad()
        judged = F.softplus(-judge(real)).mean() + F.softplus(judge(fake.detach())).mean()
        judged.backward()
        judging.step()
        making.zero_grad()
        fooled = F.softplus(-judge(fake)).mean()
        fooled.backward()
        making.step()
        step += 1
        spent += time.process_time() - start
        if step % 20 == 0:
            line = dict(step=step, seconds=round(spent, 1), discriminator=judged.item(), generator=fooled.item())
            print(json.dumps(line), file=log, flush=True)
        if spent >= min((kept + 1) * arguments.every, arguments.seconds):
            kept += 1
            file = arguments.checkpoints / f"dcgan-{round(spent / 60):04}.pt"
            torch.save(dict(generator=make.state_dict(), step=step, seconds=spent), file)
            state = {name: part.state_dict() for name, part in parts.items()}
            state.update(random=torch.get_rng_state(), kept=kept, seconds=spent, step=step)
            torch.save(state, last.with_suffix(".new"))
            last.with_suffix(".new").replace(last)
            print(f"{file}: {step} steps, {step * size} pictures, {spent:.0f} s", flush=True)
    return make


def write(make, count, folder):
    """Pictures as PNG, in the order of their numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    make.train()
    with torch.inference_mode():
        for first in range(0, count, SAMPLE_BATCH):
            made = make(torch.randn(SAMPLE_BATCH, NOISE, 1, 1))[: count - first]
            levels = made.add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
            for index, image in enumerate(levels, first):
                Image.fromarray(image).save(folder / f"{index:05}.png", compress_level=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="pictures of 128×128 to learn from")
    parser.add_argument("--seconds", type=float, default=4080, help="processor time of the training")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoints", type=Path, default=Path("dcgan"))
    parser.add_argument("--every", type=float, default=120, help="processor time between checkpoints")
    parser.add_argument("--from", dest="start", type=Path, help="a checkpoint to make pictures with, untrained")
    parser.add_argument("--samples", type=Path, help="folder for generated pictures")
    parser.add_argument("--count", type=int, default=5000)
    arguments = parser.parse_args()
    if (arguments.folder is None) == (arguments.start is None):
        parser.error("give a folder to learn from, or a checkpoint with --from")
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    if arguments.start:
        make = generator()
        make.load_state_dict(torch.load(arguments.start, weights_only=True)["generator"])
    else:
        make = train(arguments)
    if arguments.samples:
        write(make, arguments.count, arguments.samples)


if __name__ == "__main__":
    main()
