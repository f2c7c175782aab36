# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist can choose as the mood of a performance. Words alone: Blender needs them as it starts."""

from __future__ import annotations

EMOTIONS: tuple[str, ...] = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")
"""The emotions an artist can set, in the order of the interface."""

FROM_VOICE = "voice"
"""The choice that leaves the emotion as the network hears it."""

MIX = "mix"
"""The choice that takes a weight for each emotion."""

FROM_STRIP = "strip"
"""The choice that borrows the emotion of another recording."""

MAX_INTENSITY = 1.5

MOODS = dict(zip(EMOTIONS, ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"), strict=True))
"""Emotion -> the word for a face that shows it."""

CHOICES: dict[str, tuple[str, str]] = {
    FROM_VOICE: (
        "From Voice",
        "What the network hears in the voice. The weights that come with EmoTalk hear how calm or excited it is rather "
        "than its mood: to be sure of a mood, choose it",
    ),
    **{emotion: (emotion.capitalize(), f"Speak the words in a {mood} mood") for emotion, mood in MOODS.items()},
    MIX: ("Mix", "As much of each emotion as its slider says. Key the sliders to change the mood over time"),
    FROM_STRIP: (
        "From Another Strip",
        "Borrow the mood of another recording, such as a scratch take, for these words",
    ),
}
"""All choices in the order of the interface, each with its label and explanation."""
