# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.curves import CHANNEL
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.training.articulation import Speech, articulate, frame_count, loudness, opening
from emotalk_blender.training.expression import PERSONS, perform, style
from emotalk_blender.training.phones import BILABIALS, LABIODENTALS, PHONES, Phone

from .made_up import in_time, phone_lists, sound_of

FPS = 30


def speak(phones: list[Phone], level: float = 1.0) -> Speech:
    return articulate(phones, np.full(frame_count(int(phones[-1].end * 16000)) * 4, level))


def frames_within(phone: Phone, frames: int) -> range:
    return range(int(np.ceil(phone.start * FPS)), min(int(phone.end * FPS) + 1, frames))


@given(phone_lists())
@settings(max_examples=60)
def test_lips_are_shut_in_every_frame_of_p_b_m(phones: list[Phone]) -> None:
    speech = speak(phones)
    gap = opening(speech.curves)
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


@given(phone_lists(), st.sampled_from(EMOTIONS), st.floats(0, 1.5), st.integers(0, PERSONS - 1))
@settings(max_examples=60)
def test_every_face_stays_within_bounds_and_moves_smoothly(
    phones: list[Phone], emotion: str, strength: float, person: int
) -> None:
    face = perform(speak(phones), emotion, strength, person)
    assert np.isfinite(face).all()
    assert face.min() >= 0
    assert face.max() <= 1
    # A jaw that opens 0.6 in a tenth of a second moves 0.2 a frame at the steepest.
    assert np.abs(np.diff(face, axis=0)).max(initial=0) < 0.5


@given(phone_lists(), st.sampled_from(EMOTIONS), st.integers(0, PERSONS - 1))
@settings(max_examples=40)
def test_lips_stay_shut_in_p_b_m_in_any_mood(phones: list[Phone], emotion: str, person: int) -> None:
    speech = speak(phones)
    gap = opening(perform(speech, emotion, 1.0, person))
    for phone in phones:
        if phone.name in BILABIALS:
            assert all(gap[frame] < 0.06 for frame in frames_within(phone, speech.frames))


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_silence_is_a_closed_mouth(emotion: str) -> None:
    phones = in_time(["SIL", "HH", "EH", "L", "OW", "SIL"], [1.0, 0.08, 0.1, 0.08, 0.2, 1.5])
    face = perform(speak(phones), emotion, 1.0)
    assert opening(face)[:20].max() < 0.04
    assert opening(face)[-20:].max() < 0.04


def test_open_vowels_open_and_close_vowels_hardly() -> None:
    gaps = {}
    for vowel in ("AA", "IY", "UW"):
        gaps[vowel] = opening(speak(in_time(["SIL", "T", vowel, "T", "SIL"], [0.3, 0.08, 0.2, 0.08, 0.3])).curves).max()
    assert gaps["AA"] > 0.4
    assert gaps["AA"] > 1.5 * gaps["IY"]
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
    tongue = speak(in_time(["AA", "TH", "AA"], [0.2, 0.12, 0.2])).curves[:, CHANNEL["tongueOut"]]
    assert tongue.max() > 0.2
    assert tongue[0] == 0


def test_louder_speech_opens_wider() -> None:
    phones = in_time(["SIL", "AA", "SIL"], [0.3, 0.3, 0.3])
    loud, soft = (opening(speak(phones, level).curves).max() for level in (1.0, 0.2))
    assert loud > 1.3 * soft


def test_loudness_is_relative_to_the_clip() -> None:
    phones = in_time(["SIL", "AA", "SIL"], [0.4, 0.5, 0.4])
    sound = sound_of(phones)
    assert np.allclose(loudness(sound, phones), loudness(sound * 0.1, phones), atol=1e-3)
    assert loudness(np.zeros(16000, np.float32), [Phone("SIL", 0, 1)]).max() == 0


def test_blinks_and_gaze_are_left_to_others() -> None:
    speech = speak(in_time(["SIL", "AA", "M", "IY", "SIL"], [0.3, 0.2, 0.1, 0.2, 0.3]))
    for emotion in EMOTIONS:
        face = perform(speech, emotion, 1.0)
        assert face[:, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]].max() == 0


def test_each_mood_has_its_own_face() -> None:
    speech = speak(in_time(["SIL", "AA", "T", "IY", "SIL"], [0.3, 0.2, 0.1, 0.2, 0.3]))
    means = {emotion: perform(speech, emotion, 1.0).mean(axis=0) for emotion in EMOTIONS}
    for one in EMOTIONS:
        for other in EMOTIONS:
            if one < other:
                assert np.abs(means[one] - means[other]).max() > 0.2
    assert means["happy"][CHANNEL["mouthSmileLeft"]] > 0.4
    assert means["sad"][CHANNEL["mouthFrownLeft"]] > 0.4
    assert means["angry"][CHANNEL["browDownLeft"]] > 0.5
    assert means["surprise"][CHANNEL["browOuterUpLeft"]] > 0.5


def test_strength_lies_on_a_line() -> None:
    speech = speak(in_time(["SIL", "AA", "SIL"], [0.3, 0.2, 0.3]))
    neutral, half, strong = (perform(speech, "happy", strength) for strength in (0.0, 0.5, 1.0))
    assert np.allclose(half, (neutral + strong) / 2, atol=0.02)


def test_persons_differ_and_the_first_is_plain() -> None:
    speech = speak(in_time(["SIL", "AA", "SIL"], [0.3, 0.2, 0.3]))
    first = perform(speech, "happy", 1.0, 0)
    assert np.allclose(first[:, CHANNEL["mouthSmileLeft"]], first[:, CHANNEL["mouthSmileRight"]])
    assert len({style(person) for person in range(PERSONS)}) == PERSONS
    with pytest.raises(ValueError, match="person 24"):
        style(24)
    with pytest.raises(ValueError, match="bored"):
        perform(speech, "bored", 1.0)
