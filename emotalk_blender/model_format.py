# SPDX-License-Identifier: GPL-3.0-or-later
"""How a model file (safetensors) is known for one of EmoTalk before any of its weights are read."""

from __future__ import annotations

FORMAT = "emotalk-1"
"""What its metadata say under "format"."""

LENGTH_BYTES = 8
"""It begins with the length of its head, in so many bytes, lowest first; the head is JSON."""

LONGEST_HEAD = 1 << 22
"""Bytes that the head may have; that of the published network has about 100 KB."""
