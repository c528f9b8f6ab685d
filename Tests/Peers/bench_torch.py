"""The peers of `make bench-peers` for the neural engine: PyTorch, and onnxruntime for inference.

Started by the benchmarks as `bench_torch.py NETWORK FILE THREADS`. FILE is a safetensors file with the weights by
PyTorch's keys and the data under `data.`, images as [N, H, W, C]. Each line on the standard input is a command; the
answer is one line of JSON:

    run      one training step, or one pass in use, of PyTorch: a list of losses or of sampled outputs
    onnx     one pass in use of onnxruntime
    clock    processor time of this process in milliseconds
    memory   peak resident memory in MiB above what it was before the network was made

Activations are channels_last, which is PyTorch's fastest layout here.
"""

import io
import json
import sys
import time

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


def conv(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Sequential(conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs))
        self.second = nn.Sequential(conv(outputs, outputs, 3), nn.BatchNorm2d(outputs))
        self.skip = None
        if stride != 1 or inputs != outputs:
            self.skip = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.second(F.relu(self.first(x), inplace=True))
        y += x if self.skip is None else self.skip(x)
        return F.relu(y, inplace=True)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 32, 3, 2), nn.BatchNorm2d(32))
        plan = [(32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 256, 2)]
        self.blocks = nn.Sequential(*[Block(*item) for item in plan])
        self.classifier = nn.Linear(256, 10)

    def forward(self, x):
        y = self.blocks(F.relu(self.stem(x), inplace=True))
        return self.classifier(y.mean((2, 3)))


def generator():
    layers, inputs = [], 100
    for index, outputs in enumerate([512, 256, 128, 64]):
        stride, padding = (1, 0) if index == 0 else (2, 1)
        layers += [
            nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        ]
        inputs = outputs
    return nn.Sequential(*layers, nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh())


def discriminator():
    layers = [nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    inputs = 64
    for outputs in [128, 256, 512]:
        layers += [
            nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.2, inplace=True),
        ]
        inputs = outputs
    return nn.Sequential(*layers, nn.Conv2d(512, 1, 4, 1, 0, bias=False))


class GAN(nn.Module):
    def __init__(self):
        super().__init__()
        self.generator = generator()
        self.discriminator = discriminator()


class StyleConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.pad = kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride)

    def forward(self, x):
        return self.conv(F.pad(x, [self.pad] * 4, mode="reflect"))


class StyleBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = StyleConv(128, 128, 3), StyleConv(128, 128, 3)
        self.norm1, self.norm2 = nn.InstanceNorm2d(128, affine=True), nn.InstanceNorm2d(128, affine=True)

    def forward(self, x):
        y = F.relu(self.norm1(self.first(x)), inplace=True)
        return self.norm2(self.second(y)).add_(x)


class StyleNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        plan = [(3, 32, 9, 1), (32, 64, 3, 2), (64, 128, 3, 2), (128, 64, 3, 1), (64, 32, 3, 1)]
        self.convolutions = nn.ModuleList(StyleConv(*item) for item in plan)
        self.norms = nn.ModuleList(nn.InstanceNorm2d(item[1], affine=True) for item in plan)
        self.blocks = nn.Sequential(*[StyleBlock() for _ in range(5)])
        self.last = StyleConv(32, 3, 9)

    def forward(self, x):
        for index, (convolution, norm) in enumerate(zip(self.convolutions, self.norms)):
            if index == 3:
                x = self.blocks(x)
            if index >= 3:
                x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = F.relu(norm(convolution(x)), inplace=True)
        return self.last(x)


def memory(field):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(field))


class Peer:
    def __init__(self, network, path, threads):
        torch.set_num_threads(threads)
        self.threads = threads
        self.before = memory("VmRSS")
        tensors = load_file(path)
        data = {key[5:]: tensors.pop(key) for key in list(tensors) if key.startswith("data.")}
        self.images = data["images"].permute(0, 3, 1, 2)  # the view is channels_last as it stands
        self.network = {"classifier": Classifier, "dcgan": GAN, "style": StyleNetwork}[network.split(".")[0]]()
        missing, unexpected = self.network.load_state_dict(tensors, strict=False)
        if unexpected or any("num_batches_tracked" not in key for key in missing):
            raise SystemExit(f"weights do not fit: {missing} {unexpected}")
        self.network.to(memory_format=torch.channels_last)
        self.session = None
        if network == "classifier.step":
            self.labels = data["labels"].long()
            self.optimiser = torch.optim.SGD(self.network.parameters(), 0.01, momentum=0.9)
            self.run = self.classifier_step
        elif network == "dcgan.step":
            self.noise = [data["noise1"].permute(0, 3, 1, 2), data["noise2"].permute(0, 3, 1, 2)]
            settings = dict(lr=2e-4, betas=(0.5, 0.999), weight_decay=0)
            self.judging = torch.optim.AdamW(self.network.discriminator.parameters(), **settings)
            self.making = torch.optim.AdamW(self.network.generator.parameters(), **settings)
            self.run = self.dcgan_step
        else:
            self.network.eval()
            self.run = self.inference

    def classifier_step(self):
        self.optimiser.zero_grad()
        loss = F.cross_entropy(self.network(self.images), self.labels)
        loss.backward()
        self.optimiser.step()
        return [loss.item()]

    def dcgan_step(self):
        make, judge = self.network.generator, self.network.discriminator
        self.judging.zero_grad()
        with torch.no_grad():
            fake = make(self.noise[0])
        loss = F.softplus(-judge(self.images)).mean() + F.softplus(judge(fake)).mean()
        loss.backward()
        self.judging.step()
        judge.requires_grad_(False)
        self.making.zero_grad()
        fooled = F.softplus(-judge(make(self.noise[1]))).mean()
        fooled.backward()
        self.making.step()
        judge.requires_grad_(True)
        return [loss.item(), fooled.item()]

    def inference(self):
        with torch.inference_mode():
            return self.sampled(self.network(self.images))

    @staticmethod
    def sampled(y):
        if y.dim() == 4:
            y = y.permute(0, 2, 3, 1)
        y = y.reshape(-1)
        return y[:: max(1, y.numel() // 64)][:64].tolist()

    def onnx(self):
        if self.session is None:
            import onnxruntime

            file = io.BytesIO()
            torch.onnx.export(self.network, (self.images.contiguous(),), file, dynamo=False, input_names=["x"])
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self.threads
            self.session = onnxruntime.InferenceSession(
                file.getvalue(), options, providers=["CPUExecutionProvider"]
            )
            self.plain = self.images.contiguous().numpy()
        return self.sampled(torch.from_numpy(self.session.run(None, {"x": self.plain})[0]))

    def answer(self, command):
        if command == "run":
            return self.run()
        if command == "onnx":
            return self.onnx()
        if command == "clock":
            return [time.process_time() * 1000]
        if command == "memory":
            return [memory("VmHWM") - self.before]
        raise SystemExit(f"unknown command {command}")


def main():
    peer = Peer(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    for line in sys.stdin:
        print(json.dumps(peer.answer(line.strip())), flush=True)


if __name__ == "__main__":
    main()
