# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves keep their values at any rate and in any file."""

import csv
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.curve_files import LIVE_LINK_NAMES, timecode, write_curves
from emotalk_blender.curves import ARKIT_NAMES, CHANNEL, LIP_OPENING, Curves, lip_opening
from emotalk_blender.errors import EmoTalkError


def some_curves(frames=20, fps=30.0, seed=0, start=0.0):
    return Curves(np.random.default_rng(seed).random((frames, 52), dtype=np.float32), fps, start)


def test_the_52_names_are_in_alphabetical_order_and_unique():
    assert len(set(ARKIT_NAMES)) == 52
    assert sorted(ARKIT_NAMES) == list(ARKIT_NAMES)


@given(st.integers(1, 200), st.sampled_from([12, 23.976, 24, 25, 29.97, 30, 59.94, 60, 120]))
def test_resampling_keeps_the_duration_and_stays_between_the_values(frames, fps):
    curves = some_curves(frames)
    other = curves.resampled(fps)
    assert other.fps == fps
    assert abs(other.frames / fps - frames / 30) <= max(1 / fps, 1 / 30)
    assert other.values.min() >= curves.values.min() - 1e-6
    assert other.values.max() <= curves.values.max() + 1e-6


@given(st.integers(2, 60), st.floats(0.1, 3), st.floats(-2, 2))
def test_a_line_stays_a_line(frames, slope, start):
    values = np.repeat(slope * np.arange(frames, dtype=np.float32)[:, None] / 30, 52, axis=1)
    curves = Curves(values, 30, start)
    times = start + np.linspace(0, (frames - 1) / 30, 17)
    assert np.allclose(curves.at(times)[:, 0], slope * (times - start), atol=1e-4)


def test_both_ends_are_held():
    curves = some_curves(5)
    assert np.array_equal(curves.at(np.array([-9.0, 9.0])), curves.values[[0, -1]])


@given(st.integers(1, 50))
def test_the_same_rate_changes_nothing(frames):
    curves = some_curves(frames)
    assert np.allclose(curves.resampled(30).values, curves.values, atol=1e-6)


@pytest.mark.parametrize("make", [lambda: Curves(np.zeros((3, 51), np.float32), 30), lambda: some_curves(fps=0)])
def test_curves_of_another_shape_or_rate_are_refused(make):
    with pytest.raises(ValueError, match="curves need"):
        make()


def test_csv_has_the_layout_of_live_link_face(tmp_path):
    curves = some_curves(31)
    write_curves(curves, tmp_path / "take.csv")
    with (tmp_path / "take.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    header, first, last = rows[0], rows[1], rows[31]
    assert header[:4] == ["Timecode", "BlendshapeCount", "EyeBlinkLeft", "EyeLookDownLeft"]
    assert header[-10:] == [
        "TongueOut",
        *("HeadYaw", "HeadPitch", "HeadRoll"),
        *("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll"),
        *("RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
    ]
    assert {len(row) for row in rows} == {63}
    assert (first[0], last[0], first[1]) == ("00:00:00:00.000", "00:00:01:00.000", "61")
    for name in ARKIT_NAMES:
        column = header.index(name[0].upper() + name[1:])
        assert float(last[column]) == pytest.approx(float(curves.values[30, CHANNEL[name]]), abs=1e-6)


def test_the_live_link_names_are_the_52():
    assert sorted(LIVE_LINK_NAMES) == sorted(ARKIT_NAMES)


@given(st.integers(0, 10_000_000), st.sampled_from([23.976, 24, 25, 29.97, 30, 60]))
def test_timecode_counts_every_frame_once(frame, fps):
    hours, minutes, seconds, rest = timecode(frame, fps).split(":")
    base = round(fps)
    assert ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * base + float(rest) == frame
    assert float(rest) < math.ceil(fps)


def test_npy_and_json_hold_the_values_in_the_networks_order(tmp_path):
    curves = some_curves(7, fps=24.0)
    write_curves(curves, tmp_path / "take.npy")
    write_curves(curves, tmp_path / "take.JSON")
    array = np.load(tmp_path / "take.npy")
    assert array.dtype == np.float32
    assert np.array_equal(array, curves.values)
    take = json.loads((tmp_path / "take.JSON").read_text())
    assert (take["fps"], take["names"]) == (24.0, list(ARKIT_NAMES))
    assert np.allclose(take["values"], curves.values, atol=1e-6)


def test_an_unknown_ending_or_folder_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(EmoTalkError, match=r"use \.csv, \.npy or \.json"):
        write_curves(some_curves(), tmp_path / "take.txt")
    with pytest.raises(EmoTalkError, match="cannot be written"):
        write_curves(some_curves(), tmp_path / "nowhere" / "take.csv")
    assert not list(tmp_path.iterdir())


def test_the_opening_of_the_lips_is_the_sum_of_what_opens_and_shuts_them():
    values = np.random.default_rng(4).uniform(0, 0.3, (50, 52)).astype(np.float32)
    weights = np.array([LIP_OPENING.get(name, 0.0) for name in ARKIT_NAMES])
    assert np.allclose(lip_opening(values), np.maximum(values @ weights, 0), atol=1e-6)


def test_lips_pushed_together_cancel_lips_drawn_apart():
    values = np.zeros((2, 52), np.float32)
    values[:, CHANNEL["mouthClose"]] = [0.1, 0.2]
    values[:, [CHANNEL["mouthLowerDownLeft"], CHANNEL["mouthUpperUpRight"]]] = 0.3
    assert lip_opening(values) == pytest.approx([0.05, 0.0])


def test_the_opening_of_tensors_is_that_of_arrays():
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(5).uniform(-0.1, 1, (3, 20, 52)).astype(np.float32)
    assert np.array_equal(lip_opening(torch.from_numpy(values)).numpy(), lip_opening(values))
