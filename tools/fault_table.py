# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tools.fault_table [PATH ...]: bring every fault about that a test knows, and print what came of each.

A test of a fault is marked `fault(what, before=...)`: what goes wrong, and what happened before it was looked after. It
records the sentence that it saw with `record_property("after", sentence)`, so that nothing in the table is by hand but
what was.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass

import pytest

from tools.environment import ROOT

HEADING = ("fault", "before", "after", "passed")


@dataclass(frozen=True)
class Fault:
    """The arguments of the mark."""

    what: str
    before: str


@dataclass(frozen=True)
class Row:
    """A fault and what came of it; passed: "yes", "no", or why it was not tried."""

    fault: Fault
    after: str
    passed: str


class Gatherer:
    """A plugin of pytest that keeps what the tests of faults record."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._faults: dict[str, Fault] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the marks of the tests that are going to run."""
        for item in session.items:
            mark = item.get_closest_marker("fault")
            if mark is not None:
                self._faults[item.nodeid] = Fault(*mark.args, **mark.kwargs)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what became of a test: its call, or a setup that kept it from being called."""
        if report.when != "call" and (report.when != "setup" or report.passed):
            return
        after = str(dict(report.user_properties).get("after", ""))
        self.rows.append(Row(self._faults[report.nodeid], after, _verdict(report, after)))


def main() -> int:
    """Run the tests of faults below the given paths, or all. Returns 0 if each passed with its sentence, else 1."""
    gatherer = Gatherer()
    with contextlib.redirect_stdout(sys.stderr):
        code = pytest.main(["-m", "fault", *(sys.argv[1:] or [str(ROOT / "tests")])], plugins=[gatherer])
    print(table(gatherer.rows))
    return 1 if code or any(row.passed == "no" for row in gatherer.rows) else 0


def table(rows: list[Row]) -> str:
    """The rows in Markdown, not aligned: sentences are long."""
    cells = [(row.fault.what, row.fault.before, row.after, row.passed) for row in rows]
    return "\n".join(_line(line) for line in (HEADING, ("---",) * len(HEADING), *cells))


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _verdict(report: pytest.TestReport, after: str) -> str:
    if report.skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return why.removeprefix("Skipped: ")
    return "yes" if report.passed and after else "no"


if __name__ == "__main__":
    sys.exit(main())
