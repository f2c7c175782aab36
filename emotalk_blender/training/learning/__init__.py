# SPDX-License-Identifier: GPL-3.0-or-later
"""Training from nothing, and fine-tuning on takes."""
