# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of a test for each of several faults, marked for the table of faults (tools/fault_table.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

AS_NOW = "a sentence, as now"


@dataclass(frozen=True)
class FaultCase:
    """A fault of a file.

    make: makes the file, given a folder or a good file. what: names the fault. sentence: a part of what the user is
    told, nothing where it does no harm. before: what happened before it was looked after.
    """

    make: Callable[[Path], Path]
    what: str
    sentence: str
    before: str = AS_NOW


def fault_params(cases: Iterable[FaultCase], where: str = "") -> list[Any]:
    """(make, sentence) of each case. where: begins the rows of the table, such as "command line: "."""
    return [
        pytest.param(
            case.make,
            case.sentence,
            marks=pytest.mark.fault(f"{where}{case.what}", before=case.before),
            id=case.make.__name__,
        )
        for case in cases
    ]
