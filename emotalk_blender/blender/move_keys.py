# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a bake, the artist's among them, moved to where their strip is now."""

from __future__ import annotations

from dataclasses import replace

from ..animation.keys import Keys, cut, shifted
from ..errors import EmoTalkError
from .bake_status import Bake
from .earlier_bake import cover_others
from .keyframes import write_keys
from .memory import remember


def move_keys(bake: Bake) -> None:
    """Move the keys of a bake along with its strip, and cut off those whose sound was trimmed away.

    Keys on the frames that they are moved to are replaced, as Generate would; all other keys stay as they are. Raises
    EmoTalkError where the frame rate has changed since, or nothing is left; then nothing is changed.
    """
    earlier, record = bake.earlier, bake.earlier.record
    if earlier.scale != 1:
        raise EmoTalkError("The frame rate has changed since these keys were made. Generate again.")
    frames = bake.stretch.frames(bake.stretch.duration)
    shift = round(earlier.shift)
    first, last = max(record.first + shift, int(frames[0])), min(record.last + shift, int(frames[-1]))
    if first > last:
        raise EmoTalkError("The strip plays nothing of what these keys were made for. Generate again.")
    cover_others(bake.action, bake.slot, record.origin.strip, (first, last))
    tracks = {}
    for track, baked in record.tracks.items():
        written = _moved(baked.written, shift, first, last)
        edits = baked.edits
        if track in earlier.curves:
            edits = earlier.edits(track)
            keys = _moved(earlier.current(track), shift, first, last)
            written = write_keys(earlier.curves[track], [*earlier.spans, (first, last)], keys)
        tracks[track] = replace(
            baked, performed=_moved(baked.performed, shift, first, last), written=written, edits=edits.shifted(shift)
        )
    moved = replace(record, stretch=bake.stretch, first=first, last=last, tracks=tracks, covered=())
    remember(bake.action, bake.slot, moved)


def _moved(keys: Keys, shift: int, first: int, last: int) -> Keys:
    return cut(shifted(keys, shift), first, last)
