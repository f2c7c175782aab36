# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracked faces of people who don't exist: the canonical face, moved by known weights and turned by a known head."""

from __future__ import annotations

import numpy as np

from emotalk_blender.animation.lips import lip_opening
from emotalk_blender.curves import CHANNEL
from emotalk_blender.training.captures.exact_opening import with_opening
from emotalk_blender.training.captures.face_shapes import LOWER_RIM, UPPER_RIM, face_shapes
from emotalk_blender.training.captures.person import TrackedFace

SHAPES = face_shapes()
JAW = CHANNEL["jawOpen"]


def turned(pitch: float, yaw: float, roll: float) -> np.ndarray:
    """The rotation [3, 3] of a head that rolls, then nods up, then turns to its left."""
    cp, sp, cy, sy, cr, sr = np.cos(pitch), np.sin(pitch), np.cos(yaw), np.sin(yaw), np.cos(roll), np.sin(roll)
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    lean = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return turn @ nod @ lean


def speech(seconds: float, fps: float, seed: int = 0) -> np.ndarray:
    """Weights [frames, 52] of a mouth that opens, rounds and spreads; it rests in each second's last third."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(seconds * fps)) / fps
    talking = np.sin(np.pi * np.minimum(times % 1.0 / 0.66, 1)) ** 0.5
    syllables = np.maximum(np.sin(2 * np.pi * times * 1.5 + rng.uniform(0, 6)), 0) * talking
    wave = talking * np.sin(2 * np.pi * times * 0.7 + rng.uniform(0, 6))
    weights = np.zeros((len(times), 52))
    weights[:, JAW] = 0.35 * syllables
    for side in ("Left", "Right"):
        weights[:, CHANNEL[f"mouthUpperUp{side}"]] = 0.2 * syllables
        weights[:, CHANNEL[f"mouthSmile{side}"]] = 0.5 * np.maximum(-wave, 0)
    weights[:, CHANNEL["mouthPucker"]] = 0.5 * np.maximum(wave, 0)
    weights[:, CHANNEL["browInnerUp"]] = 0.4 * np.clip(np.sin(2 * np.pi * times * 0.3), 0, 1)
    return with_opening(weights, lip_opening(weights.astype(np.float32)).astype(np.float64))


def landmarks(weights: np.ndarray, opening_height: float = 7.0) -> np.ndarray:
    """Landmarks [frames, landmarks, 3] of the canonical face, y up; the lips' rims as far apart as the opening says."""
    points = SHAPES.resting + np.tensordot(weights, SHAPES.moves, axes=1)
    upper, lower = SHAPES.places(UPPER_RIM), SHAPES.places(LOWER_RIM)
    height = 17.67
    gap = lip_opening(weights.astype(np.float32)) * height / opening_height
    middle = (points[:, upper[:3], 1] + points[:, lower[:3], 1]) / 2
    points[:, upper[:3], 1] = middle + gap[:, None] / 2
    points[:, lower[:3], 1] = middle - gap[:, None] / 2
    return points


def tracked(weights: np.ndarray, fps: float, head: np.ndarray | None = None, noise: float = 0.0) -> TrackedFace:
    """What a tracker would see of these weights [frames, 52], the head held at these angles [frames, 3]."""
    frames = len(weights)
    head = np.zeros((frames, 3)) if head is None else head
    points = landmarks(weights)
    points = np.stack([row @ turned(*angles).T for row, angles in zip(points, head, strict=True)])
    points = points * 9.0 + np.array([300.0, -200.0, 0.0])
    points += noise * np.random.default_rng(0).normal(size=points.shape)
    scores = weights.astype(np.float32).copy()
    scores[:, JAW] *= 0.8
    return TrackedFace(np.arange(frames) / fps, points * np.array([1.0, -1.0, -1.0]), scores)
