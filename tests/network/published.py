# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for networks: the published layout on the parity recipe's weights, and tiny ones on random weights."""

import json
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from emotalk_blender.network.config import EmoTalkConfig, EncoderConfig
from emotalk_blender.network.emotions import EmotionSetting
from emotalk_blender.network.model import EmoTalk

PARITY = Path(__file__).parent.parent / "data" / "parity"

TINY_ENCODER = EncoderConfig(width=32, layers=1, heads=2, feed_forward=48, position_kernel=16, position_groups=2)


def published_weight(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """One entry of the parity fixture's network, from its name and shape."""
    x = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape, dtype=np.float32)
    if len(shape) < 2:
        x = 0.02 * x + (1 if name.endswith("weight") else 0)
    elif name.endswith("weight_g"):
        x = 1 + 0.02 * x
    else:
        x = x / np.sqrt(np.prod(shape[1:]))
    return torch.from_numpy(np.asarray(x, dtype=np.float32))


def published_state() -> dict[str, torch.Tensor]:
    """The state dict of the parity fixture's network (about 340 MB)."""
    layout = json.loads((PARITY / "state_dict_2layer.json").read_text())
    return {name: published_weight(name, tuple(entry["shape"])) for name, entry in layout.items()}


def tiny_config(**changes) -> EmoTalkConfig:
    """A network of the same class that computes in milliseconds."""
    values = {
        "front_end_width": 32,
        "content": TINY_ENCODER,
        "emotion": TINY_ENCODER,
        "content_features": 20,
        "emotion_features": 12,
        "level_features": 4,
        "person_features": 4,
        "persons": 3,
        "decoder_feed_forward": 40,
    }
    return EmoTalkConfig(**(values | changes))


def tiny_model(seed: int = 0, **changes) -> EmoTalk:
    """A tiny network on random weights, in eval mode; prototypes, where it has them, are random too."""
    torch.manual_seed(seed)
    model = EmoTalk(tiny_config(**changes))
    if model.prototypes is not None:
        torch.nn.init.normal_(model.prototypes)
    return model.requires_grad_(False).eval()


def noise(seconds: float, seed: int = 0) -> torch.Tensor:
    """Sound: noise that swells and falls four times a second."""
    count = int(seconds * 16000)
    swell = 0.5 + 0.5 * np.sin(np.arange(count) * 2 * np.pi * 4 / 16000)
    return torch.from_numpy((np.random.default_rng(seed).standard_normal(count) * 0.1 * swell).astype(np.float32))


def with_emotion(model: EmoTalk, hidden: Tensor, weights: Tensor, intensity: float = 1.0) -> Tensor:
    """Hidden emotion features of a clip with emotions set: [frames, width], weights [frames, emotions]."""
    setting = EmotionSetting.of(hidden, weights, model.neutral, model.prototypes, model.classifier.forward)
    return setting.apply(hidden, weights, torch.full((len(hidden),), intensity))
