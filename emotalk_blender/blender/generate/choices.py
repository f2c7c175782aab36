# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for, as plain data: Scene.emotalk and the preferences, read for one strip."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypedDict

import bpy

from ...animation.settings import AnimationSettings, RegionStrengths
from ...errors import EmoTalkError
from ...inference.over_time import OverTime
from ...inference.performance import EMOTIONS, MIX, Performance
from ..addon_settings import device_choice, model_choice, thread_choice
from ..bake.bake_options import BakeOptions
from ..sequencer.stretch import AudibleStretch
from .keyed_settings import is_keyed, over_time

_WEIGHTS = tuple(f"weight_{emotion}" for emotion in EMOTIONS)


class Given(TypedDict, total=False):
    """What a script chooses in place of a setting; what is left out is as the scene and the preferences say.

    emotion: one of moods.CHOICES. MIX and FROM_STRIP take their weights and their strip from the scene.
    intensity, person: as in Performance. tolerance, keep_edits: as in BakeOptions.
    model, device, threads: as in NetworkChoice.
    """

    emotion: str
    intensity: float
    person: int
    tolerance: float
    keep_edits: bool
    model: Path | None
    device: str
    threads: int


@dataclass(frozen=True)
class Choices:
    """All that an artist or a script can choose for one Generate.

    borrowed_strip: whose mood to take, where the emotion is FROM_STRIP.
    model: the checkpoint; None for the default weights.
    threads: how many compute, as inference/threads.py has it.
    """

    performance: Performance = field(default_factory=Performance)
    animation: AnimationSettings = field(default_factory=AnimationSettings)
    bake: BakeOptions = field(default_factory=BakeOptions)
    borrowed_strip: str = ""
    model: Path | None = None
    device: str = "auto"
    threads: int = 0

    def to_json(self) -> str:
        """As JSON, for a bake to remember; what changes over time is only named so."""
        performance = {
            entry.name: "keyed" if isinstance(value, OverTime) else value
            for entry in fields(self.performance)
            if (value := getattr(self.performance, entry.name)) is not None
        }
        return json.dumps({"performance": performance, "animation": asdict(self.animation)})


def read_choices(scene: bpy.types.Scene, stretch: AudibleStretch, given: Given | None = None) -> Choices:
    """The settings of a scene and the preferences, for a strip that plays as `stretch` says.

    given: in place of the settings. Raises EmoTalkError for a tolerance out of range.
    """
    settings, given = scene.emotalk, given or Given()
    emotion = given.get("emotion", settings.emotion)
    intensity = given.get("intensity", clamped(settings, "intensity"))
    if "intensity" not in given and is_keyed(scene, "intensity"):
        intensity = over_time(scene, ["intensity"], stretch)
    performance = Performance(
        emotion,
        intensity,
        given.get("person", clamped(settings, "person")),
        weights=over_time(scene, _WEIGHTS, stretch) if emotion == MIX else None,
        borrowed=clamped(settings, "borrowed_strength"),
    )
    tolerance = given.get("tolerance", clamped(settings, "tolerance"))
    if not 0 <= tolerance < math.inf:
        raise EmoTalkError(f"Tolerance {tolerance} is out of range. Choose 0 or more, such as 0.01.")
    options = BakeOptions(tolerance, given.get("keep_edits", settings.edits == "KEEP"))
    return Choices(
        performance,
        _animation(settings),
        options,
        settings.borrowed_strip,
        given.get("model", model_choice()),
        given.get("device", device_choice()),
        given.get("threads", thread_choice()),
    )


def _animation(settings: bpy.types.PropertyGroup) -> AnimationSettings:
    regions = {entry.name: clamped(settings, f"strength_{entry.name}") for entry in fields(RegionStrengths)}
    return AnimationSettings(
        smoothing=clamped(settings, "smoothing"),
        offset=clamped(settings, "offset"),
        closure=clamped(settings, "closure"),
        strengths=RegionStrengths(**regions),
        blink_rate=clamped(settings, "blink_rate") if settings.blinks else 0.0,
        gaze=clamped(settings, "gaze"),
        seed=clamped(settings, "seed"),
    )


def clamped(settings: bpy.types.PropertyGroup, name: str) -> Any:
    """A number of the settings within its range: what is stored in a .blend may be any, and no number at all."""
    value, limits = getattr(settings, name), settings.bl_rna.properties[name]
    return limits.default if math.isnan(value) else min(max(value, limits.hard_min), limits.hard_max)
