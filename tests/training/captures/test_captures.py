# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes from disk: Live Link Face tables with sound or movies, and arrays with sound."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.curve_files import write_curves
from emotalk_blender.curves import ARKIT_NAMES, CHANNEL, Curves
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.captures.captures import read_captures, resampled

RATE = 16000
JAW = CHANNEL["jawOpen"]


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    return (0.2 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write_tone(path: Path, seconds: float, rate: int = RATE) -> Path:
    soundfile.write(path, tone(seconds, rate), rate)
    return path


def waves(seconds: float, fps: float = 60) -> np.ndarray:
    """Curves that each move at their own slow pace: [frames, 52] within [0, 1]."""
    times = np.arange(round(seconds * fps)) / fps
    pace = 0.3 + np.arange(52) / 40
    return (0.5 + 0.4 * np.sin(2 * np.pi * times[:, None] * pace)).astype(np.float32)


def jaw(times: np.ndarray) -> np.ndarray:
    """A jaw that nods once a second and a half."""
    return 0.5 + 0.4 * np.sin(2 * np.pi * times / 1.5)


def write_table(
    path: Path,
    seconds: np.ndarray,
    label: Callable[[float], str] | None = None,
    columns: dict[str, Callable[[np.ndarray], np.ndarray]] | None = None,
) -> None:
    """A made-up table: a row for every moment, labelled as 60 fps timecode from 10 o'clock unless told otherwise."""
    columns = columns or {"JawOpen": jaw}
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["Timecode", "BlendShapeCount", *columns])
    for moment in seconds:
        values = [f"{float(column(np.array(moment))):.6f}" for column in columns.values()]
        table.writerow([(label or timecode_60)(float(moment)), 61, *values])
    path.write_text(text.getvalue(), encoding="utf-8")


def timecode_60(moment: float, start: float = 36000 + 11 * 60 + 58.3421) -> str:
    """HH:MM:SS:FF.fff at 60 frames a second, with a part of a frame as the phone's clock has it."""
    frames = round((start + moment) * 60, 3)
    whole, part = divmod(frames, 60)
    return f"{int(whole) // 3600:02d}:{int(whole) // 60 % 60:02d}:{int(whole) % 60:02d}:{part:06.3f}"


def test_table_of_our_own_writer(tmp_path: Path) -> None:
    curves = Curves(waves(3), 60)
    write_curves(curves, tmp_path / "take.csv")
    write_tone(tmp_path / "take.wav", 3)
    (capture,) = read_captures(tmp_path)
    assert capture.name == "take"
    assert capture.samples.dtype == capture.curves.dtype == np.float32
    assert capture.curves.shape == (90, 52)
    assert len(capture.samples) == 3 * RATE
    assert capture.captured.all()
    # Half a second from the ends, where no filter meets an edge.
    assert np.abs(capture.curves[15:-15] - curves.values[30:-30:2]).max() < 0.01


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_table_of_any_rate_stays_in_time(tmp_path: Path, fps: int) -> None:
    values = np.zeros((4 * fps, 52), np.float32)
    values[:, JAW] = jaw(np.arange(4 * fps) / fps)
    write_curves(Curves(values, fps), tmp_path / "take.csv")
    write_tone(tmp_path / "take.wav", 4)
    (capture,) = read_captures(tmp_path)
    assert abs(len(capture.curves) - 120) <= 1
    times = np.arange(15, 105) / 30
    assert np.abs(capture.curves[15:105, JAW] - jaw(times)).max() < 0.02


def test_fractions_of_frames_and_the_time_of_day(tmp_path: Path) -> None:
    write_table(tmp_path / "take.csv", np.arange(240) / 60)
    write_tone(tmp_path / "take.wav", 4)
    (capture,) = read_captures(tmp_path)
    assert np.abs(capture.curves[10:-10, JAW] - jaw(np.arange(120) / 30)[10:-10]).max() < 0.01


def test_past_midnight(tmp_path: Path) -> None:
    label = lambda moment: timecode_60((moment + 86398) % 86400, start=0)  # noqa: E731
    write_table(tmp_path / "take.csv", np.arange(240) / 60, label)
    write_tone(tmp_path / "take.wav", 4)
    (capture,) = read_captures(tmp_path)
    assert len(capture.curves) == 120
    assert np.abs(capture.curves[10:-10, JAW] - jaw(np.arange(120) / 30)[10:-10]).max() < 0.01


