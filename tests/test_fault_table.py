# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of faults says what the marked tests saw, and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.environment import ROOT

TESTS = """
import pytest

@pytest.mark.fault("a cut | file", before="a traceback")
def test_told(record_property):
    record_property("after", "It is cut.\\nGet it again.")

@pytest.mark.fault("a lost file", before="a crash")
def test_fails(record_property):
    record_property("after", "None")
    assert False

@pytest.mark.fault("a quiet file", before="nothing")
def test_tells_nothing():
    pass

@pytest.mark.fault("a far file", before="a hang")
def test_not_tried():
    pytest.skip("no network here")

def test_of_no_fault():
    print("unseen")
"""

TABLE = r"""| fault | before | after | passed |
| --- | --- | --- | --- |
| a cut \| file | a traceback | It is cut. Get it again. | yes |
| a lost file | a crash | None | no |
| a quiet file | nothing |  | no |
| a far file | a hang |  | no network here |
"""


def fault_table(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_made_up.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "tools.fault_table", str(folder)], cwd=ROOT, capture_output=True, text=True
    )


def test_the_table_holds_a_row_for_each_marked_test(tmp_path: Path) -> None:
    done = fault_table(tmp_path, TESTS)
    assert done.stdout == TABLE
    assert done.returncode == 1


def test_success_is_each_fault_told(tmp_path: Path) -> None:
    assert fault_table(tmp_path, TESTS.partition('@pytest.mark.fault("a lost')[0]).returncode == 0
