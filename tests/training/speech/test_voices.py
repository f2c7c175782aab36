# SPDX-License-Identifier: GPL-3.0-or-later
"""One utterance in other voices and moods, its phones in time."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.training.speech.voices import Prosody, join, mood, revoice, revoice_in_time

from ..synthetic_speech import utterance

needs_world = pytest.mark.skipif(importlib.util.find_spec("pyworld") is None, reason="pyworld is not installed here")


def test_joined_utterances_keep_their_times() -> None:
    one = utterance(1.0)
    both = join([one, one], [0.5, 0.25, 1.0])
    assert both.seconds == pytest.approx(2 * one.seconds + 1.75, abs=1e-3)
    # The utterances begin and end in silence, which the pauses lengthen.
    assert [phone.name for phone in both.phones] == [phone.name for phone in [*one.phones[:-1], *one.phones]]
    assert both.phones[0].start == 0
    assert both.phones[1].start == pytest.approx(0.5 + one.phones[1].start)
    assert both.phones[len(one.phones)].start == pytest.approx(0.75 + one.seconds + one.phones[1].start, abs=1e-3)
    assert both.phones[-1].end == pytest.approx(both.seconds)
    assert not both.samples[:8000].any()


@needs_world
def test_a_new_voice_keeps_the_words_in_time() -> None:
    old = utterance(3.0)
    slow = revoice(old, mood("sad", 1.0), 1.1, np.random.default_rng(0))
    assert slow.seconds > 1.15 * old.seconds
    assert [phone.name for phone in slow.phones] == [phone.name for phone in old.phones]
    assert slow.phones[-1].end == pytest.approx(slow.seconds)
    # The sound still falls silent where the phones do.
    power = np.array([np.square(slow.samples[int(p.start * 16000) : int(p.end * 16000)]).mean() for p in slow.phones])
    assert power[0] < 0.05 * power[1:-1].mean()


@needs_world
def test_a_new_voice_for_a_captured_face_says_everything_when_it_was_said() -> None:
    old = utterance(3.0).samples[:47_123]
    new = revoice_in_time(old, Prosody(pitch=1.5), 1.15, np.random.default_rng(0))
    assert len(new) == len(old)
    assert new.dtype == np.float32
    assert abs(np.corrcoef(new, old)[0, 1]) < 0.8

    def loud(samples: np.ndarray) -> np.ndarray:
        return np.sqrt(np.square(samples[:46_400]).reshape(-1, 400).mean(axis=1))

    at = [np.corrcoef(np.roll(loud(new), shift), loud(old))[0, 1] for shift in range(-8, 9)]
    assert abs(int(np.argmax(at)) - 8) <= 1, "within 25 ms"


def test_moods_grow_with_their_strength() -> None:
    for emotion in EMOTIONS[1:]:
        assert mood(emotion, 0.0) == mood("neutral", 1.0)
        assert abs(np.log(mood(emotion, 1.0).pitch)) > abs(np.log(mood(emotion, 0.5).pitch)) > 0
