# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones become a mouth: lips, teeth, jaw and tongue in time with them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from emotalk_blender.curves import CHANNEL, lip_opening
from emotalk_blender.training.rules.articulation import Speech, articulate
from emotalk_blender.training.rules.loudness import frame_count, loudness
from emotalk_blender.training.rules.phones import BILABIALS, LABIODENTALS, PHONES, Phone

from ..synthetic_speech import in_time, phone_lists, sound_of

FPS = 30


def speak(phones: list[Phone], level: float = 1.0) -> Speech:
    return articulate(phones, np.full(frame_count(int(phones[-1].end * 16000)) * 4, level))


def frames_within(phone: Phone, frames: int) -> range:
    return range(int(np.ceil(phone.start * FPS)), min(int(phone.end * FPS) + 1, frames))


@given(phone_lists())
@settings(max_examples=60)
def test_lips_are_shut_in_every_frame_of_p_b_m(phones: list[Phone]) -> None:
    speech = speak(phones)
    gap = lip_opening(speech.curves)
    for phone in phones:
        if phone.name in BILABIALS:
            for frame in frames_within(phone, speech.frames):
                assert gap[frame] < 0.02
                jaw, close = speech.curves[frame, CHANNEL["jawOpen"]], speech.curves[frame, CHANNEL["mouthClose"]]
                assert jaw < 0.1
                assert close == pytest.approx(jaw, abs=0.01)


@given(phone_lists(tuple(name for name in PHONES if name not in BILABIALS)))
@settings(max_examples=60)
def test_the_lower_lip_meets_the_teeth_in_f_and_v(phones: list[Phone]) -> None:
    curves = speak(phones).curves
    for phone in phones:
        if phone.name in LABIODENTALS:
            for frame in frames_within(phone, len(curves)):
                assert curves[frame, CHANNEL["mouthRollLower"]] > 0.35
                assert curves[frame, CHANNEL["mouthLowerDownLeft"]] < 0.02
                assert curves[frame, CHANNEL["jawOpen"]] < 0.12


def test_silence_is_a_closed_mouth() -> None:
    phones = in_time(["SIL", "HH", "EH", "L", "OW", "SIL"], [1.0, 0.08, 0.1, 0.08, 0.2, 1.5])
    gap = lip_opening(speak(phones).curves)
    assert gap[:20].max() < 0.04
    assert gap[-20:].max() < 0.04


@given(phone_lists())
@settings(max_examples=60)
def test_the_mouth_stays_within_bounds_and_moves_smoothly(phones: list[Phone]) -> None:
    curves = speak(phones).curves
    assert curves.min() >= 0
    assert curves.max() <= 1
    # The fastest: lips that burst from M into the funnel of SH, in two frames.
    assert np.abs(np.diff(curves, axis=0)).max(initial=0) < 0.5


def test_open_vowels_open_and_close_vowels_hardly() -> None:
    gaps = {}
    for vowel in ("AA", "IY", "UW"):
        gaps[vowel] = lip_opening(
            speak(in_time(["SIL", "T", vowel, "T", "SIL"], [0.3, 0.08, 0.2, 0.08, 0.3])).curves
        ).max()
    assert gaps["AA"] > 0.4
    assert gaps["AA"] > 1.2 * gaps["IY"]
    assert gaps["AA"] > 1.5 * gaps["UW"]


def test_rounding_starts_before_the_sound() -> None:
    phones = in_time(["SIL", "AA", "S", "UW", "SIL"], [0.3, 0.2, 0.1, 0.25, 0.3])
    pucker = speak(phones).curves[:, CHANNEL["mouthPucker"]]
    assert pucker[round(0.57 * FPS)] > 0.15  # 30 ms before UW, within the S
    assert pucker.max() > 0.4


def test_tongue_sounds_leave_the_lips_to_their_neighbours() -> None:
    plain = speak(in_time(["UW", "UW", "UW"], [0.2, 0.08, 0.2])).curves[:, CHANNEL["mouthPucker"]]
    across = speak(in_time(["UW", "N", "UW"], [0.2, 0.08, 0.2])).curves[:, CHANNEL["mouthPucker"]]
    assert np.abs(plain - across)[3:-3].max() < 0.12


def test_sibilants_narrow_the_jaw() -> None:
    phones = in_time(["AA", "S", "AA"], [0.2, 0.12, 0.2])
    jaw = speak(phones).curves[:, CHANNEL["jawOpen"]]
    assert jaw[round(0.26 * FPS)] < 0.55 * jaw.max()


def test_tongue_shows_in_th() -> None:
    curves = speak(in_time(["AA", "TH", "AA"], [0.2, 0.12, 0.2])).curves
    tongue = curves[:, CHANNEL["tongueOut"]]
    assert tongue.max() > 0.4
    assert tongue[0] == 0
    assert curves[tongue.argmax(), CHANNEL["jawOpen"]] > 0.15, "or it would stay behind the teeth"


def test_rounded_lips_leave_a_small_hole() -> None:
    for phone in ("UW", "W"):
        curves = speak(in_time(["SIL", "AA", phone, "AA", "SIL"], [0.3, 0.2, 0.12, 0.2, 0.3])).curves
        middle = curves[round(0.55 * FPS)]
        assert middle[CHANNEL["mouthPucker"]] > 0.55
        assert middle[CHANNEL["mouthFunnel"]] < 0.35
        assert middle[CHANNEL["jawOpen"]] < 0.28


def test_a_short_vowel_between_closures_opens() -> None:
    phones = in_time(["AA", "P", "AH", "B", "AA"], [0.2, 0.08, 0.06, 0.08, 0.2])
    gap = lip_opening(speak(phones).curves)
    assert gap[round(0.31 * FPS)] > 0.08


def test_a_breath_is_drawn_before_a_phrase_but_not_within_one() -> None:
    for pause, least, most in ((0.8, 0.05, 0.15), (0.1, 0.15, 1.0)):
        phones = in_time(["AA", "SIL", "IY", "SIL"], [0.3, pause, 0.3, 0.5])
        jaw = speak(phones).curves[:, CHANNEL["jawOpen"]]
        assert least < jaw[round((0.3 + pause - 0.16) * FPS)] < most
    phones = in_time(["SIL", "M", "AA", "SIL"], [1.0, 0.1, 0.2, 1.0])
    gap = lip_opening(speak(phones).curves)
    assert gap[round(0.84 * FPS)] > 0.05
    assert gap[: round(0.6 * FPS)].max() < 0.01
    assert gap[-round(0.6 * FPS) :].max() < 0.01


def test_louder_speech_opens_wider() -> None:
    phones = in_time(["SIL", "AA", "SIL"], [0.3, 0.3, 0.3])
    loud, soft = (lip_opening(speak(phones, level).curves).max() for level in (1.0, 0.2))
    assert loud > 1.3 * soft


def test_loudness_is_relative_to_the_clip() -> None:
    phones = in_time(["SIL", "AA", "SIL"], [0.4, 0.5, 0.4])
    sound = sound_of(phones)
    assert np.allclose(loudness(sound, phones), loudness(sound * 0.1, phones), atol=1e-3)
    assert loudness(np.zeros(16000, np.float32), [Phone("SIL", 0, 1)]).max() == 0
