# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a corpus: hours, shares, voices, and what is held out."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from emotalk_blender.training.captures.captures import Capture
from emotalk_blender.training.corpus.corpus_plan import (
    CAPTURE_COPIES,
    MOST_COPIES,
    SHARES,
    SYNTHESISED_SHARE,
    Ingredients,
    Stored,
    Task,
    capture_pieces,
    gathered,
    joined,
    plan,
)
from emotalk_blender.training.rules.loudness import frame_count
from emotalk_blender.training.rules.phones import Phone
from emotalk_blender.training.speech.pieces import Piece

FOLDER = Path("pieces")


def take(seconds: float, name: str = "take", speaker: str = "actor") -> Capture:
    """A take that is loud but for a short pause each second, its first channel a clock."""
    frames = int(seconds * 30)
    samples = np.ones(frames * 16000 // 30, np.float32)
    curves = np.zeros((frames, 52), np.float32)
    curves[:, 0] = np.linspace(0, 1, frames)
    for second in range(int(seconds)):
        samples[second * 16000 + 8000 : second * 16000 + 9600] = 0
    return Capture(name, samples, curves, np.arange(52) < 1, speaker)


def speech(source: str, voices: int, each: int, seconds: float = 3.0) -> list[Stored]:
    return [
        Stored(
            FOLDER,
            Piece(f"{voice:03d}_{number}", source, f"{source}/{voice:03d}", "neutral", 0.0, seconds, []),
        )
        for voice in range(voices)
        for number in range(each)
    ]


def seconds_of(tasks: list[Task]) -> float:
    return sum(stored.piece.seconds for task in tasks for stored in task.pieces)


def test_a_plan_keeps_to_the_hours_and_shares() -> None:
    ingredients = Ingredients(speech=speech("recording", 20, 10) + speech("kokoro", 28, 5) + speech("emodb", 8, 10))
    tasks = plan(1.5, ingredients)
    assert [task.number for task in tasks] == list(range(len(tasks)))
    for source, share in SHARES.items():
        own = [task for task in tasks if task.pieces and task.pieces[0].piece.source == source]
        assert seconds_of(own) == pytest.approx(share * 5400, rel=0.15)
        assert sum(len(task.pieces) for task in own if task.plain) == sum(
            stored.piece.source == source for stored in ingredients.speech
        )
    made_up = [task for task in tasks if not task.pieces]
    assert len(made_up) * 8 == pytest.approx(5400 - seconds_of(tasks), abs=500)


def test_synthesisers_speak_what_others_leave_and_a_little_at_least() -> None:
    assert len(plan(0.5, Ingredients())) == 225
    enough = plan(0.5, Ingredients(speech=speech("recording", 20, 60)))
    assert sum(not task.pieces for task in enough) == pytest.approx(0.5 * 3600 * SYNTHESISED_SHARE / 8, abs=1)


def test_the_same_words_are_not_repeated_for_ever() -> None:
    spoken = speech("kokoro", 28, 5)
    tasks = [task for task in plan(50.0, Ingredients(speech=spoken)) if task.pieces]
    said = [stored.piece.name for task in tasks for stored in task.pieces]
    assert max(said.count(stored.piece.name) for stored in spoken) == 1 + MOST_COPIES


def test_a_corpus_that_is_stopped_early_has_everything_as_it_was_first() -> None:
    ingredients = Ingredients([take(7.0, f"t{n}", f"a{n}") for n in range(5)], speech("recording", 40, 3))
    tasks = plan(1.0, ingredients)
    copies = [not task.plain for task in tasks]
    assert copies == sorted(copies)
    assert len({task.capture.name for task in tasks[:5] if task.capture}) == 5


def test_a_clip_has_one_voice_and_mood() -> None:
    pieces = speech("emodb", 3, 7)
    pieces += [replace(stored, piece=replace(stored.piece, emotion="sad", strength=1.0)) for stored in pieces]
    clips = gathered(pieces)
    assert sum(map(len, clips)) == len(pieces)
    assert all(len({(stored.piece.voice, stored.piece.emotion) for stored in clip}) == 1 for clip in clips)
    assert max(len(clip) for clip in clips) == 3


def test_voices_that_validate_are_never_trained_on() -> None:
    many = plan(0.5, Ingredients(speech=speech("recording", 90, 2)))
    named = plan(0.5, Ingredients(speech=speech("emodb", 4, 10), held_out=frozenset({"emodb/001", "emodb/003"})))
    for tasks in (many, named):
        voices = {
            split: {task.pieces[0].piece.voice for task in tasks if task.pieces and task.split == split}
            for split in ("train", "validation")
        }
        assert voices["validation"]
        assert not voices["validation"] & voices["train"]
    assert {task.pieces[0].piece.voice for task in named if task.pieces and task.split == "validation"} == {
        "emodb/001",
        "emodb/003",
    }
    assert all(task.plain for task in named if task.pieces and task.split == "validation")


def test_captures_are_cut_where_it_is_quiet() -> None:
    whole = take(60.0)
    pieces = capture_pieces(whole)
    assert all(4 <= len(piece.curves) / 30 <= 10 for piece in pieces)
    assert np.array_equal(np.concatenate([piece.curves for piece in pieces]), whole.curves)
    assert all(len(piece.curves) == frame_count(len(piece.samples)) for piece in pieces)
    assert not any(piece.samples[:100].any() for piece in pieces[1:])
    assert len(capture_pieces(take(6.0))) == 1


def test_phones_of_captures_are_cut_with_them() -> None:
    whole = replace(take(20.0), phones=[Phone("AA", number, number + 1.0) for number in range(20)])
    pieces = capture_pieces(whole)
    assert len(pieces) > 1
    for piece in pieces:
        assert piece.phones[0].start == 0
        assert piece.phones[-1].end == pytest.approx(len(piece.samples) / 16000, abs=1e-3)


def test_short_takes_of_one_speaker_are_joined() -> None:
    first = replace(take(3.0, "a"), phones=[Phone("AA", 0.0, 3.0)])
    second = replace(take(3.0, "b"), phones=[Phone("IY", 0.0, 3.0)], captured=np.arange(52) < 2)
    takes = joined([first, second, take(3.0, "c"), take(3.0, "d", "other"), take(30.0, "e", "other")])
    assert [one.name for one in takes] == ["a+b+c", "d", "e"]
    together = joined([first, second])[0]
    assert np.array_equal(together.curves, np.concatenate([first.curves, second.curves]))
    assert [(phone.name, phone.start, phone.end) for phone in together.phones] == [("AA", 0, 3), ("IY", 3, 6)]
    assert np.array_equal(together.captured, first.captured)
    assert takes[0].phones == [], "nobody noted those of the third"


def test_a_tenth_of_the_captures_validates_or_those_that_are_named() -> None:
    takes = [take(7.0, f"t{number}", f"actor{number}") for number in range(20)]
    tasks = [task for task in plan(0.01, Ingredients(captures=takes)) if task.capture]
    assert sum(task.split == "validation" for task in tasks) == 2
    assert len(tasks) == 20 + 18 * CAPTURE_COPIES
    assert sum(not task.plain for task in tasks) == 18 * CAPTURE_COPIES

    named = plan(0.01, Ingredients(captures=takes, held_out=frozenset({"t3", "actor5"})))
    judging = [task for task in named if task.split == "validation" and task.capture]
    assert {groups for groups, _ in groupby(task.capture.name for task in judging if task.capture)} == {"t3", "t5"}
    assert all(task.plain for task in judging)
    trained = {task.capture.name for task in named if task.capture and task.split == "train"}
    assert trained == {f"t{number}" for number in range(20)} - {"t3", "t5"}
