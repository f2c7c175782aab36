# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene.emotalk: what the artist has chosen, saved with the file."""

import bpy

from ..inference.performance import EMOTIONS, FROM_VOICE, MAX_INTENSITY
from . import compat
from .strips import sound_strips

EMOTION_ITEMS = [
    (
        FROM_VOICE,
        "From Voice",
        "What the network hears in the voice. The weights that come with EmoTalk hear how calm or excited it is rather "
        "than its mood: to be sure of a mood, choose it",
    ),
    *(
        (emotion, emotion.capitalize(), f"Speak the words in a {mood} mood")
        for emotion, mood in zip(
            EMOTIONS, ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"), strict=True
        )
    ),
]


def _strip_names(_settings: object, context: bpy.types.Context, _typed: str) -> list[str]:
    return [strip.name for strip in sound_strips(compat.sequencer_scene(context))]


class EMOTALK_PG_settings(bpy.types.PropertyGroup):
    """What the artist has chosen in the EmoTalk panel."""

    strip: bpy.props.StringProperty(
        name="Sound Strip",
        description="The sound strip that the face speaks. What can be heard of it counts, not the whole file",
        search=_strip_names,
    )
    emotion: bpy.props.EnumProperty(
        name="Emotion", description="The emotion of the performance", items=EMOTION_ITEMS, default=FROM_VOICE
    )
    intensity: bpy.props.FloatProperty(
        name="Intensity",
        description="How strong the emotion is: 0 is calm, 1 is as strong as the network has learned",
        min=0.0,
        max=MAX_INTENSITY,
        default=1.0,
        subtype="FACTOR",
    )
    person: bpy.props.IntProperty(
        name="Person",
        description="Whose way of speaking to take: one of the people that the network learned from, counted from 0",
        min=0,
        soft_max=23,
        max=999,
    )


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_PG_settings)
    bpy.types.Scene.emotalk = bpy.props.PointerProperty(type=EMOTALK_PG_settings)


def unregister() -> None:
    """Called when the extension is disabled."""
    del bpy.types.Scene.emotalk
    bpy.utils.unregister_class(EMOTALK_PG_settings)
