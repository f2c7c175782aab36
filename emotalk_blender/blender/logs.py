# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's logging for EmoTalk alone: what reaches the console, and the last errors for a bug report."""

from __future__ import annotations

import logging
import sys
from collections import deque

KEPT = 3
"""How many errors are kept in memory."""

LEVELS = {
    "ERROR": ("Errors", "What went wrong"),
    "WARNING": ("Warnings", "What went wrong, and what was left out"),
    "INFO": ("Info", "All of that, and what was done"),
}
"""What an artist can choose to see in the console: name, as the preferences call it, what it means."""

QUIET = "WARNING"

_logger = logging.getLogger(__package__.rpartition(".")[0])


class _Console(logging.Handler):
    """Writes to stderr, looked up for every line, because Blender has none where it runs without a console."""

    def emit(self, record: logging.LogRecord) -> None:
        if sys.stderr is not None:
            sys.stderr.write(f"{self.format(record)}\n")


class _LastErrors(logging.Handler):
    """Keeps the last errors as text."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.kept: deque[str] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(self.format(record))


_console = _Console()
_console.setFormatter(logging.Formatter("EmoTalk %(levelname)s: %(message)s"))
_errors = _LastErrors()
_errors.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))


def last_errors() -> list[str]:
    """The last KEPT errors since Blender was started, oldest first, as the log has them."""
    return list(_errors.kept)


def set_level(level: str) -> None:
    """Show messages of this level, one of LEVELS, and graver ones."""
    _logger.setLevel(level)


def register() -> None:
    """Called when the extension is enabled."""
    set_level(QUIET)
    for handler in (_console, _errors):
        _logger.addHandler(handler)


def unregister() -> None:
    """Called when the extension is disabled: the logger is as it was."""
    for handler in (_console, _errors):
        _logger.removeHandler(handler)
    _errors.kept.clear()
    _logger.setLevel(logging.NOTSET)
