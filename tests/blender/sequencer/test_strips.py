# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be heard of a strip, held against Blender's own mixdown of the scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.sequencer.sound import SoundSource, read_samples
from emotalk_blender.blender.sequencer.stretch import AudibleStretch
from emotalk_blender.blender.sequencer.strips import (
    audible_stretch,
    check_sound,
    find_strip,
    scene_fps,
    sound_source,
    sound_strips,
)
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.progress import quiet

from ..builders import add_strip, make_sound

SECONDS = 4.0
RATE = 16000


@pytest.fixture
def strip(scene: bpy.types.Scene, tmp_path: Path) -> bpy.types.SoundStrip:
    """Four seconds of noise from frame 10 on."""
    return add_strip(scene, make_sound(tmp_path / "noise.wav", SECONDS, RATE), 10)


def trim_both_ends(strip: bpy.types.SoundStrip) -> None:
    strip.frame_offset_start, strip.frame_offset_end = 12, 20


def trim_by_a_fraction(strip: bpy.types.SoundStrip) -> None:
    strip.frame_offset_start = 12.7


def move_and_trim(strip: bpy.types.SoundStrip) -> None:
    strip.frame_start, strip.frame_offset_start = 37, 5


def hold_beyond_both_ends(strip: bpy.types.SoundStrip) -> None:
    strip.frame_offset_start, strip.frame_offset_end = -5, -20


def sound_later(strip: bpy.types.SoundStrip) -> None:
    strip.sound_offset = 0.313


def sound_earlier(strip: bpy.types.SoundStrip) -> None:
    strip.sound_offset = -0.313


def trimmed_and_later(strip: bpy.types.SoundStrip) -> None:
    strip.frame_offset_start, strip.sound_offset = 24, 0.313


def inside_a_meta(strip: bpy.types.SoundStrip) -> None:
    meta = bpy.context.scene.sequence_editor.strips.new_meta("Meta", 2, 1)
    strip.move_to_meta(meta)
    meta.frame_final_start, meta.frame_final_end = 30, 80


def inside_two_metas(strip: bpy.types.SoundStrip) -> None:
    strips = bpy.context.scene.sequence_editor.strips
    inner, outer = strips.new_meta("Inner", 2, 1), strips.new_meta("Outer", 3, 1)
    strip.move_to_meta(inner)
    inner.frame_final_start, inner.frame_final_end = 30, 80
    inner.move_to_meta(outer)
    outer.frame_final_start, outer.frame_final_end = 1, 60


EDITS: list[Callable[[bpy.types.SoundStrip], None]] = [
    lambda strip: None,
    trim_both_ends,
    trim_by_a_fraction,
    move_and_trim,
    hold_beyond_both_ends,
    sound_later,
    sound_earlier,
    trimmed_and_later,
    inside_a_meta,
    inside_two_metas,
]


@pytest.mark.parametrize("fps", [(24, 1.001), (24, 1.0), (60, 1.001)], ids=["23.976", "24", "59.94"])
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.replace("<lambda>", "untouched"))
def test_what_is_read_is_what_blender_plays(
    scene: bpy.types.Scene, tmp_path: Path, fps: tuple[int, float], edit: Callable[[bpy.types.SoundStrip], None]
) -> None:
    scene.render.fps, scene.render.fps_base = fps
    strip = add_strip(scene, make_sound(tmp_path / "noise.wav", SECONDS, RATE), 10)
    edit(strip)

    stretch = audible_stretch(scene, strip)
    ours = read_samples(sound_source(strip), stretch.file_start, stretch.duration, quiet)
    played = mixdown(scene, tmp_path)

    # Our samples at their place on an empty timeline must be what Blender mixed; its resampler is up to a sample late.
    mine = np.zeros(len(played), np.float32)
    first = round(stretch.start * RATE)
    mine[first : first + len(ours)] = ours
    assert len(ours) > RATE // 2
    # The mixdown fades 12 ms in and goes on for up to one buffer after the strip.
    inside = slice(first + 400, first + len(ours) - 400)
    assert abs(lag(mine[inside], played[inside])) <= 1
    assert correlation(mine[inside], played[inside]) > 0.98
    assert np.abs(played[: max(0, first - 80)]).max(initial=0) < 1e-3
    assert np.abs(played[first + len(ours) + 480 :]).max(initial=0) < 1e-3


def test_frames_cut_off_the_file_itself(scene: bpy.types.Scene, strip: bpy.types.SoundStrip, tmp_path: Path) -> None:
    # At whole rates only: at 23.976 Blender itself rounds this one a frame down.
    strip.animation_offset_start = 7
    stretch = audible_stretch(scene, strip)
    ours = read_samples(sound_source(strip), stretch.file_start, stretch.duration, quiet)
    first = round(stretch.start * RATE)
    played = mixdown(scene, tmp_path)[first : first + len(ours)]
    assert abs(lag(ours, played)) <= 1
    assert correlation(ours, played) > 0.98


