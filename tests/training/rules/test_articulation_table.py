# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of articulation in a file."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.rules.articulation_table import (
    GROUPS,
    TABLE_FILE,
    Shape,
    default_table,
    read_table,
    write_table,
)
from emotalk_blender.training.rules.phones import PHONES


def test_the_table_that_comes_along_knows_every_phone_and_says_where_it_is_from() -> None:
    table = default_table()
    assert set(table.phones) == set(PHONES)
    assert table.about
    for shape in table.shapes.values():
        values = [getattr(shape, field.name) for field in fields(Shape)]
        assert min(values) >= 0
        assert all(getattr(shape, channel) <= 1 for channels in GROUPS.values() for channel in channels)


def test_a_written_table_is_read_as_it_was(tmp_path: Path) -> None:
    table = default_table()
    shapes = table.shapes | {"AA": replace(table.shapes["AA"], jaw=0.123, jaw_pull=1.0)}
    table = replace(table, shapes=shapes, about='a "quoted" source')
    write_table(tmp_path / "table.json", table)
    assert read_table(tmp_path / "table.json") == table


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "table.json"
    for text in ("", "[]", '{"about": "", "timings": {}, "shapes": {}, "phones": {}}'):
        file.write_text(text)
        with pytest.raises(EmoTalkError, match="no table"):
            read_table(file)
    file.write_text(TABLE_FILE.read_text().replace('"AA": ["AA"]', '"AA": ["nothing"]'))
    with pytest.raises(EmoTalkError, match="lacks shapes: nothing"):
        read_table(file)