def test_drop_frame_timecode_does_not_drift(tmp_path: Path) -> None:
    def label(moment: float) -> str:
        frame = round(moment * 60 / 1.001)  # starts at a tenth minute, where nothing is dropped
        minute = 0
        while frame >= (length := 3600 - (4 if minute % 10 else 0)):
            frame -= length
            minute += 1
        frame += 4 if minute % 10 else 0
        return f"01:{minute:02d}:{frame // 60:02d};{frame % 60:02d}"

    write_table(tmp_path / "take.csv", np.arange(130 * 60) * 1.001 / 60, label)
    write_tone(tmp_path / "take.wav", 130)
    (capture,) = read_captures(tmp_path)
    times = np.arange(len(capture.curves)) / 30
    assert times[-1] > 129
    assert np.abs(capture.curves[-100:-10, JAW] - jaw(times[-100:-10])).max() < 0.01


def test_dropped_frames_do_not_shift_what_follows(tmp_path: Path) -> None:
    moments = np.arange(240) / 60
    kept = np.r_[moments[:100], moments[107:180:2], moments[181:]]
    write_table(tmp_path / "take.csv", kept)
    write_tone(tmp_path / "take.wav", 4)
    (capture,) = read_captures(tmp_path)
    assert len(capture.curves) == 120
    assert np.abs(capture.curves[10:-10, JAW] - jaw(np.arange(120) / 30)[10:-10]).max() < 0.03


def test_rows_without_a_face_are_bridged(tmp_path: Path) -> None:
    write_table(tmp_path / "take.csv", np.arange(240) / 60)
    lines = (tmp_path / "take.csv").read_text().splitlines()
    for row in [*range(1, 7), *range(90, 100)]:
        lines[row] = lines[row].split(",")[0] + ",0,"
    (tmp_path / "take.csv").write_text("\n".join(lines))
    write_tone(tmp_path / "take.wav", 4)
    (capture,) = read_captures(tmp_path)
    assert len(capture.curves) == 120
    assert np.abs(capture.curves[12:-10, JAW] - jaw(np.arange(120) / 30)[12:-10]).max() < 0.03


@pytest.mark.parametrize(("sound", "table", "frames"), [(4.0, 3.0, 90), (3.0, 4.0, 90), (2.99, 4.0, 89)])
def test_the_shorter_of_sound_and_curves_ends_the_take(tmp_path: Path, sound: float, table: float, frames: int) -> None:
    write_curves(Curves(waves(table), 60), tmp_path / "take.csv")
    write_tone(tmp_path / "take.wav", sound)
    (capture,) = read_captures(tmp_path)
    assert len(capture.curves) == frames
    assert len(capture.samples) == round(frames * RATE / 30)


def test_columns_in_another_order_unknown_and_missing_ones(tmp_path: Path) -> None:
    columns = {
        "HeadYaw": lambda t: -30 * np.sin(t),
        "mouthFunnel": lambda t: 0.3 + 0.2 * np.sin(t),
        "Wrinkle": np.cos,
        "JAWOPEN": jaw,
        "tongueOut": lambda t: 0 * t,
    }
    write_table(tmp_path / "take.csv", np.arange(180) / 60, columns=columns)
    write_tone(tmp_path / "take.wav", 3)
    (capture,) = read_captures(tmp_path)
    assert [ARKIT_NAMES[channel] for channel in np.flatnonzero(capture.captured)] == ["jawOpen", "mouthFunnel"]
    times = np.arange(90) / 30
    assert np.abs(capture.curves[10:-10, CHANNEL["mouthFunnel"]] - (0.3 + 0.2 * np.sin(times))[10:-10]).max() < 0.01
    assert not capture.curves[:, ~capture.captured].any()


