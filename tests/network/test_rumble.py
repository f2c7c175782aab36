# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that takes what lies below speech out of a sound."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from emotalk_blender.network.model import EmoTalk
from emotalk_blender.network.rumble import without_rumble
from emotalk_blender.training.learning.settings import small_network

RATE = 16000


def tone(hertz: float, seconds: float = 2.0) -> Tensor:
    return torch.sin(2 * math.pi * hertz * torch.arange(int(seconds * RATE)) / RATE)


@pytest.mark.parametrize(
    ("hertz", "least", "most"), [(1.0, 0, 0.01), (5.0, 0, 0.05), (100.0, 0.95, 1.05), (1000.0, 0.99, 1.01)]
)
def test_what_lies_below_speech_goes_and_speech_stays(hertz: float, least: float, most: float) -> None:
    inner = slice(RATE // 4, -RATE // 4)
    heard = torch.from_numpy(without_rumble(tone(hertz).numpy()))
    gain = heard[inner].std() / tone(hertz)[inner].std()
    assert least <= gain <= most


@given(st.integers(1, 2000), st.floats(-1, 1))
def test_an_offset_goes_from_sound_of_any_length(samples: int, offset: float) -> None:
    left = without_rumble(np.full(samples, offset, np.float32))
    assert left.shape == (samples,)
    assert np.abs(left).max() < 1e-6


def test_rows_of_a_batch_are_apart() -> None:
    rows = np.stack([tone(3.0).numpy(), tone(300.0).numpy()])
    assert np.array_equal(without_rumble(rows)[1], without_rumble(rows[1]))


def test_a_microphone_in_the_wind_is_heard_as_a_quiet_one_is() -> None:
    """Rumble of twenty times the power of the voice (as some recordings have) hardly changes what the network hears."""
    torch.manual_seed(0)
    network = EmoTalk(small_network()).eval()
    voice = 0.1 * tone(220.0) * (1 + tone(4.0)) + 0.02 * torch.randn(2 * RATE)
    calm = network.encode(voice)
    windy = network.encode(voice + 0.65 * tone(1.3) + 0.1)
    for one, other in ((calm.content, windy.content), (calm.emotion, windy.emotion)):
        assert torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1] > 0.98
