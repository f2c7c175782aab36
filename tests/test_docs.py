# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents name is there: linked pages and headings, files in the text, modules of commands."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from emotalk_blender.rig.conventions import CONVENTIONS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "emotalk_blender"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), PACKAGE / "weights/MODEL_CARD.md"])
PAGE_NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
WHERE = (ROOT, PACKAGE, PACKAGE / "blender", PACKAGE / "training", ROOT / "tests/real_blender")
"""Folders to which the paths in the text of the pages are relative."""


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub's links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_files_in_the_text_are_there(page: Path) -> None:
    named = re.findall(r"`([\w./-]+(?:\.py|\.toml|\.in|\.txt|\.md|/))`", page.read_text(encoding="utf-8"))
    made = {"dist/", "out/", "out/watch/", "faces/", "performances/"}
    lost = [name for name in named if name not in made and not any((folder / name).exists() for folder in WHERE)]
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_modules_of_commands_are_there(page: Path) -> None:
    modules = set(re.findall(r"python -m ((?:emotalk_blender|tools|docs)[\w.]*)", page.read_text(encoding="utf-8")))
    assert [module for module in sorted(modules) if importlib.util.find_spec(module) is None] == []


@pytest.mark.parametrize("convention", ", ".join(CONVENTIONS.values()).split(", "))
def test_artists_read_which_names_are_known(convention: str) -> None:
    *maker, model = convention.split(" ")
    page = (ROOT / "docs/artists.md").read_text(encoding="utf-8")
    assert model in page and " ".join(maker) in page


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