@settings(deadline=None, max_examples=20)
@given(st.floats(20.8, 30.0), st.floats(0.0, 6.28))
def test_nothing_folds_back_into_speech(frequency: float, phase: float) -> None:
    times = np.arange(600) / 60
    shake = 0.5 + 0.4 * np.sin(2 * np.pi * frequency * times + phase)
    slow = resampled(times, shake[:, None].astype(np.float32))
    assert slow[15:-15].std() < 0.02


@settings(deadline=None, max_examples=20)
@given(st.floats(0.5, 8.0))
def test_speech_passes_the_low_pass(frequency: float) -> None:
    times = np.arange(600) / 60
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * frequency * times)
    slow = resampled(times, wave[:, None].astype(np.float32))
    assert np.abs(slow[15:-15, 0] - wave[::2][15:-15]).max() < 0.02


def test_a_folder_as_the_phone_stores_it(tmp_path: Path) -> None:
    for take in (1, 2):
        folder = tmp_path / f"20260814_Slate_{take}"
        folder.mkdir()
        stem = f"Slate_{take}_iPhone"
        for added, level in (("_cal", 0.2), ("_raw", 0.6)):
            shown = {"JawOpen": lambda t, level=level: level + 0.1 * np.sin(t)}
            write_table(folder / f"{stem}{added}.csv", np.arange(180) / 60, columns=shown)
        write_table(folder / f"{stem}_neutral.csv", np.arange(2) / 60)
        write_tone(folder / f"{stem}.wav", 3, 48000)
        (folder / "frame_log.csv").write_text("V,0,0,0\nV,1,1,1\n")
        (folder / "take.json").write_text("{}")
        (folder / "thumbnail.jpg").write_bytes(b"\xff\xd8")
    captures = read_captures(tmp_path)
    assert [capture.name for capture in captures] == ["Slate_1_iPhone", "Slate_2_iPhone"]
    assert all(abs(len(capture.samples) - 3 * RATE) <= 1 for capture in captures)
    assert all(capture.curves[:, JAW].max() < 0.4 for capture in captures), "the calibrated table counts"


@pytest.mark.parametrize("ending", [".mov", ".mp4"])
def test_sound_of_a_movie(tmp_path: Path, ending: str) -> None:
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / f"take{ending}"), "w") as movie:
        track = movie.add_stream("aac", rate=48000, layout="stereo")
        for start in range(0, 3 * 48000, 1024):
            times = np.arange(start, start + 1024) / 48000
            # A second of silence, so that its time can be told.
            wave = (0.3 * np.sin(2 * np.pi * 220 * times) * (times >= 1)).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48000, start
            movie.mux(track.encode(frame))
        movie.mux(track.encode(None))
    write_curves(Curves(waves(3), 60), tmp_path / "take.csv")
    (capture,) = read_captures(tmp_path)
    assert len(capture.curves) == 90
    loud = np.flatnonzero(np.abs(capture.samples) > 0.1)
    assert abs(loud[0] / RATE - 1) < 0.02
    assert 0.25 < np.abs(capture.samples).max() < 0.35


@pytest.mark.parametrize("ending", [".npy", ".npz"])
def test_arrays(tmp_path: Path, ending: str) -> None:
    values = waves(3, 30).astype(np.float16)
    values[:, 3] = 0
    values[:, 4] = 0.5
    if ending == ".npy":
        np.save(tmp_path / "take.npy", values)
    else:
        np.savez(tmp_path / "take.npz", curves=values, fps=30)
    sound = write_tone(tmp_path / "take.flac", 3)
    (capture,) = read_captures(tmp_path)
    assert np.array_equal(capture.curves, values.astype(np.float32))
    assert np.flatnonzero(~capture.captured).tolist() == [3, 4]
    for path in (sound, tmp_path / f"take{ending}"):
        (alone,) = read_captures(path)
        assert np.array_equal(alone.curves, capture.curves)


def test_a_file_gives_its_own_take_only(tmp_path: Path) -> None:
    for name in ("b", "a"):
        np.save(tmp_path / f"{name}.npy", waves(2, 30))
        write_tone(tmp_path / f"{name}.wav", 2)
    assert [capture.name for capture in read_captures(tmp_path)] == ["a", "b"]
    assert [capture.name for capture in read_captures(tmp_path / "b.npy")] == ["b"]


