# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in Blender's own window, taken by a script that Blender runs at its start (blender --python SCRIPT).

Such a script puts the checkout into sys.path itself. The steps are a generator: at each yield Blender handles what was
done and draws it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import bpy


def window() -> bpy.types.Window:
    """Blender's main window."""
    return bpy.context.window_manager.windows[0]


def area_of(kind: str) -> bpy.types.Area:
    """The first editor of a kind in the main window, such as VIEW_3D."""
    return next(area for area in window().screen.areas if area.type == kind)


def region_of(area: bpy.types.Area, kind: str = "WINDOW") -> bpy.types.Region:
    """A region of an editor."""
    return next(region for region in area.regions if region.type == kind)


def mouse_over(area: bpy.types.Area) -> AbstractContextManager[None]:
    """The context of operators as if the mouse were over the middle of an editor."""
    context: AbstractContextManager[None] = bpy.context.temp_override(
        window=window(), area=area, region=region_of(area)
    )
    return context


def add_face_and_sound(sound: Path) -> None:
    """An empty scene in the 3D View, with the EmoTalk face, the sound in a strip picked for it, and the sidebar."""
    view = area_of("VIEW_3D")
    with mouse_over(view):
        for made in list(bpy.data.objects):
            bpy.data.objects.remove(made)
        bpy.ops.emotalk.add_face()
        bpy.ops.emotalk.open_audio(filepath=str(sound))
        view.spaces.active.show_region_ui = True


def show_panel(view: bpy.types.Area) -> None:
    """The EmoTalk tab in the sidebar of a 3D View, which must have been drawn once."""
    region_of(view, "UI").active_panel_category = "EmoTalk"


def look_at_face(view: bpy.types.Area) -> None:
    """Turn a 3D View to the front of what is selected."""
    with mouse_over(view):
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()


def save_picture(path: Path) -> None:
    """A screenshot of the whole screen, by ImageMagick."""
    subprocess.run(["import", "-window", "root", path], check=True)


def take_steps(steps: Iterator[None], pause: float, picture: Path | None = None) -> None:
    """Take the steps from a timer, for the window is not there yet while a script runs at Blender's start.

    pause: seconds between two steps. A step that raises ends Blender with exit code 1, having printed why; picture:
    where a screenshot of that goes.
    """
    bpy.context.preferences.view.show_splash = False

    def next_step() -> float | None:
        try:
            next(steps)
        except StopIteration:
            return None
        except BaseException:
            traceback.print_exc()
            if picture is not None:
                save_picture(picture)
            sys.stderr.flush()
            os._exit(1)
        return pause

    bpy.app.timers.register(next_step, first_interval=pause, persistent=True)
