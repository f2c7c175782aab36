# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension registered, an empty file for each test, and a network small enough for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import pytest

import emotalk_blender
from emotalk_blender.blender.generate import choices, jobs
from emotalk_blender.inference.kept_network import shared_network

from .builders import add_strip, make_face, make_sound
from .running import SlowWork


@pytest.fixture(scope="package", autouse=True)
def registered() -> Iterator[None]:
    """EmoTalk registered, and unregistered at the end: Blender 4.5 hangs at exit where classes are left."""
    emotalk_blender.register()
    yield
    emotalk_blender.unregister()


@pytest.fixture(autouse=True)
def empty_file() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)


@pytest.fixture
def scene() -> bpy.types.Scene:
    """The scene of the empty file, at 24 frames per second."""
    bpy.context.scene.render.fps = 24
    return bpy.context.scene


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network on random weights."""
    from emotalk_blender.network.checkpoint import save_checkpoint

    from ..network.published import tiny_model

    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_checkpoint(tiny_model(), path, source="made in a test", licence="CC0-1.0")
    return path


@pytest.fixture
def model(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The tiny network as the one chosen in the preferences."""
    monkeypatch.setattr(choices, "model_choice", lambda: tiny_checkpoint)
    yield tiny_checkpoint
    shared_network().forget()


@pytest.fixture
def shot(scene: bpy.types.Scene, tmp_path: Path, model: Path) -> bpy.types.Object:
    """A face, and a strip of 2 s picked for it; a key goes on every frame."""
    add_strip(scene, make_sound(tmp_path / "speech.wav"), 11)
    scene.emotalk.strip = "Speech"
    scene.emotalk.tolerance = 0
    return make_face()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowWork]:
    """Work in the background that goes on until the test lets it go."""
    work = SlowWork(monkeypatch)
    yield work
    work.let_go.set()


@pytest.fixture
def nothing_left_running() -> Iterator[None]:
    """For tests that begin work in the background: it ends with them."""
    yield
    jobs.cancel("")
    if bpy.app.timers.is_registered(jobs.tick):
        bpy.app.timers.unregister(jobs.tick)
