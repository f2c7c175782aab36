# SPDX-License-Identifier: GPL-3.0-or-later
"""What Generate heard once is not heard again, and Live performs it at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from emotalk_blender.blender.generate import worker
from emotalk_blender.blender.generate.worker import SoundPart, Work, perform, perform_now
from emotalk_blender.blender.sequencer.sound import SoundSource
from emotalk_blender.errors import Cancelled, EmoTalkError
from emotalk_blender.inference.performance import FROM_STRIP, Performance
from emotalk_blender.inference.session import Session, quiet

from ..builders import make_sound


@pytest.fixture(autouse=True)
def nothing_heard() -> Iterator[None]:
    worker.forget_session()
    yield
    worker.forget_session()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lengths of the sounds that the encoders were given."""
    lengths: list[int] = []
    encode = Session.encode

    def counted(self, samples, report=quiet):
        lengths.append(len(samples))
        return encode(self, samples, report)

    monkeypatch.setattr(Session, "encode", counted)
    return lengths


@pytest.fixture
def work(tmp_path: Path, tiny_checkpoint: Path) -> Work:
    source = SoundSource(make_sound(tmp_path / "speech.wav"))
    return Work(SoundPart(source, 0.0, 2.0), Performance("happy"), model=tiny_checkpoint, device="cpu")


def test_the_same_sound_is_heard_once(work: Work, heard: list[int]) -> None:
    perform(work, quiet)
    perform(replace(work, performance=Performance("sad")), quiet)
    assert heard == [32000]


