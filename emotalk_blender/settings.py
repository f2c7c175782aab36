# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting's label, explanation, default and range: written once, at the field of the class that holds its value.

Panels, command lines and tools read them there. Imports nothing heavy: Blender needs them as it starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from .errors import EmoTalkError

_KEY = "setting"


@dataclass(frozen=True)
class Setting:
    """A number that an artist can choose.

    label: its name in the interface, such as "Lip Closure".
    explanation: what it does, as a tooltip of Blender has it: without a full stop at the end.
    default: the number where nothing is chosen; an int stands for whole numbers.
    low, high: the smallest and the largest number.
    """

    label: str
    explanation: str
    default: float
    low: float
    high: float

    def check(self, value: float, name: str = "") -> None:
        """Raise EmoTalkError where a value is out of range, or no number. `name` stands in place of the label."""
        if not self.low <= value <= self.high:
            raise EmoTalkError(
                f"{name or self.label} {value:.10g} is out of range. Choose {self.low:.10g} to {self.high:.10g}."
            )


def setting(label: str, explanation: str, default: float, low: float, high: float) -> Any:
    """A field of a dataclass that is a Setting; its default is the field's."""
    return field(default=default, metadata={_KEY: Setting(label, explanation, default, low, high)})


def settings_of(owner: type) -> dict[str, Setting]:
    """Name of the field -> its Setting, for all fields of a dataclass that were made with setting()."""
    return {entry.name: entry.metadata[_KEY] for entry in fields(owner) if _KEY in entry.metadata}
