# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's materials: one colour and one roughness each, the same in every engine."""

from __future__ import annotations

import bpy

COLOURS: dict[str, tuple[float, float, float, float]] = {
    "skin": (0.90, 0.55, 0.40, 0.5),
    "lips": (0.72, 0.27, 0.23, 0.4),
    "mouth": (0.12, 0.018, 0.020, 0.7),
    "teeth": (0.88, 0.85, 0.78, 0.25),
    "gums": (0.55, 0.16, 0.17, 0.35),
    "tongue": (0.78, 0.25, 0.25, 0.4),
    "eye white": (0.90, 0.90, 0.89, 0.15),
    "iris": (0.04, 0.20, 0.25, 0.15),
    "iris light": (0.09, 0.36, 0.40, 0.15),
    "iris edge": (0.015, 0.05, 0.07, 0.15),
    "pupil": (0.004, 0.004, 0.005, 0.1),
    "glint": (1.0, 1.0, 1.0, 0.1),
    "lashes": (0.02, 0.012, 0.01, 0.6),
    "hair": (0.16, 0.055, 0.025, 0.45),
    "jumper": (0.10, 0.30, 0.36, 0.85),
}
"""Linear red, green, blue and roughness by name."""

GLOW = {"glint": 1.0, "tongue": 0.18, "gums": 0.12, "teeth": 0.12, "mouth": 0.10}
"""Light of their own, as strength of emission: the inside of the mouth stays readable where no lamp reaches."""


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
        _add_blush(material, shader)
    shader.inputs["Emission Color"].default_value = (red, green, blue, 1.0)
    shader.inputs["Emission Strength"].default_value = GLOW.get(name, 0.0)
    return material


BLUSH = "Blush"
"""Colour attribute of the head: where the skin is rosier, from 0 to 1."""


def _add_blush(material: bpy.types.Material, shader: bpy.types.ShaderNode) -> None:
    nodes, links = material.node_tree.nodes, material.node_tree.links
    where = nodes.new("ShaderNodeAttribute")
    where.attribute_name = BLUSH
    where.location = (-460, 120)
    mix = nodes.new("ShaderNodeMixRGB")
    mix.location = (-230, 220)
    mix.inputs["Color1"].default_value = (*COLOURS["skin"][:3], 1.0)
    mix.inputs["Color2"].default_value = (0.85, 0.26, 0.20, 1.0)
    links.new(where.outputs["Fac"], mix.inputs["Fac"])
    links.new(mix.outputs["Color"], shader.inputs["Base Color"])
