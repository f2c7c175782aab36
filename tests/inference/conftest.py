# SPDX-License-Identifier: GPL-3.0-or-later
"""A network small enough for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotalk_blender.network.checkpoint import save_checkpoint

from ..network.published import tiny_model


@pytest.fixture(scope="package")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a network on random weights."""
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_checkpoint(tiny_model(front_end="mel", prototypes=True), path, source="test", licence="CC0-1.0")
    return path
