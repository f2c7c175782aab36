# SPDX-License-Identifier: GPL-3.0-or-later
"""A network beside films: it follows the gap, closes where their lips touch, and opens where their mouths are wide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emotalk_blender.curves import CHANNEL, FloatArray
from emotalk_blender.training.evaluation.clips import EvaluationClip, FilmMeasures
from emotalk_blender.training.evaluation.film_figures import Filmed, best_correlation, film_figures

from ..synthetic_speech import in_time

FRAMES = 120


def filmed_clip(speaker: str = "ann") -> EvaluationClip:
    """Four seconds of an open mouth that closes at a P and an M, and hardly at a B."""
    phones = in_time(["AA", "P", "AA", "M", "AA", "B", "AA"], [0.5, 0.1, 0.9, 0.1, 0.9, 0.1, 1.4])
    curves = np.zeros((FRAMES, 52), np.float32)
    opening = 0.3 + 0.1 * np.sin(np.arange(FRAMES) / 7).astype(np.float32)
    opening[15:18] = 0
    opening[45:48] = 0
    opening[75:78] = 0.1
    curves[:, CHANNEL["jawOpen"]] = opening
    curves[:, CHANNEL["mouthFunnel"]] = 0.4 * (np.arange(FRAMES) % 20 < 10)
    film = FilmMeasures(chin=20 + 3 * opening, narrowing=curves[:, CHANNEL["mouthFunnel"]] - 5)
    sound = np.zeros(FRAMES * 16000 // 30, np.float32)
    return EvaluationClip("clip", sound, phones, curves, "captured", speaker=speaker, film=film)


def test_the_film_s_own_curves_are_perfect() -> None:
    clip = filmed_clip()
    (figures,) = film_figures([Filmed(clip, clip.curves)])
    assert figures.speaker == "ann"
    assert (figures.opening, figures.chin, figures.narrowing) == pytest.approx((1, 1, 1), abs=1e-4)
    assert (figures.closed, figures.shut, figures.contacts) == (1.0, 0.0, 2), "at the B the film's lips do not touch"
    assert figures.ranges == {"mouthFunnel": pytest.approx(1)}


def test_lips_that_never_close_and_lips_that_never_open() -> None:
    clip = filmed_clip()
    agape = np.maximum(clip.curves, 0.2 * (np.arange(52) == CHANNEL["jawOpen"])).astype(np.float32)
    (figures,) = film_figures([Filmed(clip, agape)])
    assert (figures.closed, figures.shut) == (0.0, 0.0)
    (figures,) = film_figures([Filmed(clip, np.zeros_like(clip.curves))])
    assert (figures.closed, figures.shut) == (1.0, 1.0)
    assert figures.opening == 0
    assert figures.ranges["mouthFunnel"] == 0


def test_each_speaker_is_judged_alone_and_what_was_not_measured_is_not_known() -> None:
    one, other = filmed_clip(), replace(filmed_clip("ben"), film=None, phones=None)
    figures = film_figures([Filmed(clip, clip.curves) for clip in (one, other, one)])
    assert [row.speaker for row in figures] == ["ann", "ben"]
    assert [row.contacts for row in figures] == [4, 0]
    assert figures[1].closed is figures[1].chin is figures[1].narrowing is None
    assert figures[1].opening == pytest.approx(1)


def test_a_curve_that_comes_late_is_followed_at_its_lag() -> None:
    rng = np.random.default_rng(0)
    true: list[FloatArray] = [rng.random(80).astype(np.float32) for _ in range(3)]
    assert best_correlation([np.roll(curve, 2) for curve in true], true) == pytest.approx(1)
    assert best_correlation([curve + number for number, curve in enumerate(true)], true) == pytest.approx(1)
