# SPDX-License-Identifier: GPL-3.0-or-later
"""The alphabet of phones, and other spellings of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.training.rules.phones import (
    PHONES,
    Phone,
    frame_labels,
    from_arpabet,
    from_flite,
    from_ipa,
    spread_ipa,
    tidy,
)


def test_the_alphabet_is_arpabet_with_silence_first() -> None:
    assert PHONES[0] == "SIL"
    assert len(PHONES) == 40
    assert len(set(PHONES)) == 40


@pytest.mark.parametrize(("flite", "arpabet"), [("pau", "SIL"), ("ax", "AH"), ("m", "M"), ("dh", "DH")])
def test_flite(flite: str, arpabet: str) -> None:
    assert from_flite(flite) == arpabet


@pytest.mark.parametrize(
    ("ipa", "arpabet"),
    [
        ("aɪ", ("AY",)),
        ("ɔːɹ", ("AO", "R")),
        ("tʃ", ("CH",)),
        ("t", ("T",)),
        ("tʲ", ("T",)),
        ("m̩", ("M",)),
        ("ˈ", ()),
        ("", ("SIL",)),
        ("sil", ("SIL",)),
        ("oʊ", ("OW",)),
    ],
)
def test_ipa(ipa: str, arpabet: tuple[str, ...]) -> None:
    assert from_ipa(ipa) == arpabet


def test_unknown_letters_are_named() -> None:
    with pytest.raises(ValueError, match="ж"):
        from_ipa("ж")
    with pytest.raises(ValueError, match="qq"):
        from_flite("qq")


def test_stress_and_noise_in_arpabet() -> None:
    assert from_arpabet("AH0") == "AH"
    assert from_arpabet("+NOISE+") == "SIL"


def test_one_spelling_shares_its_time() -> None:
    assert spread_ipa("ɔːɹ", 1.0, 2.0) == [Phone("AO", 1.0, 1.5), Phone("R", 1.5, 2.0)]


@given(
    st.lists(st.tuples(st.sampled_from(PHONES), st.floats(0, 10), st.floats(0, 10)), max_size=12),
    st.floats(0.1, 12),
)
def test_tidy_phones_cover_the_clip_without_gaps(entries: list[tuple[str, float, float]], seconds: float) -> None:
    phones = tidy([Phone(name, a, b) for name, a, b in sorted(entries, key=lambda entry: entry[1])], seconds)
    assert phones[0].start == pytest.approx(0, abs=2e-4)
    assert phones[-1].end == pytest.approx(seconds, abs=2e-4)
    for one, other in itertools.pairwise(phones):
        assert other.start == pytest.approx(one.end, abs=2e-4)
        assert not (one.name == other.name == "SIL")


def test_frames_take_the_phone_that_covers_them() -> None:
    labels = frame_labels([Phone("SIL", 0, 0.1), Phone("M", 0.1, 0.2), Phone("AA", 0.2, 0.3)], 10, 30)
    assert [PHONES[index] for index in labels] == ["SIL"] * 3 + ["M"] * 3 + ["AA"] * 3 + ["SIL"]
    assert labels.dtype == np.int64
