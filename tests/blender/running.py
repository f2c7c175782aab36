# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate beside the interface without a window: work that takes as long as a test wants, ticks by hand."""

from __future__ import annotations

import threading
import time

import pytest

from emotalk_blender.blender.generate import jobs, worker
from emotalk_blender.curves import Curves
from emotalk_blender.inference.performance import Report

from .builders import random_curves


class SlowWork:
    """A performance that goes on until it is let go, and hears of being cancelled ten times a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_go = threading.Event()
        self.ended = threading.Event()
        self.reported = threading.Event()
        monkeypatch.setattr(worker, "perform", self.perform)

    def perform(self, work: object, report: Report) -> Curves:
        try:
            while not self.let_go.wait(0.1):
                report("Listening", 0.5)
                self.reported.set()
            return random_curves(2.0)
        finally:
            self.ended.set()


def tick_to_the_end(seconds: float = 60.0) -> None:
    """What Blender's timer does."""
    end = time.monotonic() + seconds
    while jobs.tick() is not None:
        assert time.monotonic() < end
        time.sleep(0.02)
