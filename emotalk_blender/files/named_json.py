# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist keeps under names: small JSON files in a folder, one for each, written whole or not at all.

They are data and nothing else: no file of somebody else's can run code. Several programs may use a folder at a time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import EmoTalkError
from .atomic import replacing

FORMAT = 1

LARGEST = 1 << 20
"""Bytes of a file above which it is none of ours."""

Understood = TypeVar("Understood")

log = logging.getLogger(__name__)


def read_named(folder: Path, understand: Callable[[Mapping[str, Any]], Understood]) -> dict[str, Understood]:
    """Name -> what `understand` makes of the content of each file in the folder, by name.

    understand: raises ValueError, KeyError or TypeError for content that it does not know. Such a file is left out, and
    logged.
    """
    found = {}
    for _, name, content in _files(folder):
        try:
            found[name] = understand(content)
        except (ValueError, KeyError, TypeError) as error:
            log.warning('"%s" in %s cannot be used: %s', name, folder.name, error)
    return dict(sorted(found.items()))


def write_named(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """Keep content, plain data, under a name; what had the same name is replaced.

    Raises EmoTalkError for an empty name and for a folder that cannot be written to.
    """
    name = name.strip()
    if not name:
        raise EmoTalkError("The preset needs a name. Type one.")
    data = json.dumps({"format": FORMAT, "name": name} | dict(content), indent=1) + "\n"
    path = folder / _file_name(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(data, encoding="ascii")
        _remove(folder, name, but=path)
    except OSError as error:
        raise EmoTalkError(f"The preset cannot be written ({error}). Make room in {folder}.") from error


def remove_named(folder: Path, name: str) -> None:
    """Delete what is kept under a name, if there is anything. Raises EmoTalkError where that is not possible."""
    try:
        _remove(folder, name)
    except OSError as error:
        raise EmoTalkError(f"The preset cannot be removed ({error}). Look into {folder}.") from error


def last_change(folder: Path) -> int:
    """Changes whenever a file is kept or removed, by whatever program; 0 for a folder that is not there."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _remove(folder: Path, name: str, but: Path | None = None) -> None:
    for path, found, _ in _files(folder):
        if found == name and path != but:
            path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    """Path, name and content of every file in the folder that is one of ours."""
    for path in sorted(folder.glob("*.json")):
        try:
            content = _content(path)
        except FileNotFoundError:
            continue  # Another program has just removed it.
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s is no preset: %s", path.name, error)
            continue
        yield path, content["name"], content


def _content(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file. Raises OSError, ValueError or RecursionError for a file that is none of ours."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("too large")
    content = json.loads(data)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError("another format")
    if not isinstance(content.get("name"), str) or not content["name"]:
        raise ValueError("no name")
    return content


def _file_name(name: str) -> str:
    """A file name for an artist's name: readable where file names allow it, and different for every name."""
    readable = re.sub(r"[^\w\-]+", "_", name, flags=re.ASCII)[:40]
    code = hashlib.blake2b(json.dumps(name).encode(), digest_size=6).hexdigest()
    return f"{readable}.{code}.json"
