# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that reach an artist, and how those that nobody foresaw become one of them."""

from __future__ import annotations

import errno


class EmoTalkError(Exception):
    """Something the artist can act on: its text is one clear sentence that says what to do."""


class UnforeseenError(EmoTalkError):
    """Something that nobody foresaw: its text asks the artist to report it."""


class Cancelled(Exception):
    """The artist cancelled; raised out of a progress callback, never shown as an error."""


_NO_MEMORY = ("out of memory", "can't allocate memory")
"""How PyTorch says it of a GPU, and of main memory."""


def as_sentence(error: BaseException) -> EmoTalkError:
    """Any error as one that an artist can act on, or report."""
    if isinstance(error, EmoTalkError):
        return error
    if isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY):
        return EmoTalkError("There is not enough memory. Use a shorter sound, or choose the CPU as device.")
    if isinstance(error, ModuleNotFoundError) and error.name:
        return EmoTalkError(f"This needs the Python package {error.name}. Install it first.")
    if isinstance(error, UnicodeDecodeError):
        return EmoTalkError("A text file is not written in UTF-8. Save it as UTF-8, and try again.")
    if isinstance(error, OSError) and error.filename is not None:
        return EmoTalkError(_of_a_file(error))
    first_line = str(error).partition("\n")[0]
    return UnforeseenError(f"Something unforeseen went wrong ({type(error).__name__}: {first_line}). Please report it.")


def _of_a_file(error: OSError) -> str:
    """The sentence for a file that could not be read or written."""
    if error.errno == errno.ENOENT:
        return f"{error.filename} does not exist. Check the path."
    if error.errno == errno.EISDIR:
        return f"{error.filename} is a folder. Choose a file."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename} may not be read or written. Change its permissions, or choose another place."
    if error.errno == errno.ENOSPC:
        return f"{error.filename} cannot be written, because the disk is full. Make room, or choose another place."
    return f"{error.filename} cannot be used: {error.strerror}. Choose another file."
