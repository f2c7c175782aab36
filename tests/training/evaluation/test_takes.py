# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.curves import CHANNEL
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.corpus.corpus import capture_labels, read_manifest, write_labels
from emotalk_blender.training.evaluation.takes import MOUTH, corpus_takes, read_takes, speech_mask
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
    (take,) = read_takes(tmp_path / what)
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
    (take,) = read_takes(tmp_path)
    assert (take.name, take.kind, take.phones) == ("a", "captured", None)
    np.testing.assert_allclose(take.curves, curves, atol=1e-6)
    assert np.flatnonzero(take.known).tolist() == [CHANNEL["jawOpen"]]


@pytest.mark.parametrize("what", ["", "a.npz", "a.flac"])
def test_a_textgrid_beside_a_capture_tells_its_phones(tmp_path: Path, what: str) -> None:
    write_aligned(tmp_path)
    np.savez(tmp_path / "a.npz", curves=np.full((30, 52), 0.5, np.float32))
    (take,) = read_takes(tmp_path / what)
    assert (take.kind, [phone.name for phone in take.phones or []]) == ("captured", ["SIL", "M", "AE", "P"])
    assert np.allclose(take.curves, 0.5)


def test_clips_of_a_corpus_have_the_face_of_their_voice(tmp_path: Path) -> None:
    takes = corpus_takes(make_corpus(tmp_path / "corpus", clips=18, seconds=1.0))
    assert [take.kind for take in takes] == ["corpus"] * 6
    assert {take.emotion for take in takes} == {"sad", "disgust", "happy", "fear", "neutral", "angry"}
    faces = {take.emotion: take.curves.mean(axis=0) for take in takes}
    assert faces["angry"][CHANNEL["browDownLeft"]] > faces["neutral"][CHANNEL["browDownLeft"]] + 0.3
    assert len(corpus_takes(tmp_path / "corpus", most=3)) == 3


def test_captures_in_a_corpus_stay_captures(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=3, seconds=1.0)
    (clip,) = (clip for clip in read_manifest(corpus) if clip.split == "validation")
    frames = int(clip.seconds * 30)
    curves, captured = np.full((frames, 52), 0.5, np.float32), np.arange(52) % 2 == 0
    write_labels(corpus, clip, capture_labels(curves, captured.astype(np.float32), []))
    (take,) = corpus_takes(corpus)
    assert (take.kind, take.phones, take.emotion) == ("captured", clip.phone_list(), None)
    np.testing.assert_array_equal(take.known, captured)
    np.testing.assert_allclose(take.curves, curves)


def test_a_corpus_without_validation_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="no validation clips"):
        corpus_takes(make_corpus(tmp_path / "corpus", clips=2, seconds=1.0))


def test_speech_is_where_the_phones_are() -> None:
    phones = in_time(["SIL", "AA", "SIL"], [1.0, 1.0, 1.0])
    assert np.flatnonzero(speech_mask(sound_of(phones), phones, 90)).tolist() == list(range(30, 60))
    heard = speech_mask(sound_of(phones), None, 90)
    assert heard[32:58].all()
    assert not heard[:24].any()
    assert not heard[66:].any()


def test_a_folder_without_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="holds no"):
        read_takes(tmp_path)


def test_a_textgrid_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.TextGrid").write_text(GRID)
    with pytest.raises(EmoTalkError, match="has no sound"):
        read_takes(tmp_path)


def test_the_mouth_is_jaw_lips_and_tongue() -> None:
    assert MOUTH.sum() == 4 + 23 + 1
    assert MOUTH[[CHANNEL["jawOpen"], CHANNEL["mouthSmileLeft"], CHANNEL["tongueOut"]]].all()
    assert not MOUTH[[CHANNEL["cheekPuff"], CHANNEL["noseSneerLeft"]]].any()
