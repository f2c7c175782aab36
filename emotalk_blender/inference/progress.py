# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of long work, and the cancelling of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise

Report = Callable[[str, float], None]
"""Progress: called with what is being done and the part done (0 to 1); may raise Cancelled to stop the work."""


def quiet(stage: str, part: float) -> None:
    """A Report that shows nothing."""


def share(report: Report, start: float, end: float) -> Report:
    """The report of one stage of some work, of which it is the part from start to end. It never goes back."""
    reached = start

    def report_stage(stage: str, part: float) -> None:
        nonlocal reached
        reached = max(reached, start + (end - start) * part)
        report(stage, reached)

    return report_stage


def shares(report: Report, start: float, end: float, count: int) -> list[Report]:
    """The reports of `count` equal stages, one after the other."""
    bounds = [start + (end - start) * index / count for index in range(count + 1)]
    return [share(report, *pair) for pair in pairwise(bounds)]


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
