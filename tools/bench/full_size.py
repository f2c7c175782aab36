# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of the published size on random weights, as a checkpoint."""

from __future__ import annotations

from math import prod
from pathlib import Path

import torch
from torch import Tensor

from emotalk_blender.network.checkpoint import save_state
from emotalk_blender.network.config import EmoTalkConfig
from emotalk_blender.network.model import EmoTalk
from tools.environment import ROOT

CHECKPOINT = ROOT / "out" / "bench" / "full_size.safetensors"

SPREAD = 0.1
"""Standard deviation of blendshapes over frames and shapes; the default weights have 0.05 From Voice, 0.2 in a mood."""


def full_size_checkpoint() -> Path:
    """The checkpoint, 1.3 GB in float16, made where it is not there; the same numbers everywhere."""
    if not CHECKPOINT.is_file():
        config = EmoTalkConfig()
        with torch.device("meta"):
            layout = EmoTalk(config).state_dict()
        generator = torch.Generator().manual_seed(0)
        state = {name: random_weight(name, tuple(tensor.shape), generator) for name, tensor in layout.items()}
        save_state(state, config, CHECKPOINT, {"source": "random numbers", "licence": "CC0-1.0"}, "float16")
    return CHECKPOINT


def random_weight(name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Numbers that keep the size of what passes through: 1 / sqrt(fan-in) for matrices, near 1 or 0 for the rest.

    Blendshapes, which no face could show so large, spread as those of the default weights do.
    """
    numbers = torch.randn(shape, generator=generator)
    if len(shape) < 2:
        return 0.02 * numbers + (1 if name.endswith("weight") else 0)
    if name.endswith("original0"):
        return 1 + 0.02 * numbers
    size = SPREAD if name == "blendshape_map.weight" else 1.0
    weight: Tensor = size * numbers / prod(shape[1:]) ** 0.5
    return weight
