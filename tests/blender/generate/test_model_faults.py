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


def bad(make: Callable[[Path], Path], sentence: str, what: str, before: str):
    return pytest.param(make, sentence, marks=pytest.mark.fault(what, before=before), id=make.__name__)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        bad(bad_models.missing, "does not exist", "the model file is missing", "a sentence, as now"),
        bad(
            bad_models.name_of_300_letters,
            "does not exist",
            "the model file's name has 300 letters",
            "a traceback: OSError, File name too long",
        ),
        *(
            bad(
                bad_models.cut(part),
                "readable model file",
                f"the model file is cut at {part:.2%}",
                "a sentence, as now",
            )
            for part in bad_models.TENTHS
        ),
        bad(bad_models.wrong_shape, "content_map.bias is [7], not", "weights of another shape", "a sentence, as now"),
        bad(bad_models.not_a_number, "weights that are not numbers", "weights that are NaN", "a sentence, as now"),
        bad(
            bad_models.another_model,
            "not those of an EmoTalk network",
            "another model's safetensors",
            "a sentence, as now",
        ),
        bad(
            bad_models.metadata_of_99_mb,
            "describes itself in 99 MB",
            "metadata of 99 MB",
            "taken as a model, after 340 MiB of memory",
        ),
        bad(bad_models.metadata_of_110_mb, "describes itself in 110 MB", "metadata of 110 MB", "a sentence, as now"),
        bad(bad_models.nested_config, "not JSON", "a config nested 100,000 deep", "a traceback: RecursionError"),
        bad(bad_models.endless_number, "not JSON", "a config with a number of 5,000 digits", "a traceback: ValueError"),
        bad(
            bad_models.long_config,
            "front_end",
            "a config with a name of a million letters",
            "a sentence of a million letters",
        ),
        bad(
            bad_models.pickle_that_runs_code,
            "readable model file",
            "a pickle that would run code",
            "a sentence, as now",
        ),
        bad(
            bad_models.torch_file_that_runs_code,
            "readable model file",
            "a .pth that would run code",
            "a sentence, as now",
        ),
        bad(bad_models.zip_bomb, "readable model file", "a zip bomb as model file", "a sentence, as now"),
    ],
)
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
