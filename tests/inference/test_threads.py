# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch uses the number of threads that was chosen, in whatever thread the network runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import torch

from emotalk_blender.inference import threads
from emotalk_blender.inference.threads import use_threads


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    count = torch.get_num_threads()
    yield
    torch.set_num_threads(count)


@pytest.mark.parametrize(
    ("told", "used"), [(1, 1), (3, 3), (0, 4), (-1, 3), (-4, 1), (-99, 1)], ids=lambda value: str(value)
)
def test_so_many_are_used(monkeypatch: pytest.MonkeyPatch, told: int, used: int) -> None:
    monkeypatch.setattr(threads, "_own_choice", lambda: 4)
    use_threads(told)
    assert torch.get_num_threads() == used


def test_all_are_those_that_pytorch_took_before_it_was_told() -> None:
    use_threads(0)
    own = torch.get_num_threads()
    use_threads(own + 2)
    use_threads(0)
    assert torch.get_num_threads() == own


def test_a_thread_that_has_computed_before_takes_the_new_number_as_well() -> None:
    seen: list[int] = []

    def work(told: int) -> None:
        use_threads(told)
        torch.ones(200, 200) @ torch.ones(200, 200)
        seen.append(torch.get_num_threads())

    work(2)
    other = threading.Thread(target=work, args=(1,))
    other.start()
    other.join()
    work(3)
    assert seen == [2, 1, 3]
