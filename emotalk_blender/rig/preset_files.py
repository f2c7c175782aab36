# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's own presets: rows in small JSON files, one for each preset."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import EmoTalkError
from .mapping import Row
from .sources import SOURCES

FORMAT = 1

log = logging.getLogger(__name__)


def read_presets(folder: Path) -> dict[str, tuple[Row, ...]]:
    """Name -> rows of every preset in the folder, by name; a file that cannot be understood is left out, and logged.

    Of a file that can, rows whose source is unknown (of a later EmoTalk) are left out.
    """
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            name, rows = _read(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is no preset of a face: %s", path, error)
            continue
        found[name] = rows
    return dict(sorted(found.items()))


def write_preset(folder: Path, name: str, rows: Sequence[Row]) -> None:
    """Keep rows under a name; one of the same name is replaced. Raises EmoTalkError where that is not possible."""
    if not name.strip():
        raise EmoTalkError("The preset needs a name. Type one.")
    if not rows:
        raise EmoTalkError("There are no rows to save. Add one.")
    described = [{"target": row.target, "source": row.source, "strength": row.strength} for row in rows]
    text = json.dumps({"format": FORMAT, "name": name.strip(), "rows": described}, indent=1, ensure_ascii=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = _free_path(folder, name)
        whole = path.with_suffix(".part")
        try:
            whole.write_text(text + "\n", encoding="utf-8")
            remove_preset(folder, name.strip())
            whole.replace(path)
        finally:
            whole.unlink(missing_ok=True)
    except OSError as error:
        raise EmoTalkError(f"The preset cannot be written ({error}). Make room in {folder}.") from error


def remove_preset(folder: Path, name: str) -> None:
    """Delete the files of this name, if there are any."""
    for path in folder.glob("*.json"):
        try:
            if _read(json.loads(path.read_text(encoding="utf-8")))[0] == name:
                path.unlink()
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _read(content: Any) -> tuple[str, tuple[Row, ...]]:
    """Raises ValueError, KeyError or TypeError for what is no preset."""
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']}")
    name, rows = content["name"], [_row(row) for row in content["rows"]]
    if not isinstance(name, str) or not name:
        raise ValueError("no name")
    return name, tuple(row for row in rows if row.source in SOURCES)


def _row(content: Any) -> Row:
    target, source, strength = content["target"], content["source"], float(content.get("strength", 1.0))
    if not isinstance(target, str) or not isinstance(source, str) or not math.isfinite(strength):
        raise ValueError(f"row {content}")
    return Row(target, source, strength)


def _free_path(folder: Path, name: str) -> Path:
    """A file that is not there yet, named like the preset as far as files can be."""
    stem = re.sub(r"[^\w\-]+", "_", name.strip())[:60]
    paths = [folder / f"{stem}.json", *(folder / f"{stem}_{number}.json" for number in range(2, 1000))]
    return next(path for path in paths if not path.exists())
