# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way from sound to curves: what was heard once is not heard again, and Live performs it at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from emotalk_blender.animation.finish import finish
from emotalk_blender.animation.settings import AnimationSettings
from emotalk_blender.errors import Cancelled, EmoTalkError
from emotalk_blender.inference import kept_network
from emotalk_blender.inference.audio import Samples, SoundFile
from emotalk_blender.inference.kept_network import KeptNetwork
from emotalk_blender.inference.performance import FROM_STRIP, Performance
from emotalk_blender.inference.session import Session, load_session
from emotalk_blender.inference.work import NetworkChoice, Work

from ..network.published import noise


@pytest.fixture
def network() -> KeptNetwork:
    return KeptNetwork()


@pytest.fixture
def work(model_file: Path) -> Work:
    """Two seconds of noise, performed happily."""
    return Work(Samples(noise(2).numpy()), Performance("happy"), network=NetworkChoice(model_file, "cpu"))


@pytest.fixture
def of_a_file(work: Work, tmp_path: Path) -> Work:
    """The same of a sound file."""
    soundfile.write(tmp_path / "voice.wav", noise(2).numpy(), 16000, subtype="FLOAT")
    return replace(work, sound=SoundFile(tmp_path / "voice.wav"))


def test_it_gives_what_the_session_gives_finished(network: KeptNetwork, work: Work, model_file: Path) -> None:
    session = load_session(model_file, "cpu")
    own = session.perform(session.hear(noise(2).numpy()), work.performance)
    assert np.array_equal(network.generate(replace(work, animation=None)).values, own.values)
    settings = AnimationSettings(closure=0.5, seed=3)
    expected = finish(own, settings, [(0.5, 1.5)])
    found = network.generate(replace(work, animation=settings, keep_open=((0.5, 1.5),)))
    assert np.array_equal(found.values, expected.values)
    assert (found.fps, found.start) == (30.0, 0.0)


def test_finished_curves_lie_within_0_and_1(network: KeptNetwork, work: Work) -> None:
    values = network.generate(replace(work, performance=Performance("happy", 1.5))).values
    assert values.min() >= 0
    assert values.max() <= 1


@pytest.mark.parametrize("samples", [np.zeros(16000, np.float32), np.zeros(1, np.float32), noise(0.01).numpy()])
def test_silence_and_very_short_sound_are_performed(network: KeptNetwork, work: Work, samples: np.ndarray) -> None:
    assert np.isfinite(network.generate(replace(work, sound=Samples(samples))).values).all()


def test_a_sound_file_gives_what_its_samples_give(network: KeptNetwork, work: Work, of_a_file: Work) -> None:
    assert np.array_equal(network.generate(of_a_file).values, network.generate(work).values)


def test_the_same_sound_is_heard_once(
    network: KeptNetwork, work: Work, of_a_file: Work, heard: list[int], tmp_path: Path
) -> None:
    for same in (work, of_a_file):
        network.forget()
        heard.clear()
        network.generate(same)
        network.generate(replace(same, performance=Performance("sad")))
        assert heard == [32000]
    copy = tmp_path / "copy.wav"
    copy.write_bytes((tmp_path / "voice.wav").read_bytes())
    network.generate(replace(work, sound=SoundFile(copy)))
    assert heard == [32000]


def test_another_sound_or_another_model_is_heard(
    network: KeptNetwork, work: Work, heard: list[int], model_file: Path, tmp_path: Path
) -> None:
    network.generate(work)
    network.generate(replace(work, sound=Samples(noise(1.5).numpy())))
    network.generate(replace(work, sound=Samples(noise(2, seed=1).numpy())))
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(model_file.read_bytes())
    network.generate(replace(work, network=NetworkChoice(copy, "cpu")))
    network.generate(replace(work, network=NetworkChoice(copy, "cpu", exact=True)))
    assert heard == [32000, 24000, 32000, 32000, 32000]


def test_no_more_features_are_kept_than_there_is_room_for(work: Work, heard: list[int]) -> None:
    network = KeptNetwork(limit=0)
    network.generate(work)
    assert network.perform_now(work) is None
    network.generate(work)
    assert heard == [32000, 32000]


