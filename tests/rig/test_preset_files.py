# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own presets come back as they were kept; what is no preset is left out."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.files.named_json import remove_named
from emotalk_blender.rig.mapping import Row
from emotalk_blender.rig.preset_files import read_presets, write_preset
from emotalk_blender.rig.sources import SOURCES

ROWS = (Row("jaw", "jawOpen"), Row('pose.bones["jaw"].location[1]', "soundAh", -0.5))

rows = st.builds(Row, st.text(), st.sampled_from(SOURCES), st.floats(-1e6, 1e6))
names = st.text(min_size=1).map(str.strip).filter(bool)


@settings(max_examples=30)
@given(presets=st.dictionaries(names, st.lists(rows, min_size=1, max_size=5).map(tuple), max_size=4))
def test_presets_come_back_as_they_were_kept(presets: dict[str, tuple[Row, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, kept in presets.items():
            write_preset(Path(folder), name, kept)
        assert read_presets(Path(folder)) == presets


def test_a_preset_of_the_same_name_is_replaced(tmp_path: Path) -> None:
    write_preset(tmp_path, "Hero", ROWS)
    write_preset(tmp_path, " Hero ", ROWS[:1])
    assert read_presets(tmp_path) == {"Hero": ROWS[:1]}
    assert len(list(tmp_path.iterdir())) == 1


def test_names_that_files_cannot_have_do_not_meet(tmp_path: Path) -> None:
    write_preset(tmp_path, "../A/B", ROWS)
    write_preset(tmp_path, "..\\A:B", ROWS[:1])
    assert read_presets(tmp_path) == {"../A/B": ROWS, "..\\A:B": ROWS[:1]}
    remove_named(tmp_path, "../A/B")
    assert list(read_presets(tmp_path)) == ["..\\A:B"]
    assert list(tmp_path.parent.glob("*.json")) == []


def test_a_folder_that_is_not_there_has_no_presets(tmp_path: Path) -> None:
    assert read_presets(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        "null",
        "{}",
        '{"format": 2, "name": "Later", "rows": []}',
        '{"format": 1, "name": 5, "rows": []}',
        '{"format": 1, "name": "x", "rows": [{"target": "jaw"}]}',
        '{"format": 1, "name": "x", "rows": [{"target": 1, "source": "jawOpen"}]}',
        '{"format": 1, "name": "x", "rows": [{"target": "jaw", "source": "jawOpen", "strength": NaN}]}',
        '{"format": 1, "name": "x", "rows": [{"target": "jaw", "source": "jawOpen", "strength": "much"}]}',
        "\x00\xff",
        "[" * 100_000,
        '{"format": 1, "name": "big", "rows": [' + " " * (1 << 20) + "]}",
    ],
)
def test_what_is_no_preset_is_left_out(tmp_path: Path, content: str) -> None:
    write_preset(tmp_path, "Hero", ROWS)
    (tmp_path / "broken.json").write_bytes(content.encode("latin-1"))
    assert read_presets(tmp_path) == {"Hero": ROWS}


def test_rows_of_a_later_version_are_left_out(tmp_path: Path) -> None:
    rows = [{"target": "jaw", "source": "jawOpen", "more": 1}, {"target": "ear", "source": "earWiggle"}]
    content = {"format": 1, "name": "Later", "rows": rows, "also": 1}
    (tmp_path / "later.json").write_text(json.dumps(content), encoding="utf-8")
    assert read_presets(tmp_path) == {"Later": (Row("jaw", "jawOpen"),)}


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="needs a name"):
        write_preset(tmp_path, "  ", ROWS)
    with pytest.raises(EmoTalkError, match="no rows"):
        write_preset(tmp_path, "Hero", ())
    (tmp_path / "file").write_text("")
    with pytest.raises(EmoTalkError, match="cannot be written"):
        write_preset(tmp_path / "file", "Hero", ROWS)
