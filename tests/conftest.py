# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every test: no network, no time limit on examples, and never the user's own Blender settings."""

from __future__ import annotations

import os
import socket
import tempfile
from typing import NoReturn

import pytest
from hypothesis import settings

settings.register_profile("emotalk", deadline=None)
settings.load_profile("emotalk")

# Before anything imports bpy, which reads this only once.
os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="emotalk-tests-")

# These want a Blender of one's own: python3 build.py test --blender COMMAND
collect_ignore = [] if os.environ.get("EMOTALK_BLENDER") else ["real_blender"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """EmoTalk works offline: a test that opens a connection fails."""

    def refuse(_socket: socket.socket, address: object) -> NoReturn:
        raise AssertionError(f"something wanted to reach {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lengths of the sounds that the encoders were given, in samples."""
    from emotalk_blender.inference.session import Session

    lengths: list[int] = []
    hear = Session.hear

    def counted(self, samples, *report):
        lengths.append(len(samples))
        return hear(self, samples, *report)

    monkeypatch.setattr(Session, "hear", counted)
    return lengths
