# SPDX-License-Identifier: GPL-3.0-or-later
"""A corpus of a few clips, and settings with which training on it takes seconds."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile

from emotalk_blender.curves import ARKIT_NAMES
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.network.config import EmoTalkConfig, EncoderConfig
from emotalk_blender.training.corpus.corpus import CAPTURE, Clip, capture_labels, label, write_labels
from emotalk_blender.training.learning.settings import TrainingSettings

from .synthetic_speech import RATE, random_phones, sound_of


def make_corpus(folder: Path, clips: int = 6, seconds: float = 3.0) -> Path:
    """A corpus of synthetic speech in its documented format, every third clip for validation."""
    rng = np.random.default_rng(1)
    for name in ("sound", "labels"):
        (folder / name).mkdir(parents=True)
    lines = []
    for number in range(clips):
        phones = random_phones(rng, seconds)
        samples = sound_of(phones, number)
        emotion = EMOTIONS[number % len(EMOTIONS)]
        split = "validation" if number % 3 == 2 else "train"
        listed = [(phone.name, phone.start, phone.end) for phone in phones]
        strength = 0.0 if emotion == "neutral" else 1.0
        clip = Clip(f"{number:06d}", len(samples) / RATE, "synthetic", "sines", emotion, strength, split, listed)
        soundfile.write(folder / "sound" / f"{clip.id}.flac", samples, RATE, subtype="PCM_16")
        write_labels(folder, clip, label(samples, phones))
        lines.append(json.dumps(asdict(clip)) + "\n")
    (folder / "manifest.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def add_captures(folder: Path, speakers: dict[str, int]) -> Path:
    """Captured clips of some speakers, so many of each, added to such a corpus; only their mouths were captured."""
    captured = np.array([name.startswith(("jaw", "mouth")) for name in ARKIT_NAMES])
    with (folder / "manifest.jsonl").open("a", encoding="utf-8") as manifest:
        for speaker, clips in speakers.items():
            for number in range(clips):
                phones = random_phones(np.random.default_rng(number), 3.0)
                samples = sound_of(phones, number)
                clip = Clip(f"{speaker}{number}", len(samples) / RATE, CAPTURE, speaker, "neutral", 0.0, "train", [])
                soundfile.write(folder / "sound" / f"{clip.id}.flac", samples, RATE, subtype="PCM_16")
                curves = label(samples, phones).speech.curves
                write_labels(folder, clip, capture_labels(curves, captured.astype(np.float32), phones))
                manifest.write(json.dumps(asdict(clip)) + "\n")
    return folder


def tiny_settings(**changes: object) -> TrainingSettings:
    """A run of seconds."""
    encoder = EncoderConfig(width=16, layers=1, heads=2, feed_forward=32, position_kernel=8, position_groups=4)
    network = EmoTalkConfig(
        front_end="mel",
        front_end_width=16,
        content=encoder,
        emotion=encoder,
        content_features=16,
        emotion_features=8,
        level_features=4,
        person_features=4,
        emotions=EMOTIONS,
        prototypes=True,
        decoder_heads=2,
        decoder_feed_forward=32,
    )
    plain: dict[str, object] = {
        "steps": 8,
        "batch": 4,
        "frames": 30,
        "warm_up": 2,
        "bfloat16": False,
        "network": network,
    }
    return TrainingSettings(**{**plain, **changes})  # type: ignore[arg-type]