def mixdown(scene: bpy.types.Scene, folder: Path) -> np.ndarray:
    """What Blender plays from frame 0 on, at 16 kHz."""
    scene.frame_start, scene.frame_end = 0, 300
    path = folder / "mixdown.wav"
    bpy.ops.sound.mixdown(filepath=str(path), container="WAV", codec="PCM", format="F32", check_existing=False)
    return read_samples(SoundSource(path), 0.0, 1000.0, quiet)


def lag(one: np.ndarray, other: np.ndarray) -> int:
    """By how many samples the other comes later."""
    spectrum = np.conj(np.fft.rfft(one, 2 * len(one))) * np.fft.rfft(other, 2 * len(one))
    peak = int(np.argmax(np.fft.irfft(spectrum)))
    return peak if peak < len(one) else peak - 2 * len(one)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.sqrt((one @ one) * (other @ other)))


def test_a_strip_says_when_it_plays_and_from_where(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> None:
    assert audible_stretch(scene, strip) == AudibleStretch(start=10 / 24, duration=4.0, file_start=0.0, fps=24.0)
    strip.frame_offset_start = 12
    assert audible_stretch(scene, strip) == AudibleStretch(start=22 / 24, duration=3.5, file_start=0.5, fps=24.0)


def test_sub_frame_starts_are_kept(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> None:
    strip.sound_offset = 0.313
    stretch = audible_stretch(scene, strip)
    assert stretch.start == pytest.approx(10 / 24 + 0.313, abs=1e-6)
    assert list(stretch.frames(10.0)[[0, -1]]) == [18, 105]


def test_fps_is_what_is_played(scene: bpy.types.Scene) -> None:
    scene.render.fps, scene.render.fps_base = 24, 1.001
    assert scene_fps(scene) == pytest.approx(23.976, abs=1e-3)


def test_a_strip_out_of_sight_in_its_meta_is_refused(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> None:
    meta = scene.sequence_editor.strips.new_meta("Meta", 2, 1)
    strip.move_to_meta(meta)
    meta.frame_final_end = 200
    meta.frame_final_start = 150
    with pytest.raises(EmoTalkError, match='"Speech" can be heard'):
        audible_stretch(scene, strip)


def test_a_retimed_strip_is_refused(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> None:
    retime(scene, strip)
    with pytest.raises(EmoTalkError, match='"Speech" is retimed'):
        audible_stretch(scene, strip)


def retime(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> None:
    window = bpy.context.window_manager.windows[0]
    if hasattr(window.workspace, "sequencer_scene"):  # Blender 5
        window.workspace.sequencer_scene = scene
    area = window.screen.areas[0]
    area.type = "SEQUENCE_EDITOR"
    region = next(region for region in area.regions if region.type == "WINDOW")
    strip.select = True
    scene.sequence_editor.active_strip = strip
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.sequencer.retiming_key_add(timeline_frame=40)
    assert len(strip.retiming_keys) > 0


def test_strips_in_metas_are_listed_and_found(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> None:
    strips = scene.sequence_editor.strips
    inner, outer = strips.new_meta("Inner", 2, 1), strips.new_meta("Outer", 3, 1)
    strip.move_to_meta(inner)
    inner.move_to_meta(outer)
    strips.new_effect("Color", "COLOR", 4, 1, **effect_length(100))
    assert [found.name for found in sound_strips(scene)] == ["Speech"]
    assert find_strip(scene, "Speech") == strip


def effect_length(frames: int) -> dict[str, int]:
    parameters = bpy.types.StripsTopLevel.bl_rna.functions["new_effect"].parameters
    return {"length": frames} if "length" in parameters else {"frame_end": 1 + frames}


def test_a_scene_without_sequencer_has_no_strips(scene: bpy.types.Scene) -> None:
    assert list(sound_strips(scene)) == []
    with pytest.raises(EmoTalkError, match='no sound strip "Speech"'):
        find_strip(scene, "Speech")


def test_a_packed_sound_needs_no_file(strip: bpy.types.SoundStrip) -> None:
    path = Path(strip.sound.filepath)
    content = path.read_bytes()
    strip.sound.pack()
    path.unlink()
    source = sound_source(strip)
    assert source.packed == content
    assert len(read_samples(source, 0.0, 4.0, quiet)) == 4 * RATE


def test_a_relative_path_is_found_beside_the_file(scene: bpy.types.Scene, tmp_path: Path) -> None:
    strip = add_strip(scene, make_sound(tmp_path / "a b ü.wav"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    strip.sound.filepath = "//a b ü.wav"
    assert sound_source(strip).path == tmp_path / "a b ü.wav"


def test_a_missing_sound_is_told(strip: bpy.types.SoundStrip, tmp_path: Path) -> None:
    (tmp_path / "noise.wav").unlink()
    with pytest.raises(EmoTalkError, match=r"missing: .*noise\.wav"):
        check_sound(strip)
    strip.sound.filepath = str(tmp_path)
    with pytest.raises(EmoTalkError, match="is a folder"):
        check_sound(strip)
