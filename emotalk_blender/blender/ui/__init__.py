# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist sees: operators, panels, properties, preferences, and the command line."""
