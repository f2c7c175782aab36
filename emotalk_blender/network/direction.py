# SPDX-License-Identifier: GPL-3.0-or-later
"""How a performance is directed: emotion, intensity and person, each for the clip or frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from .config import EmoTalkConfig


@dataclass(frozen=True)
class Direction:
    """What `decode` needs besides the features.

    Each tensor may leave out the frames dimension: it then holds for the whole clip.

    emotion: weights of the checkpoint's emotions, 0 or above, [frames, emotions]; what is missing to a sum of 1 stays
        From Voice, and weights that add up to more than 1 are scaled down to 1.
    intensity: [frames]; 0 is neutral (level 0), 1 the strong level, beyond it is extrapolated.
    person: weights of the speaking styles, [frames, persons].
    """

    emotion: Tensor
    intensity: Tensor
    person: Tensor


def direct(
    config: EmoTalkConfig,
    emotion: str | Mapping[str, Tensor] | None = None,
    intensity: float | Tensor = 1.0,
    person: int = 0,
) -> Direction:
    """A direction of one person.

    emotion: None is From Voice, a name that emotion alone, a mapping a mix: the weights, [frames], of emotions by name.
    intensity: for the clip or [frames].
    Raises ValueError for a person (from 0) that the config has not, and for an emotion, unless its weights are all 0.
    """
    if not 0 <= person < config.persons:
        raise ValueError(f"unknown person {person}; this network knows 0 to {config.persons - 1}")
    mix = emotion if isinstance(emotion, Mapping) else {} if emotion is None else {emotion: torch.tensor(1.0)}
    mix = {name: weights for name, weights in mix.items() if name in config.emotions or bool((weights > 0).any())}
    for name in mix:
        if name not in config.emotions:
            raise ValueError(f"unknown emotion {name!r}; this network knows {', '.join(config.emotions)}")
    none = torch.zeros_like(next(iter(mix.values()), torch.tensor(0.0)))
    weights = torch.stack([mix.get(name, none) for name in config.emotions], dim=-1)
    return Direction(weights, torch.as_tensor(intensity, dtype=torch.float32), torch.eye(config.persons)[person])


def level_weights(intensity: Tensor, levels: int) -> Tensor:
    """The level one-hot interpolated by intensity: [frames] to [frames, levels], 0 the first level, 1 the last.

    With two levels, as RAVDESS has them, intensities above 1 extrapolate the line; with more, the last two levels'.
    """
    position = intensity * (levels - 1)
    left = position.floor().clamp(0, max(levels - 2, 0))
    weight = position - left
    index = torch.arange(levels, device=intensity.device)
    is_left = (index == left[..., None]).to(intensity.dtype)
    is_right = (index == left[..., None] + 1).to(intensity.dtype)
    if levels == 1:
        return is_left
    return is_left * (1 - weight[..., None]) + is_right * weight[..., None]
