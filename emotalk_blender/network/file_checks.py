# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that would take far more memory than their size tells are refused before any of them is read."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from ..errors import EmoTalkError

LONGEST_HEAD = 1 << 22
"""Bytes that the head of a safetensors file may have; that of the published network has about 100 KB."""


def check_head(path: Path) -> None:
    """Raise EmoTalkError for safetensors whose head is too long to be a model's; what is none at all is not told."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        size = path.stat().st_size
    except OSError:
        return
    length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
    if LONGEST_HEAD < length < size:
        raise EmoTalkError(
            f"{path.name} describes itself in {length / 1e6:.0f} MB, as no EmoTalk network does. Choose another one."
        )


def check_archive(path: Path) -> None:
    """Raise EmoTalkError for a zip that unpacks to more than it is: PyTorch stores its weights as they are."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise EmoTalkError(f"{path.name} cannot be read as PyTorch weights. Download EmoTalk.pth again.") from error
    if unpacked > path.stat().st_size:
        raise EmoTalkError(
            f"{path.name} would unpack to {unpacked / 1e9:.1f} GB, as PyTorch weights never do. "
            "Download EmoTalk.pth again from its authors."
        )
