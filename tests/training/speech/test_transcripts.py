# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.speech.transcripts import number_words, read_transcripts, spoken_words


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


def test_transcripts_are_found_beside_their_recordings(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "a_tale_part", "a_1"):
        soundfile.write(tmp_path / f"{name}.flac", [0.0] * 160, 16000)
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "a_tale.txt").write_text("a long tale")
    (tmp_path / "transcripts.csv").write_text('clip,seconds,text\nb,1,"two, three"\n')
    assert [(path.name, text) for path, text in read_transcripts(tmp_path)] == [
        ("a.flac", "one"),
        ("a_1.flac", "one"),
        ("a_tale_part.flac", "a long tale"),
        ("b.flac", "two, three"),
    ]
    with pytest.raises(EmoTalkError, match="no recordings"):
        read_transcripts(tmp_path / "nothing")
