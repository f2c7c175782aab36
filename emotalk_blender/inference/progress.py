# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of long work, and the cancelling of it."""

from __future__ import annotations

import sys
from collections.abc import Callable

Report = Callable[[str, float], None]
"""Progress: called with what is being done and the part done (0 to 1); may raise Cancelled to stop the work."""


def quiet(stage: str, part: float) -> None:
    """A Report that shows nothing."""


class StderrProgress:
    """A Report on stderr: a line for each stage, and on a terminal its percentage, written over, below it."""

    def __init__(self) -> None:
        self.stage = ""

    def __call__(self, stage: str, part: float) -> None:
        """Show the stage once, and how much of it is done where somebody watches."""
        if stage != self.stage:
            sys.stderr.write(f"{stage}\n")
            self.stage = stage
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r{part:4.0%}\r")
        sys.stderr.flush()
