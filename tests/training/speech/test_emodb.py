# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones, speakers and moods of the Berlin database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.speech.emodb import emodb_files, prepare_emodb, read_labels
from emotalk_blender.training.speech.pieces import PieceFolder

HEAD = "signal made_up\ncolor 125\nseparator ;\nnfields 1\n#\n"
# "Papa ruft" as xlabel notes it: starts, with closures, bursts and breaths of stops and marks of how phones are spoken.
LABELS = (
    HEAD
    + """    0.100000   -1 p
    0.150000   -1 !p\t+asp
    0.170000   -1 pasp
    0.200000   -1 a\t\t2
    0.260000   -1 \t-lar
    0.300000   -1 p
    0.350000   -1 !p
    0.370000   -1 a6
    0.450000   -1 Y
    0.500000   -1 t
    0.550000   -1 !t
    0.600000   -1 .
"""
)


def test_closure_burst_and_breath_are_one_phone() -> None:
    phones = read_labels(LABELS, 0.8)
    assert [phone.name for phone in phones] == ["SIL", "P", "AH", "P", "AH", "UH", "T", "SIL"]
    times = [phone.start for phone in phones] + [phones[-1].end]
    assert times == pytest.approx([0, 0.1, 0.2, 0.3, 0.37, 0.45, 0.5, 0.6, 0.8])


def test_a_vowel_that_runs_into_another_is_two() -> None:
    phones = read_labels(HEAD + " 0.0 -1 E6\n 0.2 -1 aI\n 0.4 -1 nn\n 0.5 -1 .\n", 0.5)
    assert [(phone.name, phone.start) for phone in phones] == [
        ("EH", 0.0),
        ("AH", pytest.approx(0.1)),
        ("AY", 0.2),
        ("N", 0.4),
    ]


def test_labels_run_on_behind_a_sound_that_was_cut() -> None:
    phones = read_labels(LABELS, 0.33)
    assert [phone.name for phone in phones] == ["SIL", "P", "AH", "P"]
    assert phones[-1].end == pytest.approx(0.33)


def test_no_labels_are_no_phones_and_unknown_ones_are_refused() -> None:
    assert read_labels(HEAD, 1.0) == []
    assert read_labels("", 1.0) == []
    with pytest.raises(EmoTalkError, match="no label of EmoDB"):
        read_labels(HEAD + " 0.1 -1 qq\n", 1.0)


def test_names_tell_speaker_and_mood(tmp_path: Path) -> None:
    folder = tmp_path / "emodb"
    folder.mkdir()
    for name in ("03a01Wa", "15b10Nc", "08a02La", "11a05Ta", "notes"):
        soundfile.write(folder / f"{name}.wav", np.ones(16000) * 0.1, 16000)
    for name in ("03a01Wa", "15b10Nc", "08a02La"):
        (folder / f"{name}.lablaut").write_text(LABELS, encoding="latin-1")
    assert [path.stem for path in emodb_files(folder)] == ["03a01Wa", "11a05Ta", "15b10Nc"], "boredom is none of ours"
    pieces = PieceFolder(tmp_path / "pieces")
    prepare_emodb(folder, pieces)
    assert [(piece.voice, piece.emotion, piece.strength) for piece in pieces.pieces] == [
        ("emodb/03", "angry", 1.0),
        ("emodb/15", "neutral", 0.0),
    ]
    assert "11a05Ta" in pieces, "its phones were not noted"
    with pytest.raises(EmoTalkError, match="no sound of EmoDB"):
        emodb_files(tmp_path)
