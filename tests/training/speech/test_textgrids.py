# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones and words of TextGrids, in every form that Praat writes."""

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
Object class = "TextGrid"

0
0.5
<exists>
1
"IntervalTier"
"phones"
0
0.5
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_praat_s_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    """Praat writes UTF-16 as soon as a label has letters beyond ASCII."""
    path = tmp_path / "a.TextGrid"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    path.write_bytes((mark + LONG.replace('"ow"', '"oʊ"')).encode(encoding))
    assert [phone.name for phone in read_textgrid(path)] == ["B", "OW", "SIL"]


@pytest.mark.parametrize(
    "content", [b"", b"no grid", b"\xff\xfe\x00", LONG[:300].encode(), LONG.encode("latin-1") + b"\xe9"]
)
def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_bytes(content)
    with pytest.raises(EmoTalkError, match=r"damaged|no tier"):
        read_textgrid(path)
