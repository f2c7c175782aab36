# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.curves import ARKIT_NAMES
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.captures.captures import Capture
from emotalk_blender.training.corpus.corpus import CAPTURE, read_labels, read_manifest
from emotalk_blender.training.corpus.corpus_making import RECORDED_SHARE, capture_pieces, make_corpus, plan
from emotalk_blender.training.rules.articulation import frame_count
from emotalk_blender.training.speech.synthesis import missing_synthesisers

from ..synthetic_speech import utterance

needs_synthesisers = pytest.mark.skipif(
    bool(missing_synthesisers()), reason=f"not installed here: {', '.join(missing_synthesisers())}"
)
needs_world = pytest.mark.skipif(importlib.util.find_spec("pyworld") is None, reason="pyworld is not installed here")


def take(seconds: float) -> Capture:
    """A take that is loud but for a short pause each second, its first channel a clock."""
    frames = int(seconds * 30)
    samples = np.ones(frames * 16000 // 30, np.float32)
    curves = np.zeros((frames, 52), np.float32)
    curves[:, 0] = np.linspace(0, 1, frames)
    for second in range(int(seconds)):
        samples[second * 16000 + 8000 : second * 16000 + 9600] = 0
    return Capture("take", samples, curves, np.arange(52) < 1)


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_plan_keeps_to_the_hours(tmp_path: Path) -> None:
    recordings = [(f"r{number}", utterance(6.0)) for number in range(10)]
    tasks = plan(tmp_path, 1.0, 0, recordings)
    recorded = sum(task.recording.seconds for task in tasks if task.recording)
    assert recorded == pytest.approx(RECORDED_SHARE * 3600, rel=0.1)
    assert [task.number for task in tasks] == list(range(len(tasks)))
    assert sum(task.plain for task in tasks) == len(recordings)
    held_out = {task.voice for task in tasks if task.split == "validation" and task.recording}
    trained = {task.voice for task in tasks if task.split == "train" and task.recording}
    assert held_out
    assert not held_out & trained


def test_captures_are_cut_where_it_is_quiet() -> None:
    whole = take(60.0)
    pieces = capture_pieces(whole)
    assert all(4 <= len(piece.curves) / 30 <= 10 for piece in pieces)
    assert np.array_equal(np.concatenate([piece.curves for piece in pieces]), whole.curves)
    assert all(len(piece.curves) == frame_count(len(piece.samples)) for piece in pieces)
    assert not any(piece.samples[:100].any() for piece in pieces[1:])
    assert len(capture_pieces(take(6.0))) == 1


def test_a_tenth_of_the_captures_validates(tmp_path: Path) -> None:
    tasks = plan(tmp_path, 0.5, 0, [("r", utterance(6.0))], [take(7.0)] * 20)
    captured = [task for task in tasks if task.capture]
    assert sum(task.split == "validation" for task in captured) == 2
    assert captured == tasks[:20]


@needs_synthesisers
@needs_world
def test_captures_are_in_the_corpus_as_they_were(tmp_path: Path) -> None:
    samples, _ = soundfile.read(Path(__file__).parents[2] / "data" / "spoken_sample.flac", dtype="float32")
    soundfile.write(tmp_path / "take.flac", samples, 16000, subtype="PCM_16")
    curves = np.zeros((int(len(samples) / 16000 * 30), 52), np.float32)
    jaw = ARKIT_NAMES.index("jawOpen")
    curves[:, jaw] = np.abs(np.sin(np.arange(len(curves)) / 5))
    np.save(tmp_path / "take.npy", curves)

    make_corpus(tmp_path / "c", 0.004, 1, captures=[tmp_path / "take.npy"])
    clips = read_manifest(tmp_path / "c")
    clip = clips[0]
    assert [one.source == CAPTURE for one in clips] == [True] + [False] * (len(clips) - 1)
    assert (clip.voice, clip.emotion, clip.phones) == ("take", "neutral", [])
    labels = read_labels(tmp_path / "c", clip)
    assert labels.captured is not None
    assert np.flatnonzero(labels.captured).tolist() == [jaw]
    assert np.allclose(labels.speech.curves, curves[: labels.speech.frames], atol=1e-3)
    assert set(labels.phones) == {-1}
    assert not labels.speech.activity.any()
    heard, _ = soundfile.read(tmp_path / "c" / "sound" / f"{clip.id}.flac")
    assert frame_count(len(heard)) == labels.speech.frames
    assert read_labels(tmp_path / "c", clips[1]).captured is None


@needs_synthesisers
@needs_world
def test_the_same_seed_gives_the_same_corpus_with_any_number_of_processes(tmp_path: Path) -> None:
    make_corpus(tmp_path / "one", 0.003, 5, processes=1)
    make_corpus(tmp_path / "two", 0.003, 5, processes=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    make_corpus(tmp_path / "other", 0.002, 6, processes=2)
    assert contents(tmp_path / "one")["sound/000000.flac"] != contents(tmp_path / "other")["sound/000000.flac"]


@needs_synthesisers
@needs_world
def test_a_stopped_corpus_goes_on(tmp_path: Path) -> None:
    make_corpus(tmp_path / "c", 0.003, 5)
    whole = contents(tmp_path / "c")
    manifest = tmp_path / "c" / "manifest.jsonl"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(lines[:1]) + "\n" + lines[1][:40])
    for name in ("sound", "labels"):
        for path in sorted((tmp_path / "c" / name).iterdir())[1:]:
            path.unlink()
    make_corpus(tmp_path / "c", 0.003, 5)
    assert contents(tmp_path / "c") == whole
    with pytest.raises(EmoTalkError, match="other settings"):
        make_corpus(tmp_path / "c", 0.02, 5)
