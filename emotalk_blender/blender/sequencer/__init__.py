# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound strips: what can be heard of one, and its samples."""
