# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a bake, the artist's among them, moved to where their strip is now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...animation.keys import FrameRange, Keys, cut, shifted
from ...errors import EmoTalkError
from ..face.targets import Target
from ..sequencer.stretch import AudibleStretch
from .actions import check_action
from .bake_records import remember
from .bake_status import plays_more
from .cover_others import cover_others
from .keyframes import within, write_keys
from .previous_bake import PreviousBake


def check_move(target: Target, previous: PreviousBake) -> None:
    """Raise EmoTalkError where the frame rate has changed since, nothing is left, or the Action cannot be written."""
    check_action(target)
    if previous.scale != 1:
        raise EmoTalkError("The frame rate has changed since these keys were made. Generate again.")
    first, last = _frames_left(previous)
    if first > last:
        raise EmoTalkError("The strip plays nothing of what these keys were made for. Generate again.")


def move_keys(target: Target, previous: PreviousBake) -> None:
    """Move the keys of a bake onto this target along with its strip, and cut off those whose sound was trimmed away.

    Keys on the frames that they are moved to are replaced, as Generate would; all other keys stay as they are. Raises
    EmoTalkError as check_move does; then nothing is changed.
    """
    check_move(target, previous)
    record, shift = previous.record, round(previous.shift)
    first, last = _frames_left(previous)
    spans = previous.spans
    covered: tuple[FrameRange, ...] = ()
    if shift == previous.moved:  # Trimmed only: what another strip was baked over stays that strip's.
        covered = _clipped([(start + shift, end + shift) for start, end in record.covered], first, last)
    else:
        cover_others(previous.place, record.origin.strip, (first, last))
        spans = [*spans, (first, last)]
    tracks = {}
    for track, baked in record.tracks.items():
        written, edits = _moved(baked.written, shift, first, last), baked.edits
        if track in previous.curves:
            edits = previous.edits(track)
            keys = _moved(previous.own_keys(track), shift, first, last)
            free = within(keys, spans)
            written = np.concatenate([write_keys(previous.curves[track], spans, keys[free]), keys[~free]])
            written = written[np.argsort(written["co"][:, 0], kind="stable")]
        performed = _moved(baked.performed, shift, first, last)
        tracks[track] = replace(baked, performed=performed, written=written, edits=edits.shifted(shift))
    stretch = _common(record.stretch, previous.stretch)
    remember(previous.place, replace(record, stretch=stretch, first=first, last=last, tracks=tracks, covered=covered))


def _frames_left(previous: PreviousBake) -> FrameRange:
    """The frames on which the keys of a bake belong now; the last below the first where there are none."""
    record, shift = previous.record, round(previous.shift)
    frames = previous.stretch.frames(previous.stretch.duration)
    if len(frames) == 0:
        return 0, -1
    return max(record.first + shift, int(frames[0])), min(record.last + shift, int(frames[-1]))


def _moved(keys: Keys, shift: int, first: int, last: int) -> Keys:
    return cut(shifted(keys, shift), first, last)


def _clipped(spans: list[FrameRange], first: int, last: int) -> tuple[FrameRange, ...]:
    return tuple((max(start, first), min(end, last)) for start, end in spans if start <= last and end >= first)


def _common(before: AudibleStretch, now: AudibleStretch) -> AudibleStretch:
    """What a strip plays now of what it played before: where it plays more by now, that has no keys yet."""
    start = max(before.file_start, now.file_start)
    end = min(before.file_start + before.duration, now.file_start + now.duration)
    if plays_more(now, before):
        return AudibleStretch(now.start + start - now.file_start, end - start, start, now.fps)
    return now
