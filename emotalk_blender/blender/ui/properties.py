# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene.emotalk: what the artist has chosen, saved with the file."""

from __future__ import annotations

from typing import Any

import bpy

from ...moods import EMOTIONS, FROM_STRIP, FROM_VOICE, MAX_INTENSITY, MIX
from .. import compat
from ..generate import live

MOODS = dict(zip(EMOTIONS, ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"), strict=True))

# Numbers are what a .blend keeps: never change one.
EMOTION_ITEMS = [
    (
        FROM_VOICE,
        "From Voice",
        "What the network hears in the voice. The weights that come with EmoTalk hear how calm or excited it is rather "
        "than its mood: to be sure of a mood, choose it",
        0,
    ),
    *(
        (emotion, emotion.capitalize(), f"Speak the words in a {mood} mood", number)
        for number, (emotion, mood) in enumerate(MOODS.items(), start=1)
    ),
    (MIX, "Mix", "As much of each emotion as its slider says. Key the sliders to change the mood over time", 8),
    (
        FROM_STRIP,
        "From Another Strip",
        "Borrow the mood of another recording, such as a scratch take, for these words",
        9,
    ),
]

EDITS_ITEMS = [
    ("KEEP", "Keep My Edits", "Keys that you have moved, changed, added or deleted stay so on the new performance", 0),
    ("REPLACE", "Replace", "Your edits within the strip go; the keys are the performance alone", 1),
]

REGIONS = {
    "mouth": "the lips",
    "jaw": "the jaw",
    "brows": "the brows",
    "eyes": "eyes and lids, but for blinks",
    "cheeks_nose": "cheeks and nose",
    "tongue": "the tongue",
}


def _strip_names(_settings: object, context: bpy.types.Context, _typed: str) -> list[str]:
    from ..sequencer.strips import sound_strips

    return [strip.name for strip in sound_strips(compat.sequencer_scene(context))]


def _changed(_settings: object, context: bpy.types.Context) -> None:
    live.settings_changed(context)


def _slider(name: str, description: str, default: float, low: float, high: float, **more: Any) -> Any:
    """A number that Live follows; it can be keyed where `more` says so, and only then is read over time."""
    more.setdefault("options", set())
    return bpy.props.FloatProperty(
        name=name, description=description, default=default, min=low, max=high, update=_changed, **more
    )


def _part(name: str, description: str, default: float, high: float = 1.0, **more: Any) -> Any:
    """A slider from 0 to `high`."""
    return _slider(name, description, default, 0.0, high, subtype="FACTOR", **more)


def _weight(emotion: str) -> Any:
    return _part(emotion.capitalize(), f"How {MOODS[emotion]} the face is. Can be keyed", 0.0, options={"ANIMATABLE"})


def _strength(region: str) -> Any:
    name = region.replace("_", " and ").title().replace("And", "and")
    return _part(name, f"How much {REGIONS[region]} move: 0 is still, 1 as performed, 2 twice as much", 1.0, 2.0)


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
    intensity: _slider(
        "Intensity",
        "How strong the emotion is: 0 is calm, 1 is as strong as the network has learned. Can be keyed",
        1.0,
        0.0,
        MAX_INTENSITY,
        subtype="FACTOR",
        options={"ANIMATABLE"},
    )
    person: bpy.props.IntProperty(
        name="Person",
        description="Whose way of speaking to take: one of the people that the network learned from, counted from 0",
        min=0,
        soft_max=23,
        max=999,
        options=set(),
        update=_changed,
    )
    weight_neutral: _weight("neutral")
    weight_happy: _weight("happy")
    weight_sad: _weight("sad")
    weight_angry: _weight("angry")
    weight_fear: _weight("fear")
    weight_disgust: _weight("disgust")
    weight_surprise: _weight("surprise")
    borrowed_strip: bpy.props.StringProperty(
        name="Mood From",
        description="The sound strip whose mood to borrow. Its words are not used",
        search=_strip_names,
        update=_changed,
    )
    borrowed_strength: _part("Strength", "How much of the mood to borrow: 0 is this strip's own", 1.0)

    smoothing: _slider(
        "Smoothing", "Milliseconds over which the curves are smoothed. Closed lips stay closed", 80, 0, 500, precision=0
    )
    offset: _slider(
        "Offset",
        "Milliseconds by which the face comes later than the sound, or earlier if below 0",
        0,
        -500,
        500,
        precision=0,
    )
    closure: _part("Lip Closure", "How firmly the lips shut on P, B and M where they come close", 0.0)
    strength_mouth: _strength("mouth")
    strength_jaw: _strength("jaw")
    strength_brows: _strength("brows")
    strength_eyes: _strength("eyes")
    strength_cheeks_nose: _strength("cheeks_nose")
    strength_tongue: _strength("tongue")
    blinks: bpy.props.BoolProperty(
        name="Blinks",
        description="Add natural blinks, never on top of one",
        default=True,
        options=set(),
        update=_changed,
    )
    blink_rate: _slider("Rate", "Blinks a minute. People blink about 15 times while they speak", 15, 1, 60, precision=0)
    gaze: _part("Gaze", "How far the eyes wander in small, quick movements. 0 keeps them still", 0.0)
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Another number gives other blinks and eye movements, the same number the same",
        min=0,
        options=set(),
        update=_changed,
    )

    tolerance: _slider(
        "Tolerance",
        "How far the curve may be from the performance, so that fewer keys are enough. 0 puts a key on every frame",
        0.01,
        0.0,
        0.2,
        precision=3,
        step=0.1,
    )
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
