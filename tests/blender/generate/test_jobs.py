# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate beside the interface. Timers never fire without a window, so the tests tick by themselves."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import bpy
import pytest

from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.generate.choices import Choices
from emotalk_blender.blender.generate.readiness import disabled_reason
from emotalk_blender.blender.generate.request import GenerateRequest
from emotalk_blender.curves import Curves
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.kept_network import KeptNetwork, shared_network
from emotalk_blender.inference.progress import Report
from emotalk_blender.inference.work import Work

from ...curve_builders import random_curves
from ..builders import add_strip, all_keys, keys_of, make_face, make_sound
from ..running import SlowWork, prepared, tick_to_the_end

pytestmark = pytest.mark.usefixtures("nothing_left_running")


@pytest.fixture
def generate_request(scene: bpy.types.Scene, tmp_path: Path, tiny_checkpoint: Path) -> GenerateRequest:
    add_strip(scene, make_sound(tmp_path / "speech.wav"), 11)
    scene.emotalk.strip = "Speech"
    choices = Choices(bake=BakeOptions(tolerance=0), model=tiny_checkpoint)
    return prepared([make_face()], choices)


def test_a_job_bakes_what_the_worker_made(generate_request: GenerateRequest) -> None:
    jobs.start(generate_request)
    tick_to_the_end()
    assert (jobs.state.job, jobs.state.failed) == (None, False)
    assert jobs.state.message == 'Frames 11 to 58 baked on "Face"'
    assert len(all_keys(bpy.data.objects["Face"])) == 52


def test_one_undo_takes_the_bake_back_and_nothing_else(generate_request: GenerateRequest) -> None:
    bpy.context.scene.emotalk.person = 2
    jobs.start(generate_request)
    tick_to_the_end()
    bpy.ops.ed.undo()
    assert all_keys(bpy.data.objects["Face"]) == {}
    assert len(bpy.data.actions) == 0
    assert (bpy.context.scene.emotalk.strip, bpy.context.scene.emotalk.person) == ("Speech", 2)
    bpy.ops.ed.redo()
    assert len(all_keys(bpy.data.objects["Face"])) == 52


def test_progress_goes_from_0_to_1_and_never_back(
    generate_request: GenerateRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[tuple[str, float]] = []
    generate = KeptNetwork.generate

    def watched(network: KeptNetwork, work: Work, report: Report) -> Curves:
        return generate(network, work, lambda stage, part: (reports.append((stage, part)), report(stage, part))[1])

    monkeypatch.setattr(KeptNetwork, "generate", watched)
    shared_network().forget()
    jobs.start(generate_request)
    tick_to_the_end()
    parts = [part for _, part in reports]
    assert parts[0] == 0.0
    assert parts[-1] == 1.0
    assert parts == sorted(parts)
    assert len({stage for stage, _ in reports}) >= 4


def test_while_it_runs_a_second_one_is_refused_with_a_reason(generate_request: GenerateRequest, slow: SlowWork) -> None:
    jobs.start(generate_request)
    assert "is generating" in disabled_reason(bpy.context)
    with pytest.raises(EmoTalkError, match="still generating"):
        jobs.start(generate_request)


def test_cancel_frees_the_panel_at_once_and_ends_the_thread(generate_request: GenerateRequest, slow: SlowWork) -> None:
    jobs.start(generate_request)
    time.sleep(0.15)
    assert jobs.tick() is not None
    bpy.ops.emotalk.cancel()
    assert jobs.state.job is None
    assert jobs.state.message == "Cancelled"
    assert slow.ended.wait(60)
    assert jobs.tick() is None
    assert len(bpy.data.actions) == 0


def test_what_a_cancelled_thread_still_brings_is_thrown_away(generate_request: GenerateRequest, slow: SlowWork) -> None:
    jobs.start(generate_request)
    jobs.cancel()
    slow.let_go.set()
    assert slow.ended.wait(60)
    assert jobs.tick() is None
    assert len(bpy.data.actions) == 0


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.05, 0.1, 0.3])
def test_after_cancel_the_next_one_runs_undisturbed(generate_request: GenerateRequest, wait: float) -> None:
    jobs.start(generate_request)
    time.sleep(wait)
    jobs.cancel()
    jobs.start(generate_request)
    tick_to_the_end()
    assert not jobs.state.failed
    assert len(all_keys(bpy.data.objects["Face"])) == 52


