# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout that only remembers: what an artist would see."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import bpy


class FakeLayout:
    """A layout that remembers what is drawn on it and on its parts."""

    def __init__(self) -> None:
        self.parts: list[FakeLayout] = []
        self.own: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        if name in {"row", "column", "box", "split"}:
            return self._part
        if name in {"prop", "prop_decorator"}:
            return lambda owner, setting, **_: self._add(name, setting, owner.bl_rna.properties[setting])
        if name == "operator":
            return lambda operator, **_: self._add(name, operator, known_operator(operator)) or SimpleNamespace()
        if name == "popover":
            return lambda panel, **_: self._add(name, panel, getattr(bpy.types, panel))
        if name == "label":
            return lambda text="", **_: self._add(name, text)
        return lambda *_, **__: None

    def _part(self, **_: object) -> FakeLayout:
        self.parts.append(FakeLayout())
        return self.parts[-1]

    def _add(self, kind: str, what: str, _known: object = None) -> None:
        self.own.append((kind, what))

    def all(self) -> Iterator[tuple[str, str]]:
        yield from self.own
        for part in self.parts:
            yield from part.all()


def known_operator(name: str) -> object:
    """Fails for an operator that Blender does not know."""
    room, verb = name.split(".")
    return getattr(getattr(bpy.ops, room), verb).get_rna_type()
