# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies at a path, asked so that it never raises: pathlib does for names too long and folders that are closed."""

from __future__ import annotations

from pathlib import Path


def is_file(path: Path) -> bool:
    """Whether there is a file that can be seen from here."""
    try:
        return path.is_file()
    except OSError:
        return False


def stamp(path: Path) -> tuple[int, int] | None:
    """Time of the last change in nanoseconds, and bytes: another pair after a change. None where there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def is_folder(path: Path) -> bool:
    """Whether there is a folder that can be seen from here."""
    try:
        return path.is_dir()
    except OSError:
        return False
