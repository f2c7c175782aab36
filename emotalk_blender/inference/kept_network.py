# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way from sound to curves: a network that is kept loaded, with what it has heard.

Three verbs: to hear is to turn sound into SpeechFeatures, to perform is to turn features and a Performance into Curves,
to generate is both.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..animation.finish import finish
from ..curves import Curves, FloatArray
from ..files.paths import stamp
from .features import LIMIT, FeatureCache, sound_key
from .found_devices import find_devices
from .model_file import default_weights
from .performance import FROM_STRIP
from .progress import Report, quiet, share, shares
from .session import load_session
from .threads import use_threads
from .work import NetworkChoice, Work

if TYPE_CHECKING:
    from ..network.model import SpeechFeatures
    from .session import Session

SIGNATURES = 1000
"""How many sounds are known again without being read."""

log = logging.getLogger(__name__)


class KeptNetwork:
    """A network and what it has heard, kept from one performance to the next. Any thread may call it.

    limit: bytes of features that are kept.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._in_use = threading.Lock()
        """Guards all that follows."""
        self._loaded: tuple[Hashable, Session] | None = None
        self._features = FeatureCache(limit)
        self._sounds: OrderedDict[Hashable, bytes] = OrderedDict()
        """Key of the samples by signature of the sound, for the last SIGNATURES sounds."""

    def generate(self, work: Work, report: Report = quiet) -> Curves:
        """The curves of some work, at the network's frame rate, from the first second of the sound on.

        What was heard before is not heard again. `report` gets the part done of the whole work, from 0 to 1. Raises
        EmoTalkError for sound that cannot be read, for a network that cannot be loaded, and for a performance that the
        network cannot give; also what `report` raises.
        """
        sounds = work.sounds
        signatures = [sound.signature() for sound in sounds]
        reading = shares(report, 0.0, 0.1, len(sounds))
        samples = [sound.read(part) for sound, part in zip(sounds, reading, strict=True)]
        with self._sole_use(share(report, 0.1, 0.1)):
            session = self._session(work.network, share(report, 0.1, 0.25))
            use_threads(work.network.threads)
            session.direction(work.performance)  # what cannot be performed is refused before the long part
            heard = []
            for signature, part in zip(signatures, shares(report, 0.25, 0.95, len(sounds)), strict=True):
                key = self._remember(signature, samples[0], work.network)
                heard.append(self._hear(samples.pop(0), key, session, part))  # an hour of samples is 230 MB
            return _perform(work, heard, session, share(report, 0.95, 1.0))

    def perform_now(self, work: Work) -> Curves | None:
        """The curves that generate() gives, at once and in this thread, for Live: nothing is read, loaded or heard.

        None where that is not possible: the network is not loaded or is in use, or one of the sounds was not heard
        before, has changed since, or is forgotten. Raises EmoTalkError for a performance that the network cannot give.
        """
        if not self._in_use.acquire(blocking=False):
            return None
        try:
            if self._loaded is None or self._loaded[0] != _network_key(work.network):
                return None
            heard = []
            for sound in work.sounds:
                known = self._sounds.get(sound.signature())
                features = self._features.get((known, _model_key(work.network))) if known is not None else None
                if features is None:
                    return None
                heard.append(features)
            use_threads(work.network.threads)
            return _perform(work, heard, self._loaded[1], quiet)
        finally:
            self._in_use.release()

    def is_on_gpu(self) -> bool:
        """Whether the loaded network takes the memory of a graphics card."""
        loaded = self._loaded
        return loaded is not None and loaded[1].device.type != "cpu"

    def in_words(self) -> str:
        """The numbers and the device that the loaded network computes with; empty where none is loaded."""
        loaded = self._loaded
        return f"{loaded[1].precision}, on {loaded[1].device}" if loaded else ""

    def rest(self) -> bool:
        """Move the loaded network to main memory, until generate() needs it. Returns False where it is in use."""
        if not self._in_use.acquire(blocking=False):
            return False
        try:
            if self._loaded is not None:
                self._loaded[1].rest()
            return True
        finally:
            self._in_use.release()

    def forget(self) -> None:
        """Let go of the network and of all that it has heard, and of their memory. Waits while it is in use."""
        with self._in_use:
            self._loaded = None
            self._features.clear()
            self._sounds.clear()

    @contextmanager
    def _sole_use(self, report: Report) -> Iterator[None]:
        """The network for this thread alone: a cancelled thread needs a moment until it lets go of it."""
        while not self._in_use.acquire(timeout=0.1):
            report("Waiting for the last one to stop", 0.0)
        try:
            yield
        finally:
            self._in_use.release()

    def _session(self, choice: NetworkChoice, report: Report) -> Session:
        """The network on its device, loaded anew where its file or the choice has changed."""
        key = _network_key(choice)
        if self._loaded is None or self._loaded[0] != key:
            self._loaded = None  # its memory is needed for the next one
            session = load_session(choice.model, choice.device, report, choice.exact)
            self._loaded = (key, session)
            find_devices()
            log.info("%s loaded: %s", (choice.model or default_weights()).name, self.in_words())
        self._loaded[1].wake()
        return self._loaded[1]

    def _remember(self, signature: Hashable, samples: FloatArray, choice: NetworkChoice) -> Hashable:
        """Note that this signature stands for these samples; returns the key of their features."""
        sound = sound_key(samples)
        self._sounds[signature] = sound
        self._sounds.move_to_end(signature)
        while len(self._sounds) > SIGNATURES:
            self._sounds.popitem(last=False)
        return (sound, _model_key(choice))

    def _hear(self, samples: FloatArray, key: Hashable, session: Session, report: Report) -> SpeechFeatures:
        """The features of a sound, kept under its key."""
        features = self._features.get(key)
        if features is None:
            features = session.hear(samples, report)
            self._features.put(key, features)
        return features


@cache
def shared_network() -> KeptNetwork:
    """The one network that the panel, Live and the command share in this process."""
    return KeptNetwork()


def _perform(work: Work, heard: Sequence[SpeechFeatures], session: Session, report: Report) -> Curves:
    """The quick half: from what was heard of each sound of the work to its curves."""
    features = heard[0]
    if work.performance.emotion == FROM_STRIP:
        from ..network.borrowed_mood import borrow

        features = borrow(features, heard[1], work.performance.borrowed)
    curves = session.perform(features, work.performance, report)
    return curves if work.animation is None else finish(curves, work.animation, work.keep_open)


def _model_key(choice: NetworkChoice) -> Hashable:
    """Tells what a model hears from what another one does, without reading either."""
    path: Path = choice.model or default_weights()
    return (path, stamp(path), choice.exact)


def _network_key(choice: NetworkChoice) -> Hashable:
    """Tells whether a loaded network is the chosen one."""
    return (_model_key(choice), choice.device)
