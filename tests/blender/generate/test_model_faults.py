# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is wrong with the Model File of the preferences, Generate says so and leaves the file as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import pytest

from emotalk_blender.blender.addon_settings import ROOT_PACKAGE
from emotalk_blender.inference.kept_network import shared_network

from ... import bad_models, bad_sounds
from ...fault_cases import FaultCase, fault_params
from ..builders import add_strip, insert_keys, make_face
from ..refusal import Record, refused


@pytest.fixture
def preferences() -> Iterator[bpy.types.AddonPreferences]:
    """Those of the extension, which is only registered here, not enabled."""
    addon = bpy.context.preferences.addons.new()
    addon.module = ROOT_PACKAGE
    yield addon.preferences
    bpy.context.preferences.addons.remove(addon)
    shared_network().forget()


@pytest.fixture
def good(scene: bpy.types.Scene, tmp_path: Path, tiny_checkpoint: Path) -> Path:
    """A checkpoint, and a file in which it would perform."""
    add_strip(scene, bad_sounds.good(tmp_path), 11)
    scene.emotalk.strip = "Speech"
    insert_keys(make_face(), "jawOpen", [(5, 0.5), (20, 0.1)])
    (tmp_path / "good.safetensors").write_bytes(tiny_checkpoint.read_bytes())
    return tmp_path / "good.safetensors"


UNREADABLE = "readable model file"

BAD = [
    FaultCase(bad_models.missing, "the model file is missing", "does not exist"),
    FaultCase(
        bad_models.name_of_300_letters,
        "the model file's name has 300 letters",
        "does not exist",
        before="a traceback: OSError, File name too long",
    ),
    *(
        FaultCase(bad_models.cut(part), f"the model file is cut at {part:.2%}", UNREADABLE)
        for part in bad_models.TENTHS
    ),
    FaultCase(bad_models.wrong_shape, "weights of another shape", "content_map.bias is [7], not"),
    FaultCase(bad_models.not_a_number, "weights that are NaN", "weights that are not numbers"),
    FaultCase(bad_models.another_model, "another model's safetensors", "not those of an EmoTalk network"),
    FaultCase(
        bad_models.metadata_of_99_mb,
        "metadata of 99 MB",
        "describes itself in 99 MB",
        before="taken as a model, after 340 MiB of memory",
    ),
    FaultCase(bad_models.metadata_of_110_mb, "metadata of 110 MB", "describes itself in 110 MB"),
    FaultCase(
        bad_models.nested_config, "a config nested 100,000 deep", "not JSON", before="a traceback: RecursionError"
    ),
    FaultCase(
        bad_models.endless_number,
        "a config with a number of 5,000 digits",
        "not JSON",
        before="a traceback: ValueError",
    ),
    FaultCase(
        bad_models.long_config,
        "a config with a name of a million letters",
        "front_end",
        before="a sentence of a million letters",
    ),
    FaultCase(bad_models.pickle_that_runs_code, "a pickle that would run code", UNREADABLE),
    FaultCase(bad_models.torch_file_that_runs_code, "a .pth that would run code", UNREADABLE),
    FaultCase(bad_models.zip_bomb, "a zip bomb as model file", UNREADABLE),
]


@pytest.mark.parametrize(("make", "sentence"), fault_params(BAD))
def test_a_bad_model_file_is_told(
    good: Path,
    preferences: bpy.types.AddonPreferences,
    make: Callable[[Path], Path],
    sentence: str,
    record_property: Record,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(good.parent)
    preferences.model = str(make(good))
    assert sentence in refused(record_property)
    assert not Path("was-run").exists()


def test_a_good_model_file_performs(good: Path, preferences: bpy.types.AddonPreferences) -> None:
    preferences.model = str(good)
    assert bpy.ops.emotalk.generate() == {"FINISHED"}
