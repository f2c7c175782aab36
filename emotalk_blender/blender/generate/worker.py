# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Generate that runs beside the interface: plain data in, curves out, no bpy anywhere."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ...animation.blinks import TimeRange
from ...animation.finish import AnimationSettings
from ...curves import Curves, FloatArray
from ...files.paths import is_file
from ...inference.features import FeatureCache, sound_key
from ...inference.found_devices import find_devices
from ...inference.generate import nothing_to_borrow, performed
from ...inference.model_file import default_weights
from ...inference.performance import FROM_STRIP, Performance, Report
from ...inference.session import load_session, quiet
from ...inference.threads import use_threads
from ..sequencer.sound import SoundSource, read_samples

if TYPE_CHECKING:
    from ...inference.session import Session
    from ...network.model import SpeechFeatures

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SoundPart:
    """What is heard of a sound: file_start, duration in seconds of it."""

    source: SoundSource
    file_start: float
    duration: float


@dataclass(frozen=True)
class Work:
    """What to hear, how to perform it, what is done to the curves, with which network.

    borrowed: the sound whose mood to take, where performance.emotion is FROM_STRIP.
    model: the checkpoint; None for the default weights.
    keep_open: where no blink is added, in seconds of the part.
    threads: how many compute, as inference/threads.py has it.
    """

    sound: SoundPart
    performance: Performance
    animation: AnimationSettings = field(default_factory=AnimationSettings)
    borrowed: SoundPart | None = None
    model: Path | None = None
    device: str = "auto"
    keep_open: tuple[TimeRange, ...] = ()
    threads: int = 0

    @property
    def parts(self) -> list[SoundPart]:
        """The sounds to hear, the one to speak first. Raises EmoTalkError where the one to borrow from is missing."""
        if self.performance.emotion != FROM_STRIP:
            return [self.sound]
        if self.borrowed is None:
            raise nothing_to_borrow()
        return [self.sound, self.borrowed]


def perform(work: Work, report: Report) -> Curves:
    """Curves at 30 fps, weights within [0, 1], from the first second of the part on.

    What was heard before is not heard again. `report` hears of the whole work from 0 to 1. Raises EmoTalkError, and
    what `report` raises.
    """
    parts = work.parts
    signatures = [_signature(part) for part in parts]
    reading = _shares(report, 0.0, 0.1, len(parts))
    sounds = [
        read_samples(part.source, part.file_start, part.duration, tell)
        for part, tell in zip(parts, reading, strict=True)
    ]
    with _sole_use(_share(report, 0.1, 0.1)):
        session = _session(work.model, work.device, _share(report, 0.1, 0.25))
        use_threads(work.threads)
        session.direction(work.performance)  # what cannot be performed is refused before the long part
        heard = []
        for signature, tell in zip(signatures, _shares(report, 0.25, 0.95, len(parts)), strict=True):
            heard.append(_hear(sounds.pop(0), signature, work.model, session, tell))  # an hour of samples is 230 MB
        return _performed(work, heard, session, _share(report, 0.95, 1.0))


def perform_now(work: Work) -> Curves | None:
    """What `perform` would give, at once and in this thread, for Live; no sound is read, nothing is loaded or heard.

    None where that is not possible: the network is not loaded or at work, or one of the sounds (the same part of a
    file that has not changed since) was not heard before, or is forgotten. Raises EmoTalkError for a performance that
    the network cannot give.
    """
    if not _network.acquire(blocking=False):
        return None
    try:
        if _loaded is None or _loaded[0] != _session_key(work.model, work.device):
            return None
        heard = []
        for part in work.parts:
            sound = _sounds.get(_signature(part))
            features = _features.get((sound, _model_key(work.model))) if sound is not None else None
            if features is None:
                return None
            heard.append(features)
        use_threads(work.threads)
        return _performed(work, heard, _loaded[1])
    finally:
        _network.release()


