# SPDX-License-Identifier: GPL-3.0-or-later
"""How a model file (safetensors) is recognized as one of EmoTalk's before any of its weights are read."""

from __future__ import annotations

FORMAT = "emotalk-1"
"""What its metadata say under "format"."""

LENGTH_BYTES = 8
"""Bytes at the beginning of a file that hold the length of its head, lowest first; the head is JSON."""

LONGEST_HEAD = 1 << 22
"""Bytes that the head may have; that of the published network has about 100 KB."""
