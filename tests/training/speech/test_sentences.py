# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sentences differ, repeat with their seed, and bring every phone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from emotalk_blender.training.rules.phones import BILABIALS, LABIODENTALS, PHONES
from emotalk_blender.training.speech.sentences import TALK, TEMPLATES, sentence
from emotalk_blender.training.speech.synthesis import missing_synthesisers, speak_flite


def test_made_up_sentences_differ_and_repeat_with_their_seed() -> None:
    first, again = ([sentence(np.random.default_rng([seed, 1])) for seed in range(50)] for _ in range(2))
    assert first == again
    assert len(set(first)) > 45
    assert not any("{" in text for text in first)


def test_half_of_the_sentences_are_talk() -> None:
    texts = [sentence(np.random.default_rng([seed, 2])) for seed in range(300)]
    assert 0.2 < np.mean(["'" in text for text in texts]) < 0.6
    assert len(TALK) > 10 < len(TEMPLATES)


@pytest.mark.skipif("flite" in missing_synthesisers(), reason="flite is not installed here")
def test_sentences_bring_every_phone_and_lips_often() -> None:
    rng = np.random.default_rng(0)
    text = ", ".join(sentence(rng) for _ in range(120))
    counts = Counter(phone.name for phone in speak_flite(text, "kal16").phones)
    assert set(counts) == set(PHONES)
    spoken = sum(counts.values()) - counts["SIL"]
    assert sum(counts[name] for name in BILABIALS) > 0.08 * spoken
    assert sum(counts[name] for name in LABIODENTALS) > 0.04 * spoken
    assert sum(counts[name] for name in ("W", "UW", "OW", "SH", "CH")) > 0.07 * spoken
