# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.training.speech.alignment import Aligner
from emotalk_blender.training.speech.recordings import (
    WHOLE_SECONDS,
    aligned_pieces,
    cut_at_pauses,
    pause_edges,
    plausible,
    read_recordings,
)
from emotalk_blender.training.speech.synthesis import Utterance

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

    pieces = read_recordings([tmp_path])
    names = [name.rpartition("/")[2] for name, _ in pieces]
    assert names.count("short") == 1
    assert "wrong" not in names
    tale = [piece for name, piece in pieces if name.endswith("tale_first_part")]
    assert tale
    assert sum(piece.seconds for piece in tale) < (times - 0.5) * len(samples) / 16000
    true = aligned_pieces(Aligner(), samples, TEXT)[0]
    said = [phone.name for phone in true.phones if phone.name != "SIL"]
    for piece in tale:
        names = [phone.name for phone in piece.phones if phone.name != "SIL"]
        assert is_part(names, said * times)


def is_part(names: list[str], whole: list[str]) -> bool:
    return any(whole[first : first + len(names)] == names for first in range(len(whole)))
