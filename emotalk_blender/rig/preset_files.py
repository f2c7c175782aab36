# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's own presets of faces: rows in small JSON files, one for each preset."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import EmoTalkError
from ..files.named_json import read_named, write_named
from .mapping import Row
from .sources import SOURCES


def read_presets(folder: Path) -> dict[str, tuple[Row, ...]]:
    """Name -> rows of every preset in the folder, by name; a file that cannot be understood is left out, and logged.

    Of a file that can, rows whose source is unknown (of a later EmoTalk) are left out.
    """
    return read_named(folder, _rows)


def write_preset(folder: Path, name: str, rows: Sequence[Row]) -> None:
    """Keep rows under a name; one of the same name is replaced. Raises EmoTalkError where that is not possible."""
    if name.strip() and not rows:
        raise EmoTalkError("There are no rows to save. Add one.")
    described = [{"target": row.target, "source": row.source, "strength": row.strength} for row in rows]
    write_named(folder, name, {"rows": described})


def _rows(content: Mapping[str, Any]) -> tuple[Row, ...]:
    """The rows in the content of a file. Raises ValueError, KeyError or TypeError for what is no preset."""
    rows = [_row(row) for row in content["rows"]]
    return tuple(row for row in rows if row.source in SOURCES)


def _row(content: Any) -> Row:
    target, source, strength = content["target"], content["source"], float(content.get("strength", 1.0))
    if not isinstance(target, str) or not isinstance(source, str) or not math.isfinite(strength):
        raise ValueError(f"row {content}")
    return Row(target, source, strength)