@pytest.mark.parametrize("count", [1, 3])
def test_it_computes_with_as_many_threads_as_it_is_told(
    network: KeptNetwork, work: Work, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    seen: list[int] = []
    for name in ("hear", "perform"):
        original = getattr(Session, name)

        def counted(self: Session, *given: Any, original: Any = original) -> Any:
            seen.append(torch.get_num_threads())
            return original(self, *given)

        monkeypatch.setattr(Session, name, counted)
    before = torch.get_num_threads()
    told = replace(work, network=replace(work.network, threads=count))
    in_the_background = threading.Thread(target=network.generate, args=(told,))
    in_the_background.start()
    in_the_background.join()
    torch.set_num_threads(2)
    assert network.perform_now(told) is not None
    torch.set_num_threads(before)
    assert seen == [count, count, count]


def test_now_is_what_generate_gives(network: KeptNetwork, work: Work) -> None:
    assert network.perform_now(work) is None
    network.generate(work)
    for performance in (Performance("happy"), Performance("angry", 0.3, 1), Performance()):
        wanted = replace(work, performance=performance)
        now = network.perform_now(wanted)
        assert now is not None
        assert np.array_equal(now.values, network.generate(wanted).values)


def test_now_reads_and_loads_nothing(
    network: KeptNetwork, of_a_file: Work, heard: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    network.generate(of_a_file)
    monkeypatch.setattr(SoundFile, "read", lambda *_: pytest.fail("the sound was read"))
    monkeypatch.setattr(kept_network, "load_session", lambda *_: pytest.fail("the network was loaded"))
    assert network.perform_now(of_a_file) is not None
    assert heard == [32000]


def change_file(_network: KeptNetwork, work: Work) -> Work:
    assert isinstance(work.sound, SoundFile)
    os.utime(work.sound.path, ns=(1, 1))
    return work


def lose_file(_network: KeptNetwork, work: Work) -> Work:
    assert isinstance(work.sound, SoundFile)
    work.sound.path.unlink()
    return work


def other_device(_network: KeptNetwork, work: Work) -> Work:
    return replace(work, network=replace(work.network, device="auto"))


def other_model(_network: KeptNetwork, work: Work) -> Work:
    return replace(work, network=replace(work.network, model=None))


def exactly(_network: KeptNetwork, work: Work) -> Work:
    return replace(work, network=replace(work.network, exact=True))


def forget(network: KeptNetwork, work: Work) -> Work:
    network.forget()
    return work


def borrow_unheard(_network: KeptNetwork, work: Work) -> Work:
    return replace(work, performance=Performance(FROM_STRIP), borrowed=Samples(noise(1).numpy()))


@pytest.mark.parametrize(
    "happen",
    [change_file, lose_file, other_device, other_model, exactly, forget, borrow_unheard],
    ids=lambda happen: happen.__name__,
)
def test_now_is_nothing_where_something_would_have_to_be_read_or_heard(
    network: KeptNetwork, of_a_file: Work, happen: Callable[[KeptNetwork, Work], Work]
) -> None:
    network.generate(of_a_file)
    assert network.perform_now(of_a_file) is not None
    assert network.perform_now(happen(network, of_a_file)) is None


class InUse:
    """A network in the middle of hearing a sound, in a thread of its own."""

    def __init__(self, network: KeptNetwork, work: Work) -> None:
        self.reached, self.let_go = threading.Event(), threading.Event()
        other = replace(work, sound=Samples(noise(1, seed=9).numpy()))
        self.thread = threading.Thread(target=network.generate, args=(other, self.hold))
        self.thread.start()
        assert self.reached.wait(30)

    def hold(self, stage: str, _part: float) -> None:
        if stage == "Listening":
            self.reached.set()
            assert self.let_go.wait(30)

    def end(self) -> None:
        self.let_go.set()
        self.thread.join()


def test_now_never_waits_for_the_network(network: KeptNetwork, work: Work) -> None:
    network.generate(work)
    in_use = InUse(network, work)
    assert network.perform_now(work) is None
    in_use.end()
    assert network.perform_now(work) is not None


def test_generate_waits_for_the_network_and_says_so(network: KeptNetwork, work: Work) -> None:
    in_use = InUse(network, work)
    stages: list[str] = []

    def let_go_once_told(stage: str, _part: float) -> None:
        stages.append(stage)
        if "Waiting" in stage:
            in_use.let_go.set()

    assert network.generate(work, let_go_once_told).frames == 60
    assert "Waiting for the last one to stop" in stages
    in_use.end()


def test_now_tells_what_cannot_be_performed_and_lets_go_of_the_network(network: KeptNetwork, work: Work) -> None:
    network.generate(work)
    with pytest.raises(EmoTalkError):
        network.perform_now(replace(work, performance=Performance(person=99)))
    assert network.perform_now(work) is not None


def test_what_the_network_has_not_is_refused_before_the_sound_is_heard(
    network: KeptNetwork, work: Work, heard: list[int]
) -> None:
    with pytest.raises(EmoTalkError):
        network.generate(replace(work, performance=Performance("bored")))
    with pytest.raises(EmoTalkError, match="borrow the mood"):
        network.generate(replace(work, performance=Performance(FROM_STRIP)))
    assert heard == []


def test_a_borrowed_mood_needs_both_sounds(network: KeptNetwork, work: Work, heard: list[int]) -> None:
    other = Samples(noise(3, seed=2).numpy())
    borrowing = replace(work, performance=Performance(FROM_STRIP), borrowed=other)
    plain = network.generate(replace(work, performance=Performance()))
    mixed = network.generate(borrowing)
    assert heard == [32000, 48000]
    assert mixed.frames == plain.frames
    assert not np.allclose(mixed.values, plain.values, atol=1e-4)
    now = network.perform_now(replace(borrowing, performance=Performance(FROM_STRIP, borrowed=0.0)))
    assert now is not None
    assert np.array_equal(now.values, plain.values)


def test_a_borrowed_mood_moves_the_face_by_its_strength(network: KeptNetwork, work: Work) -> None:
    other = Samples(noise(3, seed=1).numpy() * np.linspace(0, 1, 48000, dtype=np.float32))
    voice = network.generate(replace(work, performance=Performance()))

    def curves(strength: float) -> np.ndarray:
        performance = Performance(FROM_STRIP, borrowed=strength)
        return network.generate(replace(work, performance=performance, borrowed=other)).values

    assert np.array_equal(curves(0.0), voice.values)
    away = [np.abs(curves(strength) - voice.values).mean() for strength in (0.3, 0.6, 1.0)]
    assert 0 < away[0] < away[1] < away[2]


def test_progress_goes_from_0_to_1_and_never_back(network: KeptNetwork, work: Work) -> None:
    for wanted in (work, replace(work, performance=Performance(FROM_STRIP), borrowed=Samples(noise(1).numpy()))):
        network.forget()
        seen: list[tuple[str, float]] = []
        network.generate(wanted, lambda stage, part, seen=seen: seen.append((stage, part)))
        parts = [part for _, part in seen]
        assert parts == sorted(parts)
        assert (min(parts), max(parts)) == (0.1, 1.0)  # nothing has to be read
        assert len([stage for stage, _ in seen if stage == "Listening"]) >= 4


def test_what_was_stopped_is_not_kept(network: KeptNetwork, work: Work, heard: list[int]) -> None:
    def stop(stage: str, part: float) -> None:
        if stage == "Listening" and part > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        network.generate(work, stop)
    assert network.perform_now(work) is None
    network.generate(work)
    assert heard == [32000, 32000]


def test_a_network_is_loaded_once_for_each_choice_and_each_change_of_its_file(
    network: KeptNetwork, work: Work, tmp_path: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Any] = []
    monkeypatch.setattr(kept_network, "load_session", lambda *given: loads.append(given) or load_session(*given))
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(model_file.read_bytes())
    wanted = replace(work, network=NetworkChoice(copy, "cpu"))
    for performance in (Performance("happy"), Performance("sad")):
        network.generate(replace(wanted, performance=performance))
    assert len(loads) == 1
    os.utime(copy, ns=(1, 1))
    network.generate(wanted)
    assert len(loads) == 2
    network.forget()
    network.generate(wanted)
    assert len(loads) == 3


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where networks are moved to, which are loaded as if onto a graphics card."""
    moves: list[str] = []

    def load_on_card(*given: Any) -> Session:
        session = load_session(*given)
        monkeypatch.setattr(session.network, "to", lambda place: moves.append(str(place)))
        return replace(session, device=torch.device("cuda"))

    monkeypatch.setattr(kept_network, "load_session", load_on_card)
    return moves


def test_a_card_gets_its_memory_back_until_the_next_performance(
    network: KeptNetwork, work: Work, moves: list[str]
) -> None:
    network.generate(work)
    assert network.is_on_gpu()
    assert network.rest()
    assert moves == ["cuda", "cpu"]
    assert network.perform_now(work) is not None  # on the processor
    network.generate(work)
    assert moves == ["cuda", "cpu", "cuda"]


def test_a_network_in_use_does_not_rest(network: KeptNetwork, work: Work, moves: list[str]) -> None:
    in_use = InUse(network, work)
    assert not network.rest()
    in_use.end()
    assert network.rest()
    assert moves == ["cuda", "cpu"]


def test_a_network_on_the_processor_has_nothing_to_give_back(network: KeptNetwork, work: Work) -> None:
    assert not network.is_on_gpu()
    assert network.rest()
    network.generate(work)
    assert not network.is_on_gpu()
