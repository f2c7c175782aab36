# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files of other programs, whichever way they write Unicode."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.files.text import read_text

TEXT = 'name = "Ärger 悲"\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_8_and_utf_16_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    assert read_text(tmp_path / "a.txt") == TEXT


@pytest.mark.parametrize("data", [b"\xe4rger", b"\xff\xfea", b"\xff\xfe\x00\xd8"])
def test_what_is_in_neither_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(EmoTalkError, match=r"^a\.txt is not written in UTF-8\. Save it as UTF-8"):
        read_text(tmp_path / "a.txt")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(EmoTalkError, match="cannot be read"):
            read_text(path)
