# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's changes to one f-curve, carried over to a new performance.

A bake remembers two curves: the performance as it was generated, and what was written onto the f-curve. Before the
next bake the f-curve is compared with what was written, key by key. Each key that differs belongs to the artist, and
the stretch from the last untouched key before it to the first one after it is edited: there the curve on the screen
less the old performance is the artist's *offset*, a small curve of its own that is zero at both ends.

The new bake adds the offset to the new performance. Outside of edited stretches its keys are the performance's, bit
for bit. Inside, the artist's own keys come back, lifted by what the performance has changed under them, and generated
keys join them only where the curve would otherwise leave "performance plus offset" by more than the tolerance. Values
of one curve on five frames, where the artist has raised the third by 0.3:

    old performance     0.1   0.2   0.4   0.2   0.1
    shown               0.1   0.3   0.7   0.3   0.1     one key dragged, its neighbours on frames 1 and 5 untouched
    offset              0     0.1   0.3   0.1   0       remembered, with the key
    new performance     0.2   0.4   0.6   0.3   0.2     angrier
    carried over        0.2   0.5   0.9   0.4   0.2     the artist's key on frame 3, at 0.9

Offsets and own keys are remembered as the artist left them, not as the last bake drew them, so nothing wears off
however often a slider is dragged. They lie on the timeline of the sound and move with it; what lies beyond the range
of a bake waits there until the strip is long enough again. What is remembered is in edit_record.py, how changes are
found in edit_finding.py, how they are carried over in edit_carrying.py.
"""

from __future__ import annotations

from .edit_carrying import Fit, NewPerformance, Write, carry_edits
from .edit_finding import find_edits
from .edit_record import Baked, Edits, count, keys_from_words, keys_to_words, same_keys

__all__ = [
    "Baked",
    "Edits",
    "Fit",
    "NewPerformance",
    "Write",
    "carry_edits",
    "count",
    "find_edits",
    "keys_from_words",
    "keys_to_words",
    "same_keys",
]