def test_no_undo_step_is_pushed_while_a_thread_works(
    generate_request: GenerateRequest, slow: SlowWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Blender 4.5 and 5.0 (Python 3.11) the process crashes in that, sooner or later."""
    alive: list[list[str]] = []
    push = jobs._push_undo

    def watched(message: str) -> None:
        alive.append([thread.name for thread in threading.enumerate() if thread.name == "EmoTalk"])
        push(message)

    monkeypatch.setattr(jobs, "_push_undo", watched)
    deaf = threading.Event()
    monkeypatch.setattr(KeptNetwork, "generate", lambda *_: deaf.wait() and random_curves(2.0))
    jobs.start(generate_request)
    jobs.cancel()
    monkeypatch.setattr(KeptNetwork, "generate", lambda _, work, report: slow.generate(work, report))
    slow.let_go.set()
    jobs.start(generate_request)
    assert slow.ended.wait(60)
    assert jobs.tick() is not None
    assert "last one to stop" in jobs.state.job.stage
    deaf.set()
    tick_to_the_end()
    assert not jobs.state.failed
    assert alive == [[], []]


def test_opening_another_file_ends_the_job_in_a_sentence(generate_request: GenerateRequest, slow: SlowWork) -> None:
    jobs.start(generate_request)
    bpy.ops.wm.read_homefile(use_empty=True)
    assert jobs.state.job is None
    assert "another file was opened" in jobs.state.message
    assert slow.ended.wait(60)
    assert len(bpy.data.actions) == 0


def test_the_file_watch_survives_several_files(generate_request: GenerateRequest, slow: SlowWork) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.read_homefile(use_empty=True)
    jobs.start(generate_request)
    bpy.ops.wm.read_homefile(use_empty=True)
    assert jobs.state.job is None


def test_a_mesh_deleted_meanwhile_ends_in_a_sentence(generate_request: GenerateRequest, slow: SlowWork) -> None:
    jobs.start(generate_request)
    bpy.data.objects.remove(bpy.data.objects["Face"])
    slow.let_go.set()
    tick_to_the_end()
    assert jobs.state.failed
    assert 'Nothing was baked, because "Face" is no longer there.' in jobs.state.message


def test_an_error_in_the_worker_ends_in_its_sentence(
    generate_request: GenerateRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(bpy.data.sounds[0].filepath).write_text("no sound any more")
    jobs.start(generate_request)
    tick_to_the_end()
    assert jobs.state.failed
    assert "cannot be read as sound" in jobs.state.message


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (KeyError("x\ny"), "unforeseen"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("CUDA out of memory"), "CPU"),
    ],
)
def test_an_unforeseen_error_ends_in_a_sentence_too(
    generate_request: GenerateRequest, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def fail(*_: object) -> Curves:
        raise error

    monkeypatch.setattr(KeptNetwork, "generate", fail)
    jobs.start(generate_request)
    tick_to_the_end()
    assert jobs.state.failed
    assert sentence in jobs.state.message
    assert "\n" not in jobs.state.message


def test_the_bake_waits_while_a_mesh_is_edited(generate_request: GenerateRequest, slow: SlowWork) -> None:
    jobs.start(generate_request)
    bpy.ops.object.mode_set(mode="EDIT")
    slow.let_go.set()
    assert slow.ended.wait(60)
    time.sleep(0.1)
    assert jobs.tick() is not None
    assert "Object Mode" in jobs.state.job.stage
    bpy.ops.object.mode_set(mode="OBJECT")
    tick_to_the_end()
    assert len(keys_of(bpy.data.objects["Face"], "jawOpen")["co"]) == 48


def test_the_panel_is_drawn_anew_where_the_progress_has_changed_and_only_then(
    generate_request: GenerateRequest, slow: SlowWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(jobs, "redraw_sidebars", lambda: drawn.append(jobs.state.job and jobs.state.job.progress))
    monkeypatch.setattr(jobs, "PROGRESS", 0.0)
    jobs.start(generate_request)
    assert slow.reported.wait(60)
    for _ in range(5):
        assert jobs.tick() is not None
    assert drawn == ["Listening 50%"]
    slow.let_go.set()
    tick_to_the_end()
    assert len(drawn) == 2, "the end is shown"


def test_the_progress_is_drawn_no_more_often_than_one_can_read(
    generate_request: GenerateRequest, slow: SlowWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(jobs, "redraw_sidebars", lambda: drawn.append(jobs.state.job and jobs.state.job.progress))
    monkeypatch.setattr(jobs.time, "monotonic", lambda: 100.0)
    jobs.start(generate_request)
    assert slow.reported.wait(60)
    for part in (0.1, 0.2, 0.3):
        jobs.state.job.part = part
        jobs.tick()
    assert len(drawn) == 1


def test_threads_take_short_turns_only_while_something_is_generated(
    generate_request: GenerateRequest, slow: SlowWork
) -> None:
    usual = sys.getswitchinterval()
    jobs.start(generate_request)
    assert slow.reported.wait(60)
    assert sys.getswitchinterval() < usual / 5
    slow.let_go.set()
    tick_to_the_end()
    assert sys.getswitchinterval() == usual
