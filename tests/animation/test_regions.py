# SPDX-License-Identifier: GPL-3.0-or-later
"""Each region of the face has a strength of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.lips import CLOSED, limit_mouth_close
from emotalk_blender.animation.regions import CHANNELS, scale_regions
from emotalk_blender.animation.settings import RegionStrengths
from emotalk_blender.curves import ARKIT_NAMES, CHANNEL, lip_opening

from ..curve_builders import noisy

STRENGTHS = st.builds(RegionStrengths, *[st.floats(0, 2)] * 6)


def test_every_blendshape_but_blinks_and_mouth_close_is_in_one_region() -> None:
    listed = sorted(index for indices in CHANNELS.values() for index in indices)
    left_out = {"eyeBlinkLeft", "eyeBlinkRight", "mouthClose"}
    assert [ARKIT_NAMES[index] for index in listed] == [name for name in ARKIT_NAMES if name not in left_out]


def test_a_strength_of_1_changes_nothing() -> None:
    curves = noisy(50)
    assert scale_regions(curves, RegionStrengths()) is curves


@pytest.mark.parametrize("region", CHANNELS)
@pytest.mark.parametrize("strength", [0.0, 0.5])
def test_a_region_is_scaled_and_the_others_stay(region: str, strength: float) -> None:
    curves = limit_mouth_close(noisy(50, low=0, high=1))
    scaled = scale_regions(curves, replace(RegionStrengths(), **{region: strength}))
    assert np.allclose(scaled.values[:, CHANNELS[region]], strength * curves.values[:, CHANNELS[region]])
    others = [i for other, indices in CHANNELS.items() if other != region for i in indices]
    assert np.array_equal(scaled.values[:, others], curves.values[:, others])


@given(STRENGTHS, st.integers(0, 30))
def test_closed_lips_stay_closed_whatever_is_made_stronger(strengths: RegionStrengths, seed: int) -> None:
    curves = noisy(40, seed, low=0, high=1)
    curves.values[::3] *= 0.03
    curves.values[1::3, CHANNEL["mouthClose"]] = curves.values[1::3, CHANNEL["jawOpen"]]
    before = lip_opening(curves.values)
    after = lip_opening(scale_regions(curves, strengths).values)
    assert (after[before < CLOSED] <= before[before < CLOSED] + 1e-5).all()
