# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips for evaluation are read with their phones, moods and faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.curves import CHANNEL
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.corpus.corpus import capture_labels, read_manifest, write_labels
from emotalk_blender.training.evaluation.clips import MOUTH, acted_clips, corpus_clips, read_clips, speech_mask
from emotalk_blender.training.rules.phones import Phone

from ..synthetic_speech import in_time, sound_of
from ..tiny_corpus import make_corpus

GRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n2\n'
    '"IntervalTier"\n"words"\n0\n1\n1\n0\n1\n"map"\n'
    '"IntervalTier"\n"phones"\n0\n1\n4\n0\n0.2\n""\n0.2\n0.4\n"M"\n0.4\n0.7\n"AE1"\n0.7\n1\n"P"\n'
)


def write_aligned(folder: Path) -> None:
    soundfile.write(folder / "a.flac", np.zeros(16000, np.float32), 16000)
    (folder / "a.TextGrid").write_text(GRID)


@pytest.mark.parametrize("what", ["", "a.flac", "a.TextGrid"])
def test_aligned_speech_is_read_with_the_rules_mouth(tmp_path: Path, what: str) -> None:
    write_aligned(tmp_path)
    (take,) = read_clips(tmp_path / what)
    assert take.phones == [Phone("SIL", 0, 0.2), Phone("M", 0.2, 0.4), Phone("AE", 0.4, 0.7), Phone("P", 0.7, 1.0)]
    assert take.curves.shape == (30, 52)
    assert take.kind == "aligned"
    assert not take.known[CHANNEL["browInnerUp"]]
    assert take.known[CHANNEL["jawOpen"]]


def test_captures_are_read_with_what_was_captured(tmp_path: Path) -> None:
    curves = np.zeros((60, 52), np.float32)
    curves[:, CHANNEL["jawOpen"]] = np.linspace(0, 1, 60)
    soundfile.write(tmp_path / "a.flac", np.zeros(32000, np.float32), 16000)
    np.savez(tmp_path / "a.npz", curves=curves)
    (take,) = read_clips(tmp_path)
    assert (take.name, take.kind, take.phones) == ("a", "captured", None)
    np.testing.assert_allclose(take.curves, curves, atol=1e-6)
    assert np.flatnonzero(take.known).tolist() == [CHANNEL["jawOpen"]]


def test_a_capture_has_the_phones_and_the_measures_beside_it(tmp_path: Path) -> None:
    write_aligned(tmp_path)
    curves = np.zeros((30, 52), np.float32)
    curves[:, CHANNEL["jawOpen"]] = np.linspace(0, 1, 30)
    chin = np.arange(30, dtype=np.float32)
    np.savez(tmp_path / "a.npz", curves=curves, chin=chin, narrowing=-chin)
    (clip,) = read_clips(tmp_path)
    assert clip.kind == "captured"
    assert clip.speaker == tmp_path.name
    assert clip.phones is not None and clip.phones[1] == Phone("M", 0.2, 0.4)
    assert clip.film is not None
    np.testing.assert_array_equal(clip.film.narrowing, -chin)


def test_acted_sentences_are_read_with_their_moods_and_phones(tmp_path: Path) -> None:
    for name in ("03a01Wa", "08a01Na", "08a01La"):
        soundfile.write(tmp_path / f"{name}.flac", np.zeros(16000, np.float32), 16000)
        (tmp_path / f"{name}.lablaut").write_text("signal x\n#\n 0.0 125 .\n 0.3 125 a\n 0.6 125 m\n 0.8 125 .\n")
    angry, neutral = acted_clips(tmp_path)
    assert (angry.emotion, neutral.emotion) == ("angry", "neutral")
    assert angry.phones is not None
    assert [phone.name for phone in angry.phones] == ["SIL", "AH", "M", "SIL"]
    assert [clip.name for clip in acted_clips(tmp_path, ["08"])] == ["08a01Na"]
    with pytest.raises(EmoTalkError, match="by 99"):
        acted_clips(tmp_path, ["99"])


def test_clips_of_a_corpus_have_the_face_of_their_voice(tmp_path: Path) -> None:
    takes = corpus_clips(make_corpus(tmp_path / "corpus", clips=18, seconds=1.0))
    assert [take.kind for take in takes] == ["corpus"] * 6
    assert {take.emotion for take in takes} == {"sad", "disgust", "happy", "fear", "neutral", "angry"}
    faces = {take.emotion: take.curves.mean(axis=0) for take in takes}
    assert faces["angry"][CHANNEL["browDownLeft"]] > faces["neutral"][CHANNEL["browDownLeft"]] + 0.3
    assert len(corpus_clips(tmp_path / "corpus", most=3)) == 3


def test_captures_in_a_corpus_stay_captures(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=3, seconds=1.0)
    (clip,) = (clip for clip in read_manifest(corpus) if clip.split == "validation")
    frames = int(clip.seconds * 30)
    curves, captured = np.full((frames, 52), 0.5, np.float32), np.arange(52) % 2 == 0
    write_labels(corpus, clip, capture_labels(curves, captured.astype(np.float32), []))
    (take,) = corpus_clips(corpus)
    assert (take.kind, take.phones, take.emotion) == ("captured", None, None)
    np.testing.assert_array_equal(take.known, captured)
    np.testing.assert_allclose(take.curves, curves)


def test_a_corpus_without_validation_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="no validation clips"):
        corpus_clips(make_corpus(tmp_path / "corpus", clips=2, seconds=1.0))


def test_speech_is_where_the_phones_are() -> None:
    phones = in_time(["SIL", "AA", "SIL"], [1.0, 1.0, 1.0])
    assert np.flatnonzero(speech_mask(sound_of(phones), phones, 90)).tolist() == list(range(30, 60))
    heard = speech_mask(sound_of(phones), None, 90)
    assert heard[32:58].all()
    assert not heard[:24].any()
    assert not heard[66:].any()


def test_a_folder_without_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="holds no"):
        read_clips(tmp_path)


def test_a_textgrid_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.TextGrid").write_text(GRID)
    with pytest.raises(EmoTalkError, match="has no sound"):
        read_clips(tmp_path)


def test_the_mouth_is_jaw_lips_and_tongue() -> None:
    assert MOUTH.sum() == 4 + 23 + 1
    assert MOUTH[[CHANNEL["jawOpen"], CHANNEL["mouthSmileLeft"], CHANNEL["tongueOut"]]].all()
    assert not MOUTH[[CHANNEL["cheekPuff"], CHANNEL["noseSneerLeft"]]].any()
