# SPDX-License-Identifier: GPL-3.0-or-later
"""The source and licence that a model file names, read without PyTorch: a panel asks for it while it is drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import EmoTalkError
from ..model_format import FORMAT, LENGTH_BYTES, LONGEST_HEAD

_SHOWN = 400
"""Characters of a text in a file that are shown of it."""


@dataclass(frozen=True)
class ModelDescription:
    """Each in one line. source: what it was trained on or imported from; licence: of the weights."""

    source: str
    licence: str


def describe_model(path: Path) -> ModelDescription:
    """The source and licence that a checkpoint names; it is read again only when it has changed.

    Raises EmoTalkError, one sentence, for a file that is missing or no checkpoint. Whether its weights fit is seen only
    when it is loaded.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise EmoTalkError(f"The model file {path} does not exist. Choose another one.") from error
    found = _described(path, status.st_mtime_ns, status.st_size)
    if isinstance(found, str):
        raise EmoTalkError(found)
    return found


@lru_cache(maxsize=8)
def _described(path: Path, _changed: int, size: int) -> ModelDescription | str:
    """The description, or what is wrong: kept as well, so that a bad file is not read at every redraw."""
    try:
        metadata = _metadata(path, size)
    except (OSError, ValueError, RecursionError):
        return f"{path.name} is not a readable model file (safetensors). Choose another one."
    if metadata.get("format") != FORMAT:
        return f"{path.name} holds weights, but not those of an EmoTalk network. Choose another model file."
    return ModelDescription(_line(metadata.get("source")), _line(metadata.get("licence")))


def _metadata(path: Path, size: int) -> dict[str, Any]:
    """The metadata in the header. Raises OSError, ValueError or RecursionError for a file without."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if not 0 < length <= min(LONGEST_HEAD, size - LENGTH_BYTES):
            raise ValueError("no header")
        header = json.loads(file.read(length))
    metadata = header.get("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict):
        raise ValueError("no metadata")
    return metadata


def _line(text: Any) -> str:
    """A text from a file, fit to be shown."""
    words = " ".join(text.split()) if isinstance(text, str) else ""
    words = "".join(letter for letter in words if letter.isprintable())
    return f"{words[:_SHOWN]}..." if len(words) > _SHOWN else words or "unknown"
