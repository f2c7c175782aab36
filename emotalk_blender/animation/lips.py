# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet, but never pass through each other."""

from __future__ import annotations

import numpy as np

from ..curves import CHANNEL, Curves


def limit_mouth_close(curves: Curves) -> Curves:
    """The curves with mouthClose no higher than jawOpen.

    In ARKit's set mouthClose brings the lips together over an open jaw, and the same value of both shuts them: what
    exceeds jawOpen would push the lower lip through the upper one.
    """
    values = curves.values.copy()
    jaw = np.maximum(values[:, CHANNEL["jawOpen"]], 0)
    values[:, CHANNEL["mouthClose"]] = np.minimum(values[:, CHANNEL["mouthClose"]], jaw)
    return Curves(values, curves.fps, curves.start)
