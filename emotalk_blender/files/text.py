# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files as other programs write them."""

from __future__ import annotations

import codecs
from pathlib import Path

from ..errors import EmoTalkError


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark at the beginning, as Praat and Windows write it.

    Raises EmoTalkError for a file that cannot be read, or is in neither.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise EmoTalkError(f"{path} cannot be read. Check that it is there, and that it may be read.") from error
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise EmoTalkError(f"{path.name} is not written in UTF-8. Save it as UTF-8, and try again.") from error
