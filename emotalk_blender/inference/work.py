# SPDX-License-Identifier: GPL-3.0-or-later
"""A piece of work, as plain data: what to hear, how to perform it, what is done to the curves, with which network."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..animation.blinks import TimeRange
from ..animation.settings import AnimationSettings
from ..curves import FloatArray
from ..errors import EmoTalkError
from .performance import FROM_STRIP, Performance
from .progress import Report


class Sound(Protocol):
    """Sound that can be heard."""

    def signature(self) -> Hashable:
        """Tells this sound from any other, and from the same file before a change, without reading it."""

    def read(self, report: Report) -> FloatArray:
        """The samples: float32 [samples], 16 kHz mono. Raises EmoTalkError where they cannot be read."""


@dataclass(frozen=True)
class NetworkChoice:
    """Which network computes, and on what.

    model: the checkpoint; None for the default weights.
    device: one of DEVICES.
    threads: how many compute on the CPU, as use_threads() takes it.
    exact: in float32 even where fewer bits are quicker.
    """

    model: Path | None = None
    device: str = "auto"
    threads: int = 0
    exact: bool = False


@dataclass(frozen=True)
class Work:
    """One performance to generate.

    sound: what is spoken.
    animation: what is done to the network's curves; None leaves them as they are.
    borrowed: the sound whose mood is taken, where performance.emotion is FROM_STRIP.
    keep_open: where no blink is added, in seconds of the sound.
    """

    sound: Sound
    performance: Performance = field(default_factory=Performance)
    animation: AnimationSettings | None = field(default_factory=AnimationSettings)
    borrowed: Sound | None = None
    network: NetworkChoice = field(default_factory=NetworkChoice)
    keep_open: tuple[TimeRange, ...] = ()

    @property
    def sounds(self) -> list[Sound]:
        """The sounds to hear, the spoken one first. Raises EmoTalkError where the one to borrow from is missing."""
        if self.performance.emotion != FROM_STRIP:
            return [self.sound]
        if self.borrowed is None:
            raise EmoTalkError(
                "There is no strip to borrow the mood from. Pick one under Mood From, or another emotion."
            )
        return [self.sound, self.borrowed]
