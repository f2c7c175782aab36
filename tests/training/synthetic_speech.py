# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech that needs no synthesizer: random phones, and sounds whose spectrum depends on the phone."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from emotalk_blender.training.rules.phones import PHONES, Phone
from emotalk_blender.training.speech.synthesis import Utterance

RATE = 16000


def in_time(names: list[str], durations: list[float]) -> list[Phone]:
    """Phones one after another from 0."""
    edges = np.concatenate([[0.0], np.cumsum(durations)])
    return [Phone(name, float(a), float(b)) for name, a, b in zip(names, edges, edges[1:], strict=False)]


def phone_lists(names: tuple[str, ...] = PHONES) -> st.SearchStrategy[list[Phone]]:
    """Speech of 2 to 25 phones of natural length."""
    phone = st.tuples(st.sampled_from(names), st.floats(0.04, 0.3))
    return st.lists(phone, min_size=2, max_size=25).map(lambda pairs: in_time(*map(list, zip(*pairs, strict=True))))


def sound_of(phones: list[Phone], seed: int = 0) -> np.ndarray:
    """A sound whose spectrum depends on the phone: a few sines per phone, and nothing in silence."""
    count = int(phones[-1].end * RATE)
    time = np.arange(count) / RATE
    sound = np.zeros(count, np.float32)
    rng = np.random.default_rng(7)
    pitches = rng.uniform(150, 6000, (len(PHONES), 3))
    for phone in phones:
        if phone.name != "SIL":
            part = slice(int(phone.start * RATE), int(phone.end * RATE))
            for pitch in pitches[PHONES.index(phone.name)]:
                sound[part] += 0.1 * np.sin(2 * np.pi * pitch * time[part] + seed)
    return sound


def random_phones(rng: np.random.Generator, seconds: float) -> list[Phone]:
    """Phones of about so many seconds in all, with a silence at both ends."""
    count = max(3, int(seconds / 0.12))
    names = ["SIL", *(str(name) for name in rng.choice(PHONES[1:], count - 2)), "SIL"]
    return in_time(names, [float(value) for value in rng.uniform(0.06, 0.18, count)])


def utterance(seconds: float = 2.0) -> Utterance:
    """Speech of about so many seconds."""
    phones = random_phones(np.random.default_rng(2), seconds)
    return Utterance(sound_of(phones), phones)
