# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings are cut in silence and aligned; wrong texts are left out."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.speech.alignment import Aligner
from emotalk_blender.training.speech.pieces import PieceFolder
from emotalk_blender.training.speech.recordings import (
    WHOLE_SECONDS,
    Recordings,
    aligned_pieces,
    cut_at_pauses,
    pause_edges,
    plausible,
)
from emotalk_blender.training.speech.synthesis import Utterance
from emotalk_blender.training.speech.whisper import Heard

from ..synthetic_speech import in_time, sound_of

DATA = Path(__file__).parents[2] / "data"
TEXT = "Papa bought my mother a big apple pie, and Bob put the map above the lamp."

needs_sphinx = pytest.mark.skipif(
    importlib.util.find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed here"
)


def test_impossible_alignments_are_refused() -> None:
    assert plausible(in_time(["SIL", "AA", "T", "IY"], [0.5, 0.1, 0.08, 0.12]))
    assert not plausible(in_time(["AA", "T", "IY"], [1.2, 0.08, 0.12]))
    assert not plausible(in_time(["AA", "T", "IY"], [0.02, 0.02, 0.02]))
    assert not plausible(in_time(["SIL"], [1.0]))


def test_long_recordings_are_cut_in_silence() -> None:
    phones = in_time(["SIL", "AA"] * 10, [0.4, 3.0] * 10)
    samples = sound_of(phones)
    edges = pause_edges(samples)
    for first, last in pairwise(edges):
        assert last - first <= 10.5 * 16000
        if last < len(samples):
            assert not samples[last - 100 : last + 100].any()
    assert len(edges) == 6
    assert (edges[0], edges[-1]) == (0, len(samples))


def test_aligned_speech_is_cut_in_silent_phones() -> None:
    phones = in_time(["SIL", "AA"] * 10, [0.4, 3.0] * 10)
    pieces = cut_at_pauses(Utterance(sound_of(phones), phones))
    assert len(pieces) >= 3
    assert sum(piece.seconds for piece in pieces) == pytest.approx(34.0, abs=0.01)
    for piece in pieces:
        assert piece.seconds <= 10
        assert piece.phones[-1].end == pytest.approx(piece.seconds, abs=1e-3)
        assert piece.phones[0].name == "SIL"


@needs_sphinx
def test_recordings_are_aligned_piece_by_piece_and_wrong_texts_left_out(tmp_path: Path) -> None:
    samples, _ = soundfile.read(DATA / "labelled_speech.flac", dtype="float32")
    pause = np.zeros(12000, np.float32)
    times = int(WHOLE_SECONDS / (len(samples) / 16000)) + 1
    soundfile.write(tmp_path / "tale_first_part.flac", np.concatenate([*[samples, pause] * times]), 16000)
    # The text begins before the sound, runs on behind it, and has other words in place of the third sentence.
    told = [TEXT if number != 2 else "Nobody here remembers her umbrella." for number in range(times)]
    (tmp_path / "tale.txt").write_text("A tale. " + " ".join(told) + " And so they lived for many years.")
    soundfile.write(tmp_path / "short.flac", samples, 16000)
    (tmp_path / "short.txt").write_text(TEXT)
    soundfile.write(tmp_path / "wrong.flac", samples, 16000)
    (tmp_path / "wrong.txt").write_text("Seven tall trees shook their green leaves in the wind of the evening.")

    pieces = PieceFolder(tmp_path / "pieces")
    Recordings().prepare(tmp_path, pieces, lambda what, part: None)
    names = [piece.name for piece in pieces.pieces]
    assert names.count("short") == 1
    assert "wrong" not in names
    assert pieces.refused == 1
    tale = [pieces.read(piece) for piece in pieces.pieces if piece.name.startswith("tale_first_part")]
    assert tale
    assert sum(piece.seconds for piece in tale) < (times - 0.5) * len(samples) / 16000
    true = aligned_pieces(Aligner(), samples, TEXT)[0]
    said = [phone.name for phone in true.phones if phone.name != "SIL"]
    for piece in tale:
        names = [phone.name for phone in piece.phones if phone.name != "SIL"]
        assert is_part(names, said * times)


@needs_sphinx
def test_what_nobody_wrote_down_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = {"long": Heard(TEXT, -0.2), "mumbled": Heard(TEXT, -1.5)}
    asked = []

    class Ear:
        def __init__(self, folder: Path) -> None:
            assert folder == tmp_path / "whisper"

        def transcribe(self, samples: np.ndarray) -> Heard:
            asked.append(len(samples))
            return heard["long" if len(asked) == 1 else "mumbled"]

    monkeypatch.setattr("emotalk_blender.training.speech.recordings.Whisper", Ear)
    samples, _ = soundfile.read(DATA / "labelled_speech.flac", dtype="float32")
    folder = tmp_path / "people"
    folder.mkdir()
    for name in ("17-1-1", "18-1-1"):
        soundfile.write(folder / f"{name}.flac", samples, 16000)
    with pytest.raises(EmoTalkError, match="let --whisper hear them"):
        Recordings().prepare(folder, PieceFolder(tmp_path / "none"), lambda what, part: None)
    for _ in range(2):
        pieces = PieceFolder(tmp_path / "pieces")
        Recordings(tmp_path / "whisper").prepare(folder, pieces, lambda what, part: None)
        assert [piece.voice for piece in pieces.pieces] == ["people/17"], "what was hardly heard is left out"
    assert len(asked) == 2, "each is heard once"
    (tmp_path / "pieces" / "pieces.jsonl").unlink()
    Recordings(tmp_path / "whisper").prepare(folder, PieceFolder(tmp_path / "pieces"), lambda what, part: None)
    assert len(asked) == 2, "what was heard is kept"


def is_part(names: list[str], whole: list[str]) -> bool:
    return any(whole[first : first + len(names)] == names for first in range(len(whole)))
