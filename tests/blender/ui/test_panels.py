# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels, drawn onto a layout that only remembers: what an artist sees, and when."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from emotalk_blender.animation.settings import RegionStrengths
from emotalk_blender.blender.ui import panels, wrapped_text
from emotalk_blender.blender.ui.animation_panel import EMOTALK_PT_animation
from emotalk_blender.blender.ui.keys_panel import EMOTALK_PT_keys
from emotalk_blender.blender.ui.panels import EMOTALK_PT_main, edits_note, voice_note
from emotalk_blender.blender.ui.settings_version import VERSION, newer_note
from emotalk_blender.inference.performance import EMOTIONS, FROM_STRIP, FROM_VOICE, MIX
from emotalk_blender.settings import settings_of

from ..builders import add_strip, make_face, make_sound
from ..fake_layout import FakeLayout

WEIGHTS = {f"weight_{emotion}" for emotion in EMOTIONS}
PANELS = [EMOTALK_PT_main, EMOTALK_PT_animation, EMOTALK_PT_keys]


def context(width: int = 300) -> Any:
    """What a panel is drawn with, in a sidebar of this width."""
    now = bpy.context
    return SimpleNamespace(
        scene=now.scene,
        selected_objects=now.selected_objects,
        view_layer=now.view_layer,
        mode=now.mode,
        preferences=now.preferences,
        region=SimpleNamespace(width=width),
    )


def drawn(panel: Any, width: int = 300) -> list[tuple[str, str]]:
    layout = FakeLayout()
    panel.draw(SimpleNamespace(layout=layout), context(width))
    return list(layout.all())


def settings_in(panel: Any) -> set[str]:
    return {what for kind, what in drawn(panel) if kind == "prop"}


@pytest.fixture
def shot(scene: bpy.types.Scene, tmp_path: Path) -> bpy.types.Object:
    add_strip(scene, make_sound(tmp_path / "speech.wav"), 11)
    scene.emotalk.strip = "Speech"
    return make_face("Head")


def test_the_default_weights_are_said_to_hear_no_mood() -> None:
    assert "not the mood" in voice_note(FROM_VOICE)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_chosen_mood_needs_no_note(emotion: str) -> None:
    assert voice_note(emotion) == ""


def test_nothing_is_said_of_weights_of_the_artists_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "model_choice", lambda: Path("own.safetensors"))
    assert voice_note(FROM_VOICE) == ""


def test_an_empty_file_can_be_drawn_and_tells_what_is_missing() -> None:
    main = drawn(EMOTALK_PT_main)
    assert ("operator", "emotalk.open_audio") in main
    assert ("label", "No face selected") in main
    for panel in PANELS:
        drawn(panel)


def test_the_main_panel_is_audio_face_performance_and_generate(shot: bpy.types.Object) -> None:
    main = drawn(EMOTALK_PT_main)
    headings = [what for kind, what in main if kind == "label" and what in {"Audio", "Face", "Performance"}]
    assert headings == ["Audio", "Face", "Performance"]
    assert ("label", "Head") in main
    assert ("label", "52 of 52") in main
    assert ("operator", "emotalk.generate") in main
    assert ("popover", "EMOTALK_PT_performance_presets") in main
    assert settings_in(EMOTALK_PT_main) == {"strip", "emotion", "intensity", "person", "live"}


@pytest.mark.parametrize("panel", PANELS[1:], ids=lambda panel: panel.__name__)
def test_all_else_is_in_sub_panels_that_are_closed_at_first(panel: Any) -> None:
    assert panel.bl_parent_id == "EMOTALK_PT_main"
    assert "DEFAULT_CLOSED" in panel.bl_options


def test_the_sliders_of_a_mix_are_there_for_a_mix_alone(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    for emotion in (FROM_VOICE, "happy", FROM_STRIP):
        scene.emotalk.emotion = emotion
        assert not settings_in(EMOTALK_PT_main) & WEIGHTS
    scene.emotalk.emotion = MIX
    main = drawn(EMOTALK_PT_main)
    assert settings_in(EMOTALK_PT_main) >= WEIGHTS | {"intensity"}
    assert {what for kind, what in main if kind == "prop_decorator"} == WEIGHTS | {"intensity"}
    assert ("operator", "emotalk.key_mood") in main


def test_borrowing_shows_from_what_and_how_much(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    scene.emotalk.emotion = FROM_STRIP
    assert settings_in(EMOTALK_PT_main) >= {"borrowed_strip", "borrowed_strength"}


def test_the_next_generate_says_what_becomes_of_edited_keys(
    shot: bpy.types.Object, scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [edits_note(count, "KEEP") for count in range(3)] == [
        "",
        "1 edited key will be kept",
        "2 edited keys will be kept",
    ]
    monkeypatch.setattr(panels, "edited_keys", lambda _context: 3)
    assert ("label", "3 edited keys will be kept") in drawn(EMOTALK_PT_main)
    scene.emotalk.edits = "REPLACE"
    assert ("label", "3 edited keys will be replaced") in drawn(EMOTALK_PT_main)


def test_a_strip_that_was_moved_is_told_with_the_button_that_helps(
    shot: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ("operator", "emotalk.move_keys") not in drawn(EMOTALK_PT_main)
    monkeypatch.setattr(panels, "moved_since_bake", lambda _context: "The strip has moved.")
    main = drawn(EMOTALK_PT_main)
    assert ("label", "The strip has moved.") in main
    assert ("operator", "emotalk.move_keys") in main


def test_a_file_of_a_newer_version_is_told(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    note = newer_note(SimpleNamespace(settings_version=VERSION + 1))
    assert note not in words_in(EMOTALK_PT_main)
    scene.emotalk.settings_version = VERSION + 1
    assert note in words_in(EMOTALK_PT_main)


def words_in(panel: Any) -> str:
    return " ".join(what for kind, what in drawn(panel) if kind == "label")


def test_a_new_take_is_a_matter_of_keys(shot: bpy.types.Object) -> None:
    assert ("operator", "emotalk.new_take") in drawn(EMOTALK_PT_keys)


def test_every_setting_can_be_found_in_some_panel(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    found = set()
    for emotion in (MIX, FROM_STRIP):
        scene.emotalk.emotion = emotion
        found |= set().union(*(settings_in(panel) for panel in PANELS))
    known = {item.identifier for item in scene.emotalk.bl_rna.properties if not item.is_hidden}
    assert found == known - {"rna_type", "name"}


def test_each_region_has_its_strength(shot: bpy.types.Object) -> None:
    assert settings_in(EMOTALK_PT_animation) >= {f"strength_{region}" for region in settings_of(RegionStrengths)}


@pytest.mark.parametrize("width", [80, 150, 200, 300, 800])
def test_sentences_wrap_in_a_sidebar_of_any_width(
    shot: bpy.types.Object, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    # Without a window Blender measures no text.
    monkeypatch.setattr(
        wrapped_text, "blf", SimpleNamespace(size=lambda *_: None, dimensions=lambda _, text: (7 * len(text), 9))
    )
    lines = [what for kind, what in drawn(EMOTALK_PT_main, width) if kind == "label"]
    note = voice_note(FROM_VOICE)
    assert note in " ".join(lines)
    assert (note in lines) == (width == 800)
    assert max(7 * len(line) for line in lines if " " in line and line in note) <= width
