# SPDX-License-Identifier: GPL-3.0-or-later
"""A simple portrait studio in Blender: camera, light and render settings around a head."""

from __future__ import annotations

import math
from collections.abc import Iterable

import bpy
from mathutils import Vector

LENS = 85.0
"""Focal length in millimetres: a portrait lens, which flatters a face."""

TURN = math.radians(14)
"""How far the camera stands to the side of the face."""

BACKDROP = (0.30, 0.36, 0.42)


def set_stage(scene: bpy.types.Scene, head: Iterable[bpy.types.Object], size: int) -> None:
    """Put a camera and lights around the head, which looks along -Y, and choose quick rendering.

    size: width and height of the picture in pixels.
    """
    corners = [part.matrix_world @ Vector(corner) for part in head for corner in part.bound_box]
    low = Vector(min(corner[axis] for corner in corners) for axis in range(3))
    high = Vector(max(corner[axis] for corner in corners) for axis in range(3))
    middle = (low + high) / 2
    reach = max(high.x - low.x, high.z - low.z)
    _add_camera(scene, middle, reach)
    for name, place, strength in (
        ("Key", (-1.3, -1.6, 1.1), 60.0),
        ("Fill", (1.8, -1.2, 0.2), 18.0),
        ("Rim", (0.9, 1.6, 1.3), 50.0),
    ):
        _add_light(scene, name, middle, Vector(place) * reach, strength * reach**2)
    _choose_rendering(scene, size)


def _add_camera(scene: bpy.types.Scene, middle: Vector, reach: float) -> None:
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = LENS
    aim = middle + Vector((0, 0, 0.08 * reach))  # a little high: the face matters, not the chest
    distance = (0.5 + 0.76 * LENS / camera.data.sensor_width) * reach
    camera.location = aim + distance * Vector((math.sin(TURN), -math.cos(TURN), 0))
    camera.rotation_euler = (aim - camera.location).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(camera)
    scene.camera = camera


def _add_light(scene: bpy.types.Scene, name: str, middle: Vector, place: Vector, watts: float) -> None:
    light = bpy.data.objects.new(name, bpy.data.lights.new(name, "AREA"))
    light.data.energy = watts
    light.data.size = place.length / 2
    light.location = middle + place
    light.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(light)


def _choose_rendering(scene: bpy.types.Scene, size: int) -> None:
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.view_settings.view_transform = "Standard"
    scene.world = bpy.data.worlds.new("Studio")
    scene.world.color = BACKDROP
    scene.display.render_aa = "5"
    shading = scene.display.shading
    shading.light = "STUDIO"
    shading.studio_light = "paint.sl"
    shading.color_type = "MATERIAL"
    shading.show_cavity = True
    shading.cavity_type = "SCREEN"
