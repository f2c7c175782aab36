# SPDX-License-Identifier: GPL-3.0-or-later
"""The synthesizers give the times of their phones."""

from __future__ import annotations

import numpy as np
import pytest

from emotalk_blender.training.rules.phones import BILABIALS, LABIODENTALS, PHONES
from emotalk_blender.training.speech.synthesis import FLITE_VOICES, espeak, missing_synthesisers, speak_flite

needs_synthesisers = pytest.mark.skipif(
    bool(missing_synthesisers()), reason=f"not installed here: {', '.join(missing_synthesisers())}"
)


@needs_synthesisers
def test_both_synthesisers_say_when_their_phones_start() -> None:
    text = "Papa bought my mother five maps."
    for spoken in (speak_flite(text, FLITE_VOICES[3]), espeak().speak(text, "en-us+f3")):
        names = [phone.name for phone in spoken.phones]
        assert names.count("P") >= 3
        assert set(names) <= set(PHONES)
        assert set(names) & (BILABIALS | LABIODENTALS)
        assert spoken.phones[-1].end == pytest.approx(spoken.seconds, abs=1e-3)
        loud = np.square(spoken.samples).mean()
        for phone in spoken.phones:
            part = spoken.samples[int(phone.start * 16000) : int(phone.end * 16000)]
            if phone.name in ("AA", "AO", "AY") and len(part):
                assert np.square(part).mean() > 0.3 * loud


@needs_synthesisers
def test_espeak_tells_how_words_sound() -> None:
    assert espeak().pronounce("wardsman") == ("W", "AO", "R", "D", "Z", "M", "AH", "N")
    assert espeak().pronounce("'") == ()
