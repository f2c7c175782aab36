# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's eased interpolations between two keys: sine to bounce.

The curves are Robert Penner's easing equations (2001, Motion, tweening and easing), with Blender's own additions: an
exponential that starts at 0, and an elastic swing that fades in where its amplitude is less than the change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ..curves import DoubleArray


class Ease(IntEnum):
    """At which end a curve is eased, as Blender stores it."""

    AUTO = 0
    IN = 1
    OUT = 2
    IN_OUT = 3


@dataclass(frozen=True)
class Swing:
    """Between two keys: by how much the value changes in how many frames, and the key's easing numbers; each [n]."""

    change: DoubleArray
    duration: DoubleArray
    back: DoubleArray
    amplitude: DoubleArray
    period: DoubleArray


Eased = Callable[[DoubleArray, Swing, bool], DoubleArray]
"""An ease-in. Takes times from 0 to 1, the Swing, and whether it makes one half of ease in and out; returns the part of
the change that is done at each time: [n]."""


def eased(eased_in: Eased, ease: Ease, time: DoubleArray, swing: Swing) -> DoubleArray:
    """Part of the change that is done (0 to 1, or beyond) at a part of the time: [n].

    All other eases follow from the one at the start, turned around. ease: any but AUTO.
    """
    if ease == Ease.IN:
        return eased_in(time, swing, False)
    if ease == Ease.OUT:
        return 1 - eased_in(1 - time, swing, False)
    first_half = time < 0.5
    half = eased_in(np.where(first_half, 2 * time, 2 - 2 * time), swing, True) / 2
    return np.where(first_half, half, 1 - half)


def power(exponent: int) -> Eased:
    """The ease-in that raises time to a power: 2 is quadratic, 5 quintic."""

    def eased_in(time: DoubleArray, swing: Swing, is_half: bool) -> DoubleArray:
        raised: DoubleArray = time**exponent
        return raised

    return eased_in


def sine(time: DoubleArray, swing: Swing, is_half: bool) -> DoubleArray:
    """An ease-in: a quarter of a cosine."""
    return np.asarray(1 - np.cos(time * np.pi / 2))


def circle(time: DoubleArray, swing: Swing, is_half: bool) -> DoubleArray:
    """An ease-in: a quarter of a circle."""
    return np.asarray(1 - np.sqrt(np.maximum(1 - time * time, 0)))


def exponential(time: DoubleArray, swing: Swing, is_half: bool) -> DoubleArray:
    """An ease-in: ten doublings, less what would be left at the start."""
    least = 2.0**-10
    return np.asarray((2 ** (10 * (time - 1)) - least) / (1 - least))


def back(time: DoubleArray, swing: Swing, is_half: bool) -> DoubleArray:
    """An ease-in: a cubic that goes the other way first."""
    overshoot = swing.back * (1.525 if is_half else 1)
    return np.asarray(time * time * ((overshoot + 1) * time - overshoot))


def bounce(time: DoubleArray, swing: Swing, is_half: bool) -> DoubleArray:
    """An ease-in: four parabolas, the last the highest."""
    left = 1 - time
    steps = [left < 1 / 2.75, left < 2 / 2.75, left < 2.5 / 2.75]
    shift = np.select(steps, [0.0, 1.5, 2.25], 2.625) / 2.75
    floor = np.select(steps, [0.0, 0.75, 0.9375], 0.984375)
    return np.asarray(1 - (7.5625 * (left - shift) ** 2 + floor))


def elastic(time: DoubleArray, swing: Swing, is_half: bool) -> DoubleArray:
    """An ease-in: a sine wave that grows with each swing."""
    size = np.abs(swing.change)
    period = np.where(swing.period == 0, swing.duration * (0.45 if is_half else 0.3), swing.period)
    weak = (swing.amplitude == 0) | (swing.amplitude < size)
    with np.errstate(divide="ignore", invalid="ignore"):
        phase = np.where(weak, period / 4, period / (2 * np.pi) * np.arcsin(swing.change / swing.amplitude))
        height = np.where(weak, 1.0, swing.amplitude / swing.change)
        to_end = np.abs((time - 1) * swing.duration)
        # Near the end a weak wave becomes one that reaches the key.
        near = np.minimum(to_end / np.abs(phase), 1)
        fade = np.where(weak, np.where(size > 0, swing.amplitude / size, 1) * near + 1 - near, 1)
        wave = np.sin(((time - 1) * swing.duration - phase) * 2 * np.pi / period)
    swung = -fade * height * 2 ** (10 * (time - 1)) * wave
    return np.select([(size == 0) | (time <= 0), time >= 1], [0.0, 1.0], swung)
