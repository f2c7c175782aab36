# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of recordings: which text and which speaker belong to each."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.speech.recording_folders import find_recordings


def write_sounds(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        soundfile.write(folder / name, [0.0] * 160, 16000)
    return folder


def test_texts_are_found_beside_their_recordings(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "tales", "a.flac", "b.flac", "c.flac", "a_tale_part.flac", "a_1.wav")
    (folder / "a.txt").write_text("one")
    (folder / "a_tale.txt").write_text("a long tale")
    (folder / "transcripts.csv").write_text('clip,seconds,text\nb,1,"two, three"\n')
    assert [(one.path.name, one.text) for one in find_recordings(folder)] == [
        ("a.flac", "one"),
        ("a_1.wav", "one"),
        ("a_tale_part.flac", "a long tale"),
        ("b.flac", "two, three"),
        ("c.flac", None),
    ]
    with pytest.raises(EmoTalkError, match="no recordings"):
        find_recordings(tmp_path / "nothing")


def test_who_speaks_is_told_by_the_table_or_the_name_or_else_the_folder(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "people", "a.flac", "103-1240-0000.flac", "b.flac")
    (folder / "transcripts.csv").write_text("clip,speaker,text\na,0007,words\n")
    assert [one.speaker for one in find_recordings(folder)] == ["people/103", "people/0007", "people"]


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "people", "a.flac")
    (folder / "transcripts.csv").write_text("name,words\na,hello\n")
    with pytest.raises(EmoTalkError, match="columns clip and text"):
        find_recordings(folder)
