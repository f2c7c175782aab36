# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces: which of their shape keys the network can drive."""
