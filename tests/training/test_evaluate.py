# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.training.articulation import articulate, loudness, opening
from emotalk_blender.training.evaluate import (
    Closures,
    Take,
    closures,
    correlation,
    emotion_shows,
    evaluate,
    evaluate_take,
    follows,
    jitter,
    read_takes,
    sum_closures,
    table,
)
from emotalk_blender.training.expression import perform
from emotalk_blender.training.phones import Phone

from .made_up import in_time, random_phones, sound_of


def talk(seconds: float = 6.0, seed: int = 3) -> Take:
    phones = random_phones(np.random.default_rng(seed), seconds)
    samples = sound_of(phones)
    return Take("made up", samples, phones, articulate(phones, loudness(samples, phones)).curves)


def test_a_curve_follows_itself_perfectly() -> None:
    take = talk()
    gap = opening(take.curves)
    speaking = np.ones(len(gap), bool)
    found = follows(gap, gap, speaking)
    assert found.all_frames == pytest.approx(1)
    assert found.speech_frames == pytest.approx(1)
    assert found.lag == 0


@given(st.integers(-5, 5))
@settings(max_examples=11)
def test_a_late_curve_has_its_lag_named(late: int) -> None:
    gap = opening(talk().curves)
    found = follows(np.roll(gap, late), gap, np.ones(len(gap), bool))
    assert found.lag == late
    assert found.best == pytest.approx(1, abs=1e-6)


def test_what_does_not_move_correlates_with_nothing() -> None:
    assert correlation(np.zeros(10, np.float32), np.arange(10, dtype=np.float32)) == 0


def test_closures_are_counted() -> None:
    phones = in_time(["AA", "P", "AA", "M", "AA", "B", "AA"], [0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3])
    gap = np.full(45, 0.5, np.float32)
    assert closures(gap, phones) == Closures(0.0, 0.0, 0.0, 3)
    gap[9:12] = 0.0  # the P at 0.3 s
    found = closures(gap, phones)
    assert found.closed == pytest.approx(1 / 3)
    assert found.false == 0


def test_a_mouth_that_stays_shut_closes_falsely() -> None:
    phones = in_time(["AA", "P", "AA"], [0.3, 0.1, 0.3])
    gap = np.zeros(21, np.float32)
    gap[:6] = 0.5
    assert closures(gap, phones).false == pytest.approx(0.5)  # the second vowel never opens
    assert closures(gap, phones).closed == 1


def test_chance_is_high_for_a_mouth_that_flaps() -> None:
    take = talk(10)
    flap = (np.arange(len(take.curves)) % 4 < 2).astype(np.float32)
    assert take.phones is not None
    assert closures(flap, take.phones).chance > 0.9


def test_the_rules_close_their_own_lips() -> None:
    take = talk(20)
    assert take.phones is not None
    found = closures(opening(take.curves), take.phones)
    assert found.count >= 5
    assert found.closed == 1


def test_closures_of_takes_add_up_by_their_count() -> None:
    assert sum_closures([Closures(1.0, 0.5, 0.0, 3), Closures(0.0, 0.5, 0.4, 1)]) == Closures(
        0.75, 0.5, pytest.approx(0.1), 4
    )


def test_jitter_is_the_part_above_8_hz() -> None:
    time = np.arange(300) / 30
    slow, fast = np.sin(2 * np.pi * 2 * time), np.sin(2 * np.pi * 10 * time)
    assert jitter(slow[:, None].astype(np.float32)) < 0.01
    assert jitter((slow + fast)[:, None].astype(np.float32)) == pytest.approx(0.5, abs=0.02)
    assert jitter(np.zeros((30, 52), np.float32)) == 0


def teacher(take: Take):
    """A network that knows the rules: it gives the take's own face in any emotion."""
    assert take.phones is not None
    speech = articulate(take.phones, loudness(take.samples, take.phones))
    return lambda samples, emotion, intensity: perform(speech, "neutral" if emotion == "voice" else emotion, intensity)


def test_a_perfect_network_has_perfect_figures() -> None:
    take = talk(10)
    figures = evaluate_take(take, teacher(take))
    assert figures.network.all_frames == pytest.approx(1, abs=1e-3)
    assert figures.network.lag == 0
    assert figures.closures is not None
    assert figures.closures.closed == 1
    assert figures.loudness.speech_frames < 0.7


def test_set_emotions_show_in_a_network_that_has_them() -> None:
    take = talk(8)
    shows = emotion_shows(teacher(take), take.samples)
    assert set(shows) == set(EMOTIONS[1:])
    for part, words in shows.values():
        assert 0.7 < part < 1.2
        assert words > 0.85

    def deaf(samples: np.ndarray, emotion: str, intensity: float) -> np.ndarray:
        return take.curves

    assert all(part == pytest.approx(0, abs=1e-6) for part, _ in emotion_shows(deaf, take.samples).values())


def test_the_table_names_every_part() -> None:
    take = talk(8)
    text = table(*evaluate([take], teacher(take)))
    for word in ("aligned speech", "loudness", "chance", "happy", "above 8 Hz"):
        assert word in text
    assert "captures" not in text


def write_take(folder: Path, take: Take) -> None:
    soundfile.write(folder / "a.flac", take.samples, 16000)
    np.savez(folder / "a.npz", curves=take.curves.astype(np.float16))


def test_captures_are_read_and_their_jaw_is_judged(tmp_path: Path) -> None:
    take = talk(8)
    write_take(tmp_path, take)
    (read,) = read_takes(tmp_path)
    assert read.phones is None
    assert len(read.curves) == len(take.curves)
    figures = evaluate_take(read, teacher(take))
    assert figures.network.all_frames > 0.99
    assert figures.closures is None
    assert read_takes(tmp_path / "a.flac")[0].name == "a"


def test_textgrids_are_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros(16000, np.float32), 16000)
    (tmp_path / "a.TextGrid").write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n2\n'
        '"IntervalTier"\n"words"\n0\n1\n1\n0\n1\n"map"\n'
        '"IntervalTier"\n"phones"\n0\n1\n4\n0\n0.2\n""\n0.2\n0.4\n"M"\n0.4\n0.7\n"AE1"\n0.7\n1\n"P"\n'
    )
    (read,) = read_takes(tmp_path)
    assert read.phones == [Phone("SIL", 0, 0.2), Phone("M", 0.2, 0.4), Phone("AE", 0.4, 0.7), Phone("P", 0.7, 1.0)]


def test_a_folder_without_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="holds no"):
        read_takes(tmp_path)
