# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of a strip's sound are found again, whatever its file is called, and never for another part of it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from emotalk_blender.blender.sequencer.sound import SoundPart, SoundSource
from emotalk_blender.inference.kept_network import KeptNetwork
from emotalk_blender.inference.performance import Performance
from emotalk_blender.inference.work import NetworkChoice, Work

from ..builders import make_sound


@pytest.fixture
def network() -> KeptNetwork:
    return KeptNetwork()


@pytest.fixture
def part(tmp_path: Path) -> SoundPart:
    return SoundPart(SoundSource(make_sound(tmp_path / "speech.wav")), 0.0, 2.0)


@pytest.fixture
def work(part: SoundPart, tiny_checkpoint: Path) -> Work:
    return Work(part, Performance("happy"), network=NetworkChoice(tiny_checkpoint, "cpu"))


def test_another_part_or_another_sound_is_heard(
    network: KeptNetwork, work: Work, part: SoundPart, heard: list[int], tmp_path: Path
) -> None:
    network.generate(work)
    other = SoundSource(make_sound(tmp_path / "other.wav", seed=1))
    for sound in (
        replace(part, duration=1.5),
        replace(part, file_start=0.5, duration=1.5),
        replace(part, source=other),
    ):
        assert network.perform_now(replace(work, sound=sound)) is None
        network.generate(replace(work, sound=sound))
    assert heard == [32000, 24000, 24000, 32000]


def test_the_same_samples_under_another_name_are_not_heard_again(
    network: KeptNetwork, work: Work, part: SoundPart, heard: list[int], tmp_path: Path
) -> None:
    network.generate(work)
    copy = tmp_path / "copy.wav"
    copy.write_bytes(part.source.path.read_bytes())
    network.generate(replace(work, sound=replace(part, source=SoundSource(copy))))
    packed = SoundSource(Path("elsewhere.wav"), copy.read_bytes())
    network.generate(replace(work, sound=replace(part, source=packed)))
    assert heard == [32000]


def test_a_file_that_has_changed_is_not_taken_for_what_it_was(
    network: KeptNetwork, work: Work, part: SoundPart
) -> None:
    network.generate(work)
    assert network.perform_now(work) is not None
    os.utime(part.source.path, ns=(1, 1))
    assert network.perform_now(work) is None


def test_packed_sound_is_known_by_its_bytes(network: KeptNetwork, work: Work, part: SoundPart) -> None:
    data = part.source.path.read_bytes()
    wanted = replace(work, sound=replace(part, source=SoundSource(Path("speech.wav"), data)))
    network.generate(wanted)
    assert network.perform_now(wanted) is not None
    other = SoundSource(Path("speech.wav"), data + b"\0")
    assert network.perform_now(replace(work, sound=replace(part, source=other))) is None
