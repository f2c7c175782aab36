# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's changes to one f-curve, carried over to a new performance.

A bake remembers two curves: the performance as it was generated, and what was written onto the f-curve. Before the
next bake the f-curve is compared with what was written, key by key. Each key that differs belongs to the artist, and
the stretch from the last untouched key before it to the first one after it is edited: there the curve on the screen
less the old performance is the artist's *offset*, a small curve of its own that is zero at both ends.

The new bake adds the offset to the new performance. Outside of edited stretches its keys are the performance's, bit
for bit. Inside, the artist's own keys come back, lifted by what the performance has changed under them, and generated
keys join them only where the curve would otherwise leave "performance plus offset" by more than the tolerance.

        old performance      the artist's curve      new performance      carried over

             .                     o                                          o
            / \\                   / \\                     .                  / \\
        ---o   o---           ---o   o---            ----o  o----         ----o   o----

Offsets and own keys are remembered as the artist left them, not as the last bake drew them, so nothing wears off
however often a slider is dragged. They lie on the timeline of the sound and move with it; what lies beyond the range
of a bake waits there until the strip is long enough again.
"""

from __future__ import annotations

from .edit_carrying import Fit, Settle, apply_edits
from .edit_finding import find_edits
from .edit_record import Baked, Edits, count, keys_from_words, keys_to_words, same_keys
from .keys import FloatArray, FrameArray, Keys

__all__ = [
    "Baked",
    "Edits",
    "Fit",
    "Settle",
    "apply_edits",
    "bake_again",
    "count",
    "find_edits",
    "keys_from_words",
    "keys_to_words",
    "same_keys",
]


def bake_again(
    baked: Baked,
    current: Keys,
    frames: FrameArray,
    shown: FloatArray,
    performed: Keys,
    fit: Fit,
    settle: Settle | None = None,
) -> Baked:
    """A new performance over the same frames, with the artist's changes, as find_edits() and apply_edits() have it."""
    edits = find_edits(baked, current, frames, shown)
    keys = apply_edits(edits, performed, frames, fit, settle, Baked(baked.performed, current))
    return Baked(performed, keys, edits)
