# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that determines a training run, with its corpus."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import EmoTalkError
from ...files.atomic import replacing
from ...inference.performance import EMOTIONS
from ...network.config import EmoTalkConfig, EncoderConfig
from ..corpus.batches import RowShares, captured_speakers
from ..rules.expression import PERSONS
from .losses import LossWeights


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


def large_network() -> EmoTalkConfig:
    """The shape of the published network, with prototypes, for training that begins with wav2vec 2.0 encoders."""
    return EmoTalkConfig(persons=PERSONS, emotions=EMOTIONS, prototypes=True)


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that determines a run, with the corpus.

    batch: rows of a part of a step; parts: parts of a step, which as many processes may share between them; frames:
    length of a crop at 30 fps, of which every other part has half as many of twice the length.
    learning_rate: after `warm_up` steps; from there it falls as a cosine to LAST_RATE of it. average: how much of the
    averaged weights stays at a step. speakers: captured speakers, who have the persons from PERSONS on.
    base: empty, or the SHA-256 of the checkpoint that the run began with; content_from, emotion_from: the same of the
    wav2vec 2.0 weights that its encoders began with, whose convolutions stay as they are.
    """

    seed: int = 0
    steps: int = 5200
    batch: int = 8
    parts: int = 1
    frames: int = 120
    learning_rate: float = 1.2e-3
    warm_up: int = 150
    weight_decay: float = 0.01
    gradient_norm: float = 1.0
    average: float = 0.997
    bfloat16: bool = True
    speakers: tuple[str, ...] = ()
    base: str = ""
    content_from: str = ""
    emotion_from: str = ""
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
            values["speakers"] = tuple(values.get("speakers", ()))
            return TrainingSettings(**values)
        except (ValueError, TypeError, KeyError) as error:
            raise EmoTalkError(f"The settings of the run cannot be read ({error}). Start a new run.") from error

    def for_speakers(self, speakers: tuple[str, ...]) -> TrainingSettings:
        """The settings with a person of the network for each captured speaker, beside those of the rules."""
        network = dataclasses.replace(self.network, persons=PERSONS + len(speakers))
        return dataclasses.replace(self, speakers=speakers, network=network)

    def person_names(self) -> dict[int, str]:
        """Names of the persons who are captured speakers, by their number."""
        return {PERSONS + index: name for index, name in enumerate(self.speakers)}


def new_settings(given: TrainingSettings | None, corpus: Path, processes: int, has_encoders: bool) -> TrainingSettings:
    """The settings of a new run: those given, or the defaults with a part of each step for each process.

    Either way with the captured speakers of the corpus as persons. has_encoders: whether it begins with wav2vec 2.0.
    """
    if given is None:
        network = large_network() if has_encoders else small_network()
        given = TrainingSettings(parts=processes, network=network)
    return given.for_speakers(captured_speakers(corpus))


def read_settings(path: Path) -> TrainingSettings:
    """The settings in a run's folder, or in a file. Raises EmoTalkError where there are none."""
    file = path / "settings.json" if path.is_dir() else path
    if not file.is_file():
        raise EmoTalkError(
            f"{path} holds no settings of a run. Start one with: python -m emotalk_blender.training train"
        )
    try:
        return TrainingSettings.from_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise EmoTalkError(f"{file} cannot be read as settings of a run ({error}). Choose another file.") from error


def keep_settings(folder: Path, settings: TrainingSettings) -> None:
    """Note the settings in a new folder of a run. Raises EmoTalkError where it holds a run with others."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settings.json"
    if not path.is_file():
        with replacing(path) as temporary:
            temporary.write_text(settings.to_json(), encoding="utf-8")
    elif read_settings(folder) != settings:
        raise EmoTalkError(f"{folder} holds a run with other settings. Choose another folder.")