def test_a_channel_at_rest_in_one_take_was_captured_if_it_moves_in_another(tmp_path: Path) -> None:
    for name, tongue in (("a", 0.0), ("b", 0.5)):
        shown = {"JawOpen": jaw, "TongueOut": lambda t, tongue=tongue: tongue * jaw(t)}
        if name == "b":
            shown["CheekPuff"] = jaw
        write_table(tmp_path / f"{name}.csv", np.arange(120) / 60, columns=shown)
        write_tone(tmp_path / f"{name}.wav", 2)
    first, second = read_captures(tmp_path)
    assert first.captured[CHANNEL["tongueOut"]]
    assert second.captured[CHANNEL["cheekPuff"]]
    assert not first.captured[CHANNEL["cheekPuff"]], "its table has no such column"
    assert not read_captures(tmp_path / "a.csv")[0].captured[CHANNEL["tongueOut"]]


def test_names_used_twice_tell_their_folder(tmp_path: Path) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "take.npy", waves(2, 30))
        write_tone(tmp_path / folder / "take.wav", 2)
    assert [capture.name for capture in read_captures(tmp_path)] == ["monday/take", "tuesday/take"]


def test_values_are_cut_to_the_range(tmp_path: Path) -> None:
    np.save(tmp_path / "take.npy", waves(2, 30) * 1.4 - 0.2)
    write_tone(tmp_path / "take.wav", 2)
    (capture,) = read_captures(tmp_path)
    assert capture.curves.min() == 0
    assert capture.curves.max() == 1


def _broken(folder: Path, what: str) -> None:
    """A folder with one broken take in it."""
    write_tone(folder / "take.wav", 0.5 if what == "short" else 2)
    if what == "empty":
        (folder / "take.wav").unlink()
    elif what == "shape":
        np.save(folder / "take.npy", np.zeros((60, 51), np.float32))
    elif what == "pickle":
        np.save(folder / "take.npy", np.array([{"a": 1}]), allow_pickle=True)
    elif what == "zip":
        (folder / "take.npz").write_bytes(b"PK\x03\x04 no more")
    elif what == "no curves":
        np.savez(folder / "take.npz", values=waves(2, 30))
    elif what == "not a number":
        np.save(folder / "take.npy", np.full((60, 52), np.nan, np.float32))
    elif what == "percent":
        np.save(folder / "take.npy", 100 * waves(2, 30))
    elif what == "short":
        np.save(folder / "take.npy", waves(2, 30))
    elif what == "timecode":
        write_table(folder / "take.csv", np.arange(120) / 60, lambda moment: f"{moment:.3f}")
    elif what == "no face":
        (folder / "take.csv").write_text("Timecode,BlendShapeCount,JawOpen\n10:00:00:00.0,0,\n10:00:00:01.0,0,\n")
    elif what == "words":
        (folder / "take.csv").write_text("Timecode,BlendShapeCount,JawOpen\n10:00:00:00.0,61,open\n")
    elif what == "no sound":
        (folder / "take.wav").write_bytes(b"nothing")
        np.save(folder / "take.npy", waves(2, 30))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("empty", "holds no take"),
        ("shape", r"\[60, 51\]"),
        ("pickle", "no array of curves"),
        ("zip", "no array of curves"),
        ("no curves", "no array of curves"),
        ("not a number", "no blendshape weights"),
        ("percent", "no blendshape weights"),
        ("short", "less than a second"),
        ("timecode", "is no timecode"),
        ("no face", "no frame in which a face was seen"),
        ("words", "damaged"),
        ("no sound", "cannot be read as sound"),
    ],
)
def test_broken_takes_are_refused_in_a_sentence(tmp_path: Path, what: str, says: str) -> None:
    _broken(tmp_path, what)
    with pytest.raises(EmoTalkError, match=says):
        read_captures(tmp_path)


def test_a_movie_without_sound_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("av")
    (tmp_path / "take.mov").write_bytes(b"\0\0\0\x14ftypqt  ")
    write_curves(Curves(waves(2), 60), tmp_path / "take.csv")
    with pytest.raises(EmoTalkError, match=r"take\.mov"):
        read_captures(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="does not exist"):
        read_captures(tmp_path / "nowhere")


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    np.savez(path, **arrays)
    write_tone(path.with_suffix(".wav"), len(arrays["curves"]) / 30)


