# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet where they should, stay shut there, and never pass through each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..curves import CHANNEL, Curves, FloatArray

CLOSED = 0.06
"""Opening of the lips, as lip_opening measures it, under which they count as closed."""

_PARTING = [CHANNEL[name + side] for name in ("mouthLowerDown", "mouthUpperUp") for side in ("Left", "Right")]
_JAW, _CLOSE, _FUNNEL = CHANNEL["jawOpen"], CHANNEL["mouthClose"], CHANNEL["mouthFunnel"]

_MEANT = 0.12
"""How far the lips must press, roll or close for a narrow mouth to be a closure that was meant."""

_DIP = 0.6
"""The part of the opening around that a closure which was meant may have at most."""

_REACH, _AROUND = 0.1, 0.2
"""Seconds to both sides over which the lips come together for a closure, and in which it must be a dip."""

Weights = npt.NDArray[np.float32]


def lip_opening(values: FloatArray) -> Weights:
    """How far apart the lips of weights [frames, 52] are, 0 or above: the jaw less mouthClose, and lips drawn apart."""
    gap = np.maximum(values[:, _JAW] - values[:, _CLOSE], 0)
    opening: Weights = gap + np.float32(0.25) * np.maximum(values[:, _PARTING], 0).sum(axis=1)
    return opening


def limit_mouth_close(curves: Curves) -> Curves:
    """The curves with mouthClose no higher than jawOpen.

    In ARKit's set mouthClose brings the lips together over an open jaw, and the same value of both shuts them: what
    exceeds jawOpen would push the lower lip through the upper one.
    """
    values = curves.values.copy()
    jaw = np.maximum(values[:, _JAW], 0)
    values[:, _CLOSE] = np.minimum(values[:, _CLOSE], jaw)
    return Curves(values, curves.fps, curves.start)


def keep_closed(before: Curves, after: Curves) -> Curves:
    """The curves `after` with lips that are at least as closed as before on every frame on which they were closed.

    Around such a frame they come together over a tenth of a second. Both have the same frames.
    """
    opened = lip_opening(before.values)
    closed = opened < CLOSED
    now = lip_opening(after.values)
    if not (now > opened)[closed].any():
        return after
    # Beside a closure the lips may be as open as after, but for what the closure near by takes away.
    surplus = np.where(closed, np.maximum(now - opened, 0), 0)
    return _narrowed(after, now - np.minimum(_spread(surplus, after.fps), now))


def emphasise_closures(curves: Curves, amount: float) -> Curves:
    """The curves with lips that come together where the network means them to: on P, B and M, and often F and V.

    amount: 0 leaves them as they are, 1 shuts every closure that was meant. A closure was meant where the lips press,
    roll or close most while the mouth is narrower than around it; the threshold was chosen on the speech in the model
    card's figures.
    """
    if amount <= 0 or curves.frames == 0:
        return curves
    opening = lip_opening(curves.values)
    press = curves.values[:, [CHANNEL["mouthPressLeft"], CHANNEL["mouthPressRight"]]].mean(axis=1)
    rolls = curves.values[:, CHANNEL["mouthRollLower"]] + curves.values[:, CHANNEL["mouthRollUpper"]]
    effort = curves.values[:, _CLOSE] + rolls + 0.5 * press
    around = max(1, round(_AROUND * curves.fps))
    meant = (effort == _highest(effort, max(1, round(around / 3)))) & (effort > _MEANT)
    meant &= opening <= _DIP * _highest(opening, around)
    part = _spread(meant.astype(np.float32), curves.fps)
    return _narrowed(curves, opening * (1 - np.float32(min(amount, 1.0)) * part))


def _narrowed(curves: Curves, opening: Weights) -> Curves:
    """The curves with no more than this opening of the lips on each frame; the jaw stays, the lips close over it."""
    values = curves.values.copy()
    now = lip_opening(values)
    part = np.where(now > opening, opening / np.maximum(now, np.float32(1e-6)), 1).astype(np.float32)
    values[:, [*_PARTING, _FUNNEL]] *= part[:, None]
    gap = np.maximum(values[:, _JAW] - values[:, _CLOSE], 0)
    values[:, _CLOSE] += (1 - part) * gap
    return Curves(values, curves.fps, curves.start)


def _spread(weights: Weights, fps: float) -> Weights:
    """Each weight spread over the frames around it as a raised cosine, the highest of all on each frame."""
    reach = max(1, round(_REACH * fps))
    spread = weights.copy()
    for away in range(1, min(reach, len(weights))):
        part = np.float32(0.5 + 0.5 * np.cos(np.pi * away / reach))
        spread[away:] = np.maximum(spread[away:], part * weights[:-away])
        spread[:-away] = np.maximum(spread[:-away], part * weights[away:])
    return spread


def _highest(values: Weights, reach: int) -> Weights:
    """The highest value within `reach` frames of each."""
    highest = values.copy()
    for away in range(1, min(reach, len(values) - 1) + 1):
        highest[away:] = np.maximum(highest[away:], values[:-away])
        highest[:-away] = np.maximum(highest[:-away], values[away:])
    return highest
