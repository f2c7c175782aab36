# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Generate that runs beside the interface: plain data in, curves out, no bpy anywhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..animation.finish import AnimationSettings
from ..curves import Curves
from ..inference.generate import generate
from ..inference.model_file import default_weights
from ..inference.performance import Performance, Report
from ..inference.session import load_session
from .sound import SoundSource, read_samples

if TYPE_CHECKING:
    from ..inference.session import Session


@dataclass(frozen=True)
class Work:
    """What to hear, with which network, and how to perform it.

    file_start, duration: the part of the sound in seconds.
    model: the checkpoint; None for the default weights.
    """

    source: SoundSource
    file_start: float
    duration: float
    performance: Performance
    model: Path | None = None
    device: str = "auto"


def perform(work: Work, report: Report) -> Curves:
    """Curves at 30 fps, weights within [0, 1], from the first second of the part on.

    `report` hears of the whole work from 0 to 1. Raises EmoTalkError, and what `report` raises.
    """
    samples = read_samples(work.source, work.file_start, work.duration, _share(report, 0.0, 0.1))
    with _sole_use(_share(report, 0.1, 0.1)):
        session = _session(work.model, work.device, _share(report, 0.1, 0.25))
        return generate(samples, work.performance, session, AnimationSettings(), _share(report, 0.25, 1.0))


def forget_session() -> None:
    """Let go of the loaded network, and of its memory."""
    global _loaded
    with _network:
        _loaded = None


def _share(report: Report, start: float, end: float) -> Report:
    """The report of one stage out of several; never goes back when the stage has parts of its own."""
    reached = start

    def tell(stage: str, part: float) -> None:
        nonlocal reached
        reached = max(reached, start + (end - start) * part)
        report(stage, reached)

    return tell


_network = threading.Lock()
_loaded: tuple[object, Session] | None = None


@contextmanager
def _sole_use(report: Report) -> Iterator[None]:
    """The network for this thread alone: a cancelled thread needs a moment until it lets go of it."""
    while not _network.acquire(timeout=0.1):
        report("Waiting for the last one to stop", 0.0)
    try:
        yield
    finally:
        _network.release()


def _session(model: Path | None, device: str, report: Report) -> Session:
    """The network, kept from one Generate to the next as long as its file and the device stay the same."""
    global _loaded
    path = model or default_weights()
    key = (path, path.stat().st_mtime_ns if path.is_file() else None, device)
    if _loaded is None or _loaded[0] != key:
        _loaded = None
        _loaded = (key, load_session(model, device, report))
    return _loaded[1]
