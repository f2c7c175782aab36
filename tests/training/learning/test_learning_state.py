# SPDX-License-Identifier: GPL-3.0-or-later
"""The file in which a run goes on is whole whenever the run is stopped; rates and averages are those of PyTorch."""

from __future__ import annotations

import contextlib
import io
import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.learning.learning_state import (
    LearningState,
    averaging,
    optimiser_for,
    warm_up_and_cosine,
)

STEPS, WARM_UP, LAST = 40, 5, 0.02
CPU = torch.device("cpu")


def begun() -> LearningState:
    """A state that learns to give 1 for noise."""
    torch.manual_seed(0)
    module = nn.Linear(4, 3)
    optimiser = optimiser_for(module, 1e-2, 0.01)
    return LearningState(module, optimiser, warm_up_and_cosine(optimiser, WARM_UP, STEPS, LAST), averaging(module, 0.9))


def learn(state: LearningState, steps: int) -> None:
    for _ in range(steps):
        noise = torch.randn(8, 4, generator=torch.Generator().manual_seed(state.step))
        (state.module(noise) - 1).square().mean().backward()
        state.advance(1.0)
        state.notes["last"] = state.step


def written(state: LearningState) -> bytes:
    """All of a state."""
    file = io.BytesIO()
    torch.save(
        [
            state.module.state_dict(),
            state.averaged.state_dict() if state.averaged else {},
            state.optimiser.state_dict(),
            state.schedule.state_dict(),
            state.step,
            state.notes,
        ],
        file,
    )
    return file.getvalue()


class Stopped(BaseException):
    """What ends a process."""


class StoppingFile:
    """A file that ends the process at one of the things that are done with it."""

    def __init__(self, file: Any, countdown: list[int]) -> None:
        self._file, self._countdown = file, countdown

    def write(self, data: Any) -> int:
        """Half of the data, when the time has come."""
        self._countdown[0] -= 1
        if self._countdown[0] == 0:
            self._file.write(bytes(data)[: len(bytes(data)) // 2])
            self._file.flush()
            raise Stopped
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def stop_writing(patched: pytest.MonkeyPatch, countdown: list[int]) -> None:
    """End the process at the n-th thing that is done to write a file: at a write, before or after it is moved."""
    save, replace = torch.save, Path.replace

    def moved(self: Path, target: Path) -> Path:
        for move in (lambda: self, lambda: replace(self, target)):
            countdown[0] -= 1
            result = move()
            if countdown[0] == 0:
                raise Stopped
        return result

    patched.setattr(torch, "save", lambda values, file: save(values, StoppingFile(file, countdown)))
    patched.setattr(Path, "replace", moved)


def test_a_stop_at_every_step_of_the_writing_leaves_a_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.pt"
    before, after = begun(), begun()
    learn(before, 3)
    learn(after, 7)
    found = []
    for stop in itertools.count(1):
        before.save(path)
        countdown = [stop]
        with monkeypatch.context() as patched, contextlib.suppress(Stopped, RuntimeError):
            stop_writing(patched, countdown)
            after.save(path)
        if countdown[0] > 0:
            break
        resumed = begun()
        resumed.load(path, CPU)
        found.append(resumed.step)
        whole = before if resumed.step == 3 else after
        assert written(resumed) == written(whole)
    assert found == [3] * (len(found) - 1) + [7], "what was there before, until the new file has taken its place"
    assert len(found) > 10
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    for content in (b"", b"no state", b"PK"):
        path.write_bytes(content)
        with pytest.raises(EmoTalkError, match="damaged"):
            begun().load(path, CPU)


def test_the_rate_warms_up_in_a_line_and_falls_as_a_cosine() -> None:
    state = begun()
    rates = []
    for _ in range(STEPS):
        rates.append(state.optimiser.param_groups[0]["lr"] / 1e-2)
        learn(state, 1)
    assert rates[:WARM_UP] == pytest.approx([(step + 1) / WARM_UP for step in range(WARM_UP)])
    assert rates[WARM_UP] == pytest.approx(1)
    assert rates[(WARM_UP + STEPS) // 2] == pytest.approx((1 + LAST) / 2, abs=0.03)
    assert state.optimiser.param_groups[0]["lr"] / 1e-2 == pytest.approx(LAST)


def test_the_average_forgets_the_beginning_and_then_moves_slowly() -> None:
    state = begun()
    weights = []
    for _ in range(30):
        learn(state, 1)
        weights.append(state.module.weight.detach().clone())  # type: ignore[union-attr, operator]
    expected = weights[0]
    for count, weight in enumerate(weights[1:], 2):
        expected = torch.lerp(expected, weight, 1 - min(0.9, count / (count + 10)))
    assert state.averaged is not None
    assert torch.allclose(state.averaged.module.weight, expected, atol=1e-6)
