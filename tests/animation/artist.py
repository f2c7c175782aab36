# SPDX-License-Identifier: GPL-3.0-or-later
"""Performances and an artist for the tests of edits: what somebody does to keys in Blender's graph editor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from emotalk_blender.animation.edits import Baked, Edits, Fit, NewPerformance, carry_edits, find_edits
from emotalk_blender.animation.keys import HandleType, Interpolation, Keys, KeyType, evaluate, new_keys
from emotalk_blender.animation.reduction import reduce_keys

OPS = ("value", "move", "delete", "add", "interpolation", "handles", "free handle", "type")


def performance(seed, frames, first=1, strength=1.0):
    """A curve like a talking mouth's: frames int64 and values within [0, 1]."""
    rng = np.random.default_rng(seed)
    knots = rng.uniform(-0.3, 1.0, max(2, frames // 4 + 2))
    values = np.interp(np.linspace(0, len(knots) - 1, frames), np.arange(len(knots)), knots)
    values = np.convolve(np.pad(values, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    return np.arange(first, first + frames), np.clip(strength * values, 0, 1).astype(np.float32)


def performed_keys(seed, frames, tolerance=0.01, first=1, strength=1.0) -> Keys:
    where, values = performance(seed, frames, first, strength)
    return reduce_keys(where, values[:, None], tolerance)[0]


@dataclass(frozen=True)
class Stroke:
    """One thing the artist does: to which key (a part of all keys), and how much, -1 to 1."""

    op: str
    where: float
    amount: float


hundredths = st.integers(-100, 100).map(lambda number: number / 100)
strokes = st.lists(
    st.builds(Stroke, st.sampled_from(OPS), st.floats(0, 1), hundredths),
    min_size=1,
    max_size=6,
)


def edited(keys: Keys, doings: list[Stroke]) -> Keys:
    """The keys after the artist has been at them."""
    for stroke in doings:
        keys = _after(keys.copy(), stroke)
    return keys


def _after(keys: Keys, stroke: Stroke) -> Keys:
    index = min(int(stroke.where * len(keys)), len(keys) - 1)
    key = keys[index : index + 1]
    if stroke.op == "value":
        return _moved(keys, index, 0, stroke.amount / 2)
    if stroke.op == "move":
        to = key["co"][0, 0] + np.round(3 * stroke.amount)
        taken = np.abs(keys["co"][:, 0] - to) < 0.5
        outside = not keys["co"][0, 0] <= to <= keys["co"][-1, 0]
        return keys if taken.any() or outside else _moved(keys, index, to - key["co"][0, 0], 0.0)
    if stroke.op == "delete":
        return np.delete(keys, index) if len(keys) > 1 else keys
    if stroke.op == "add":
        first, last = keys["co"][0, 0], keys["co"][-1, 0]
        frame = np.round(2 * (first + stroke.where * (last - first))) / 2  # half frames, too
        if np.abs(keys["co"][:, 0] - frame).min() < 0.5:
            return keys
        new = new_keys(np.array([frame]), evaluate(keys, np.array([frame])) + stroke.amount / 2, HandleType.ALIGNED)
        new["handle_left"] -= [1, stroke.amount / 10]
        new["handle_right"] += [1, stroke.amount / 10]
        new["type"] = KeyType.KEYFRAME
        both = np.concatenate([keys, new])
        return both[np.argsort(both["co"][:, 0])]
    if stroke.op == "interpolation":
        key["interpolation"] = Interpolation.CONSTANT if stroke.amount < 0 else Interpolation.LINEAR
    elif stroke.op == "handles":
        key["handle_left_type"] = key["handle_right_type"] = HandleType.ALIGNED  # as Blender does
        key["handle_left"] -= np.float32([0, stroke.amount / 5])
        key["handle_right"] += np.float32([0, stroke.amount / 5])
    elif stroke.op == "free handle":
        key["handle_left_type"] = key["handle_right_type"] = HandleType.FREE
        key["handle_right"] += np.float32([abs(stroke.amount), stroke.amount / 5])
    else:
        key["type"] = KeyType.EXTREME if stroke.amount < 0 else KeyType.BREAKDOWN
    return keys


def _moved(keys: Keys, index: int, frames: float, value: float) -> Keys:
    for name in ("co", "handle_left", "handle_right"):
        keys[name][index] += np.float32([frames, value])
    return keys[np.argsort(keys["co"][:, 0], kind="stable")]


@dataclass(frozen=True)
class Shot:
    """A baked performance and the same keys after the artist."""

    baked: Baked
    current: Keys
    frames: np.ndarray
    fit: Fit

    @property
    def shown(self):
        return evaluate(self.current, self.frames)


def shot(seed, frames, doings, tolerance=0.01) -> Shot:
    performed = performed_keys(seed, frames, tolerance)
    return Shot(Baked(performed, performed), edited(performed, doings), np.arange(1, frames + 1), Fit(tolerance))


def edits_of(scene: Shot) -> Edits:
    return find_edits(scene.baked, scene.current, scene.frames, scene.shown)


def baked_again(scene: Shot, performed: Keys, tolerance: float | None = None) -> Baked:
    """A new performance over the same frames, with the artist's changes, as bake._write_with_edits has it."""
    fit = scene.fit if tolerance is None else Fit(tolerance)
    new = NewPerformance(performed, scene.frames, fit)
    return carry_edits(edits_of(scene), new, as_they_are, Baked(scene.baked.performed, scene.current))


def carried(edits: Edits, performed: Keys, frames: np.ndarray, tolerance: float = 0.01) -> Keys:
    """The keys of a performance with edits, where nothing is known of what the f-curve has now."""
    return carry_edits(edits, NewPerformance(performed, frames, Fit(tolerance)), as_they_are).written


def as_they_are(keys: Keys) -> Keys:
    """What an f-curve makes of keys whose handles Blender does not set."""
    return keys
