# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts become the words that are spoken."""

from __future__ import annotations

import pytest

from emotalk_blender.training.speech.transcripts import number_words, spoken_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (7, "seven"),
        (42, "forty two"),
        (305, "three hundred five"),
        (1455, "fourteen fifty five"),
        (1806, "eighteen oh six"),
        (2001, "two thousand one"),
        (12345, "twelve thousand three hundred forty five"),
    ],
)
def test_numbers_are_read_out(number: int, words: str) -> None:
    assert number_words(number) == words


def test_texts_become_words() -> None:
    assert spoken_words("“Don’t,” said 12 men -- ‘never’!") == ["don't", "said", "twelve", "men", "never"]
