# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel says of From Voice: no more than the weights in use can do."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotalk_blender.blender import panels
from emotalk_blender.blender.panels import voice_note
from emotalk_blender.inference.performance import EMOTIONS, FROM_VOICE


def test_the_default_weights_are_said_to_hear_no_mood() -> None:
    assert "not the mood" in voice_note(FROM_VOICE)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_chosen_mood_needs_no_note(emotion: str) -> None:
    assert voice_note(emotion) == ""


def test_nothing_is_said_of_weights_of_the_artists_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "model_choice", lambda: Path("own.safetensors"))
    assert voice_note(FROM_VOICE) == ""
