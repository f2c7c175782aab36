# SPDX-License-Identifier: GPL-3.0-or-later
"""A borrowed mood: another take's emotion features, these words, bit for bit."""

import pytest
import torch

from emotalk_blender.network.borrowed_mood import borrow
from emotalk_blender.network.model import SpeechFeatures


def features(frames: int, seed: int) -> SpeechFeatures:
    generator = torch.Generator().manual_seed(seed)
    return SpeechFeatures(*(torch.randn(frames, width, generator=generator) for width in (20, 8)))


OWN = features(50, 0)


@pytest.mark.parametrize("frames", [1, 2, 49, 50, 51, 1000])
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_the_words_stay_bit_for_bit(frames, strength):
    mixed = borrow(OWN, features(frames, 1), strength)
    assert torch.equal(mixed.content, OWN.content)
    assert mixed.emotion.shape == OWN.emotion.shape
    assert mixed.emotion.dtype == torch.float32


def test_at_0_all_is_its_own_and_at_1_the_mood_is_the_other():
    other = features(50, 1)
    assert torch.equal(borrow(OWN, other, 0.0).emotion, OWN.emotion)
    assert torch.equal(borrow(OWN, other, 1.0).emotion, other.emotion)
    half = borrow(OWN, other, 0.5).emotion
    assert torch.allclose(half, (OWN.emotion + other.emotion) / 2)


@pytest.mark.parametrize("frames", [2, 20, 99, 100])
def test_the_other_is_stretched_from_end_to_end(frames):
    other = SpeechFeatures(torch.zeros(frames, 20), torch.linspace(0, 1, frames)[:, None].repeat(1, 8))
    mixed = borrow(OWN, other, 1.0).emotion
    assert torch.allclose(mixed, torch.linspace(0, 1, 50)[:, None].repeat(1, 8), atol=1e-6)


def test_a_single_frame_can_borrow_and_be_borrowed():
    one = features(1, 2)
    assert borrow(one, OWN, 1.0).emotion.shape == (1, 8)
    assert torch.equal(borrow(OWN, one, 1.0).emotion, one.emotion.repeat(50, 1))
