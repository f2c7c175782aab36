# SPDX-License-Identifier: GPL-3.0-or-later
"""What can happen to a file while Generate runs: it ends in keys where an artist expects them, else in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

import emotalk_blender
from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.generate.choices import Choices
from emotalk_blender.blender.generate.readiness import disabled_reason
from emotalk_blender.blender.generate.request import GenerateRequest
from emotalk_blender.curves import Curves
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.kept_network import KeptNetwork, shared_network
from emotalk_blender.inference.progress import Report

from .builders import add_strip, all_keys, make_face, make_sound
from .file_state import changes, file_state
from .running import SlowWork, prepared, tick_to_the_end

Record = Callable[[str, object], None]

ROOT = Path(__file__).resolve().parent.parent.parent

STAGES = ("Reading the sound", "Loading PyTorch", "Loading the model", "Listening", "Performing")


def fault(what: str, before: str = "the same") -> pytest.MarkDecorator:
    return pytest.mark.fault(what, before=before)


pytestmark = pytest.mark.usefixtures("nothing_left_running")


@pytest.fixture
def generate_request(scene: bpy.types.Scene, tmp_path: Path, tiny_checkpoint: Path) -> GenerateRequest:
    """Of a strip of 2 s on a face that has an undo step of its own."""
    make_face()
    add_strip(scene, make_sound(tmp_path / "speech.wav"), 11)
    scene.emotalk.strip = "Speech"
    bpy.ops.ed.undo_push(message="Ready")
    choices = Choices(bake=BakeOptions(tolerance=0), model=tiny_checkpoint)
    return prepared([bpy.data.objects["Face"]], choices)


def is_sentence(text: str) -> bool:
    return text.endswith(".") and "\n" not in text and "Traceback" not in text


@pytest.mark.parametrize(
    "stage", [pytest.param(stage, marks=fault(f"Cancel while it says {stage}")) for stage in STAGES]
)
def test_cancel_at_every_stage(
    generate_request: GenerateRequest, stage: str, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    generate = KeptNetwork.generate

    def stopped_at_stage(network: KeptNetwork, work: Any, report: Report) -> Curves:
        def report_stage(name: str, part: float) -> None:
            if name == stage:
                reached.set()
                assert go_on.wait(60)
            report(name, part)

        return generate(network, work, report_stage)

    monkeypatch.setattr(KeptNetwork, "generate", stopped_at_stage)
    shared_network().forget()
    jobs.start(generate_request)
    assert reached.wait(60)
    before = file_state()
    bpy.ops.emotalk.cancel()
    go_on.set()
    thread = jobs.state.stopping[-1]
    thread.join(5)
    assert not thread.is_alive()
    assert jobs.tick() is None
    assert (jobs.state.message, jobs.state.failed) == ("Cancelled", False)
    assert changes(before, file_state()) == {}
    monkeypatch.setattr(KeptNetwork, "generate", generate)
    jobs.start(generate_request)
    tick_to_the_end()
    assert len(all_keys(bpy.data.objects["Face"])) == 52
    record_property("after", '"Cancelled", the file as it was, and the next Generate works')


# What happens, and what the artist is told; "baked" where the keys are expected all the same.


def undo(scene: bpy.types.Scene) -> str:
    bpy.data.objects["Face"].location.x = 1
    bpy.ops.ed.undo_push(message="Move")
    bpy.ops.ed.undo()
    assert bpy.data.objects["Face"].location.x == 0
    return "baked"


def undo_the_strip(scene: bpy.types.Scene) -> str:
    bpy.context.scene.sequence_editor_clear()
    bpy.ops.ed.undo_push(message="No strip")
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    return 'no sound strip "Speech"'


def delete_mesh(scene: bpy.types.Scene) -> str:
    bpy.data.meshes.remove(bpy.data.meshes["Face"])
    return '"Face" is no longer there'


def delete_shape_keys(scene: bpy.types.Scene) -> str:
    bpy.data.objects["Face"].shape_key_clear()
    return '"Face" is no longer there'


def delete_some_shape_keys(scene: bpy.types.Scene) -> str:
    face = bpy.data.objects["Face"]
    for name in ("jawOpen", "mouthClose"):
        face.shape_key_remove(face.data.shape_keys.key_blocks[name])
    return "baked"


def delete_strip(scene: bpy.types.Scene) -> str:
    scene.sequence_editor.strips.remove(scene.sequence_editor.strips["Speech"])
    return 'no sound strip "Speech"'


def delete_sound(scene: bpy.types.Scene) -> str:
    bpy.data.sounds.remove(bpy.data.sounds[0])
    return "baked"


def delete_sound_file(scene: bpy.types.Scene) -> str:
    Path(bpy.data.sounds[0].filepath).unlink()
    return "baked"


def delete_scene(scene: bpy.types.Scene) -> str:
    bpy.context.window.scene = bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(scene)
    return 'scene "Scene" is no longer there'


def delete_workspace(scene: bpy.types.Scene) -> str:
    bpy.ops.workspace.duplicate()
    bpy.ops.workspace.delete()
    return "baked"


def rename_object(scene: bpy.types.Scene) -> str:
    bpy.data.objects["Face"].name = "Head"
    return "baked"


def rename_object_for_another(scene: bpy.types.Scene) -> str:
    bpy.data.objects["Face"].name = "Head"
    make_face("Face", ["jawOpen"])
    return "baked"


def rename_mesh(scene: bpy.types.Scene) -> str:
    bpy.data.meshes["Face"].name = "Head"
    bpy.data.shape_keys[0].name = "Head"
    return "baked"


def rename_shape_key(scene: bpy.types.Scene) -> str:
    bpy.data.shape_keys[0].key_blocks["jawOpen"].name = "Jaw_Open"
    return "baked"


def rename_strip(scene: bpy.types.Scene) -> str:
    scene.sequence_editor.strips["Speech"].name = "Line 1"
    return "baked"


def rename_sound(scene: bpy.types.Scene) -> str:
    bpy.data.sounds[0].name = "line.wav"
    return "baked"


def rename_scene(scene: bpy.types.Scene) -> str:
    scene.name = "Shot 1"
    return "baked"


def rename_workspace(scene: bpy.types.Scene) -> str:
    bpy.data.workspaces[0].name = "Faces"
    return "baked"


def save(scene: bpy.types.Scene) -> str:
    folder = Path(bpy.data.sounds[0].filepath).parent
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
    return "baked"


def make_local_paths(scene: bpy.types.Scene) -> str:
    save(scene)
    bpy.ops.file.make_paths_relative()
    return "baked"


def change_rate(scene: bpy.types.Scene) -> str:
    scene.render.fps = 30
    return "baked"


def trim_strip(scene: bpy.types.Scene) -> str:
    scene.sequence_editor.strips["Speech"].frame_offset_end = 5
    return "trimmed meanwhile"


def move_strip(scene: bpy.types.Scene) -> str:
    scene.sequence_editor.strips["Speech"].frame_start = 101
    return "baked"


def mute_strip(scene: bpy.types.Scene) -> str:
    scene.sequence_editor.strips["Speech"].mute = True
    return "baked"


def remove_animation(scene: bpy.types.Scene) -> str:
    bpy.data.objects["Face"].data.shape_keys.animation_data_clear()
    return "baked"


NO_LONGER = "a sentence that it is no longer there, and nothing baked"
HAPPENINGS = [
    (undo, "undo of another step", "the same"),
    (undo_the_strip, "undo and redo of deleting the strip", "the same"),
    (delete_mesh, "the mesh is deleted", "the same"),
    (delete_shape_keys, "all shape keys are deleted", "the same"),
    (delete_some_shape_keys, "some shape keys are deleted", "the same"),
    (delete_strip, "the strip is deleted", "the same"),
    (delete_sound, "the sound is deleted", "the same"),
    (delete_sound_file, "the sound file is deleted from the disk", "the same"),
    (delete_scene, "the scene is deleted", "the same"),
    (delete_workspace, "a workspace is deleted", "the same"),
    (rename_object, "the object is renamed", NO_LONGER),
    (rename_object_for_another, "the object is renamed, and another takes its name", "the keys went onto the other"),
    (rename_mesh, "mesh and shape keys are renamed", "the same"),
    (rename_shape_key, "a shape key is renamed", "the same"),
    (rename_strip, "the strip is renamed", NO_LONGER),
    (rename_sound, "the sound is renamed", "the same"),
    (rename_scene, "the scene is renamed", NO_LONGER),
    (rename_workspace, "the workspace is renamed", "the same"),
    (save, "the file is saved", "the same"),
    (make_local_paths, "the paths are made relative", "the same"),
    (change_rate, "the frame rate is changed", "the same"),
    (trim_strip, "the strip is trimmed", "the same"),
    (move_strip, "the strip is moved", "the same"),
    (mute_strip, "the strip is muted", "the same"),
    (remove_animation, "the animation of the shape keys is cleared", "the same"),
]


@pytest.mark.parametrize(
    "happen",
    [
        pytest.param(happen, id=happen.__name__, marks=fault(f"While it runs {what}", before))
        for happen, what, before in HAPPENINGS
    ],
)
def test_what_happens_meanwhile(
    generate_request: GenerateRequest,
    slow: SlowWork,
    scene: bpy.types.Scene,
    happen: Callable[[bpy.types.Scene], str],
    record_property: Record,
) -> None:
    jobs.start(generate_request)
    face = bpy.data.objects["Face"].session_uid
    expected = happen(scene)
    before = file_state()
    slow.let_go.set()
    tick_to_the_end()
    record_property("after", jobs.state.message)
    assert jobs.state.failed == (expected != "baked"), jobs.state.message
    if jobs.state.failed:
        assert expected in jobs.state.message
        assert is_sentence(jobs.state.message)
        assert changes(before, file_state()) == {}
    else:
        spoken = next(other for other in bpy.data.objects if other.session_uid == face)
        assert len(all_keys(spoken)) >= 50
        assert "baked on" in jobs.state.message
        assert [other.name for other in bpy.data.objects if other.type == "MESH" and all_keys(other)] == [spoken.name]


@fault("A second Generate while one runs")
def test_a_second_generate_is_refused_with_a_reason(
    generate_request: GenerateRequest, slow: SlowWork, record_property: Record
) -> None:
    jobs.start(generate_request)
    before = file_state()
    reason = disabled_reason(bpy.context)
    with pytest.raises(EmoTalkError, match=r"still generating.*\.$"):
        jobs.start(generate_request)
    assert changes(before, file_state()) == {}
    assert is_sentence(reason)
    record_property("after", reason)


@fault("While it runs another file is opened")
def test_another_file_is_opened(generate_request: GenerateRequest, slow: SlowWork, record_property: Record) -> None:
    jobs.start(generate_request)
    bpy.ops.wm.read_homefile(use_empty=True)
    before = file_state()
    assert jobs.state.job is None
    assert slow.ended.wait(60)
    assert jobs.tick() is None
    assert changes(before, file_state()) == {}
    record_property("after", jobs.state.message)


@fault("While it runs the add-on is disabled, and enabled again")
def test_disabled_and_enabled_again(generate_request: GenerateRequest, slow: SlowWork, record_property: Record) -> None:
    jobs.start(generate_request)
    thread = jobs.state.job.thread
    before = file_state()
    emotalk_blender.unregister()
    try:
        assert not thread.is_alive()
        assert not bpy.app.timers.is_registered(jobs.tick)
    finally:
        emotalk_blender.register()
    assert changes(before, file_state()) == {}
    jobs.start(prepared([bpy.data.objects["Face"]], Choices()))
    slow.let_go.set()
    tick_to_the_end()
    assert len(all_keys(bpy.data.objects["Face"])) == 52
    record_property("after", "the thread ends at once, nothing is baked; enabled again, Generate works")


def gpu_is_full() -> None:
    import torch

    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has a capacity of 4 GiB.")


def main_memory_is_full() -> None:
    import torch

    torch.empty(1 << 50)


def python_is_full() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(gpu_is_full, id="gpu", marks=fault("The GPU is out of memory while it hears the sound")),
        pytest.param(
            main_memory_is_full,
            id="cpu",
            marks=fault("Main memory is full while it hears the sound", "told as something unforeseen, to be reported"),
        ),
        pytest.param(python_is_full, id="numpy", marks=fault("Python is out of memory while it hears the sound")),
    ],
)
def test_out_of_memory(
    generate_request: GenerateRequest,
    fail: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Record,
) -> None:
    from emotalk_blender.inference.session import Session

    shared_network().forget()
    monkeypatch.setattr(Session, "hear", lambda *_: fail())
    jobs.start(generate_request)
    before = file_state()
    tick_to_the_end()
    assert jobs.state.failed
    assert "not enough memory" in jobs.state.message
    assert is_sentence(jobs.state.message)
    assert changes(before, file_state()) == {}
    record_property("after", jobs.state.message)


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {root!r})
import bpy
import emotalk_blender
from emotalk_blender.blender.ui.commands import main
emotalk_blender.register()
bpy.ops.wm.open_mainfile(filepath={blend!r})
import torch
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, resource.RLIM_INFINITY))
words = ["generate", "--strip", "Speech", "--object", "Face", "--model", {model!r}]
code = main([*words, *{more!r}])
emotalk_blender.unregister()
sys.stderr.flush()
sys.exit(code)
"""


@pytest.mark.parametrize(
    "save",
    [
        pytest.param("as", marks=fault("The disk is full at --save-as", '"No such file or directory"')),
        pytest.param("itself", marks=fault("The disk is full at --save", '"cannot be saved: Error: Success"')),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file sizes")
def test_a_full_disk(
    generate_request: GenerateRequest, tmp_path: Path, tiny_checkpoint: Path, save: str, record_property: Record
) -> None:
    blend, out = tmp_path / "shot.blend", tmp_path / "out.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), compress=False)
    more = ["--save"] if save == "itself" else ["--save-as", str(out)]
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    script = FULL_DISK.format(root=str(ROOT), blend=str(blend), model=str(tiny_checkpoint), more=more)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=os.environ)
    said = [line for line in done.stderr.splitlines() if "saved" in line]
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(said) == 1
    assert is_sentence(said[0])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    record_property("after", said[0].replace(str(tmp_path), "FOLDER"))
