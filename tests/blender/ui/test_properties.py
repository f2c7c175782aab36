# SPDX-License-Identifier: GPL-3.0-or-later
"""The sliders say what the settings' own classes say: label, explanation, default and range stand there alone."""

from __future__ import annotations

import bpy
import pytest

from emotalk_blender.animation.settings import AnimationSettings, RegionStrengths
from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.blender.ui.properties import EMOTALK_PG_settings
from emotalk_blender.inference.performance import EMOTION_WEIGHTS, Performance
from emotalk_blender.moods import CHOICES
from emotalk_blender.settings import Setting, settings_of

LOWEST = {"blink_rate": 1.0}
"""Where the slider begins above the setting: the checkbox Blinks stands for a rate of 0."""


def settings() -> dict[str, Setting]:
    """Property -> the setting that it shows."""
    performance = settings_of(Performance)
    performance["borrowed_strength"] = performance.pop("borrowed")
    weights = {f"weight_{emotion}": setting for emotion, setting in EMOTION_WEIGHTS.items()}
    strengths = {f"strength_{region}": setting for region, setting in settings_of(RegionStrengths).items()}
    return performance | weights | strengths | settings_of(AnimationSettings) | settings_of(BakeOptions)


def shown(name: str) -> bpy.types.Property:
    return EMOTALK_PG_settings.bl_rna.properties[name]


@pytest.mark.parametrize("name", settings())
def test_a_slider_shows_its_setting(name: str) -> None:
    setting, slider = settings()[name], shown(name)
    assert slider.type == ("INT" if isinstance(setting.default, int) else "FLOAT")
    assert slider.name == setting.label
    keyed = ". Can be keyed" if slider.is_animatable else ""
    assert slider.description == f"{setting.explanation}{keyed}"
    assert slider.default == pytest.approx(setting.default)
    assert slider.hard_min == pytest.approx(LOWEST.get(name, setting.low))
    assert slider.hard_max == pytest.approx(setting.high)


def test_every_number_in_the_panel_is_such_a_setting() -> None:
    numbers = {prop.identifier for prop in EMOTALK_PG_settings.bl_rna.properties if prop.type in {"INT", "FLOAT"}}
    assert numbers == {*settings(), "settings_version"}


def test_what_is_read_over_time_can_be_keyed_and_nothing_else() -> None:
    keyed = {name for name in settings() if shown(name).is_animatable}
    assert keyed == {"intensity", *(f"weight_{emotion}" for emotion in EMOTION_WEIGHTS)}


def test_a_choice_of_emotion_is_kept_in_a_file_by_its_number() -> None:
    numbers = {item.identifier: item.value for item in shown("emotion").enum_items}
    assert list(numbers) == list(CHOICES)
    assert numbers["voice"] == 0
    assert [numbers[emotion] for emotion in EMOTION_WEIGHTS] == [1, 2, 3, 4, 5, 6, 7]
    assert (numbers["mix"], numbers["strip"]) == (8, 9)
