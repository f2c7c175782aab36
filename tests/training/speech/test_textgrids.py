# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.rules.phones import Phone
from emotalk_blender.training.speech.textgrids import read_textgrid, read_textgrid_words

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 0.9
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "speaker - words"
        xmin = 0
        xmax = 0.9
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = "beau"
        intervals [2]:
            xmin = 0.5
            xmax = 0.9
            text = ""
    item [2]:
        class = "IntervalTier"
        name = "speaker - phones"
        xmin = 0
        xmax = 0.9
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.1
            text = "b"
        intervals [2]:
            xmin = 0.1
            xmax = 0.5
            text = "ow"
        intervals [3]:
            xmin = 0.5
            xmax = 0.9
            text = ""
"""
SHORT = """File type = "ooTextFile"
"TextGrid"
0
0.9
<exists>
1
"IntervalTier"
"phones"
0
0.9
2
0
0.1
"B"
0.1
0.5
"OW1"
"""


def test_phones_and_words_are_read_from_long_and_short_files(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(LONG)
    spoken = [Phone("B", 0.0, 0.1), Phone("OW", 0.1, 0.5)]
    assert read_textgrid(path) == [*spoken, Phone("SIL", 0.5, 0.9)]
    assert read_textgrid_words(path) == [("beau", 0.0, 0.5), ("", 0.5, 0.9)]
    path.write_text(SHORT)
    assert read_textgrid(path) == spoken


def test_files_without_phones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(SHORT.replace("phones", "notes"))
    with pytest.raises(EmoTalkError, match="no tier of phones"):
        read_textgrid(path)
    with pytest.raises(EmoTalkError, match="cannot be read"):
        read_textgrid(tmp_path / "none.TextGrid")
