# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate, as an artist presses it, where it must not work."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import pytest

from emotalk_blender.blender.generate.readiness import strip_reason

from .file_state import changes, file_state

Record = Callable[[str, object], None]


def refused(record_property: Record) -> str:
    """The sentence with which Generate ends, once it is seen that nothing else came of it."""
    before = file_state()
    strip_reason(bpy.context)  # what the panel asks at each redraw, so that it must not raise
    with pytest.raises(RuntimeError, match=r"^Error: ") as error:
        bpy.ops.emotalk.generate()
    told = str(error.value).removeprefix("Error: ").strip()
    record_property("after", told)
    assert changes(before, file_state()) == {}
    assert "\n" not in told
    assert "unforeseen" not in told
    assert told.endswith(".")
    assert len(told) < 1000
    return told
