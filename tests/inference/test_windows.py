# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows cover every frame once in sum."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.inference.windows import windows


@given(st.integers(1, 3000), st.integers(10, 400), st.integers(0, 200))
def test_weights_of_all_windows_add_up_to_one_on_every_frame(frames, size, overlap):
    overlap = min(overlap, size // 2)
    total = np.zeros(frames)
    for part in windows(frames, size, overlap):
        assert 0 <= part.start < part.stop <= frames
        assert part.stop - part.start <= size
        assert (part.weight > 0).all()
        total[part.start : part.stop] += part.weight
    assert np.allclose(total, 1, atol=1e-5)


@given(st.integers(1, 2000))
def test_neighbours_share_the_overlap_and_short_clips_are_not_cut(frames):
    parts = windows(frames, 300, 60)
    if frames <= 300:
        assert [(part.start, part.stop) for part in parts] == [(0, frames)]
    for before, after in itertools.pairwise(parts):
        assert before.stop - after.start >= 60


@given(st.integers(301, 3000))
def test_weights_change_gently(frames):
    for part in windows(frames, 300, 60):
        assert np.abs(np.diff(part.weight)).max() < 0.05


@pytest.mark.parametrize(("frames", "size", "overlap"), [(0, 10, 2), (10, 10, 6), (10, 0, 0), (10, 10, -1)])
def test_impossible_windows_are_refused(frames, size, overlap):
    with pytest.raises(ValueError, match="no windows"):
        windows(frames, size, overlap)
