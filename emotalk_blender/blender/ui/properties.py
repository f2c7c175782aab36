# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene.emotalk: what the artist has chosen, saved with the file."""

from __future__ import annotations

from typing import Any

import bpy

from ...animation.settings import AnimationSettings, RegionStrengths
from ...inference.performance import EMOTION_WEIGHTS, Performance
from ...moods import CHOICES, FROM_VOICE
from ...settings import Setting, settings_of
from .. import compat
from ..bake.bake_options import BakeOptions
from ..generate import live

# Numbers are what a .blend keeps: a new choice comes last.
EMOTION_ITEMS = [(name, *words, number) for number, (name, words) in enumerate(CHOICES.items())]

EDITS_ITEMS = [
    ("KEEP", "Keep My Edits", "Keys that you have moved, changed, added or deleted stay so on the new performance", 0),
    ("REPLACE", "Replace", "Your edits within the strip go; the keys are the performance alone", 1),
]

_PERFORMANCE = settings_of(Performance)
_ANIMATION = settings_of(AnimationSettings)
_STRENGTHS = settings_of(RegionStrengths)


def _strip_names(_settings: object, context: bpy.types.Context, _typed: str) -> list[str]:
    from ..sequencer.strips import sound_strips

    return [strip.name for strip in sound_strips(compat.sequencer_scene(context))]


def _changed(_settings: object, context: bpy.types.Context) -> None:
    live.settings_changed(context)


def _number(setting: Setting, **more: Any) -> Any:
    """A property for a setting, which Live follows. more: in place of what the setting says, or beside it."""
    kind = bpy.props.IntProperty if isinstance(setting.default, int) else bpy.props.FloatProperty
    arguments = {
        "name": setting.label,
        "description": setting.explanation,
        "default": setting.default,
        "min": setting.low,
        "max": setting.high,
        "options": set(),
    }
    return kind(**(arguments | more), update=_changed)


def _factor(setting: Setting, **more: Any) -> Any:
    """The same, as a slider for a part of something."""
    return _number(setting, subtype="FACTOR", **more)


def _keyable(setting: Setting) -> Any:
    """The same, for one that is read over time where it is keyed."""
    return _factor(setting, description=f"{setting.explanation}. Can be keyed", options={"ANIMATABLE"})


class EMOTALK_PG_settings(bpy.types.PropertyGroup):
    """What the artist has chosen in the EmoTalk panel."""

    settings_version: bpy.props.IntProperty(
        name="Version of the Settings",
        description="Which version of these settings the file holds: see settings_version.py",
        options={"HIDDEN"},
    )
    strip: bpy.props.StringProperty(
        name="Sound Strip",
        description="The sound strip that the face speaks. What can be heard of it counts, not the whole file",
        search=_strip_names,
    )
    live: bpy.props.BoolProperty(
        name="Live",
        description="Show every change of the performance on the face at once, after the first Generate",
        default=True,
        options=set(),
        update=_changed,
    )

    emotion: bpy.props.EnumProperty(
        name="Emotion",
        description="The emotion of the performance",
        items=EMOTION_ITEMS,
        default=FROM_VOICE,
        options=set(),
        update=_changed,
    )
    intensity: _keyable(_PERFORMANCE["intensity"])
    person: _number(_PERFORMANCE["person"], soft_max=23)
    weight_neutral: _keyable(EMOTION_WEIGHTS["neutral"])
    weight_happy: _keyable(EMOTION_WEIGHTS["happy"])
    weight_sad: _keyable(EMOTION_WEIGHTS["sad"])
    weight_angry: _keyable(EMOTION_WEIGHTS["angry"])
    weight_fear: _keyable(EMOTION_WEIGHTS["fear"])
    weight_disgust: _keyable(EMOTION_WEIGHTS["disgust"])
    weight_surprise: _keyable(EMOTION_WEIGHTS["surprise"])
    borrowed_strip: bpy.props.StringProperty(
        name="Mood From",
        description="The sound strip whose mood to borrow. Its words are not used",
        search=_strip_names,
        update=_changed,
    )
    borrowed_strength: _factor(_PERFORMANCE["borrowed"])

    smoothing: _number(_ANIMATION["smoothing"], precision=0)
    offset: _number(_ANIMATION["offset"], precision=0)
    closure: _factor(_ANIMATION["closure"])
    strength_mouth: _factor(_STRENGTHS["mouth"])
    strength_jaw: _factor(_STRENGTHS["jaw"])
    strength_brows: _factor(_STRENGTHS["brows"])
    strength_eyes: _factor(_STRENGTHS["eyes"])
    strength_cheeks_nose: _factor(_STRENGTHS["cheeks_nose"])
    strength_tongue: _factor(_STRENGTHS["tongue"])
    blinks: bpy.props.BoolProperty(
        name="Blinks",
        description="Add natural blinks, never on top of one",
        default=True,
        options=set(),
        update=_changed,
    )
    blink_rate: _number(_ANIMATION["blink_rate"], min=1, precision=0)  # blinks, above, is the choice of none
    gaze: _factor(_ANIMATION["gaze"])
    seed: _number(_ANIMATION["seed"])

    tolerance: _number(settings_of(BakeOptions)["tolerance"], precision=3, step=0.1)
    edits: bpy.props.EnumProperty(
        name="My Edits", description="What becomes of your own changes to the keys", items=EDITS_ITEMS, options=set()
    )


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_PG_settings)
    bpy.types.Scene.emotalk = bpy.props.PointerProperty(type=EMOTALK_PG_settings)


def unregister() -> None:
    """Called when the extension is disabled."""
    del bpy.types.Scene.emotalk
    bpy.utils.unregister_class(EMOTALK_PG_settings)
