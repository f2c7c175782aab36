# SPDX-License-Identifier: GPL-3.0-or-later
"""From the network's curves to curves an animator can use. NumPy alone."""
