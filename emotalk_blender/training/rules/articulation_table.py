# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers that the articulation rules go by: which shapes of the mouth a phone asks for, how insistently, and when.

They stand in articulation.json, as the command fit-rules writes it; the file says what they were fitted to.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ...errors import EmoTalkError
from .phones import PHONES

TABLE_FILE = Path(__file__).with_name("articulation.json")

GROUPS: dict[str, tuple[str, ...]] = {
    "jaw": ("jaw",),
    "lips": ("lower", "upper", "shrug_lower", "shrug_upper"),
    "corners": ("funnel", "pucker", "stretch", "smile"),
}
"""Channels of a shape that move together: with one timing, one pull and one power of loudness."""


@dataclass(frozen=True)
class Shape:
    """Where the mouth is wanted, at full loudness; all in [0, 1] except the pulls.

    jaw: jawOpen; lower, upper: lips drawn off the teeth; shrug_lower, shrug_upper: lips pushed up; funnel, pucker:
    rounding; stretch, smile: mouth corners outwards. jaw_pull, lips_pull, corners_pull: how strongly it insists against
    its neighbours (a sound that the tongue alone makes hardly does).
    """

    jaw: float = 0.0
    lower: float = 0.0
    upper: float = 0.0
    shrug_lower: float = 0.0
    shrug_upper: float = 0.0
    funnel: float = 0.0
    pucker: float = 0.0
    stretch: float = 0.0
    smile: float = 0.0
    jaw_pull: float = 1.0
    lips_pull: float = 1.0
    corners_pull: float = 1.0


@dataclass(frozen=True)
class Timing:
    """Seconds: how early a movement starts, and how it fades before and after the phone.

    power: of loudness, which it is scaled with.
    """

    lead: float
    attack: float
    release: float
    power: float


@dataclass(frozen=True)
class Table:
    """All numbers of the rules. phones: the names of the shapes that a phone asks for, one after the other.

    about: what they were fitted to, for people to read.
    """

    about: str
    timings: dict[str, Timing]
    shapes: dict[str, Shape]
    phones: dict[str, tuple[str, ...]]

    def of(self, phone: str) -> Iterator[Shape]:
        """The shapes of a phone in turn."""
        return (self.shapes[name] for name in self.phones[phone])


def read_table(path: Path) -> Table:
    """The numbers of a file. Raises EmoTalkError where it holds no table of all groups and phones."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        table = Table(
            data["about"],
            {name: Timing(**data["timings"][name]) for name in GROUPS},
            {name: Shape(**values) for name, values in data["shapes"].items()},
            {name: tuple(data["phones"][name]) for name in PHONES},
        )
        unknown = {shape for shapes in table.phones.values() for shape in shapes} - set(table.shapes)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmoTalkError(f"{path} is no table of articulation. Write one with: fit-rules") from error
    if unknown:
        raise EmoTalkError(f"{path} lacks shapes: {', '.join(sorted(unknown))}. Write it again with: fit-rules")
    return table


def write_table(path: Path, table: Table) -> None:
    """Write the numbers, rounded to three places; zeros and pulls of 1 are left out."""
    usual = Shape()
    shapes = {
        name: {
            field.name: round(getattr(shape, field.name), 3)
            for field in fields(Shape)
            if round(getattr(shape, field.name), 3) != getattr(usual, field.name)
        }
        for name, shape in table.shapes.items()
    }
    timings = {
        name: {key: round(value, 4) for key, value in asdict(timing).items()} for name, timing in table.timings.items()
    }
    lines = ["{", f'"about": {json.dumps(table.about)},']
    for key, rows in (("timings", timings), ("shapes", shapes), ("phones", table.phones)):
        lines.append(f'"{key}": {{')
        lines.append(",\n".join(f'  "{name}": {json.dumps(row)}' for name, row in rows.items()))
        lines.append("}" if key == "phones" else "},")
    path.write_text("\n".join([*lines, "}"]) + "\n", encoding="utf-8")


@functools.cache
def default_table() -> Table:
    """The numbers that come along."""
    return read_table(TABLE_FILE)
