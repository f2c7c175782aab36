# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys written from a line: onto f-curves, remembered, found again, and told from an artist's own."""
