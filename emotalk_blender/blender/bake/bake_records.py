# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake remembers, in the .blend: what it wrote, and from what. Kept with the Action, so undo takes both back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import bpy

from .actions import AnimatedSlot
from .bake_record import Record
from .bake_record_format import made_by_later, pack, unpack

PROPERTY = "emotalk_bakes"
"""Custom property of an Action: its bakes, each as bytes, by slot and strip."""

_KEPT = 16
"""How many unpacked records stay in memory: a panel asks for them at every redraw, Live at every step of a slider."""

_recent: dict[bytes, Record | None] = {}
"""Packed bytes -> the record in them, None for bytes that cannot be read; the newest last."""


def records(place: AnimatedSlot) -> Iterator[Record]:
    """The records of all bakes onto a slot; those that cannot be read are left out."""
    for name, packed in _stored(place.action).items():
        if name.startswith(f"{place.slot.handle}.") and isinstance(packed, bytes):
            record = _unpacked(packed)
            if record is not None:
                yield record


def find_record(place: AnimatedSlot, strip: str) -> Record | None:
    """The record of the bake of this strip; None where there is none, or it cannot be read."""
    packed = _stored(place.action).get(_name(place, strip))
    return _unpacked(packed) if isinstance(packed, bytes) else None


def is_newer(place: AnimatedSlot, strip: str) -> bool:
    """Whether a later EmoTalk has remembered the bake of this strip, in a way that this one cannot read."""
    packed = _stored(place.action).get(_name(place, strip))
    return isinstance(packed, bytes) and made_by_later(packed)


def remember(place: AnimatedSlot, record: Record) -> None:
    """Store the record of a bake in place of the one of the same strip."""
    action = place.action
    if not hasattr(action.get(PROPERTY), "items"):
        action[PROPERTY] = {}
    forget(place, record.origin.strip)  # Blender cuts bytes that take the place of others at the first zero.
    action[PROPERTY][_name(place, record.origin.strip)] = packed = pack(record)
    _keep(packed, record)
    action.update_tag()  # What a panel shows of it may change although no key does.


def forget(place: AnimatedSlot, strip: str) -> None:
    """Delete the record of the bake of a strip, if there is one."""
    if _name(place, strip) in _stored(place.action):
        del place.action[PROPERTY][_name(place, strip)]


def _unpacked(packed: bytes) -> Record | None:
    if packed not in _recent:
        _keep(packed, unpack(packed))
    return _recent[packed]


def _keep(packed: bytes, record: Record | None) -> None:
    _recent[packed] = record
    while len(_recent) > _KEPT:
        del _recent[next(iter(_recent))]


def _stored(action: bpy.types.Action) -> Mapping[str, Any]:
    """The stored records of an Action, packed, by name; empty where somebody else's property has our name."""
    stored = action.get(PROPERTY)
    return stored if hasattr(stored, "items") else {}


def _name(place: AnimatedSlot, strip: str) -> str:
    """The name of a stored record. Hashed: a property's name may have 63 bytes, and a strip's name alone as many."""
    return f"{place.slot.handle}.{hashlib.blake2b(strip.encode(), digest_size=12).hexdigest()}"
