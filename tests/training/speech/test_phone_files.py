# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones and words in a JSON file beside a recording."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.rules.phones import Phone
from emotalk_blender.training.speech.phone_files import read_phones

SILENT = np.zeros(16000, np.float32)


def test_phones_of_a_json_file_fill_the_recording(tmp_path: Path) -> None:
    sound = tmp_path / "one.flac"
    assert read_phones(sound, SILENT) is None
    (tmp_path / "one.json").write_text(json.dumps([["AA", 0.2, 0.5]]))
    noted = read_phones(sound, SILENT)
    assert noted is not None
    assert noted.phones == [Phone("SIL", 0.0, 0.2), Phone("AA", 0.2, 0.5), Phone("SIL", 0.5, 1.0)]
    assert noted.words == []


def test_words_are_read_where_they_are_noted(tmp_path: Path) -> None:
    told = {"phones": [["AA", 0.2, 0.5]], "words": [["ah", 0.2, 0.5]]}
    (tmp_path / "one.json").write_text(json.dumps(told))
    noted = read_phones(tmp_path / "one.flac", SILENT)
    assert noted is not None
    assert noted.words == [("ah", 0.2, 0.5)]


@pytest.mark.parametrize("text", ["{", "{}", '[["AA", 0.2]]', "[1]", '[["AX", 0, 1]]'])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.json").write_text(text)
    with pytest.raises(EmoTalkError, match=r"one\.json"):
        read_phones(tmp_path / "one.flac", SILENT)
