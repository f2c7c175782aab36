# SPDX-License-Identifier: GPL-3.0-or-later
"""A mood on the face, which leaves the words readable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.curves import ARKIT_NAMES, CHANNEL, FloatArray, lip_opening
from emotalk_blender.inference.performance import EMOTIONS, MAX_INTENSITY
from emotalk_blender.training.rules.articulation import Speech, articulate
from emotalk_blender.training.rules.expression import PERSONS, both, perform, style
from emotalk_blender.training.rules.loudness import frame_count
from emotalk_blender.training.rules.mood_faces import FACES
from emotalk_blender.training.rules.phones import BILABIALS, LABIODENTALS, PHONES, Phone

from ..synthetic_speech import in_time, phone_lists

FPS = 30
MOODS = EMOTIONS[1:]
STRENGTHS = st.floats(0, MAX_INTENSITY)


def speak(phones: list[Phone], level: float = 1.0) -> Speech:
    return articulate(phones, np.full(frame_count(int(phones[-1].end * 16000)) * 4, level))


def phrase() -> Speech:
    """A second of rest, two of words with three stressed syllables, two of rest."""
    words = ["B", "AA", "T", "S", "UW", "M", "IY", "F", "AE", "D"] * 2
    return articulate(in_time(["SIL", *words, "SIL"], [1.0, *[0.1] * len(words), 2.0]), voice(5.0, [1.2, 1.9, 2.6]))


def voice(seconds: float, stressed: list[float]) -> np.ndarray:
    """Loudness at 120 Hz with syllables, 5 a second, of which some are stressed."""
    times = np.arange(int(seconds * 120)) / 120
    level = 0.35 + 0.15 * np.cos(10 * np.pi * times)
    for moment in stressed:
        level = np.maximum(level, 1.1 * np.exp(-(((times - moment) / 0.1) ** 2)))
    return level


def talk(seconds: int = 20) -> Speech:
    """Sentences of 3 s with pauses of 0.6 s, stressed now and then and here more than there, as people talk."""
    rng = np.random.default_rng(3)
    names: list[str] = []
    for _ in range(seconds * 10):
        names += ["SIL"] * 6 if len(names) % 36 == 0 else [str(rng.choice(PHONES[1:]))]
    names = names[: seconds * 10]
    stressed = np.cumsum(rng.uniform(0.5, 1.5, seconds))
    level = voice(float(seconds), [float(moment) for moment in stressed])
    level *= np.repeat([name != "SIL" for name in names], 12)
    return articulate(in_time(names, [0.1] * len(names)), level * (0.8 + 0.2 * np.sin(np.arange(len(level)) / 200)))


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
    gap = lip_opening(perform(speech, emotion, strength, person))
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
    assert lip_opening(face)[:15].max() < 0.03
    assert lip_opening(face)[-30:].max() < 0.03


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
    plain, moved = (lip_opening(perform(speech, mood, 1.0)) for mood in ("neutral", emotion))
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
    speech = articulate(in_time(["AA", "T"] * 10, [0.15] * 20), voice(3.0, [1.5]))
    brows = {mood: perform(speech, mood, 1.0)[:, CHANNEL["browOuterUpLeft"]] for mood in ("neutral", "angry")}
    assert brows["neutral"][45] - brows["neutral"][28] > 0.15
    assert brows["angry"].max() < 0.3 * brows["neutral"][45]
    frown = perform(speech, "angry", 1.0)[:, CHANNEL["browDownLeft"]]
    assert frown[45] > 1.5 * frown[28]


def test_a_smile_gives_way_to_rounded_lips() -> None:
    smile = perform(speak(in_time(["AA", "UW", "AA"], [0.4, 0.4, 0.4])), "happy", 1.0)[:, CHANNEL["mouthSmileLeft"]]
    assert smile[18] < 0.9 * smile[6]
    assert smile[18] > 0.2


def test_strong_is_an_extension_of_half() -> None:
    speech = phrase()
    neutral, half, strong = (perform(speech, "surprise", strength, 3) for strength in (0.0, 0.5, 1.0))
    within = strong < 1
    assert np.allclose(half[within], (neutral + strong)[within] / 2, atol=0.03)
    assert np.array_equal(neutral, perform(speech, "neutral", 1.3, 3))


def test_persons_have_their_own_range_brows_and_sides() -> None:
    speech = phrase()
    plain = perform(speech, "sad", 1.0)
    faces = [perform(speech, "sad", 1.0, person) for person in range(1, PERSONS)]
    jaws = [face[:, CHANNEL["jawOpen"]].max() / plain[:, CHANNEL["jawOpen"]].max() for face in faces]
    assert min(jaws) < 0.85
    assert max(jaws) > 1.1
    sides = [face[40, CHANNEL["mouthFrownLeft"]] - face[40, CHANNEL["mouthFrownRight"]] for face in faces]
    assert min(sides) < -0.05
    assert max(sides) > 0.05
    assert len({style(person) for person in range(PERSONS)}) == PERSONS


LEADING = {
    "happy": ("cheekSquintLeft",),
    "sad": ("browInnerUp",),
    "angry": ("browDownLeft",),
    "fear": ("browInnerUp", "eyeWideLeft"),
    "disgust": ("noseSneerLeft", "cheekSquintLeft"),
    "surprise": ("browInnerUp", "browOuterUpLeft", "eyeWideLeft"),
}


@pytest.mark.parametrize("emotion", MOODS)
def test_a_strong_feeling_is_no_mask(emotion: str) -> None:
    face = perform(talk(), emotion, 1.0)
    for name in LEADING[emotion]:
        curve = face[:, CHANNEL[name]]
        assert 0.3 < curve.mean() < 0.62, name
        assert curve.std() > 0.35 * curve.mean(), name


def test_brows_live_in_plain_speech() -> None:
    face = perform(talk(), "neutral", 1.0)
    assert face[:, CHANNEL["browInnerUp"]].std() > 0.1
    for name in ("browOuterUpLeft", "browDownLeft", "eyeWideLeft", "eyeSquintLeft", "cheekSquintLeft"):
        assert face[:, CHANNEL[name]].std() > 0.01, name


def test_angry_lids_narrow_and_are_torn_open_on_stress() -> None:
    face = perform(articulate(in_time(["AA", "T"] * 10, [0.15] * 20), voice(3.0, [1.5])), "angry", 1.0)
    wide, narrow = face[:, CHANNEL["eyeWideLeft"]], face[:, CHANNEL["eyeSquintLeft"]]
    assert wide[45] > 1.5 * wide[28]
    assert narrow[45] < 0.8 * narrow[28]


def test_cheeks_answer_the_brows() -> None:
    speech = articulate(in_time(["AA", "T"] * 10, [0.15] * 20), voice(3.0, [1.5]))
    face = perform(speech, "neutral", 1.0)
    assert 0 < face[30:60, CHANNEL["cheekSquintLeft"]].argmax() - face[30:60, CHANNEL["browInnerUp"]].argmax() < 8


def test_anger_presses_a_shut_mouth_and_squares_an_open_one() -> None:
    speech = speak(in_time(["SIL", "AA", "SIL"], [1.0, 0.5, 1.0]))
    change = perform(speech, "angry", 1.0) - perform(speech, "neutral", 1.0)
    shut, wide = change[15], change[36]
    assert shut[CHANNEL["mouthPressLeft"]] > 0.25
    assert shut[CHANNEL["mouthPressLeft"]] > 2 * wide[CHANNEL["mouthPressLeft"]]
    for name in ("mouthLowerDownLeft", "mouthUpperUpLeft", "mouthStretchLeft", "mouthFunnel"):
        assert wide[CHANNEL[name]] > 0.05, name
        assert wide[CHANNEL[name]] > shut[CHANNEL[name]], name


@pytest.mark.parametrize(("one", "other", "most"), [("angry", "disgust", 0.65), ("fear", "surprise", 0.75)])
def test_moods_that_are_easily_confused_differ_in_more_than_a_brow(one: str, other: str, most: float) -> None:
    below = np.array([not name.startswith("brow") for name in ARKIT_NAMES])
    faces = [perform(phrase(), mood, 1.0) - perform(phrase(), "neutral", 1.0) for mood in (one, other)]
    for shown in (np.ones(52, bool), below):
        first, second = (face[36:84].mean(axis=0) * shown for face in faces)
        assert first @ second / np.linalg.norm(first) / np.linalg.norm(second) < most


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_no_feeling_is_quite_even_and_words_are(emotion: str) -> None:
    face = perform(talk(), emotion, 1.0)
    differences = {
        name: np.abs(face[:, CHANNEL[name]] - face[:, CHANNEL[name.replace("Left", "Right")]]).max()
        for name in ARKIT_NAMES
        if name.endswith("Left") and name not in ("mouthLeft", "jawLeft")
    }
    assert 0.02 < max(differences.values()) < 0.4
    if emotion == "neutral":
        assert all(difference < 0.01 for name, difference in differences.items() if name.startswith("mouth"))


def test_a_captured_brow_keeps_to_what_the_actor_did() -> None:
    speech = talk(5)
    captured = np.array([name.startswith("brow") for name in ARKIT_NAMES])
    face = perform(speech, "neutral", 1.0, captured=captured)
    assert np.array_equal(face[:, captured], speech.curves[:, captured])
    assert face[:, CHANNEL["eyeWideLeft"]].max() > 0.05


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_blinks_are_left_to_others(emotion: str) -> None:
    face = perform(phrase(), emotion, 1.0)
    assert face[:, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]].max() == 0


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="person 24"):
        style(24)
    with pytest.raises(ValueError, match="bored"):
        perform(phrase(), "bored", 1.0)
