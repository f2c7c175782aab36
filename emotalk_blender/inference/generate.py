# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way from samples to curves an animator can use."""

from __future__ import annotations

from ..animation.finish import AnimationSettings, finish
from ..curves import Curves, FloatArray
from .performance import Performance, Report
from .session import Session, quiet


def generate(
    samples: FloatArray,
    performance: Performance,
    session: Session,
    animation: AnimationSettings,
    report: Report = quiet,
) -> Curves:
    """Curves at 30 fps, weights within [0, 1], for float32 [samples] at 16 kHz mono.

    Safe to call from any thread. Raises EmoTalkError as Session.encode and Session.perform do, and what `report`
    raises.
    """
    session.direction(performance)  # what cannot be performed is refused before the long part
    features = session.encode(samples, report)
    return finish(session.perform(features, performance, report), animation)
