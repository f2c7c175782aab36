# SPDX-License-Identifier: GPL-3.0-or-later
"""How the controls of a face are recognized: a preset, the one that fits best, or rows that the artist has made."""

from __future__ import annotations

from ...rig.conventions import CONVENTIONS

AUTOMATIC, OWN = "AUTOMATIC", "OWN"
"""Choices of a face beside the presets: the preset that fits best, and the rows that the artist has made."""

# Numbers are what a .blend keeps: never change one.
PRESET_ITEMS = [
    (AUTOMATIC, "Automatic", "The convention that most names of this face follow", "NONE", 0),
    *(
        (key, label, f"Shapes named as {label} has them, and no others", "NONE", 10 + index)
        for index, (key, label) in enumerate(CONVENTIONS.items())
    ),
    (OWN, "My Rows", "The rows below: what you say drives what", "NONE", 1),
]
