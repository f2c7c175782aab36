# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.alignment import Aligner, cut_at_pauses, number_words, read_transcripts, spoken_words
from emotalk_blender.training.synthesis import Utterance

from .made_up import in_time, sound_of

DATA = Path(__file__).parents[1] / "data"
needs_sphinx = pytest.mark.skipif(
    importlib.util.find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed here"
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (7, "seven"),
        (42, "forty two"),
        (305, "three hundred five"),
        (1455, "fourteen fifty five"),
        (1806, "eighteen oh six"),
        (2001, "two thousand one"),
    ],
)
def test_numbers_are_read_out(number: int, words: str) -> None:
    assert number_words(number) == words


def test_texts_become_words() -> None:
    assert spoken_words("“Don’t,” said 12 men -- ‘never’!") == ["don't", "said", "twelve", "men", "never"]


@needs_sphinx
def test_alignment_finds_the_phones_where_they_are() -> None:
    samples, _ = soundfile.read(DATA / "labelled_speech.flac", dtype="float32")
    true = {(name, round(start, 2)) for name, start, _ in json.loads((DATA / "labelled_speech.json").read_text())}
    text = "Papa bought my mother a big apple pie, and Bob put the map above the lamp."
    phones = Aligner().align(samples, text)
    assert phones is not None
    assert phones[-1].end == pytest.approx(len(samples) / 16000)
    near = [min(abs(phone.start - start) for name, start in true if name == phone.name) for phone in phones
            if phone.name in "PBM"]  # fmt: skip
    assert len(near) >= 10
    assert np.median(near) < 0.04


@needs_sphinx
def test_words_that_nobody_knows_are_refused() -> None:
    assert Aligner().align(np.zeros(16000, np.float32), "xyzzyqq") is None
    assert Aligner().align(np.zeros(16000, np.float32), "...") is None


def test_transcripts_are_found_beside_their_recordings(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros(160), 16000)
    soundfile.write(tmp_path / "b.flac", np.zeros(160), 16000)
    soundfile.write(tmp_path / "c.flac", np.zeros(160), 16000)
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "transcripts.csv").write_text('clip,seconds,text\nb,1,"two, three"\n')
    assert [(path.name, text) for path, text in read_transcripts(tmp_path)] == [
        ("a.flac", "one"),
        ("b.flac", "two, three"),
    ]
    with pytest.raises(EmoTalkError, match="no recordings"):
        read_transcripts(tmp_path / "nothing")


def test_long_recordings_are_cut_in_silence() -> None:
    phones = in_time(["SIL", "AA"] * 10, [0.4, 3.0] * 10)
    pieces = cut_at_pauses(Utterance(sound_of(phones), phones))
    assert len(pieces) >= 3
    assert sum(piece.seconds for piece in pieces) == pytest.approx(34.0, abs=0.01)
    for piece in pieces:
        assert piece.seconds <= 10
        assert piece.phones[-1].end == pytest.approx(piece.seconds, abs=1e-3)
        assert piece.phones[0].name == "SIL"
