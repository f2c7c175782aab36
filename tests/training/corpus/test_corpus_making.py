# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a corpus: the same for a seed, whatever the number of processes and stops."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.curves import ARKIT_NAMES
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.corpus.corpus import CAPTURE, read_labels, read_manifest
from emotalk_blender.training.corpus.corpus_making import CorpusSettings, make_corpus
from emotalk_blender.training.rules.loudness import frame_count
from emotalk_blender.training.speech.pieces import PieceFolder, Spoken
from emotalk_blender.training.speech.synthesis import missing_synthesisers

from ..synthetic_speech import utterance

needs_synthesisers = pytest.mark.skipif(
    bool(missing_synthesisers()), reason=f"not installed here: {', '.join(missing_synthesisers())}"
)
needs_world = pytest.mark.skipif(importlib.util.find_spec("pyworld") is None, reason="pyworld is not installed here")


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@needs_synthesisers
@needs_world
def test_captures_are_in_the_corpus_as_they_were(tmp_path: Path) -> None:
    samples, _ = soundfile.read(Path(__file__).parents[2] / "data" / "spoken_sample.flac", dtype="float32")
    soundfile.write(tmp_path / "take.flac", samples, 16000, subtype="PCM_16")
    curves = np.zeros((int(len(samples) / 16000 * 30), 52), np.float32)
    jaw = ARKIT_NAMES.index("jawOpen")
    curves[:, jaw] = np.abs(np.sin(np.arange(len(curves)) / 5))
    np.save(tmp_path / "take.npy", curves)

    (tmp_path / "trust.json").write_text('{"jawOpen": 0.5}')

    make_corpus(tmp_path / "c", CorpusSettings(0.004, 1, captures=[tmp_path / "take.npy"]))
    clips = read_manifest(tmp_path / "c")
    captured = [clip for clip in clips if clip.source == CAPTURE]
    assert clips[0] == captured[0]
    assert len(captured) == 3, "the take and two copies in other voices"
    sounds = []
    for clip in captured:
        assert (clip.voice, clip.take, clip.emotion, clip.phones) == (tmp_path.name, "take", "neutral", [])
        labels = read_labels(tmp_path / "c", clip)
        assert labels.captured is not None
        assert np.flatnonzero(labels.captured).tolist() == [jaw]
        assert labels.captured[jaw] == 0.5
        assert np.allclose(labels.speech.curves, curves[: labels.speech.frames], atol=1e-3)
        assert set(labels.phones) == {-1}
        assert not labels.speech.contact.any()
        sounds.append(soundfile.read(tmp_path / "c" / "sound" / f"{clip.id}.flac")[0])
        assert frame_count(len(sounds[-1])) == labels.speech.frames
    levels = [np.sqrt(np.square(sound[: len(sound) // 1600 * 1600]).reshape(-1, 1600).mean(axis=1)) for sound in sounds]
    for sound, level in zip(sounds[1:], levels[1:], strict=True):
        assert abs(np.corrcoef(sound, sounds[0])[0, 1]) < 0.5, "another voice"
        assert np.corrcoef(level, levels[0])[0, 1] > 0.8, "at the same time"
    assert read_labels(tmp_path / "c", clips[1]).captured is None

    np.save(tmp_path / "take.npy", 0.5 * curves)
    make_corpus(tmp_path / "c", CorpusSettings(0.004, 1, captures=[tmp_path / "take.npy"]))
    for clip in captured:
        labels = read_labels(tmp_path / "c", clip)
        assert np.allclose(labels.speech.curves, 0.5 * curves[: labels.speech.frames], atol=1e-3), "fitted anew"


@needs_synthesisers
@needs_world
def test_pieces_that_are_prepared_are_in_the_corpus_in_their_own_and_other_voices(tmp_path: Path) -> None:
    prepared = PieceFolder(tmp_path / "prepared" / "emodb")
    for mood, emotion in (("W", "angry"), ("N", "neutral")):
        strength = 0.0 if emotion == "neutral" else 1.0
        prepared.add(f"03a01{mood}a", [utterance()], Spoken("emodb", "emodb/03", emotion, strength))
    (tmp_path / "moods").mkdir()
    for mood in "WN":
        soundfile.write(tmp_path / "moods" / f"03a01{mood}a.wav", np.zeros(1600), 16000)
    make_corpus(tmp_path / "c", CorpusSettings(0.016, 1, moods=tmp_path / "moods", prepared=tmp_path / "prepared"))
    clips = [clip for clip in read_manifest(tmp_path / "c") if clip.source == "emodb"]
    assert {(clip.voice, clip.emotion, clip.strength) for clip in clips} == {
        ("emodb/03", "angry", 1.0),
        ("emodb/03", "neutral", 0.0),
    }
    assert len(clips) == 3, "the two, and a copy of the one that is trained on"
    for clip in clips:
        assert [phone[0] for phone in clip.phones] == [phone.name for phone in utterance().phones]
        assert read_labels(tmp_path / "c", clip).speech.frames == frame_count(round(clip.seconds * 16000))


def test_held_out_names_must_exist(tmp_path: Path) -> None:
    np.save(tmp_path / "take.npy", np.zeros((60, 52), np.float32))
    soundfile.write(tmp_path / "take.wav", np.ones(32000) * 0.1, 16000)
    if missing_synthesisers():
        pytest.skip("not installed here: " + ", ".join(missing_synthesisers()))
    with pytest.raises(EmoTalkError, match="No speaker or take is called s2"):
        make_corpus(tmp_path / "c", CorpusSettings(0.01, captures=[tmp_path], held_out=["s2", "take"]))


@needs_synthesisers
@needs_world
def test_the_same_seed_gives_the_same_corpus_with_any_number_of_processes(tmp_path: Path) -> None:
    make_corpus(tmp_path / "one", CorpusSettings(0.003, 5), processes=1)
    make_corpus(tmp_path / "two", CorpusSettings(0.003, 5), processes=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    make_corpus(tmp_path / "other", CorpusSettings(0.002, 6), processes=2)
    assert contents(tmp_path / "one")["sound/000000.flac"] != contents(tmp_path / "other")["sound/000000.flac"]


@needs_synthesisers
@needs_world
def test_a_stopped_corpus_goes_on(tmp_path: Path) -> None:
    make_corpus(tmp_path / "c", CorpusSettings(0.003, 5))
    whole = contents(tmp_path / "c")
    manifest = tmp_path / "c" / "manifest.jsonl"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(lines[:1]) + "\n" + lines[1][:40])
    for name in ("sound", "labels"):
        for path in sorted((tmp_path / "c" / name).iterdir())[1:]:
            path.unlink()
    make_corpus(tmp_path / "c", CorpusSettings(0.003, 5))
    assert contents(tmp_path / "c") == whole
    with pytest.raises(EmoTalkError, match="other settings"):
        make_corpus(tmp_path / "c", CorpusSettings(0.02, 5))
