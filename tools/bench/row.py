# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of the table of benchmarks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, against what, the figure to reach, the figure measured, and whether that reaches it.

    note: what one needs to read the figure, such as rounds and absolute times.
    """

    what: str
    against: str
    reach: str
    measured: str
    reached: bool
    note: str = ""

    def to_json(self) -> str:
        """The row as one line of JSON."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(line: str) -> Row:
        """The row that to_json wrote."""
        return Row(**json.loads(line))


def table(rows: list[Row]) -> str:
    """The rows as a table in Markdown, aligned, for a terminal and for docs/benchmarks.md alike."""
    heading = ("what", "against", "to reach", "measured", "reached", "note")
    lines = [(row.what, row.against, row.reach, row.measured, "yes" if row.reached else "no", row.note) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(heading, *lines, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in (heading, rule, *lines)
    )
