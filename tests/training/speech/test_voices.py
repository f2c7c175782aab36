# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.training.speech.voices import join, mood, revoice

from ..synthetic_speech import utterance

needs_world = pytest.mark.skipif(importlib.util.find_spec("pyworld") is None, reason="pyworld is not installed here")


def test_joined_utterances_keep_their_times() -> None:
    one = utterance(1.0)
    both = join([one, one], [0.5, 0.25, 1.0])
    assert both.seconds == pytest.approx(2 * one.seconds + 1.75, abs=1e-3)
    assert both.phones[0].start == pytest.approx(0.5)
    assert both.phones[len(one.phones)].start == pytest.approx(0.75 + one.seconds, abs=1e-3)
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


def test_moods_grow_with_their_strength() -> None:
    for emotion in EMOTIONS[1:]:
        assert mood(emotion, 0.0) == mood("neutral", 1.0)
        assert abs(np.log(mood(emotion, 1.0).pitch)) > abs(np.log(mood(emotion, 0.5).pitch)) > 0