@pytest.mark.parametrize("count", [1, 3])
def test_it_computes_with_as_many_threads_as_it_is_told(
    work: Work, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    seen: list[int] = []
    for name in ("encode", "perform"):
        original = getattr(Session, name)

        def counted(self: Session, *given: Any, original: Any = original) -> Any:
            seen.append(torch.get_num_threads())
            return original(self, *given)

        monkeypatch.setattr(Session, name, counted)
    before = torch.get_num_threads()
    told = replace(work, threads=count)
    in_the_background = threading.Thread(target=perform, args=(told, quiet))
    in_the_background.start()
    in_the_background.join()
    torch.set_num_threads(2)
    assert perform_now(told) is not None
    torch.set_num_threads(before)
    assert seen == [count, count, count]


def test_another_part_another_sound_or_another_model_is_heard(
    work: Work, heard: list[int], tmp_path: Path, tiny_checkpoint: Path
) -> None:
    perform(work, quiet)
    perform(replace(work, sound=replace(work.sound, duration=1.5)), quiet)
    perform(replace(work, sound=replace(work.sound, file_start=0.5, duration=1.5)), quiet)
    other = SoundSource(make_sound(tmp_path / "other.wav", seed=1))
    perform(replace(work, sound=replace(work.sound, source=other)), quiet)
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(tiny_checkpoint.read_bytes())
    perform(replace(work, model=copy), quiet)
    assert heard == [32000, 24000, 24000, 32000, 32000]


def test_the_same_samples_under_another_name_are_not_heard_again(work: Work, heard: list[int], tmp_path: Path) -> None:
    perform(work, quiet)
    copy = tmp_path / "copy.wav"
    copy.write_bytes(work.sound.source.path.read_bytes())
    perform(replace(work, sound=replace(work.sound, source=SoundSource(copy))), quiet)
    packed = SoundSource(Path("elsewhere.wav"), copy.read_bytes())
    perform(replace(work, sound=replace(work.sound, source=packed)), quiet)
    assert heard == [32000]


def test_now_is_what_generate_gives(work: Work) -> None:
    assert perform_now(work) is None
    perform(work, quiet)
    for performance in (Performance("happy"), Performance("angry", 0.3, 1), Performance()):
        wanted = replace(work, performance=performance)
        now = perform_now(wanted)
        assert now is not None
        assert np.array_equal(now.values, perform(wanted, quiet).values)


def test_now_reads_no_sound(work: Work, heard: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    perform(work, quiet)
    monkeypatch.setattr(worker, "read_samples", lambda *_: pytest.fail("the sound was read"))
    assert perform_now(work) is not None
    assert heard == [32000]


def test_now_works_for_packed_sound(work: Work) -> None:
    packed = SoundSource(Path("speech.wav"), work.sound.source.path.read_bytes())
    wanted = replace(work, sound=replace(work.sound, source=packed))
    perform(wanted, quiet)
    assert perform_now(wanted) is not None
    other = replace(packed, packed=(packed.packed or b"") + b"\0")
    assert perform_now(replace(work, sound=replace(work.sound, source=other))) is None


def change_file(work: Work) -> Work:
    os.utime(work.sound.source.path, ns=(1, 1))
    return work


def lose_file(work: Work) -> Work:
    work.sound.source.path.unlink()
    return work


def other_part(work: Work) -> Work:
    return replace(work, sound=replace(work.sound, duration=1.9))


def other_device(work: Work) -> Work:
    return replace(work, device="auto")


def other_model(work: Work) -> Work:
    return replace(work, model=None)


def forgotten(work: Work) -> Work:
    worker._features.clear()
    return work


def borrow_unheard(work: Work) -> Work:
    return replace(work, performance=Performance(FROM_STRIP), borrowed=replace(work.sound, duration=1.0))


@pytest.mark.parametrize(
    "happen",
    [change_file, lose_file, other_part, other_device, other_model, forgotten, borrow_unheard],
    ids=lambda happen: happen.__name__,
)
def test_now_is_nothing_where_something_would_have_to_be_heard(work: Work, happen) -> None:
    perform(work, quiet)
    assert perform_now(work) is not None
    assert perform_now(happen(work)) is None


def test_now_never_waits_for_the_network(work: Work) -> None:
    perform(work, quiet)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with worker._sole_use(quiet):
            held.set()
            let_go.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    assert perform_now(work) is None
    let_go.set()
    thread.join()
    assert perform_now(work) is not None


def test_now_tells_what_cannot_be_performed_and_lets_go_of_the_network(work: Work) -> None:
    perform(work, quiet)
    with pytest.raises(EmoTalkError):
        perform_now(replace(work, performance=Performance(person=99)))
    assert perform_now(work) is not None


def test_a_borrowed_mood_needs_both_sounds(work: Work, heard: list[int], tmp_path: Path) -> None:
    other = SoundPart(SoundSource(make_sound(tmp_path / "angry.wav", 3.0, seed=2)), 0.0, 3.0)
    borrowing = replace(work, performance=Performance(FROM_STRIP), borrowed=other)
    plain = perform(replace(work, performance=Performance()), quiet)
    mixed = perform(borrowing, quiet)
    assert heard == [32000, 48000]
    assert mixed.frames == plain.frames
    assert not np.allclose(mixed.values, plain.values, atol=1e-4)
    now = perform_now(replace(borrowing, performance=Performance(FROM_STRIP, borrowed=0.0)))
    assert now is not None
    assert np.array_equal(now.values, plain.values)
    with pytest.raises(EmoTalkError, match="borrow the mood"):
        perform(replace(borrowing, borrowed=None), quiet)


def test_what_was_stopped_is_not_kept(work: Work, heard: list[int]) -> None:
    def stop(stage: str, part: float) -> None:
        if stage == "Listening" and part > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        perform(work, stop)
    assert perform_now(work) is None
    perform(work, quiet)
    assert heard == [32000, 32000]


@pytest.fixture
def moves(work: Work, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where a network is moved to that is loaded as if on a graphics card."""
    perform(work, quiet)
    assert worker._loaded is not None
    key, session = worker._loaded
    moves: list[str] = []
    monkeypatch.setattr(session.network, "to", lambda place: moves.append(str(place)))
    monkeypatch.setattr(worker, "_loaded", (key, replace(session, device=torch.device("cuda"))))
    return moves


def test_a_card_gets_its_memory_back_until_the_next_performance(work: Work, moves: list[str]) -> None:
    assert worker.is_on_card()
    assert worker.rest()
    assert moves == ["cpu"]
    assert perform_now(work) is not None  # on the processor
    perform(work, quiet)
    assert moves == ["cpu", "cuda"]


def test_a_network_at_work_does_not_rest(moves: list[str]) -> None:
    with worker._network:
        assert not worker.rest()
    assert moves == []


def test_a_network_on_the_processor_has_nothing_to_give_back(work: Work) -> None:
    assert not worker.is_on_card()
    perform(work, quiet)
    assert not worker.is_on_card()
