# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that would take far more memory than their size tells are refused before any of them is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ..errors import EmoTalkError
from ..model_format import LENGTH_BYTES, LONGEST_HEAD


def check_head(path: Path) -> None:
    """Raise EmoTalkError for a safetensors file whose head is too long for a model; other files pass."""
    try:
        with path.open("rb") as file:
            start = file.read(LENGTH_BYTES)
        size = path.stat().st_size
    except OSError:
        return
    length = int.from_bytes(start, "little") if len(start) == LENGTH_BYTES else 0
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
