# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of an EmoTalk network: plain data that travels in its checkpoint."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from ..curves import ARKIT_NAMES, FPS

FRONT_ENDS = ("waveform", "mel")

PUBLISHED_EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""Order of the emotion model that the published network starts from."""


class ConfigError(ValueError):
    """The config of a checkpoint makes no network; the message says which value is wrong."""


@dataclass(frozen=True)
class EncoderConfig:
    """One wav2vec 2.0 transformer: `width` features per frame, positions from a grouped convolution."""

    width: int = 1024
    layers: int = 24
    heads: int = 16
    feed_forward: int = 4096
    position_kernel: int = 128
    position_groups: int = 16


@dataclass(frozen=True)
class EmoTalkConfig:
    """Every width, count and name of a network. The defaults are the published network's.

    front_end: "waveform" (wav2vec 2.0 convolutions) or "mel" (80 log-mels and two convolutions), both 50 Hz.
    variance_floor: added to the clip's variance before its level is normalised.
    history_frames: how far back the decoder attends; the published one has a bias for 5000 frames.
    period: frames over which the decoder's bias towards the recent past stays level.
    emotions: names of the classifier's outputs, in its order.
    prototypes: whether the checkpoint carries one mean emotion feature per emotion.
    dropout: probability while training; no effect otherwise.
    """

    front_end: str = "waveform"
    front_end_width: int = 512
    variance_floor: float = 1e-7
    content: EncoderConfig = field(default_factory=EncoderConfig)
    emotion: EncoderConfig = field(default_factory=EncoderConfig)
    content_features: int = 512
    emotion_features: int = 256
    level_features: int = 32
    person_features: int = 32
    levels: int = 2
    persons: int = 24
    emotions: tuple[str, ...] = PUBLISHED_EMOTIONS
    prototypes: bool = False
    decoder_heads: int = 4
    decoder_feed_forward: int = 832
    period: int = 30
    history_frames: int = 5000
    fps: int = FPS
    dropout: float = 0.0

    @property
    def decoder_width(self) -> int:
        """Width of the decoder: content, emotion, level and person features side by side (832 when published)."""
        return self.content_features + self.emotion_features + self.level_features + self.person_features

    @property
    def blendshapes(self) -> int:
        """Width of the output: the 52 ARKit blendshapes."""
        return len(ARKIT_NAMES)

    def to_json(self) -> str:
        """The config as one line of JSON."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> EmoTalkConfig:
        """Read what to_json wrote. Raises ConfigError for anything that describes no network."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError("the config is not JSON, or far too large") from error
        if not isinstance(values, dict):
            raise ConfigError("the config is not a JSON object")
        for name in ("content", "emotion"):
            values[name] = _build(EncoderConfig, values.get(name), name)
        if isinstance(values.get("emotions"), list):
            values["emotions"] = tuple(values["emotions"])
        config: EmoTalkConfig = _build(EmoTalkConfig, values, "the config")
        _check(config)
        return config


def _build(kind: type, values: Any, name: str) -> Any:
    """`kind` made from a dict that has exactly its fields, each of the type of the field's default."""
    if not isinstance(values, dict):
        raise ConfigError(f"{name} is missing")
    known = {entry.name for entry in dataclasses.fields(kind)}
    if set(values) != known:
        raise ConfigError(f"{name} has other entries than expected: {', '.join(sorted(set(values) ^ known))}")
    default = kind()
    for key, value in values.items():
        expected = type(getattr(default, key))
        allowed = (int, float) if expected is float else (expected,)
        if type(value) not in allowed:
            raise ConfigError(f"{key} is {value!r}, not of type {expected.__name__}")
    return kind(**values)


def _check(config: EmoTalkConfig) -> None:
    """Raise ConfigError where the numbers cannot make a network."""
    for part in (config, config.content, config.emotion):
        for entry in dataclasses.fields(part):
            value = getattr(part, entry.name)
            if type(value) is int and not 1 <= value <= 1_000_000:
                raise ConfigError(f"{entry.name} is {value}, not between 1 and 1000000")
    if config.front_end not in FRONT_ENDS:
        raise ConfigError(f"front_end is {config.front_end!r}, not one of {', '.join(FRONT_ENDS)}")
    if config.fps != FPS:
        raise ConfigError(f"fps is {config.fps}, not {FPS}")
    if not 0 <= config.dropout < 1 or not 0 < config.variance_floor < 1:
        raise ConfigError("dropout or variance_floor is out of range")
    if not config.emotions or not all(isinstance(name, str) and name for name in config.emotions):
        raise ConfigError("emotions is not a list of names")
    for encoder in (config.content, config.emotion):
        if encoder.width % encoder.heads or encoder.width % encoder.position_groups:
            raise ConfigError(f"width {encoder.width} does not divide by heads and position_groups")
        if encoder.layers > 100:
            raise ConfigError(f"layers is {encoder.layers}, above 100")
    if config.decoder_width % config.decoder_heads:
        raise ConfigError(f"decoder width {config.decoder_width} does not divide by decoder_heads")
