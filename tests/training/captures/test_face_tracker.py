# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracker: what is missing or wrong is said in a sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.captures.face_tracker import face_tracker

from .made_up_faces import SHAPES


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(EmoTalkError, match=r"Download face_landmarker\.task"),
        face_tracker(tmp_path / "no.task", SHAPES),
    ):
        pass


def test_no_mediapipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.task").touch()
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(EmoTalkError, match="needs the Python package mediapipe"):
        face_tracker(tmp_path / "model.task", SHAPES).__enter__()


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    pytest.importorskip("mediapipe")
    (tmp_path / "model.task").write_bytes(b"no model")
    with pytest.raises(EmoTalkError, match="no model of MediaPipe"):
        face_tracker(tmp_path / "model.task", SHAPES).__enter__()
