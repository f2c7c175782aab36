# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys as plain arrays against Blender itself: its numbers, its curves, its handles."""

from __future__ import annotations

from enum import IntEnum

import bpy
import numpy as np
import pytest

from emotalk_blender.animation.blender_easing import Ease
from emotalk_blender.animation.keys import (
    EASING_DEFAULTS,
    KEY,
    HandleType,
    Interpolation,
    Keys,
    KeyType,
    dense_keys,
    evaluate,
    new_keys,
)
from emotalk_blender.animation.reduction import reduce_keys


@pytest.fixture
def curve() -> bpy.types.FCurve:
    action = bpy.data.actions.new("Curve")
    slot = action.slots.new(id_type="OBJECT", name="Object")
    strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True).fcurves.new("location", index=0)


def put(curve: bpy.types.FCurve, keys: Keys) -> None:
    curve.keyframe_points.clear()
    curve.keyframe_points.add(len(keys))
    for name in KEY.names or ():
        curve.keyframe_points.foreach_set(name, np.ascontiguousarray(keys[name]).ravel())


def get(curve: bpy.types.FCurve, name: str) -> np.ndarray:
    numbers = np.empty((len(curve.keyframe_points), *KEY[name].shape), KEY[name].base).ravel()
    curve.keyframe_points.foreach_get(name, numbers)
    return numbers.reshape(len(curve.keyframe_points), *KEY[name].shape)


def blender(curve: bpy.types.FCurve, frames: np.ndarray) -> np.ndarray:
    return np.array([curve.evaluate(float(frame)) for frame in frames])


def random_keys(rng: np.random.Generator, count: int) -> Keys:
    keys = new_keys(np.sort(rng.choice(np.arange(120), count, replace=False)) / 2, rng.random(count), HandleType.FREE)
    keys["handle_left"] -= rng.random((count, 2)) * [15, 2] - [0, 1]
    keys["handle_right"] += rng.random((count, 2)) * [15, 2] - [0, 1]
    return keys


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("interpolation", Interpolation),
        ("handle_left_type", HandleType),
        ("handle_right_type", HandleType),
        ("type", KeyType),
        ("easing", Ease),
    ],
)
def test_numbers_are_those_blender_stores(name: str, numbers: type[IntEnum]) -> None:
    items = bpy.types.Keyframe.bl_rna.properties[name].enum_items
    ours = {item.name.replace("IN_OUT", "EASE_IN_OUT"): item.value for item in numbers}
    if numbers is Ease:
        ours = {"AUTO": 0, "EASE_IN": Ease.IN, "EASE_OUT": Ease.OUT, "EASE_IN_OUT": Ease.IN_OUT}
    assert {item.identifier: item.value for item in items} == ours


def test_a_new_key_of_blender_is_a_dense_key(curve: bpy.types.FCurve) -> None:
    curve.keyframe_points.insert(1, 0.5)
    ours = dense_keys(np.array([1]), np.array([0.5], np.float32))
    for name in ("co", "handle_left_type", "handle_right_type", "interpolation", "easing"):
        assert (get(curve, name) == ours[name]).all(), name
    assert np.allclose([get(curve, name)[0] for name in ("back", "amplitude", "period")], EASING_DEFAULTS)


@pytest.mark.parametrize("seed", range(20))
def test_curves_are_those_blender_evaluates(curve: bpy.types.FCurve, seed: int) -> None:
    rng = np.random.default_rng(seed)
    keys = random_keys(rng, int(rng.integers(1, 9)))
    keys["interpolation"] = rng.choice([0, 1, 2, 2, 2], len(keys))
    put(curve, keys)
    frames = np.round(rng.uniform(-5, 70, 200) * 16) / 16
    assert np.abs(evaluate(keys, frames) - blender(curve, frames)).max() < 1e-5


@pytest.mark.parametrize("ease", list(Ease))
@pytest.mark.parametrize("kind", [kind for kind in Interpolation if kind > Interpolation.BEZIER])
def test_eased_curves_are_those_blender_evaluates(curve: bpy.types.FCurve, kind: Interpolation, ease: Ease) -> None:
    rng = np.random.default_rng(0)
    keys = random_keys(rng, 12)
    keys["interpolation"] = kind
    keys["easing"] = ease
    keys["back"] = rng.uniform(0, 3, 12)
    keys["amplitude"] = rng.choice([0, 0.2, 0.8, 2], 12)
    keys["period"] = rng.choice([0, 1, 4.1, 10], 12)
    put(curve, keys)
    frames = np.arange(-2, 70, 0.125)
    assert np.abs(evaluate(keys, frames) - blender(curve, frames)).max() < 2e-5


@pytest.mark.parametrize("first", [1, 10_000])
def test_blender_stays_within_the_tolerance_of_reduced_keys(curve: bpy.types.FCurve, first: int) -> None:
    rng = np.random.default_rng(1)
    frames = np.arange(first, first + 300)
    values = np.clip(np.cumsum(rng.normal(0, 0.1, 300)), 0, 1).astype(np.float32)
    (keys,) = reduce_keys(frames, values[:, None], 0.01)
    put(curve, keys)
    curve.update()
    assert np.abs(blender(curve, frames) - values).max() <= 0.01
    for name in ("handle_left", "handle_right"):  # aligned already: Blender has nothing to set right
        assert np.abs(get(curve, name) - keys[name]).max() < (1e-5 if first == 1 else 1e-3)
