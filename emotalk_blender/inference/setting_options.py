# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings as options of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..animation.settings import AnimationSettings, RegionStrengths
from ..settings import Setting, settings_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

ANIMATION = settings_of(AnimationSettings) | settings_of(RegionStrengths)
"""Name -> setting of all that can be chosen of the animation."""


def option(name: str) -> str:
    """How a setting is written on a command line: "--lip-closure" for "lip_closure"."""
    return f"--{name.replace('_', '-')}"


def add_setting(parser: ArgumentParser, name: str, setting: Setting, default: float | None) -> None:
    """Add a setting as an option. default: its value where the option is left out; None where another place has it."""
    otherwise = "as the file says" if default is None else f"{default:g}"
    parser.add_argument(
        option(name),
        type=type(setting.default),
        default=default,
        metavar="N" if isinstance(setting.default, int) else "X",
        help=f"{setting.explanation} ({setting.low:g} to {setting.high:.10g}; {otherwise} if left out)",
    )


def add_animation_settings(parser: ArgumentParser) -> None:
    """Add an option for each setting of the animation."""
    for name, setting in ANIMATION.items():
        add_setting(parser, name, setting, setting.default)


def animation_settings(options: Namespace) -> AnimationSettings:
    """The settings that the options of add_animation_settings give. Raises EmoTalkError for one out of its range."""
    for name, setting in ANIMATION.items():
        setting.check(getattr(options, name), option(name))
    strengths = RegionStrengths(**{name: getattr(options, name) for name in settings_of(RegionStrengths)})
    own = {name: getattr(options, name) for name in settings_of(AnimationSettings)}
    return AnimationSettings(strengths=strengths, **own)
