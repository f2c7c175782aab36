# SPDX-License-Identifier: GPL-3.0-or-later
"""The encoders compute what those of transformers do, which the published network has."""

import math

import pytest
import torch

from emotalk_blender.network.direction import direct
from emotalk_blender.network.front_ends import CHUNK, MELS, log_mels
from emotalk_blender.network.grid import HOP
from emotalk_blender.network.transformer import Positions
from tools.bench.stand_in import StandIn

from .published import noise, tiny_model


@pytest.mark.parametrize("seconds", [1.0, 2 * CHUNK * HOP / 16000 + 0.3])
def test_the_network_is_the_published_one(seconds: float) -> None:
    model = tiny_model()
    published = StandIn(model.config)
    published.take_weights(model.state_dict())
    audio = noise(seconds)
    curves = model.decode(model.encode(audio), direct(model.config))
    assert torch.allclose(curves, published(audio), atol=1e-4)


def test_a_tone_is_loudest_in_the_mel_band_around_it() -> None:
    """The centres of the bands, in Hz, from the formula of the mel scale."""
    mel = torch.linspace(2595 * math.log10(1 + 20 / 700), 2595 * math.log10(1 + 7600 / 700), MELS + 2)[1:-1]
    centres = 700 * (10 ** (mel / 2595) - 1)
    for band in (20, 40, 60, 75):
        tone = torch.sin(torch.arange(8000) * 2 * torch.pi * centres[band] / 16000)[None]
        assert (log_mels(tone).argmax(dim=-1) == band).all()


@pytest.mark.parametrize(("width", "groups"), [(192, 16), (96, 16), (64, 4)])
def test_positions_are_the_same_while_training_computes_in_bfloat16(width: int, groups: int) -> None:
    # PyTorch 2.13 gets a grouped convolution of an even kernel wrong in bfloat16 on processors with AMX.
    positions = Positions(width, 32, groups)
    hidden = torch.randn(4, 60, width)
    with torch.no_grad():
        exact = positions(hidden)
        with torch.autocast("cpu", torch.bfloat16):
            quick = positions(hidden.bfloat16())
    assert (quick.float() - exact).abs().mean() < 0.02 * exact.std()