def test_channels_that_an_array_says_were_not_captured(tmp_path: Path) -> None:
    write_arrays(tmp_path / "take.npz", curves=waves(2, 30), captured=np.arange(52) != JAW)
    (capture,) = read_captures(tmp_path)
    assert np.flatnonzero(~capture.captured).tolist() == [JAW]


def test_a_take_is_cut_where_the_face_was_lost(tmp_path: Path) -> None:
    curves = waves(6, 30)
    seen = np.ones(180, bool)
    seen[:3] = seen[60:90] = seen[100:110] = False
    write_arrays(tmp_path / "take.npz", curves=curves, seen=seen)
    captures = read_captures(tmp_path)
    assert [capture.name for capture in captures] == ["take.1", "take.2"], "ten frames between two gaps are too few"
    assert np.array_equal(captures[0].curves, curves[3:60])
    assert np.array_equal(captures[1].curves, curves[110:])
    assert [len(capture.samples) for capture in captures] == [
        57 * RATE // 30,
        round(180 * RATE / 30) - round(110 * RATE / 30),
    ]


def test_a_table_is_cut_where_the_phone_saw_no_face_for_long(tmp_path: Path) -> None:
    write_table(tmp_path / "take.csv", np.r_[np.arange(120), np.arange(200, 360)] / 60)
    write_tone(tmp_path / "take.wav", 6)
    first, second = read_captures(tmp_path)
    assert len(first.curves) == 61
    assert len(second.curves) == 80
    assert np.abs(second.curves[10:-10, JAW] - jaw(np.arange(100, 180) / 30)[10:-10]).max() < 0.01


def test_an_array_that_saw_other_frames_than_it_has_is_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "take.npz", curves=waves(2, 30), seen=np.ones(59, bool))
    with pytest.raises(EmoTalkError, match="other channels or frames"):
        read_captures(tmp_path)


def test_phones_and_speaker_of_a_take(tmp_path: Path) -> None:
    folder = tmp_path / "anna"
    folder.mkdir()
    np.save(folder / "take.npy", waves(2)[::2])
    write_tone(folder / "take.wav", 2)
    grid = folder / "take.TextGrid"
    head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", "5", "<exists>", "1"]
    lines = ['"IntervalTier"', '"phones"', "0", "5", "3", "0", "0.5", '""', "0.5", "1", '"M"', "1", "5", '"AA1"']
    grid.write_text("\n".join([*head, *lines]) + "\n")
    (capture,) = read_captures(tmp_path)
    assert capture.speaker == "anna"
    assert [(phone.name, phone.start) for phone in capture.phones] == [("SIL", 0), ("M", 0.5), ("AA", 1)]
    assert capture.phones[-1].end == pytest.approx(len(capture.samples) / RATE)


def test_channels_are_trusted_as_far_as_the_folder_says(tmp_path: Path) -> None:
    for name in ("anna", "bert"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "take.npy", waves(2)[::2])
        write_tone(tmp_path / name / "take.wav", 2)
    (tmp_path / "trust.json").write_text('{"jawOpen": 0.5}')
    (tmp_path / "bert" / "trust.json").write_text('{"mouthFunnel": 0}')
    anna, bert = read_captures(tmp_path)
    assert (anna.trust[CHANNEL["jawOpen"]], anna.trust[CHANNEL["mouthFunnel"]]) == (0.5, 1)
    assert (bert.trust[CHANNEL["jawOpen"]], bert.trust[CHANNEL["mouthFunnel"]]) == (1, 0)


@pytest.mark.parametrize("text", ["{", "[1]", '{"jaw": 1}', '{"jawOpen": "wide"}', '{"jawOpen": 1.5}'])
def test_broken_trust_is_refused(tmp_path: Path, text: str) -> None:
    np.save(tmp_path / "take.npy", waves(2)[::2])
    write_tone(tmp_path / "take.wav", 2)
    (tmp_path / "trust.json").write_text(text)
    with pytest.raises(EmoTalkError, match=r"trust\.json"):
        read_captures(tmp_path)
