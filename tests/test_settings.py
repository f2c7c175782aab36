# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting's label, explanation, default and range stand at its field."""

from __future__ import annotations

import dataclasses
import math

import pytest

from emotalk_blender.animation.settings import AnimationSettings, RegionStrengths
from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.performance import EMOTION_WEIGHTS, Performance
from emotalk_blender.moods import CHOICES, EMOTIONS
from emotalk_blender.settings import settings_of

OWNERS = (Performance, AnimationSettings, RegionStrengths, BakeOptions)


@pytest.mark.parametrize("owner", OWNERS)
def test_every_number_that_can_be_chosen_explains_itself(owner: type) -> None:
    made, settings = owner(), settings_of(owner)
    numbers = {
        entry.name
        for entry in dataclasses.fields(owner)
        if isinstance(getattr(made, entry.name), int | float) and not isinstance(getattr(made, entry.name), bool)
    }
    assert settings.keys() == numbers
    for name, setting in settings.items():
        assert getattr(made, name) == setting.default
        assert type(getattr(made, name)) is type(setting.default)


def test_every_setting_has_a_label_a_tooltip_and_a_default_in_its_range() -> None:
    settings = [setting for owner in OWNERS for setting in settings_of(owner).values()]
    for setting in [*settings, *EMOTION_WEIGHTS.values()]:
        assert setting.label == setting.label.strip() != ""
        assert len(setting.explanation) > 10
        assert not setting.explanation.endswith(".")
        setting.check(setting.default)


def test_every_emotion_has_a_choice_and_a_weight() -> None:
    assert set(EMOTIONS) < set(CHOICES)
    assert list(EMOTION_WEIGHTS) == list(EMOTIONS)
    for label, explanation in CHOICES.values():
        assert label
        assert len(explanation) > 10


@pytest.mark.parametrize("value", [-0.001, 1.001, math.nan, math.inf])
def test_what_is_out_of_range_is_refused_with_the_range(value: float) -> None:
    closure = settings_of(AnimationSettings)["closure"]
    with pytest.raises(EmoTalkError, match=r"^Lip Closure .* is out of range\. Choose 0 to 1\.$"):
        closure.check(value)
    with pytest.raises(EmoTalkError, match=r"^--closure"):
        closure.check(value, "--closure")


def test_what_is_in_range_is_taken() -> None:
    for value in (-500, 0, 500):
        settings_of(AnimationSettings)["offset"].check(value)
