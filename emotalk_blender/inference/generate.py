# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way from samples to curves an animator can use, and its second half, which is quick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..animation.blinks import TimeRange
from ..animation.finish import AnimationSettings, finish
from ..curves import Curves, FloatArray
from ..errors import EmoTalkError
from .performance import FROM_STRIP, Performance, Report
from .session import Session, quiet

if TYPE_CHECKING:
    from ..network.model import SpeechFeatures


def generate(
    samples: FloatArray,
    performance: Performance,
    session: Session,
    animation: AnimationSettings,
    report: Report = quiet,
    borrowed: FloatArray | None = None,
) -> Curves:
    """Curves at 30 fps, weights within [0, 1], for float32 [samples] at 16 kHz mono.

    borrowed: samples of the recording whose mood to take, for FROM_STRIP.
    Safe to call from any thread. Raises EmoTalkError as Session.encode and Session.perform do, and what `report`
    raises.
    """
    session.direction(performance)  # what cannot be performed is refused before the long part
    if performance.emotion == FROM_STRIP and borrowed is None:
        raise nothing_to_borrow()
    features = session.encode(samples, report)
    other = session.encode(borrowed, report) if performance.emotion == FROM_STRIP and borrowed is not None else None
    return performed(features, other, performance, session, animation, report)


def performed(
    features: SpeechFeatures,
    other: SpeechFeatures | None,
    performance: Performance,
    session: Session,
    animation: AnimationSettings,
    report: Report = quiet,
    keep_open: Sequence[TimeRange] = (),
) -> Curves:
    """The quick half: from what was heard to finished curves.

    other: of the recording whose mood to take. keep_open: where no blink is added, in seconds.

    Raises EmoTalkError as Session.perform does, and where FROM_STRIP has nothing to borrow from.
    """
    if performance.emotion == FROM_STRIP:
        from ..network.borrowed_mood import borrow

        if other is None:
            raise nothing_to_borrow()
        features = borrow(features, other, performance.borrowed)
    return finish(session.perform(features, performance, report), animation, keep_open)


def nothing_to_borrow() -> EmoTalkError:
    """What to tell where FROM_STRIP comes without another recording."""
    return EmoTalkError("There is no strip to borrow the mood from. Pick one under Mood From, or another emotion.")
