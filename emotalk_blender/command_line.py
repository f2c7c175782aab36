# SPDX-License-Identifier: GPL-3.0-or-later
"""How each of the three command lines runs: whatever goes wrong ends in one sentence and an honest exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import EmoTalkError, UnforeseenError, as_sentence

if TYPE_CHECKING:
    from argparse import ArgumentParser

DEBUG = "EMOTALK_DEBUG"
"""Environment variable that lets errors which nobody foresaw show where they come from."""


def run_command(parser: ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Run the command that the arguments name (None: those of this process); returns the exit code.

    parser: each of its commands has a default `run`, which takes the options, and may have one `if_interrupted`: what
    to say after Ctrl+C.

    The code is 0 after success, 1 after one sentence on stderr, 2 for a wrong command line, 130 after Ctrl+C. Errors
    that nobody foresaw are a sentence, too; a traceback is written only where EMOTALK_DEBUG is set.
    """
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        options.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except EmoTalkError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail(getattr(options, "if_interrupted", "Cancelled."), code=130)
    except BrokenPipeError:
        _let_go_of_stdout()
        return _fail("Whatever read the output has closed it before all was written.")
    except Exception as error:
        if os.environ.get(DEBUG):
            return _fail(traceback.format_exc().rstrip())
        sentence = as_sentence(error)
        if not isinstance(sentence, UnforeseenError):
            return _fail(str(sentence))
        return _fail(
            f"{str(sentence).removesuffix('.')} with what it writes when the environment variable {DEBUG} is 1."
        )
    return 0


def _fail(text: str, code: int = 1) -> int:
    """Write to stderr, where there is one; returns the code."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    return code


def _let_go_of_stdout() -> None:
    """Point stdout to nothing, or Python would complain of the closed pipe once more as it ends."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
