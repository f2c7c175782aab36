# SPDX-License-Identifier: GPL-3.0-or-later
"""Training: a run is a folder with its settings, its state and its log, and goes on where it was stopped.

settings.json   everything that determines the run
log.jsonl       one line per report: step, losses, and the validation figures as they come
state.safetensors, optimiser.pt   where it stands; state holds the network, its weight average, and the phone head
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ...curves import lip_opening
from ...errors import EmoTalkError
from ...inference.performance import EMOTIONS
from ...network.checkpoint import load_checkpoint, save_checkpoint
from ...network.config import EmoTalkConfig, EncoderConfig
from ...network.front_ends import log_mels, speech_mean
from ...network.model import EmoTalk
from ..corpus.batches import BILABIAL_INDICES, Batch, CorpusReader, RowShares, draw_batch, spread_of_targets
from ..rules.expression import PERSONS
from ..rules.phones import PHONES
from .losses import LossWeights, Predictions, total

Report = Callable[[str], None]


def small_network() -> EmoTalkConfig:
    """The shape of the default weights: about 2.8 million numbers, log-mel front end."""
    return EmoTalkConfig(
        front_end="mel",
        front_end_width=192,
        variance_floor=1e-5,  # a room's noise must stay quiet: 0.003 of full scale
        content=EncoderConfig(width=192, layers=4, heads=4, feed_forward=768, position_kernel=32, position_groups=16),
        emotion=EncoderConfig(width=96, layers=2, heads=4, feed_forward=384, position_kernel=32, position_groups=16),
        content_features=128,
        emotion_features=64,
        level_features=16,
        person_features=32,
        persons=PERSONS,
        emotions=EMOTIONS,
        prototypes=True,
        decoder_heads=4,
        decoder_feed_forward=480,
        history_frames=1200,  # as long as what is heard at once
    )


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that determines a run, with the corpus.

    frames: length of a crop at 30 fps, of which every other batch has half as many of twice the length.
    base: empty, or the SHA-256 of the checkpoint whose weights the run began with.
    """

    seed: int = 0
    steps: int = 5200
    batch: int = 8
    frames: int = 120
    learning_rate: float = 1.2e-3
    warm_up: int = 150
    weight_decay: float = 0.01
    gradient_norm: float = 1.0
    average: float = 0.997
    bfloat16: bool = True
    base: str = ""
    shares: RowShares = field(default_factory=RowShares)
    losses: LossWeights = field(default_factory=LossWeights)
    network: EmoTalkConfig = field(default_factory=small_network)

    def to_json(self) -> str:
        """The settings as JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @staticmethod
    def from_json(text: str) -> TrainingSettings:
        """What to_json wrote. Raises EmoTalkError for anything else."""
        try:
            values = json.loads(text)
            values["shares"] = RowShares(**values["shares"])
            values["losses"] = LossWeights(**values["losses"])
            values["network"] = EmoTalkConfig.from_json(json.dumps(values["network"]))
            return TrainingSettings(**values)
        except (ValueError, TypeError, KeyError) as error:
            raise EmoTalkError(f"The settings of the run cannot be read ({error}). Start a new run.") from error


class Trainee(nn.Module):
    """The network, and the head that names phones while it learns; the head does not travel with the weights."""

    def __init__(self, config: EmoTalkConfig) -> None:
        super().__init__()
        self.network = EmoTalk(config)
        self.phone_head = nn.Linear(config.content_features, len(PHONES))
        if self.network.prototypes is None:
            raise EmoTalkError("Training needs a network with prototypes. Set prototypes in its config.")
        nn.init.normal_(self.network.prototypes, std=0.5)
        nn.init.normal_(self.network.blendshape_map.weight, std=0.01)  # begin at rest
        nn.init.zeros_(self.network.blendshape_map.bias)

    def forward(self, batch: Batch) -> Predictions:
        """The predictions for a batch; see Batch for whose emotion drives which row."""
        network = self.network
        audio = normalise(network.prepare(batch.audio), network.config.variance_floor)
        mood_audio = normalise(network.prepare(batch.mood_audio), network.config.variance_floor)
        mel_mean = speech_mean(log_mels(audio)) if network.config.front_end == "mel" else None
        content = network.content_features(audio, mel_mean)
        hidden, raw = network.emotion_hidden(mood_audio)
        emotion = direct_emotion(hidden, batch, network)
        curves = network.fuse_rows(content, emotion, batch.intensity, batch.person)
        return Predictions(curves.float(), self.phone_head(content).float(), network.emotion_logits(raw).float())


def normalise(audio: Tensor, variance_floor: float) -> Tensor:
    """Each clip [batch, samples] less its mean, over its spread, as EmoTalk.statistics does for one."""
    centred = audio - audio.mean(dim=-1, keepdim=True)
    return centred / (centred.square().mean(dim=-1, keepdim=True) + variance_floor).sqrt()


def direct_emotion(hidden: Tensor, batch: Batch, network: EmoTalk) -> Tensor:
    """The emotion features that drive each row: another row's as they are, or its own set to a prototype.

    The same as network.emotions.set_emotion: hidden + (neutral - mean) + intensity * (prototype - neutral).
    """
    prototypes, neutral = network.prototypes, network.neutral
    assert prototypes is not None and neutral is not None
    rest = prototypes[neutral]
    offset = rest - hidden.mean(dim=1) + batch.intensity[:, None] * (prototypes[batch.emotion] - rest)
    return torch.where(batch.is_set[:, None, None], hidden + offset[:, None], hidden[batch.source])


class Run:
    """One training run in its folder."""

    def __init__(
        self, corpus: Path, folder: Path, settings: TrainingSettings, device: str = "cpu", base: Path | None = None
    ) -> None:
        """Begin a run (from the weights of the checkpoint `base`, if given), or go on with the one in the folder.

        Raises EmoTalkError where the corpus is too small, the folder holds another run, or the base another network.
        """
        if base is not None:
            settings = dataclasses.replace(settings, base=hashlib.sha256(base.read_bytes()).hexdigest())
        self.folder, self.settings, self.device = folder, settings, torch.device(device)
        self.training, self.validation = CorpusReader(corpus, "train"), CorpusReader(corpus, "validation")
        self.captures = CorpusReader(corpus, "train", captured=True)
        self.held_captures = CorpusReader(corpus, "validation", captured=True)
        if not self.training.clips or not self.validation.clips:
            raise EmoTalkError(f"{corpus} is too small to train on: it needs training and validation clips.")
        torch.manual_seed(settings.seed)
        self.trainee = Trainee(settings.network).to(self.device)
        if base is not None:
            self._begin_with(base)
        elif settings.base and not (folder / "optimiser.pt").is_file():
            raise EmoTalkError(
                f"These settings begin with a checkpoint (SHA-256 {settings.base[:12]}...). Name it as base."
            )
        self.average = {name: tensor.detach().clone() for name, tensor in self.trainee.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.trainee.parameters(), settings.learning_rate, (0.9, 0.98), weight_decay=settings.weight_decay
        )
        self.spread = torch.from_numpy(spread_of_targets(self.training)).to(self.device)
        self.step = 0
        self._open()

    def train(self, until: int | None = None, report: Report | None = None, every: int = 200) -> None:
        """Train to the given step (the last, if None); reports and saves every so many steps and at the end."""
        last = min(until or self.settings.steps, self.settings.steps)
        sums: dict[str, float] = {}
        begun, first = time.monotonic(), self.step
        for batch in self._batches(last):
            for name, value in self._learn(batch).items():
                sums[name] = sums.get(name, 0.0) + value
            if self.step % every == 0 or self.step == last:
                count = self.step - first
                entry = {"step": self.step, **{name: round(value / count, 4) for name, value in sums.items()}}
                entry["seconds_per_step"] = round((time.monotonic() - begun) / count, 4)
                entry.update(self.validate())
                self._log(entry)
                self.save()
                if report:
                    report(json.dumps(entry))
                sums, begun, first = {}, time.monotonic(), self.step

    def validate(self, batches: int = 6) -> dict[str, float]:
        """Figures of the averaged weights on fixed validation crops.

        opening: correlation of the lips' opening with the rules'; range: its 95th percentile over theirs; closed:
        opening in P B M over the mean in the rest; phones, emotions: accuracy of the two heads; captured: correlation
        of the opening with the actors', where the corpus has captures to validate on.
        """
        settings = self.settings
        predicted, wanted, hits, emotions, closed, opened = [], [], [], [], [], []
        actors: list[Tensor] = []
        with self._averaged(), torch.no_grad():
            self.trainee.eval()
            for number in range(batches):
                rng = np.random.default_rng([settings.seed, 1, number])
                batch = draw_batch(self.validation, 8, settings.frames, rng).to(self.device)
                found = self.trainee(batch)
                opening = lip_opening(found.curves)
                contact = torch.isin(batch.phones, torch.tensor(BILABIAL_INDICES, device=self.device))
                closed.append(opening[contact])
                opened.append(opening[(batch.phones > 0) & ~contact])
                predicted.append(opening.flatten())
                wanted.append(lip_opening(batch.target).flatten())
                hits.append((found.phone_logits.argmax(-1) == batch.phones).float().mean())
                emotions.append((found.emotion_logits.argmax(-1) == batch.voice).float().mean())
                if self.held_captures.clips:
                    shares = RowShares(captured=1.0)
                    batch = draw_batch(self.validation, 4, settings.frames, rng, shares, self.held_captures)
                    batch = batch.to(self.device)
                    both = [lip_opening(self.trainee(batch).curves).flatten(), lip_opening(batch.target).flatten()]
                    actors.append(torch.stack(both))
        self.trainee.train()
        pair = torch.stack([torch.cat(predicted), torch.cat(wanted)])
        widest = torch.quantile(pair, 0.95, dim=1)
        captured = {"validation_captured": _correlation(torch.cat(actors, dim=1))} if actors else {}
        return captured | {
            "validation_opening": _correlation(pair),
            "validation_range": round(float(widest[0] / widest[1]), 4),
            "validation_closed": round(float(torch.cat(closed).mean() / torch.cat(opened).mean()), 4),
            "validation_phones": round(float(torch.stack(hits).mean()), 4),
            "validation_emotions": round(float(torch.stack(emotions).mean()), 4),
        }

    def save(self) -> None:
        """Write where the run stands; each file is replaced at once, so that a stop at any time loses nothing."""
        tensors = {f"now.{name}": value.contiguous() for name, value in self.trainee.state_dict().items()}
        tensors |= {f"average.{name}": value.contiguous() for name, value in self.average.items()}
        state, optimiser = self.folder / "state.safetensors", self.folder / "optimiser.pt"
        save_file(tensors, state.with_suffix(".new"), {"step": str(self.step)})
        torch.save({"step": self.step, "optimiser": self.optimiser.state_dict()}, optimiser.with_suffix(".new"))
        state.with_suffix(".new").replace(state)
        optimiser.with_suffix(".new").replace(optimiser)

    def export(self, path: Path, source: str, licence: str, dtype: str = "float16") -> None:
        """Write the averaged network as a checkpoint."""
        with self._averaged():
            save_checkpoint(self.trainee.network, path, source=source, licence=licence, dtype=dtype)

    def _learn(self, batch: Batch) -> dict[str, float]:
        """One step of the optimiser; the losses by name."""
        settings = self.settings
        torch.manual_seed(settings.seed * 1_000_003 + self.step)
        for group in self.optimiser.param_groups:
            group["lr"] = settings.learning_rate * schedule(self.step, settings)
        self.trainee.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=settings.bfloat16):
            predictions = self.trainee(batch)
        loss, parts = total(predictions, batch, self.spread, settings.losses)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.trainee.parameters(), settings.gradient_norm)
        self.optimiser.step()
        self.step += 1
        keep = min(settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.trainee.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)
        return {"loss": loss.item(), **{name: value.item() for name, value in parts.items()}}

    def _batches(self, last: int) -> Iterator[Batch]:
        """The batches from here to step `last`, each determined by the seed and its step, drawn one ahead."""
        with ThreadPoolExecutor(1) as drawer:
            waiting = drawer.submit(self._draw, self.step)
            for step in range(self.step, last):
                batch = waiting.result()
                if step + 1 < last:
                    waiting = drawer.submit(self._draw, step + 1)
                yield batch.to(self.device)

    def _draw(self, step: int) -> Batch:
        """The batch of a step."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, 0, step])
        long = step % 2 == 1
        size, frames = (max(2, settings.batch // 2), settings.frames * 2) if long else (settings.batch, settings.frames)
        return draw_batch(self.training, size, frames, rng, settings.shares, self.captures)

    def _averaged(self) -> _Averaged:
        """A context in which the network has its averaged weights."""
        return _Averaged(self.trainee, self.average)

    def _open(self) -> None:
        """Note the settings in a new folder, or go on with what an old one holds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "settings.json"
        if settings.is_file():
            if TrainingSettings.from_json(settings.read_text(encoding="utf-8")) != self.settings:
                raise EmoTalkError(f"{self.folder} holds a run with other settings. Choose another folder.")
        else:
            settings.write_text(self.settings.to_json(), encoding="utf-8")
        if (self.folder / "optimiser.pt").is_file():
            self._restore()

    def _restore(self) -> None:
        """Take up the saved state."""
        tensors = load_file(self.folder / "state.safetensors", device=str(self.device))
        saved = torch.load(self.folder / "optimiser.pt", map_location=self.device, weights_only=True)
        self.trainee.load_state_dict(_with_prefix(tensors, "now."))
        self.average = _with_prefix(tensors, "average.")
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step = saved["step"]

    def _begin_with(self, base: Path) -> None:
        """Take the weights of a checkpoint of the same shape; only the head that names phones begins anew."""
        network, info = load_checkpoint(base)
        if info.config != self.settings.network:
            raise EmoTalkError(f"{base} holds a network of another shape. Choose another base or other settings.")
        self.trainee.network.load_state_dict(network.state_dict())

    def _log(self, entry: dict[str, Any]) -> None:
        """Append a line to the log."""
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")


class _Averaged:
    """Puts the averaged weights into a module and takes them out again."""

    def __init__(self, module: nn.Module, average: dict[str, Tensor]) -> None:
        self._module, self._average = module, average

    def __enter__(self) -> None:
        self._own = {name: tensor.detach().clone() for name, tensor in self._module.state_dict().items()}
        self._module.load_state_dict(self._average)

    def __exit__(self, *error: object) -> None:
        self._module.load_state_dict(self._own)


def schedule(step: int, settings: TrainingSettings) -> float:
    """Factor of the learning rate: a linear warm-up, then a cosine to 2 %."""
    if step < settings.warm_up:
        return (step + 1) / settings.warm_up
    part = (step - settings.warm_up) / max(1, settings.steps - settings.warm_up)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(part, 1.0)))


def read_settings(folder: Path) -> TrainingSettings:
    """The settings of a run. Raises EmoTalkError where the folder holds none."""
    path = folder / "settings.json"
    if not path.is_file():
        raise EmoTalkError(f"{folder} holds no run. Start one with: python -m emotalk_blender.training train")
    return TrainingSettings.from_json(path.read_text(encoding="utf-8"))


def _correlation(pair: Tensor) -> float:
    """Pearson's of two rows [2, values], to four digits."""
    return round(float(torch.corrcoef(pair)[0, 1]), 4)


def _with_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The entries whose names begin so, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
