# SPDX-License-Identifier: GPL-3.0-or-later
"""How good a network is: figures on speech that it never learned from."""
