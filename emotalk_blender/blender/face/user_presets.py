# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an artist's own presets of faces are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ...files.named_json import last_change, remove_named
from ...rig.mapping import Row
from ...rig.preset_files import read_presets, write_preset
from ..user_folder import user_folder

FOLDER = "faces"


def own_presets() -> dict[str, tuple[Row, ...]]:
    """Name -> rows of each preset, sorted by name. Read anew only after a change: the panel asks at every redraw."""
    folder = user_folder(FOLDER)
    return _read(folder, last_change(folder))


def save_own_preset(name: str, rows: Sequence[Row]) -> None:
    """Keep rows under a name. Raises EmoTalkError where that is not possible."""
    write_preset(user_folder(FOLDER), name, rows)
    _read.cache_clear()


def delete_own_preset(name: str) -> None:
    """Forget the preset of this name. Raises EmoTalkError where that is not possible."""
    remove_named(user_folder(FOLDER), name)
    _read.cache_clear()


@lru_cache(maxsize=1)
def _read(folder: Path, _changed: int) -> dict[str, tuple[Row, ...]]:
    return read_presets(folder)
