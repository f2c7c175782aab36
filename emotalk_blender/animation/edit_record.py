# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of an artist's edits of one curve, and of the bake they were made on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..curves import FloatArray
from .keys import KEY, ON_FRAME, FrameArray, Keys

Spans = npt.NDArray[np.float64]
"""First and last frame of stretches: [stretches, 2]."""

SAME_VALUE = 1e-5
"""Values by which two evaluations of one curve may differ: Blender's arithmetic is float32."""


def _no_keys() -> Keys:
    return np.empty(0, KEY)


def _none() -> FloatArray:
    return np.empty(0, np.float32)


@dataclass(frozen=True)
class Edits:
    """The artist's changes to one curve, on the timeline of the sound.

    stretches: int64 [stretches, 2], first and last frame of each, in order; they share ends at most.
    offsets: float32, value added to the performance at each frame of each stretch, ends included, one stretch after
    the other; 0 at both ends.
    keys: the artist's own keys, as they left them.
    base, slope: float32 [keys], the performance under each key at that time: its value, and its slope per frame.
    deleted: float32, frames of keys that were deleted and not replaced.
    cleared: whether the artist has deleted all keys of the range, and made no new ones.
    start, step: where all these frames lie in the scene now: scene frame = start + step x frame.
    """

    stretches: FrameArray = field(default_factory=lambda: np.empty((0, 2), np.int64))
    offsets: FloatArray = field(default_factory=_none)
    keys: Keys = field(default_factory=_no_keys)
    base: FloatArray = field(default_factory=_none)
    slope: FloatArray = field(default_factory=_none)
    deleted: FloatArray = field(default_factory=_none)
    cleared: bool = False
    start: float = 0.0
    step: float = 1.0

    def __bool__(self) -> bool:
        """Whether the artist has changed anything."""
        return len(self.stretches) > 0

    def shifted(self, by: float) -> Edits:
        """The edits when the sound plays this many frames later."""
        return replace(self, start=_whole(self.start + by))

    def rescaled(self, about: float, by: float) -> Edits:
        """The edits when a frame of the scene is `by` frames now, and frame `about` stays (24 to 30 fps: 1.25)."""
        return replace(self, start=_whole(about + (self.start - about) * by), step=self.step * by)

    def at(self, frames: npt.NDArray[Any]) -> FloatArray:
        """The offset at frames of the scene, 0 outside of the stretches: [frames]."""
        if not self:
            return np.zeros(len(frames), np.float32)
        place = (np.asarray(frames, np.float64) - self.start) / self.step
        whole = np.round(place)
        place = np.where(np.abs(place - whole) < ON_FRAME, whole, place)  # what was put down is read back exactly
        grid = np.concatenate([np.arange(first, last + 1) for first, last in self.stretches])
        return np.interp(place, grid, self.offsets, left=0, right=0).astype(np.float32)

    def spans(self) -> Spans:
        """First and last frame of each stretch in the scene: float64 [stretches, 2]."""
        spans: Spans = self.start + self.step * self.stretches
        return spans

    def placed_keys(self) -> Keys:
        """The artist's own keys where they lie in the scene now; whole frames become whole frames if there is room."""
        keys = self.keys.copy()
        if self.start == 0 and self.step == 1:
            return keys
        old = keys["co"][:, 0].astype(np.float64)
        new = self.start + self.step * old
        if self.step != 1:
            rounded = np.where(old == np.round(old), np.round(new), new)
            alone = np.array([(rounded == frame).sum() == 1 for frame in rounded], bool)
            new = np.where(alone, rounded, new)
        for name in ("handle_left", "handle_right"):
            keys[name][:, 0] = new + self.step * (keys[name][:, 0] - old)
        keys["co"][:, 0] = new
        return keys

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Plain arrays of numbers, to be stored; keys as the int32 words of KEY, bit for bit."""
        return {
            "stretches": self.stretches.astype(np.int32),
            "offsets": self.offsets,
            "keys": keys_to_words(self.keys),
            "base": self.base,
            "slope": self.slope,
            "deleted": self.deleted,
            "timeline": np.array([self.start, self.step, self.cleared], np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Edits:
        """Back from to_arrays(); each may be any sequence of numbers. Raises ValueError where they do not fit."""
        stretches = np.asarray(arrays["stretches"], np.int64).reshape(-1, 2)
        keys = keys_from_words(arrays["keys"])
        start, step, cleared = (float(number) for number in arrays["timeline"])
        numbers = {name: _floats(arrays[name]) for name in ("offsets", "base", "slope", "deleted")}
        if len(numbers["offsets"]) != int((stretches[:, 1] - stretches[:, 0] + 1).sum()):
            raise ValueError("edits need an offset for each frame of their stretches")
        if not len(keys) == len(numbers["base"]) == len(numbers["slope"]):
            raise ValueError("edits need the performance under each of their keys")
        return cls(stretches, keys=keys, cleared=cleared != 0, start=start, step=step, **numbers)


@dataclass(frozen=True)
class Baked:
    """What a bake remembers of one curve.

    performed: keys of the pure performance, as a bake without edits writes them.
    written: what was put onto the f-curve within the range, as Blender has it.
    edits: the artist's changes that were carried so far.
    """

    performed: Keys
    written: Keys
    edits: Edits = field(default_factory=Edits)


def count(edits: Edits) -> int:
    """How many keys of the artist's will be kept: changed, added and deleted ones."""
    return len(edits.keys) + len(edits.deleted)


def keys_to_words(keys: Keys) -> npt.NDArray[np.int32]:
    """Keys as plain int32 [keys, words], bit for bit."""
    words: npt.NDArray[np.int32] = np.ascontiguousarray(keys).view("<i4").reshape(len(keys), KEY.itemsize // 4)
    return words


def keys_from_words(words: Any) -> Keys:
    """Back from keys_to_words(), of any shape. Raises ValueError where they do not make whole keys."""
    flat = np.ascontiguousarray(np.asarray(words, "<i4").ravel())
    keys: Keys = flat.view(KEY)
    return keys


def same_keys(one: Keys, other: Keys) -> bool:
    """Whether two curves have the same keys, bit for bit."""
    return len(one) == len(other) and one.tobytes() == other.tobytes()


def _floats(numbers: Any) -> FloatArray:
    return np.asarray(numbers, np.float32).ravel()


def _whole(number: float) -> float:
    """The nearest whole number where only rounding keeps the number from it, else the number itself."""
    return float(round(number)) if abs(number - round(number)) < ON_FRAME else number
