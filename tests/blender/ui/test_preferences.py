# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences: what they show, what is read from them, and that drawing them loads nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from emotalk_blender.blender import addon_settings
from emotalk_blender.blender.addon_settings import in_words, model_choice, thread_choice
from emotalk_blender.blender.generate.choices import read_choices
from emotalk_blender.blender.ui.preferences import EMOTALK_AP_preferences
from emotalk_blender.inference import found_devices
from emotalk_blender.inference.found_devices import FoundDevices

from ..builders import stretch_at
from ..fake_layout import FakeLayout

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def chosen() -> Iterator[Any]:
    """The preferences of EmoTalk as an enabled extension has them."""
    addon = bpy.context.preferences.addons.new()
    addon.module = addon_settings.ROOT_PACKAGE
    yield addon.preferences
    bpy.context.preferences.addons.remove(addon)


def drawn(chosen: Any) -> str:
    """All that the preferences show."""
    context = SimpleNamespace(preferences=bpy.context.preferences, region=SimpleNamespace(width=900))
    given = {name: getattr(chosen, name) for name in EMOTALK_AP_preferences.__annotations__}
    layout = FakeLayout()
    EMOTALK_AP_preferences.draw(SimpleNamespace(layout=layout, bl_rna=chosen.bl_rna, **given), context)
    return " ".join(what for _, what in layout.all() if what)


def test_the_model_that_comes_along_is_described(chosen: Any) -> None:
    shown = drawn(chosen)
    assert "Licence CC0-1.0" in shown
    assert "Source synthesised voices" in shown


def test_a_bad_model_file_is_told_in_place(chosen: Any, tmp_path: Path) -> None:
    chosen.model = str(tmp_path / "gone.safetensors")
    assert "does not exist. Choose another one." in drawn(chosen)
    (tmp_path / "gone.safetensors").write_text("something")
    shown = drawn(chosen)
    assert "gone.safetensors is not a readable model file (safetensors). Choose another one." in shown
    assert "Licence" not in shown


def test_the_model_of_the_preferences_is_the_one_that_is_used(chosen: Any, tiny_checkpoint: Path) -> None:
    assert model_choice() is None
    chosen.model = str(tiny_checkpoint)
    assert model_choice() == tiny_checkpoint
    assert "Source made in a test" in drawn(chosen)


def test_devices_are_looked_for_when_asked(chosen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found_devices, "_found", None)
    assert "emotalk.find_devices" in drawn(chosen)
    assert bpy.ops.emotalk.find_devices() == {"FINISHED"}
    shown = drawn(chosen)
    assert "emotalk.find_devices" not in shown
    assert "Found CPU" in shown
    monkeypatch.setattr(found_devices, "_found", FoundDevices({"cuda": "RTX 4090", "cpu": ""}, "cuda"))
    assert "Found CUDA (RTX 4090), CPU. Automatic takes CUDA." in drawn(chosen)
    chosen.device = "mps"
    assert "PyTorch finds no Metal here. Choose Automatic." in drawn(chosen)
    assert in_words(FoundDevices({"cpu": ""}, "cpu")) == "CPU. Automatic takes CPU."


@pytest.mark.parametrize(("threads", "background", "expected"), [(0, True, 0), (0, False, -1), (3, True, 3)])
def test_one_core_is_left_to_a_window(
    chosen: Any,
    scene: bpy.types.Scene,
    monkeypatch: pytest.MonkeyPatch,
    threads: int,
    background: bool,
    expected: int,
) -> None:
    assert bpy.app.background
    chosen.threads = threads
    monkeypatch.setattr(
        addon_settings, "bpy", SimpleNamespace(app=SimpleNamespace(background=background), context=bpy.context)
    )
    assert thread_choice() == expected
    assert read_choices(scene, stretch_at(1, 1.0)).threads == expected
    assert read_choices(scene, stretch_at(1, 1.0), {"threads": 2}).threads == 2


def test_every_preference_explains_itself() -> None:
    for name in EMOTALK_AP_preferences.__annotations__:
        prop = EMOTALK_AP_preferences.bl_rna.properties[name]
        assert len(prop.description) > 10, name
        for item in getattr(prop, "enum_items", ()):
            assert len(item.description) > 10, item.identifier
    for name in ("find_devices", "copy_diagnostics"):
        assert len(getattr(bpy.ops.emotalk, name).get_rna_type().description) > 10


def test_numbers_that_blender_keeps_stay() -> None:
    kept = {
        name: {item.identifier: item.value for item in EMOTALK_AP_preferences.bl_rna.properties[name].enum_items}
        for name in ("device", "log_level")
    }
    assert kept == {
        "device": {"auto": 0, "cpu": 1, "cuda": 2, "mps": 3, "xpu": 4},
        "log_level": {"ERROR": 0, "WARNING": 1, "INFO": 2},
    }


def test_drawing_and_copying_load_no_pytorch() -> None:
    code = """
import sys
import bpy
import emotalk_blender
from tests.blender.ui.test_preferences import drawn
from emotalk_blender.blender.ui.diagnostics import diagnostics
emotalk_blender.register()
addon = bpy.context.preferences.addons.new()
addon.module = "emotalk_blender"
shown, told = drawn(addon.preferences), diagnostics()
emotalk_blender.unregister()
assert "emotalk.find_devices" in shown, shown
assert "torch 2" in told and "not looked for yet" in told, told
loaded = {"torch", "transformers", "safetensors"} & set(sys.modules)
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
