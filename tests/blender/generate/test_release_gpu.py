# SPDX-License-Identifier: GPL-3.0-or-later
"""Some minutes after the last Generate the memory of a graphics card is freed."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import pytest

from emotalk_blender.blender.generate import release_gpu
from emotalk_blender.inference.kept_network import KeptNetwork


@pytest.fixture(autouse=True)
def no_timer() -> Iterator[None]:
    yield
    release_gpu.unregister()


def test_a_timer_waits_only_for_a_network_on_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeptNetwork, "is_on_gpu", lambda _: False)
    release_gpu.begin_to_wait()
    assert not bpy.app.timers.is_registered(release_gpu._rest)
    monkeypatch.setattr(KeptNetwork, "is_on_gpu", lambda _: True)
    release_gpu.begin_to_wait()
    release_gpu.begin_to_wait()
    assert bpy.app.timers.is_registered(release_gpu._rest)
    release_gpu.unregister()
    assert not bpy.app.timers.is_registered(release_gpu._rest)


@pytest.mark.parametrize(("rests", "again"), [(True, None), (False, release_gpu.AFTER)])
def test_it_waits_on_where_the_network_is_at_work(
    monkeypatch: pytest.MonkeyPatch, rests: bool, again: float | None
) -> None:
    monkeypatch.setattr(KeptNetwork, "rest", lambda _: rests)
    assert release_gpu._rest() == again
