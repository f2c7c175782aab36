# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms, microphones and noise for clean speech; nothing here moves the speech in time."""

from __future__ import annotations

import numpy as np

from ...curves import SAMPLE_RATE, DoubleArray, FloatArray


def augment(samples: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A clip (float32 [N], 16 kHz) as another microphone in another room would have heard it."""
    count = len(samples)
    frequency = np.fft.rfftfreq(2 * count, 1 / SAMPLE_RATE)
    spectrum = np.fft.rfft(samples, 2 * count) * equaliser(frequency, rng)
    if rng.random() < 0.4:
        spectrum = spectrum * np.fft.rfft(room(rng), 2 * count)
    heard = np.fft.irfft(spectrum)[:count]
    heard = heard * _slow_gain(count, rng)
    if rng.random() < 0.8:
        heard = add_noise(heard, float(rng.uniform(4, 42)), rng)
    return _at_level(heard, rng)


def augment_mildly(samples: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A clip (float32 [N], 16 kHz) with some noise and another level; its brightness and its swing tell the mood."""
    heard = samples.astype(np.float64)
    if rng.random() < 0.8:
        heard = add_noise(heard, float(rng.uniform(10, 42)), rng)
    return _at_level(heard, rng)


def equaliser(frequency: DoubleArray, rng: np.random.Generator) -> DoubleArray:
    """Gain at each frequency: a tilt, slow bumps, sometimes a low-pass and sometimes a missing band."""
    octaves = np.log2(np.maximum(frequency, 60) / 60)
    bumps = np.interp(octaves, np.linspace(0, 7.1, 9), rng.uniform(-6, 6, 9))
    decibels = bumps + rng.uniform(-1.5, 1.5) * (octaves - 4)
    if rng.random() < 0.2:
        decibels -= 24 * np.maximum(octaves - np.log2(rng.uniform(2500, 7000) / 60), 0)
    if rng.random() < 0.3:
        centre, width = rng.uniform(2, 6.8), rng.uniform(0.1, 0.4)
        decibels -= 25 * np.exp(-(((octaves - centre) / width) ** 2))
    return np.asarray(10 ** (decibels / 20))


def room(rng: np.random.Generator) -> DoubleArray:
    """The impulse response of a made-up room: the direct sound, and noise that dies away."""
    seconds = rng.uniform(0.15, 0.6)
    count = int(seconds * SAMPLE_RATE)
    tail = rng.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    tail[: int(0.004 * SAMPLE_RATE)] = 0
    tail *= rng.uniform(0.1, 0.7) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    result: DoubleArray = tail
    return result


def noise(count: int, rng: np.random.Generator) -> FloatArray:
    """Coloured noise of unit power, between white and brown: [count]."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 40)
    coloured = np.fft.irfft(spectrum * frequency ** -rng.uniform(0, 1), count)
    unit: FloatArray = (coloured / np.sqrt((coloured**2).mean() + 1e-12)).astype(np.float32)
    return unit


def add_noise(samples: DoubleArray, decibels: float, rng: np.random.Generator) -> DoubleArray:
    """The clip with noise that many decibels below it."""
    power = float((samples**2).mean())
    return np.asarray(samples + noise(len(samples), rng) * np.sqrt(power) * 10 ** (-decibels / 20))


def _at_level(samples: DoubleArray, rng: np.random.Generator) -> FloatArray:
    """The clip with its peak at a random level of 30 dB."""
    peak = float(np.abs(samples).max())
    return (samples * (10 ** rng.uniform(-1.5, 0) / max(peak, 1e-4))).astype(np.float32)


def _slow_gain(count: int, rng: np.random.Generator) -> DoubleArray:
    """A speaker who turns away and back: gain over time, up to 5 dB either way."""
    knots = rng.uniform(-5, 5, max(2, count // (2 * SAMPLE_RATE) + 1))
    decibels = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(knots)), knots)
    return np.asarray(10 ** (decibels / 20))
