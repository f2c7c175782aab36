# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.curves import CHANNEL, FloatArray
from emotalk_blender.inference.performance import EMOTIONS, MAX_INTENSITY
from emotalk_blender.training.rules.articulation import Speech, articulate, frame_count, opening
from emotalk_blender.training.rules.expression import FACES, PERSONS, both, perform, style
from emotalk_blender.training.rules.phones import BILABIALS, LABIODENTALS, PHONES, Phone

from ..synthetic_speech import in_time, phone_lists

FPS = 30
MOODS = EMOTIONS[1:]
STRENGTHS = st.floats(0, MAX_INTENSITY)


def speak(phones: list[Phone], level: float = 1.0) -> Speech:
    return articulate(phones, np.full(frame_count(int(phones[-1].end * 16000)) * 4, level))


def phrase() -> Speech:
    """A second of rest, two of words, two of rest."""
    words = ["B", "AA", "T", "S", "UW", "M", "IY", "F", "AE", "D"] * 2
    return speak(in_time(["SIL", *words, "SIL"], [1.0, *[0.1] * len(words), 2.0]))


def design(emotion: str) -> FloatArray:
    row = np.zeros(52, np.float32)
    for name, value in FACES[emotion].items():
        row[[CHANNEL[side] for side in both(name)]] = value
    return row


def frames_within(phone: Phone, frames: int) -> range:
    return range(int(np.ceil(phone.start * FPS)), min(int(phone.end * FPS) + 1, frames))


@given(phone_lists(), st.sampled_from(EMOTIONS), STRENGTHS, st.integers(0, PERSONS - 1))
@settings(max_examples=60)
def test_any_face_stays_within_bounds_and_moves_smoothly(
    phones: list[Phone], emotion: str, strength: float, person: int
) -> None:
    face = perform(speak(phones), emotion, strength, person)
    assert face.dtype == np.float32
    assert face.min() >= 0
    assert face.max() <= 1
    assert (face[:, CHANNEL["mouthClose"]] <= face[:, CHANNEL["jawOpen"]] + 1e-6).all()
    # The fastest: lips that burst from M into the funnel of SH, in two frames.
    assert np.abs(np.diff(face, axis=0)).max(initial=0) < 0.65


@given(phone_lists(), st.sampled_from(MOODS), STRENGTHS, st.integers(0, PERSONS - 1))
@settings(max_examples=40)
def test_no_mood_parts_the_lips_on_p_b_m(phones: list[Phone], emotion: str, strength: float, person: int) -> None:
    speech = speak(phones)
    gap = opening(perform(speech, emotion, strength, person))
    for phone in phones:
        if phone.name in BILABIALS:
            assert all(gap[frame] < 0.05 for frame in frames_within(phone, speech.frames))


@given(phone_lists(tuple(name for name in PHONES if name not in BILABIALS)), st.sampled_from(MOODS), STRENGTHS)
@settings(max_examples=40)
def test_no_mood_takes_the_lip_off_the_teeth_on_f_and_v(phones: list[Phone], emotion: str, strength: float) -> None:
    face = perform(speak(phones), emotion, strength)
    for phone in phones:
        if phone.name in LABIODENTALS:
            for frame in frames_within(phone, len(face)):
                assert face[frame, CHANNEL["mouthLowerDownLeft"]] < 0.05
                assert face[frame, CHANNEL["mouthRollLower"]] > 0.35


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_no_mood_shows_teeth_in_silence(emotion: str) -> None:
    face = perform(phrase(), emotion, MAX_INTENSITY)
    assert opening(face)[:15].max() < 0.03
    assert opening(face)[-30:].max() < 0.03


