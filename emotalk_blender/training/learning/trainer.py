# SPDX-License-Identifier: GPL-3.0-or-later
"""Training: a run is a folder with its settings, its state and its log, and goes on where it was stopped.

settings.json   everything that determines the run
state.pt        where it stands: network, phone head, their average, optimiser, schedule and step, in one file
log.jsonl       one line per report: step, losses, and the validation figures as they come
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch.nn.parallel import DistributedDataParallel

from ...errors import EmoTalkError
from ...files.atomic import replacing
from ...network.checkpoint import save_checkpoint
from ..corpus.batches import Batch, BatchSources, CorpusReader, draw_batch, spread_of_targets
from .beginnings import Beginning, keep_front_ends
from .learning_state import LearningState, averaging, optimiser_for, warm_up_and_cosine
from .losses import total
from .processes import Processes
from .settings import TrainingSettings, keep_settings
from .trainee import Trainee
from .validation import validate

Report = Callable[[str], None]

LAST_RATE = 0.02
"""Part of the learning rate that is left at the end."""

ALONE = Processes(torch.device("cpu"))
RANDOM = Beginning()


class Run:
    """One training run in its folder."""

    def __init__(
        self,
        corpus: Path,
        folder: Path,
        settings: TrainingSettings,
        beginning: Beginning = RANDOM,
        processes: Processes = ALONE,
    ) -> None:
        """Begin a run, or go on with the one in the folder.

        Raises EmoTalkError where the corpus is too small, the folder holds another run, or what it begins with is
        another network or not there.
        """
        settings = beginning.noted_in(settings)
        self.folder, self.settings, self.processes, self.corpus = folder, settings, processes, corpus
        self.parts = processes.share(settings.parts)
        self.training = CorpusReader(corpus, "train")
        captures = CorpusReader(corpus, "train", captured=True, persons=_persons(settings))
        self.sources = BatchSources(self.training, captures)
        if not self.training.clips:
            raise EmoTalkError(f"{corpus} is too small to train on: it needs training and validation clips.")
        if processes.is_first:
            keep_settings(folder, settings)
        goes_on = (folder / "state.pt").is_file()
        torch.manual_seed(settings.seed)
        self.trainee = Trainee(settings.network).to(processes.device)
        if not goes_on:
            beginning.check_against(settings)
            beginning.fill(self.trainee.network)
        keep_front_ends(self.trainee.network, settings)
        self.together = processes.together(self.trainee)
        optimiser = optimiser_for(self.trainee, settings.learning_rate, settings.weight_decay)
        schedule = warm_up_and_cosine(optimiser, settings.warm_up, settings.steps, LAST_RATE)
        averaged = averaging(self.trainee, settings.average)
        self.state = LearningState(self.trainee, optimiser, schedule, averaged)
        if goes_on:
            self.state.load(folder / "state.pt", processes.device)
        self.spread = torch.from_numpy(spread_of_targets(self.training, captures)).to(processes.device)
        self.validation = CorpusReader(corpus, "validation")
        self.held_captures = CorpusReader(corpus, "validation", captured=True)
        if not self.validation.clips:
            raise EmoTalkError(f"{corpus} is too small to train on: it needs training and validation clips.")

    @property
    def step(self) -> int:
        """Steps that were taken."""
        return self.state.step

    @property
    def averaged(self) -> Trainee:
        """The averaged weights."""
        assert self.state.averaged is not None
        return cast(Trainee, self.state.averaged.module)

    def train(self, until: int | None = None, report: Report | None = None, every: int = 200) -> None:
        """Train to the given step (the last, if None); reports and saves every so many steps and at the end."""
        last = min(until or self.settings.steps, self.settings.steps)
        sums: dict[str, float] = {}
        begun, first = time.monotonic(), self.step
        for parts in self._steps(last):
            for name, value in self._learn(parts).items():
                sums[name] = sums.get(name, 0.0) + value
            if self.step % every == 0 or self.step == last:
                count = self.step - first
                means = self.processes.mean({name: value / count for name, value in sums.items()})
                entry: dict[str, Any] = {"step": self.step, **{name: round(value, 4) for name, value in means.items()}}
                entry["seconds_per_step"] = round((time.monotonic() - begun) / count, 4)
                if self.processes.is_first:
                    self._keep(entry)
                    if report:
                        report(json.dumps(entry))
                sums, begun, first = {}, time.monotonic(), self.step

    def validate(self) -> dict[str, float]:
        """Figures of the averaged weights; see validation.validate."""
        frames, device = self.settings.frames, self.processes.device
        return validate(self.averaged, self.validation, self.held_captures, frames, device)

    def export(self, path: Path, source: str, licence: str, dtype: str = "float16") -> None:
        """Write the averaged network as a checkpoint that names its captured speakers."""
        self.averaged.network.person_names = self.settings.person_names()
        save_checkpoint(
            self.averaged.network,
            path,
            source=source,
            licence=licence,
            dtype=dtype,
        )

    def _keep(self, entry: dict[str, Any]) -> None:
        """Save where the run stands, then log the figures of it."""
        entry.update(self.validate())
        self.state.save(self.folder / "state.pt")
        path = self.folder / "log.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        before = [line for line in lines if _step(line) < entry["step"]]
        with replacing(path) as temporary:
            temporary.write_text("\n".join([*before, json.dumps(entry)]) + "\n", encoding="utf-8")

    def _learn(self, parts: list[Batch]) -> dict[str, float]:
        """One step on this process's parts of it; the losses by name, averaged over them."""
        settings, device = self.settings, self.processes.device
        self.trainee.train()
        sums: dict[str, float] = {}
        for index, batch in enumerate(parts):
            torch.manual_seed((settings.seed * 1_000_003 + self.step) * settings.parts + self.parts[index])
            with _unshared(self.together) if index + 1 < len(parts) else nullcontext():
                with torch.autocast(device.type, torch.bfloat16, enabled=settings.bfloat16):
                    predictions = self.together(batch)
                loss, losses = total(predictions, batch, self.spread, settings.losses)
                (loss / len(parts)).backward()  # type: ignore[no-untyped-call]
            for name, value in {"loss": loss.detach(), **losses}.items():
                sums[name] = sums.get(name, 0.0) + value.item() / len(parts)
        self.state.advance(settings.gradient_norm)
        return sums

    def _steps(self, last: int) -> Iterator[list[Batch]]:
        """This process's parts of each step from here to `last`, drawn one step ahead."""
        with ThreadPoolExecutor(1) as drawer:
            waiting = drawer.submit(self.draw, self.step)
            for step in range(self.step, last):
                parts = waiting.result()
                if step + 1 < last:
                    waiting = drawer.submit(self.draw, step + 1)
                yield [batch.to(self.processes.device) for batch in parts]

    def draw(self, step: int) -> list[Batch]:
        """This process's parts of a step, each determined by the seed, the step and its number."""
        settings = self.settings
        drawn = []
        for part in self.parts:
            rng = np.random.default_rng([settings.seed, 0, step, part])
            is_long = (step * settings.parts + part) % 2 == 1
            size = max(2, settings.batch // 2) if is_long else settings.batch
            frames = settings.frames * 2 if is_long else settings.frames
            drawn.append(draw_batch(self.sources, size, frames, rng, settings.shares))
        return drawn


def _persons(settings: TrainingSettings) -> dict[str, int]:
    """The person of each captured speaker."""
    return {name: number for number, name in settings.person_names().items()}


def _unshared(module: torch.nn.Module) -> AbstractContextManager[None]:
    """A context in which gradients are gathered, and not yet averaged over the processes."""
    if isinstance(module, DistributedDataParallel):
        return module.no_sync()
    return nullcontext()


def _step(line: str) -> int:
    """The step of a line of the log; a line that was never finished counts as none."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return 1 << 62
