# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules fitted to captures give back the targets and leads that made them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emotalk_blender.curves import CHANNEL
from emotalk_blender.training.rules.articulation import articulate
from emotalk_blender.training.rules.articulation_table import Table, default_table
from emotalk_blender.training.rules.fitting import (
    CHANNELS,
    REACH,
    FitSettings,
    SpokenCapture,
    channel_values,
    fit,
    frame_weights,
    reaching,
    scale,
)
from emotalk_blender.training.rules.phones import PHONES

from ..synthetic_speech import in_time

JAW = list(CHANNELS).index("jaw")
LACKING = "EH"
"""A vowel that the made-up captures lack (EY has it too)."""


def speak(table: Table, seed: int, speaker: str = "one") -> SpokenCapture:
    """A made-up face that goes by a table, without contact: 16 phones of natural length."""
    rng = np.random.default_rng(seed)
    usable = [name for name in PHONES[1:] if name not in ("EH", "EY", "P", "B", "M", "F", "V")]
    names = ["SIL", *(str(name) for name in rng.choice(usable, 16)), "SIL"]
    phones = in_time(names, [0.4, *(float(value) for value in rng.uniform(0.06, 0.2, 16)), 0.4])
    frames = int(phones[-1].end * 30)
    level = np.exp(rng.normal(-0.3, 0.3, frames)).repeat(4)
    curves = articulate(phones, level, table).curves
    return SpokenCapture(speaker, phones, level, curves, np.ones(frames, np.float32))


def changed(table: Table, **changes: dict[str, float]) -> Table:
    """The table with other numbers in some shapes."""
    return replace(
        table, shapes=table.shapes | {name: replace(table.shapes[name], **values) for name, values in changes.items()}
    )


@pytest.fixture(scope="module")
def true_table() -> Table:
    """Rules in which open vowels open half as far as ours, IY more than they do, and the jaw comes early."""
    table = default_table()
    halved = {name: {"jaw": 0.5 * table.shapes[name].jaw} for name in ("AA", "AE", "AH", "EH")}
    table = changed(table, **halved, IY={"jaw": 0.5, "stretch": 0.6}, UW={"pucker": 0.3, "lower": 0.3})
    timing = replace(table.timings["jaw"], lead=0.06)
    return replace(table, timings=table.timings | {"jaw": timing})


@pytest.fixture(scope="module")
def captures(true_table: Table) -> list[SpokenCapture]:
    return [speak(true_table, seed) for seed in range(16)]


@pytest.fixture(scope="module")
def fitted(captures: list[SpokenCapture]) -> Table:
    return fit(captures, default_table(), FitSettings(steps=100, single=1e-4, together=1e-5, timings=1e-4, power=1e-3))


def test_known_targets_are_recovered(true_table: Table, captures: list[SpokenCapture], fitted: Table) -> None:
    factors = dict(zip(CHANNELS, scale(captures, "one"), strict=True))
    for name, channel in (("IY", "jaw"), ("AA", "jaw"), ("IY", "stretch"), ("UW", "pucker"), ("UW", "lower")):
        was = getattr(default_table().shapes[name], channel) * factors[channel]
        true = getattr(true_table.shapes[name], channel) * factors[channel]
        found = getattr(fitted.shapes[name], channel)
        assert abs(found - true) < 0.45 * abs(was - true) + 0.02, (name, channel)


def test_a_known_lead_is_recovered(fitted: Table) -> None:
    assert fitted.timings["jaw"].lead > 2 * default_table().timings["jaw"].lead


def test_the_fitted_rules_follow_a_face_that_they_have_not_seen(true_table: Table, fitted: Table) -> None:
    unseen = speak(true_table, 100)
    true = channel_values(unseen.curves)
    for channel in ("jaw", "pucker", "stretch"):
        place = list(CHANNELS).index(channel)
        errors = []
        for table in (default_table(), fitted):
            found = channel_values(articulate(unseen.phones, unseen.level, table).curves)[: len(true)]
            errors.append(1 - np.corrcoef(found[:, place], true[:, place])[0, 1])
        assert errors[1] < 0.6 * errors[0], channel
        assert errors[1] < 0.1, channel


def test_a_phone_that_the_captures_lack_moves_with_its_class(captures: list[SpokenCapture], fitted: Table) -> None:
    usual = default_table()
    factor = scale(captures, "one")[JAW]
    moved = fitted.shapes[LACKING].jaw - usual.shapes[LACKING].jaw
    others = [fitted.shapes[name].jaw - usual.shapes[name].jaw for name in ("AA", "AE", "AH")]
    assert factor > 1
    assert moved == pytest.approx(np.mean(others), rel=0.4)
    for channel in CHANNELS:
        kept = getattr(usual.shapes["bilabial"], channel)
        assert getattr(fitted.shapes["bilabial"], channel) == pytest.approx(kept)


def test_what_no_face_shows_stays(true_table: Table) -> None:
    still = [replace(capture, curves=np.zeros_like(capture.curves)) for capture in (speak(true_table, 0),)]
    table = fit(still, default_table(), FitSettings(steps=5))
    assert table.shapes["AA"].jaw == pytest.approx(default_table().shapes["AA"].jaw, abs=0.01)
    assert not scale(still, "one").any()


def test_each_speaker_is_taken_on_one_scale(true_table: Table) -> None:
    loud, small = speak(true_table, 0), speak(true_table, 0, "two")
    small = replace(small, curves=0.5 * small.curves)
    one, two = scale([loud, small], "one"), scale([loud, small], "two")
    both = (one > 0) & (two > 0)
    assert both[JAW]
    assert np.allclose(2 * one[both], two[both], rtol=0.01)


def test_lips_move_as_far_as_real_ones(captures: list[SpokenCapture], fitted: Table) -> None:
    table = reaching(captures, fitted)
    values = np.concatenate(
        [
            channel_values(articulate(capture.phones, capture.level, table).curves)[frame_weights(capture) == 1]
            for capture in captures
        ]
    )
    for place, channel in enumerate(CHANNELS):
        if channel in ("jaw", "lower", "upper", "funnel", "pucker"):
            assert np.percentile(values[:, place], 95) == pytest.approx(REACH[channel], rel=0.12), channel


def test_contact_and_silence_tell_little_about_targets() -> None:
    phones = in_time(["SIL", "M", "AA", "V"], [0.5, 0.1, 0.3, 0.1])
    level = np.ones(120)
    weights = frame_weights(
        SpokenCapture("one", phones, level, articulate(phones, level).curves, np.ones(30, np.float32))
    )
    assert weights[5] < 0.5
    assert weights[16] == weights[28] == 0
    assert weights[22] == 1


def test_the_jaw_that_is_taken_back_by_the_lips_does_not_count() -> None:
    curves = np.zeros((1, 52), np.float32)
    curves[0, [CHANNEL["jawOpen"], CHANNEL["mouthClose"]]] = 0.3, 0.1
    assert channel_values(curves)[0, JAW] == pytest.approx(0.2)
