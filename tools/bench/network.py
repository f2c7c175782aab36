# SPDX-License-Identifier: GPL-3.0-or-later
"""The network at its published size against the published way of computing it: time, memory, error."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from emotalk_blender.network.checkpoint import load_checkpoint
from emotalk_blender.network.direction import direct
from emotalk_blender.network.model import EmoTalk
from emotalk_blender.network.reduced_precision import load_quick
from tools.bench.full_size import full_size_checkpoint
from tools.bench.memory import peak_of
from tools.bench.row import Row
from tools.bench.speech import samples_of
from tools.bench.stand_in import StandIn

SECONDS = 20
ROUNDS = 3
CPU = torch.device("cpu")
PUBLISHED = "the published way, float32"


def rows() -> Iterator[Row]:
    """Two rows of time, one of memory."""
    times, curves = side_by_side(all_ways())
    for way, heading, factor, bound in (
        ("quick", "as it is loaded (8-bit)", 2.5, 0.02),
        ("exact", "float32 (--exact)", 1.5, 1e-4),
    ):
        ratio = statistics.median(a / b for a, b in zip(times["published"], times[way], strict=True))
        error = float((curves[way] - curves["published"]).abs().max())
        yield Row(
            what=f"full-size network, {SECONDS} s clip, {heading}",
            against=PUBLISHED,
            reach=f"{factor}x, within {bound:g}",
            measured=f"{ratio:.2f}x, within {error:.2g}",
            reached=ratio >= factor and error <= bound,
            note=f"median of {ROUNDS} rounds: {statistics.median(times['published']):.1f} s and "
            f"{statistics.median(times[way]):.1f} s on {torch.get_num_threads()} threads",
        )
    before, after = peak_of("network", "published"), peak_of("network", "quick")
    yield Row(
        what="the same, peak memory from loading on",
        against=PUBLISHED,
        reach="half",
        measured=f"{after / before:.2f}",
        reached=after <= before / 2,
        note=f"{before:.0f} and {after:.0f} MiB; float32: {peak_of('network', 'exact'):.0f} MiB",
    )


def all_ways() -> dict[str, Callable[[], Tensor]]:
    """The published way, ours in float32, ours as it is loaded: each makes the same curves, more or less."""
    audio = torch.from_numpy(samples_of(SECONDS))
    published = stand_in()
    exact = load_quick(full_size_checkpoint(), CPU, exact=True).model
    quick = load_quick(full_size_checkpoint(), CPU).model
    return {
        "published": lambda: published(audio),
        "exact": lambda: perform(exact, audio),
        "quick": lambda: perform(quick, audio),
    }


def side_by_side(ways: dict[str, Callable[[], Tensor]]) -> tuple[dict[str, list[float]], dict[str, Tensor]]:
    """Seconds of each way, round after round, after one that does not count; and what each gave."""
    curves = {name: way() for name, way in ways.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return times, curves


def stand_in() -> StandIn:
    """The published way on the weights of the full-size checkpoint."""
    model, _ = load_checkpoint(full_size_checkpoint())
    published = StandIn(model.config)
    published.take_weights(model.state_dict())
    return published


def perform(model: EmoTalk, audio: Tensor) -> Tensor:
    """Blendshape weights of the sound, From Voice: [frames, 52]."""
    return model.decode(model.encode(audio), direct(model.config))


def _heard_by(load: Callable[[], EmoTalk]) -> Tensor:
    return perform(load(), torch.from_numpy(samples_of(SECONDS)))


JOBS: dict[str, Callable[[], object]] = {
    "published": lambda: stand_in()(torch.from_numpy(samples_of(SECONDS))),
    "exact": lambda: _heard_by(lambda: load_quick(full_size_checkpoint(), CPU, exact=True).model),
    "quick": lambda: _heard_by(lambda: load_quick(full_size_checkpoint(), CPU).model),
}
"""Name -> what is run when its memory is measured; see peak_of."""