def is_on_card() -> bool:
    """Whether the loaded network takes the memory of a graphics card."""
    return _loaded is not None and _loaded[1].device.type != "cpu"


def rest() -> bool:
    """Move the loaded network to main memory; the next `perform` takes it back. False where it is at work."""
    if not _network.acquire(blocking=False):
        return False
    try:
        if _loaded is not None:
            _loaded[1].rest()
        return True
    finally:
        _network.release()


def forget_session() -> None:
    """Let go of the loaded network and of all that it heard, and of their memory."""
    global _loaded
    with _network:
        _loaded = None
        _features.clear()
        _sounds.clear()


def _performed(work: Work, heard: Sequence[SpeechFeatures], session: Session, report: Report = quiet) -> Curves:
    other = heard[1] if len(heard) > 1 else None
    return performed(heard[0], other, work.performance, session, work.animation, report, work.keep_open)


def _hear(
    samples: FloatArray, signature: Hashable, model: Path | None, session: Session, report: Report
) -> SpeechFeatures:
    """The features of a sound, kept under its key; its signature is known for it from now on."""
    key = (sound_key(samples), _model_key(model))
    _remember(signature, key[0])
    features = _features.get(key)
    if features is None:
        features = session.encode(samples, report)
        _features.put(key, features)
    return features


def _signature(part: SoundPart) -> Hashable:
    """What tells a part of a sound from another without reading the file."""
    source = part.source
    if source.packed is not None:
        content: Hashable = hashlib.blake2b(source.packed).digest()
    else:
        try:
            status = source.path.stat()
            content = (status.st_mtime_ns, status.st_size)
        except OSError:
            content = None
    return (source.path, content, part.file_start, part.duration)


def _remember(signature: Hashable, sound: bytes) -> None:
    """That this signature stands for exactly this sound."""
    _sounds[signature] = sound
    _sounds.move_to_end(signature)
    while len(_sounds) > SIGNATURES:
        _sounds.popitem(last=False)


def _share(report: Report, start: float, end: float) -> Report:
    """The report of one stage out of several; never goes back when the stage has parts of its own."""
    reached = start

    def tell(stage: str, part: float) -> None:
        nonlocal reached
        reached = max(reached, start + (end - start) * part)
        report(stage, reached)

    return tell


def _shares(report: Report, start: float, end: float, count: int) -> list[Report]:
    """The reports of `count` like stages, one after the other."""
    bounds = [start + (end - start) * index / count for index in range(count + 1)]
    return [_share(report, *pair) for pair in pairwise(bounds)]


_network = threading.Lock()
_loaded: tuple[Hashable, Session] | None = None

_features = FeatureCache()

SIGNATURES = 1000
_sounds: OrderedDict[Hashable, bytes] = OrderedDict()
"""Key of the samples by signature of the part, for the last SIGNATURES parts. Guarded by _network."""


@contextmanager
def _sole_use(report: Report) -> Iterator[None]:
    """The network for this thread alone: a cancelled thread needs a moment until it lets go of it."""
    while not _network.acquire(timeout=0.1):
        report("Waiting for the last one to stop", 0.0)
    try:
        yield
    finally:
        _network.release()


def _model_key(model: Path | None) -> Hashable:
    """What tells a checkpoint from another without reading it."""
    path = model or default_weights()
    return (path, path.stat().st_mtime_ns if is_file(path) else None)


def _session_key(model: Path | None, device: str) -> Hashable:
    return (_model_key(model), device)


def _session(model: Path | None, device: str, report: Report) -> Session:
    """The network, kept from one Generate to the next as long as its file and the device stay the same."""
    global _loaded
    key = _session_key(model, device)
    if _loaded is None or _loaded[0] != key:
        _loaded = None
        _loaded = (key, load_session(model, device, report))
        find_devices()
        log.info("%s loaded on %s", (model or default_weights()).name, _loaded[1].device)
    _loaded[1].wake()
    return _loaded[1]
