# SPDX-License-Identifier: GPL-3.0-or-later
"""Stills of a Blender scene, side by side in one picture."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]


def render_still(scene: bpy.types.Scene, frame: int) -> Pixels:
    """Render one frame: float32 [height, width, 4], the lowest row first, as Blender keeps pictures."""
    scene.frame_set(frame)
    scene.render.image_settings.file_format = "PNG"
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "still.png")
        scene.render.filepath = path
        bpy.ops.render.render(write_still=True, scene=scene.name)
        image = bpy.data.images.load(path)
        pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
        image.pixels.foreach_get(pixels)
        pixels = pixels.reshape(image.size[1], image.size[0], 4)
        bpy.data.images.remove(image)
    return pixels


def save_sheet(stills: Iterable[Pixels], columns: int, path: Path) -> None:
    """Write stills of one size as a PNG, in rows of so many columns, the first at the top left."""
    cells = list(stills)
    empty = np.zeros_like(cells[0])
    cells += [empty] * (-len(cells) % columns)
    rows = [np.concatenate(cells[start : start + columns], axis=1) for start in range(0, len(cells), columns)]
    sheet = np.concatenate(rows[::-1], axis=0)
    image = bpy.data.images.new(path.stem, sheet.shape[1], sheet.shape[0])
    image.pixels.foreach_set(sheet.ravel())
    scene = bpy.data.scenes.new(path.stem)  # its settings pack the file tighter than Image.save does
    scene.view_settings.view_transform = "Standard"
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.compression = "PNG", "RGB", 100
    image.save_render(str(path), scene=scene)
    bpy.data.scenes.remove(scene)
    bpy.data.images.remove(image)