@pytest.mark.parametrize("emotion", MOODS)
def test_a_mood_reaches_its_design_within_a_phrase(emotion: str) -> None:
    speech = phrase()
    change = (perform(speech, emotion, 1.0) - perform(speech, "neutral", 1.0))[36:84].mean(axis=0)
    wanted = design(emotion)
    assert change @ wanted / (wanted @ wanted) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("strength", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("emotion", MOODS)
def test_a_mood_resembles_no_other_as_much_as_itself(emotion: str, strength: float) -> None:
    speech = phrase()
    change = (perform(speech, emotion, strength) - perform(speech, "neutral", 1.0)).mean(axis=0)

    def likeness(other: str) -> float:
        return float(change @ design(other) / np.linalg.norm(change) / np.linalg.norm(design(other)))

    assert max(MOODS, key=likeness) == emotion
    assert likeness(emotion) > 0.8


@pytest.mark.parametrize("emotion", MOODS)
def test_words_stay_readable_in_every_mood(emotion: str) -> None:
    speech = phrase()
    plain, moved = (opening(perform(speech, mood, 1.0)) for mood in ("neutral", emotion))
    assert np.corrcoef(plain, moved)[0, 1] > 0.9


@pytest.mark.parametrize("emotion", MOODS)
def test_a_mood_breathes_with_the_phrase_and_never_leaves(emotion: str) -> None:
    wanted = design(emotion)
    shown = perform(phrase(), emotion, 1.0) @ wanted / (wanted @ wanted)
    assert shown[36:84].mean() > 1.15 * shown[-15:].mean()
    assert shown[-15:].min() > 0.3


def test_the_upper_face_moves_before_the_mouth() -> None:
    face = perform(phrase(), "sad", 1.0)
    first = {}
    for name in ("browInnerUp", "mouthFrownLeft"):
        curve = face[:, CHANNEL[name]]
        first[name] = int(np.argmax(curve > curve[0] + 0.3 * (curve.max() - curve[0])))
    assert first["browInnerUp"] < first["mouthFrownLeft"]


def test_stress_raises_the_brows_but_not_under_a_frown() -> None:
    level = np.full(4 * 90, 0.3)
    level[160:200] = 1.2
    speech = articulate(in_time(["AA", "T"] * 10, [0.15] * 20), level)
    assert speech.accent.max() > 0.2
    loudest = int(speech.accent.argmax())
    brows = {mood: perform(speech, mood, 1.0)[:, CHANNEL["browOuterUpLeft"]] for mood in ("neutral", "angry")}
    assert brows["neutral"][loudest] - brows["neutral"][5] > 0.04
    assert brows["angry"][loudest] < 0.3 * brows["neutral"][loudest]


def test_a_smile_gives_way_to_rounded_lips() -> None:
    smile = perform(speak(in_time(["AA", "UW", "AA"], [0.4, 0.4, 0.4])), "happy", 1.0)[:, CHANNEL["mouthSmileLeft"]]
    assert smile[18] < 0.9 * smile[6]
    assert smile[18] > 0.3


def test_strong_is_an_extension_of_half() -> None:
    speech = phrase()
    neutral, half, strong = (perform(speech, "surprise", strength, 3) for strength in (0.0, 0.5, 1.0))
    within = strong < 1
    assert np.allclose(half[within], (neutral + strong)[within] / 2, atol=0.03)
    assert np.array_equal(neutral, perform(speech, "neutral", 1.3, 3))


def test_persons_have_their_own_range_brows_and_sides() -> None:
    speech = phrase()
    plain = perform(speech, "sad", 1.0)
    assert np.array_equal(plain[:, CHANNEL["mouthFrownLeft"]], plain[:, CHANNEL["mouthFrownRight"]])
    faces = [perform(speech, "sad", 1.0, person) for person in range(1, PERSONS)]
    jaws = [face[:, CHANNEL["jawOpen"]].max() / plain[:, CHANNEL["jawOpen"]].max() for face in faces]
    assert min(jaws) < 0.85
    assert max(jaws) > 1.1
    sides = [face[40, CHANNEL["mouthFrownLeft"]] - face[40, CHANNEL["mouthFrownRight"]] for face in faces]
    assert min(sides) < -0.05
    assert max(sides) > 0.05
    assert len({style(person) for person in range(PERSONS)}) == PERSONS


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_blinks_are_left_to_others(emotion: str) -> None:
    face = perform(phrase(), emotion, 1.0)
    assert face[:, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]].max() == 0


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="person 24"):
        style(24)
    with pytest.raises(ValueError, match="bored"):
        perform(phrase(), "bored", 1.0)
