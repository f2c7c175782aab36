# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices that were found can be chosen; before anybody has looked for them there are none to choose."""

from __future__ import annotations

import pytest
import torch

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference import found_devices
from emotalk_blender.inference.device import DEVICES, choose_device
from emotalk_blender.inference.found_devices import FoundDevices, find_devices, known_devices


@pytest.fixture(autouse=True)
def nobody_has_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found_devices, "_found", None)


def test_found_are_those_that_can_be_chosen_here() -> None:
    assert known_devices() is None
    found = find_devices()
    assert known_devices() is found is find_devices()
    assert found.automatic == choose_device("auto").type
    for name in set(DEVICES) - {"auto"} - set(found.labels):
        with pytest.raises(EmoTalkError):
            choose_device(name)
    assert "cpu" in found.labels


def graphics_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def choose(name: str) -> torch.device:
        if name in {"mps", "xpu"}:
            raise EmoTalkError("PyTorch finds none.")
        return torch.device("cuda" if name == "auto" else name)

    monkeypatch.setattr(found_devices, "choose_device", choose)


def test_a_graphics_card_is_called_as_its_maker_does(monkeypatch: pytest.MonkeyPatch) -> None:
    graphics_card(monkeypatch)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "RTX 4090")
    assert find_devices() == FoundDevices({"cpu": "", "cuda": "RTX 4090"}, "cuda")


def test_a_driver_that_fails_does_not_end_a_generate_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    graphics_card(monkeypatch)

    def fail() -> str:
        raise RuntimeError("CUDA error: unknown error")

    monkeypatch.setattr(torch.cuda, "get_device_name", fail)
    assert find_devices().labels["cuda"] == ""
