# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights that ship, on a spoken sentence that they were not trained on (its voice they were)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emotalk_blender.curves import CHANNEL, lip_opening
from emotalk_blender.inference.model_file import default_weights
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.network.checkpoint import read_info
from emotalk_blender.training.evaluation.clips import read_mono
from emotalk_blender.training.evaluation.closures import closures
from emotalk_blender.training.evaluation.emotion_figures import Predict, emotion_shows
from emotalk_blender.training.evaluation.evaluate import Candidate
from emotalk_blender.training.evaluation.figures import correlation
from emotalk_blender.training.rules.articulation import articulate
from emotalk_blender.training.rules.loudness import loudness
from emotalk_blender.training.rules.phones import BILABIALS, OPEN_VOWELS, Phone

DATA = Path(__file__).parents[1] / "data"
SAMPLES = read_mono(DATA / "labelled_speech.flac")
PHONES = [Phone(*entry) for entry in json.loads((DATA / "labelled_speech.json").read_text())]


@pytest.fixture(scope="module")
def predict() -> Predict:
    return Candidate(default_weights()).predict


@pytest.fixture(scope="module")
def curves(predict: Predict) -> np.ndarray:
    return predict(SAMPLES, "voice", 1.0)


def test_they_are_small_and_say_what_they_are() -> None:
    info = read_info(default_weights())
    assert default_weights().stat().st_size < 20e6
    assert info.licence
    assert "synthesi" in info.source
    assert set(info.config.emotions) == set(EMOTIONS)
    assert info.config.prototypes


def test_the_opening_follows_the_words(curves: np.ndarray) -> None:
    true = lip_opening(articulate(PHONES, loudness(SAMPLES, PHONES)).curves)
    assert correlation(lip_opening(curves), true) > 0.7


def test_the_jaw_opens_on_open_vowels(curves: np.ndarray) -> None:
    jaw = curves[:, CHANNEL["jawOpen"]]
    peaks = [jaw[int(p.start * 30) : int(p.end * 30) + 2].max() for p in PHONES if p.name in OPEN_VOWELS]
    assert np.median(peaks) > 0.15


def test_lips_close_on_p_b_m_and_not_on_vowels(curves: np.ndarray) -> None:
    found = closures(lip_opening(curves), PHONES)
    assert found.count >= 12
    assert found.closed > 0.7
    assert found.false < 0.2
    # The sentence is full of P and B, so chance is high: the lips must also be much nearer there than on vowels.
    times = np.arange(len(curves)) / 30

    def within(names: frozenset[str]) -> np.ndarray:
        return np.any([(times >= p.start) & (times < p.end) for p in PHONES if p.name in names], axis=0)

    gap = lip_opening(curves)
    assert gap[within(BILABIALS)].mean() < 0.35 * gap[within(OPEN_VOWELS)].mean()


def test_silence_is_a_closed_mouth(predict: Predict, curves: np.ndarray) -> None:
    assert lip_opening(curves)[:14].max() < 0.06
    assert lip_opening(curves)[-12:].max() < 0.06
    assert lip_opening(predict(np.zeros(32000, np.float32), "voice", 1.0)).max() < 0.06


def test_every_emotion_can_be_set_and_leaves_the_words(predict: Predict) -> None:
    for emotion, shown in emotion_shows(predict, SAMPLES).items():
        assert shown.part > 0.5, emotion
        assert shown.words > 0.8, emotion


def test_intensity_0_is_neutral_and_more_is_more(predict: Predict) -> None:
    neutral = predict(SAMPLES, "neutral", 1.0)
    smile = [predict(SAMPLES, "happy", level)[:, CHANNEL["mouthSmileLeft"]].mean() for level in (0.0, 0.5, 1.0)]
    assert smile[0] == pytest.approx(neutral[:, CHANNEL["mouthSmileLeft"]].mean(), abs=0.06)
    assert smile[0] < smile[1] < smile[2]
