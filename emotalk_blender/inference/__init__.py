# SPDX-License-Identifier: GPL-3.0-or-later
"""From sound to curves without Blender."""
