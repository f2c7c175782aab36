# SPDX-License-Identifier: GPL-3.0-or-later
"""The default weights on clips of any length: how much quicker than they play, and what an hour costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

from emotalk_blender.curves import SAMPLE_RATE, FloatArray
from emotalk_blender.inference.kept_network import KeptNetwork
from emotalk_blender.inference.performance import Performance
from emotalk_blender.inference.progress import Report
from emotalk_blender.inference.work import Work
from tools.bench.memory import peak_of
from tools.bench.row import Row
from tools.bench.speech import samples_of

CLIP = 20
ROUNDS = 9
MINUTES = 60
ROUNDS_OF_A_MINUTE = 5
ROUNDS_OF_MEMORY = 3


def rows() -> Iterator[Row]:
    """One row of a clip, one of the time and one of the memory of an hour."""
    network = KeptNetwork(limit=0)  # it hears each clip anew
    seconds = [seconds_for(network, CLIP) for _ in range(ROUNDS + 1)][1:]
    factor = CLIP / statistics.median(seconds)
    yield Row(
        what=f"default weights, {CLIP} s clip, sound to curves, model loaded",
        against="real time",
        reach="200x",
        measured=f"{factor:.0f}x",
        reached=factor >= 200,
        note=f"median of {ROUNDS} rounds: {statistics.median(seconds) * 1000:.0f} ms",
    )
    minute = statistics.median(seconds_for(network, 60) for _ in range(ROUNDS_OF_A_MINUTE))
    hour = seconds_for(network, 60 * MINUTES) / MINUTES
    minute = statistics.median([minute, *(seconds_for(network, 60) for _ in range(ROUNDS_OF_A_MINUTE))])
    yield Row(
        what="1 hour of sound, default weights: time per minute",
        against="a clip of 1 minute",
        reach="within 1.15x",
        measured=f"{hour / minute:.2f}x",
        reached=hour <= 1.15 * minute,
        note=f"{hour:.2f} s and {minute:.2f} s a minute",
    )
    long, short = (
        statistics.median(peak_of("clips", job) for _ in range(ROUNDS_OF_MEMORY)) for job in ("hour", "minute")
    )
    yield Row(
        what="1 hour of sound, default weights: peak memory",
        against="a clip of 1 minute",
        reach="at most 300 MB more",
        measured=f"{long - short:.0f} MiB more",
        reached=(long - short) * 2**20 <= 300e6,
        note=f"medians of {ROUNDS_OF_MEMORY}; its samples, 16 kHz in float32, are "
        f"{MINUTES * 60 * SAMPLE_RATE * 4 / 2**20:.0f} MiB of these",
    )


class Clip:
    """Speech in memory, which is let go of once it was read, as the panel does it with a strip's."""

    def __init__(self, length: float) -> None:
        self.samples = [samples_of(length)]

    def signature(self) -> int:
        """Another number for each clip."""
        return id(self)

    def read(self, _report: Report) -> FloatArray:
        """The samples, once."""
        return self.samples.pop()


def seconds_for(network: KeptNetwork, length: float) -> float:
    """Seconds from samples to finished curves."""
    work = Work(Clip(length), Performance("happy"))
    start = time.perf_counter()
    network.generate(work)
    return time.perf_counter() - start


def _whole(length: float) -> None:
    KeptNetwork(limit=0).generate(Work(Clip(length), Performance("happy")))


JOBS: dict[str, Callable[[], object]] = {"minute": partial(_whole, 60), "hour": partial(_whole, 60 * MINUTES)}
"""Name -> what is run when its memory is measured; see peak_of."""
