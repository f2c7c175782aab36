# SPDX-License-Identifier: GPL-3.0-or-later
"""Blendshape curves: the 52 ARKit names, their weights over time, and resampling; the rates of sound and curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
DoubleArray = npt.NDArray[np.float64]

SAMPLE_RATE = 16000
"""Samples per second of the sound that every EmoTalk network hears."""

FPS = 30
"""Frames per second of the curves that every EmoTalk network performs."""

ARKIT_NAMES: tuple[str, ...] = (
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)
"""The 52 ARKit blendshapes in EmoTalk's output order (alphabetical)."""

CHANNEL: dict[str, int] = {name: index for index, name in enumerate(ARKIT_NAMES)}
"""Column of each blendshape in the values of a Curves."""

PARTING_LIPS = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
PARTING_SHARE = 0.25
"""How much a fully drawn side of a lip opens the mouth, as a part of what a fully open jaw does."""

LIP_OPENING: dict[str, float] = {
    "jawOpen": 1.0,
    "mouthClose": -1.0,
    **dict.fromkeys(PARTING_LIPS, PARTING_SHARE),
}
"""What each blendshape adds to how far the lips are apart; see lip_gap."""


class Weights(Protocol):
    """Blendshape weights [..., 52] as a NumPy array or a PyTorch tensor; whatever else works on both."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def clip(self, *, min: Any) -> Any:
        """All values, at least `min`."""


AnyWeights = TypeVar("AnyWeights", bound=Weights)


def lip_gap(values: AnyWeights) -> AnyWeights:
    """How far the lips are apart, below 0 where they are pushed through each other: [...] of weights [..., 52].

    jawOpen less mouthClose, plus a quarter of each side of a lip that is drawn away: a fully open jaw alone gives 1.
    For NumPy arrays and PyTorch tensors.
    """
    parting = sum((values[..., CHANNEL[name]] for name in PARTING_LIPS[1:]), values[..., CHANNEL[PARTING_LIPS[0]]])
    gap: AnyWeights = values[..., CHANNEL["jawOpen"]] - values[..., CHANNEL["mouthClose"]] + PARTING_SHARE * parting
    return gap


def lip_opening(values: AnyWeights) -> AnyWeights:
    """How far the lips are apart, 0 where they touch: lip_gap, at least 0. [...] of weights [..., 52]."""
    opening: AnyWeights = lip_gap(values).clip(min=0)
    return opening


@dataclass(frozen=True)
class Curves:
    """Blendshape weights over time.

    values: float32 [frames, 52], columns in the order of ARKIT_NAMES.
    fps: frames per second, above 0.
    start: seconds from the start of the sound to the first frame.
    """

    values: FloatArray
    fps: float
    start: float = 0.0

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(ARKIT_NAMES):
            raise ValueError(f"curves need shape [frames, 52], not {list(self.values.shape)}")
        if not self.fps > 0:
            raise ValueError(f"curves need a frame rate above 0, not {self.fps}")

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.values)

    def times(self) -> DoubleArray:
        """Time of each frame in seconds from the start of the sound, float64 [frames]."""
        return self.start + np.arange(self.frames) / self.fps

    def at(self, times: DoubleArray) -> FloatArray:
        """Weights at the given times (seconds), linear between frames, held at both ends: [len(times), 52].

        Raises ValueError for curves without frames.
        """
        if self.frames == 0:
            raise ValueError("curves without frames have no value at any time")
        position = np.clip((times - self.start) * self.fps, 0, self.frames - 1)
        left = np.floor(position).astype(np.int64)
        right = np.minimum(left + 1, self.frames - 1)
        weight = (position - left).astype(np.float32)[:, None]
        values: FloatArray = self.values[left] * (1 - weight) + self.values[right] * weight
        return values

    def resampled(self, fps: float) -> Curves:
        """The same curves at another rate, over the same stretch of time (at least one frame)."""
        count = max(1, int(np.ceil(self.frames * fps / self.fps - 1e-9)))
        return Curves(self.at(self.start + np.arange(count) / fps), fps, self.start)
