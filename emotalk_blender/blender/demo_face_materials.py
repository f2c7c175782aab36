# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's materials: one colour and one roughness each, the same in every engine."""

from __future__ import annotations

import bpy

COLOURS: dict[str, tuple[float, float, float, float]] = {
    "skin": (0.76, 0.45, 0.32, 0.5),
    "lips": (0.60, 0.22, 0.19, 0.35),
    "mouth": (0.14, 0.025, 0.03, 0.6),
    "teeth": (0.88, 0.85, 0.78, 0.25),
    "gums": (0.55, 0.16, 0.17, 0.35),
    "tongue": (0.62, 0.18, 0.19, 0.4),
    "eye white": (0.90, 0.90, 0.89, 0.15),
    "iris": (0.06, 0.25, 0.30, 0.15),
    "iris edge": (0.015, 0.05, 0.07, 0.15),
    "pupil": (0.004, 0.004, 0.005, 0.1),
    "glint": (1.0, 1.0, 1.0, 0.1),
    "lashes": (0.02, 0.012, 0.01, 0.6),
    "hair": (0.09, 0.035, 0.018, 0.45),
    "jumper": (0.08, 0.20, 0.30, 0.85),
}
"""Linear red, green, blue and roughness by name."""


def make_material(name: str) -> bpy.types.Material:
    """A new material with the named colour, for rendering and for the solid viewport alike."""
    red, green, blue, roughness = COLOURS[name]
    material = bpy.data.materials.new(f"EmoTalk {name.capitalize()}")
    material.diffuse_color = (red, green, blue, 1.0)
    material.roughness = roughness
    if not material.node_tree:
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (red, green, blue, 1.0)
    shader.inputs["Roughness"].default_value = roughness
    if name == "skin":
        shader.inputs["Subsurface Weight"].default_value = 0.12
        shader.inputs["Subsurface Radius"].default_value = (0.10, 0.035, 0.02)
    if name == "glint":
        shader.inputs["Emission Color"].default_value = (1.0, 1.0, 1.0, 1.0)
        shader.inputs["Emission Strength"].default_value = 1.0
    return material
