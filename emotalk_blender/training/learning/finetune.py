# SPDX-License-Identifier: GPL-3.0-or-later
"""Fine-tuning: a network takes over an actor's way of speaking from captured takes.

The encoders, and with them what the network hears, stay as they are; its decoder learns. Half of each batch follows
the actor as captured. The other half is directed (an emotion, an intensity, another person), and must give the actor's
curves plus what the network added for that direction before it was tuned. Channels that were not captured must stay
as they were. So the takes need no emotions of their own, and directing works as before.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ...curves import CHANNEL, FPS, SAMPLE_RATE, lip_opening
from ...errors import EmoTalkError
from ...inference.progress import Report
from ...inference.session import Session, load_session
from ...network.checkpoint import save_checkpoint
from ...network.model import EmoTalk
from ..captures.captures import Capture, read_captures
from ..evaluation.closures import CLOSED_PART
from .heard_takes import HeardTake, Rows, draw_rows, hear, perform
from .tuning_figures import TuningFigures, compare, normalised_error

HELD_OUT_EVERY = 5
LEAST_SECONDS = 5.0
"""Seconds that the takes to learn from need together."""
LEAST_HELD_OUT = 1.0
LEAST_SPREAD = 0.03
"""Standard deviation that a channel counts to have at least, so that tiny ones do not rule."""


@dataclass(frozen=True)
class FinetuneSettings:
    """Everything that determines the tuning, with the base and the takes.

    frames: the longest stretch at 30 fps; rows: stretches in a step; jaw: weight of jawOpen in the reconstruction,
    velocity: of the differences between frames, range: of the difference in standard deviation, without which the
    curves come out flat, closure: of lips apart where the actor's are together; checks: how often the held-out takes
    are looked at.
    """

    seed: int = 0
    steps: int = 200
    rows: int = 4
    frames: int = 240
    learning_rate: float = 1e-3
    warm_up: int = 10
    gradient_norm: float = 1.0
    jaw: float = 4.0
    velocity: float = 4.0
    range: float = 1.0
    closure: float = 0.15
    checks: int = 12


@dataclass(frozen=True)
class Tuned:
    """What came of it.

    network: the best state on the held-out takes; step: when it was reached, 0 where nothing was better
    than the base; before, after: figures on the held-out takes; learned_from, held_out: names of takes.
    """

    network: EmoTalk
    step: int
    before: TuningFigures
    after: TuningFigures
    learned_from: list[str]
    held_out: list[str]


def finetune(
    captures: Path,
    out: Path,
    base: Path | None = None,
    held_out: Sequence[str] = (),
    settings: FinetuneSettings = FinetuneSettings(),
    device: str = "auto",
    report: Report = lambda stage, part: None,
) -> Tuned:
    """Tune a checkpoint (None: the default weights) on the takes of a folder and write the result to `out`.

    The licence of the base is carried on. held_out: parts of the names of takes to judge on, see `split`. Raises
    EmoTalkError where `out` exists or has no folder, and as read_captures, split and load_session do.
    """
    check_out(out)
    learned, judged = split(read_captures(captures), held_out)
    session = load_session(base, device, report, exact=True)
    tuned = tune(session, learned, judged, settings, report)
    seconds = sum(len(capture.samples) for capture in learned) / SAMPLE_RATE
    how = f"fine-tuned on {seconds / 60:.1f} minutes of captured takes" if tuned.step else "not changed by fine-tuning"
    info = session.info
    source = f"{info.source}; {how}" if info.source else how
    dtype = "float16" if info.dtype == "F16" else "float32"
    save_checkpoint(tuned.network, out, source=source, licence=info.licence, dtype=dtype)
    return tuned


def check_out(out: Path) -> None:
    """Raise EmoTalkError where a checkpoint should not or cannot be written to."""
    if out.suffix.lower() != ".safetensors":
        raise EmoTalkError(f"{out.name} is no name for a checkpoint. Let it end in .safetensors.")
    if out.exists():
        raise EmoTalkError(f"{out} exists already. Choose another name.")
    if not out.parent.is_dir():
        raise EmoTalkError(f"The folder {out.parent} does not exist. Make it, or choose another one.")


def split(captures: list[Capture], held_out: Sequence[str] = ()) -> tuple[list[Capture], list[Capture]]:
    """Takes to learn from, and takes to judge on.

    held_out: takes with one of these parts in their names are judged on. Without any it is every fifth take, the last
    one of fewer, or the last fifth of a single one. Raises EmoTalkError for a part that no take has, or where too
    little is left.
    """
    for part in held_out:
        if not any(part in capture.name for capture in captures):
            names = ", ".join(capture.name for capture in captures)
            raise EmoTalkError(f"No take has {part!r} in its name. Choose from: {names}.")
    if held_out:
        judged = [capture for capture in captures if any(part in capture.name for part in held_out)]
    elif len(captures) == 1:
        return _fifth(captures[0])
    else:
        judged = captures[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY] or captures[-1:]
    learned = [capture for capture in captures if not any(capture is other for other in judged)]
    _check_length(learned, judged)
    return learned, judged


def _fifth(capture: Capture) -> tuple[list[Capture], list[Capture]]:
    """The first four fifths of a take, and its last."""
    frame = len(capture.curves) * (HELD_OUT_EVERY - 1) // HELD_OUT_EVERY
    sample = round(frame * SAMPLE_RATE / FPS)
    learned = replace(capture, samples=capture.samples[:sample], curves=capture.curves[:frame])
    judged = replace(
        capture, name=f"{capture.name}, last fifth", samples=capture.samples[sample:], curves=capture.curves[frame:]
    )
    _check_length([learned], [judged])
    return [learned], [judged]


def _check_length(learned: list[Capture], judged: list[Capture]) -> None:
    """Raise EmoTalkError where there is too little to learn from or to judge on."""
    for captures, least, purpose in ((learned, LEAST_SECONDS, "learn from"), (judged, LEAST_HELD_OUT, "judge on")):
        seconds = sum(len(capture.curves) for capture in captures) / FPS
        if seconds < least:
            raise EmoTalkError(
                f"{seconds:.1f} s of takes are too few to {purpose}; {least:.0f} s are the least, minutes are better. "
                "Add takes."
            )
        if not np.any([capture.captured for capture in captures]):
            raise EmoTalkError(f"In the takes to {purpose} nothing moves. Record them again, or choose others.")


def tune(
    session: Session, learned: list[Capture], judged: list[Capture], settings: FinetuneSettings, report: Report
) -> Tuned:
    """Tune a copy of the session's network; never ends worse than it on `judged`. Deterministic on the CPU."""
    torch.manual_seed(settings.seed)
    base = session.network
    takes = [hear(session, capture, report) for capture in learned]
    tests = [hear(session, capture, report) for capture in judged]
    spread = channel_spread(base, takes)
    network = tunable_copy(base)
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, settings.learning_rate, (0.9, 0.98), weight_decay=0.0)
    rng = np.random.default_rng(settings.seed)
    best, least, reached = _state(network), normalised_error(network, tests, spread), 0
    every = max(1, settings.steps // settings.checks)
    for step in range(1, settings.steps + 1):
        report("Tuning", (step - 1) / settings.steps)
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * schedule(step, settings)
        rows = draw_rows(takes, settings.rows, settings.frames, network, rng)
        loss = tuning_loss(network, base, rows, spread.to(session.device), settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, settings.gradient_norm)
        optimiser.step()
        if step % every == 0 or step == settings.steps:
            error = normalised_error(network, tests, spread)
            if error < least:
                best, least, reached = _state(network), error, step
    report("Tuning", 1.0)
    network.load_state_dict(best, strict=False)
    network.requires_grad_(False)
    before, after = compare(base, base, tests), compare(base, network, tests)
    names = [[take.name for take in part] for part in (takes, tests)]
    return Tuned(network, reached, before, after, *names)


def tunable_copy(network: EmoTalk) -> EmoTalk:
    """A copy that shares the encoders, with gradients for everything after them but the classifier and prototypes."""
    shared = [network.content_encoder, network.emotion_encoder, network.classifier, network.content_map]
    # What the memo holds already is not copied: the published encoders alone are over a gigabyte.
    tuned = copy.deepcopy(network, {id(module): module for module in shared})
    for module in (
        tuned.emotion_map,
        tuned.emotion_narrow_map,
        tuned.level_map,
        tuned.person_map,
        tuned.decoder,
        tuned.blendshape_map,
    ):
        module.requires_grad_(True)
    return tuned


def _state(network: EmoTalk) -> dict[str, Tensor]:
    """A copy of what learns."""
    return {name: value.detach().clone() for name, value in network.named_parameters() if value.requires_grad}


def channel_spread(base: EmoTalk, takes: list[HeardTake]) -> Tensor:
    """What errors are measured by: each channel's standard deviation, of the actor or else of the base, [52]."""
    performed = torch.cat([perform(base, take) for take in takes])
    captured = torch.stack([take.captured for take in takes]).any(dim=0)
    spread = performed.std(dim=0)
    for channel in torch.nonzero(captured).flatten().tolist():
        known = torch.cat([take.curves[:, channel] for take in takes if take.captured[channel]])
        spread[channel] = known.std()
    return spread.clamp(min=LEAST_SPREAD)


def tuning_target(base: EmoTalk, rows: Rows) -> Tensor:
    """What rows must give: the actor plus what the base adds for the direction, or the base; [rows, frames, 52]."""
    rest = ~rows.is_plain
    with torch.no_grad():
        plain = base.fuse_rows(rows.content, rows.plain, torch.ones_like(rows.intensity), torch.zeros_like(rows.person))
        directed = plain.clone()
        directed[rest] = base.fuse_rows(rows.content[rest], rows.emotion[rest], rows.intensity[rest], rows.person[rest])
    actor = (rows.curves + directed - plain).clamp(0, 1)
    return torch.where(rows.known > 0, actor, directed)


def tuning_loss(network: EmoTalk, base: EmoTalk, rows: Rows, spread: Tensor, settings: FinetuneSettings) -> Tensor:
    """Squared errors of values and of their velocity, and of the actor's range, all over each channel's spread."""
    found = network.fuse_rows(rows.content, rows.emotion, rows.intensity, rows.person)
    target = tuning_target(base, rows)
    weights = torch.ones_like(spread)
    weights[CHANNEL["jawOpen"]] = settings.jaw
    count = rows.real.sum() * len(spread)
    squares = ((found - target) / spread).square() * weights * rows.real
    steps = ((found - target).diff(dim=1) / spread).square() * rows.real[:, 1:]
    actor = rows.known * rows.real * rows.is_plain[:, None, None]
    ranges = (deviation(found, actor) - deviation(target, actor)) / spread
    told = (actor.sum(dim=(0, 1)) > 0).float()
    loss = squares.sum() / count + settings.velocity * steps.sum() / count
    loss = loss + settings.range * (ranges.square() * told).sum() / told.sum().clamp(min=1)
    return loss + settings.closure * excess(found, target, rows) / spread[CHANNEL["jawOpen"]]


def excess(found: Tensor, target: Tensor, rows: Rows) -> Tensor:
    """How much further than the actor's the lips are apart where the actor's are together, averaged over all frames."""
    apart = lip_opening(target)
    told = rows.real[..., 0] * rows.known[..., CHANNEL["jawOpen"]]
    together = (apart < CLOSED_PART * rows.widest[:, None]).float() * told
    return (torch.relu(lip_opening(found) - apart - 0.01) * together).sum() / rows.real.sum()


def deviation(values: Tensor, weights: Tensor) -> Tensor:
    """Standard deviation of each channel over the rows and frames that count: [rows, frames, 52] to [52]."""
    total = weights.sum(dim=(0, 1)).clamp(min=1)
    mean = (values * weights).sum(dim=(0, 1)) / total
    variance = ((values - mean).square() * weights).sum(dim=(0, 1)) / total
    return (variance + 1e-8).sqrt()


def schedule(step: int, settings: FinetuneSettings) -> float:
    """Factor of the learning rate at a step from 1: a linear warm-up and a cosine to 5 %."""
    warm = min(1.0, step / settings.warm_up)
    return warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - 1) / settings.steps)))
