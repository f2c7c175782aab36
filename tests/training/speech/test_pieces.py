# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of recordings are kept, and read again where a run was stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emotalk_blender.training.speech.pieces import PieceFolder, Spoken

from ..synthetic_speech import utterance


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    kept = PieceFolder(tmp_path / "p")
    spoken = utterance()
    kept.add("long", [spoken, spoken], Spoken("recording", "folder/anna", "sad", 1.0))
    kept.add("wrong", [], Spoken("recording", "folder/bert"))
    again = PieceFolder(tmp_path / "p")
    assert [piece.name for piece in again.pieces] == ["long", "long_2"]
    assert "wrong" in again
    assert "other" not in again
    assert again.refused == 1
    piece = again.pieces[1]
    assert (piece.source, piece.voice, piece.emotion, piece.strength) == ("recording", "folder/anna", "sad", 1.0)
    read = again.read(piece)
    assert np.allclose(read.samples, spoken.samples, atol=1e-3)
    assert [phone.name for phone in read.phones] == [phone.name for phone in spoken.phones]


def test_a_line_that_a_stopped_run_left_is_done_again(tmp_path: Path) -> None:
    PieceFolder(tmp_path).add("a", [utterance()], Spoken("kokoro", "af_heart"))
    table = tmp_path / "pieces.jsonl"
    table.write_text(table.read_text() + '{"of": "b", "pie')
    pieces = PieceFolder(tmp_path)
    assert "b" not in pieces
    pieces.add("b", [utterance()], Spoken("kokoro", "af_heart"))
    assert [piece.name for piece in PieceFolder(tmp_path).pieces] == ["a", "b"]
