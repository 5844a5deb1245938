"""Places for products on a page, so that related ones are near each other.

Groups that have nothing to do with each other are laid out for themselves, by forces (Fruchterman and
Reingold, "Graph drawing by force-directed placement", 1991), and put side by side in rows. The same graph
always looks the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Floats

Indices = NDArray[np.int64]
ROUNDS = 220
# Width over height of the page, and the room around a group and for each of its products.
ASPECT, GAP = 1.6, 0.7
PUSH, GRAVITY = 1.6, 0.03
TINY = 1e-9


def layout(products: int, left: Indices, right: Indices) -> Floats:
    """Return places (n, 2) of products joined by pairs (m,), in units of the distance of neighbours."""
    places = np.zeros((products, 2))
    boxes = []
    groups = _groups(products, left, right)
    for members in groups:
        inside = np.isin(left, members)
        order = np.searchsorted(members, np.stack([left[inside], right[inside]]))
        own = _by_forces(len(members), order[0], order[1])
        own -= own.min(axis=0)
        places[members] = own
        boxes.append(own.max(axis=0) + 2 * GAP)
    for members, corner in zip(groups, _packed(boxes), strict=True):
        places[members] += corner + GAP
    return places


def _groups(products: int, left: Indices, right: Indices) -> list[Indices]:
    """Products that are joined by any way, the largest group first."""
    group = np.arange(products)
    while True:
        lowest = group.copy()
        np.minimum.at(lowest, left, group[right])
        np.minimum.at(lowest, right, group[left])
        lowest = lowest[lowest]
        if (lowest == group).all():
            break
        group = lowest
    found = [np.flatnonzero(group == each) for each in np.unique(group)]
    return sorted(found, key=lambda members: (-len(members), int(members[0])))


def _by_forces(count: int, left: Indices, right: Indices) -> Floats:
    """Let neighbours pull and all others push, ever more gently.

    Who has many neighbours pulls each of them less, so that the middle of a large group stays readable.
    """
    random = np.random.default_rng(count)
    reach = np.sqrt(count)
    places = random.normal(size=(count, 2)) * reach
    neighbours = np.bincount(np.concatenate([left, right]), minlength=count)
    strength = 1.0 / np.sqrt(np.minimum(neighbours[left], neighbours[right]))[:, None]
    for heat in np.linspace(reach, 0.02, ROUNDS):
        apart = places[:, None, :] - places[None, :, :]
        distance = np.sqrt((apart**2).sum(axis=2)) + TINY
        push = (PUSH * apart / distance[:, :, None] ** 2).sum(axis=1)
        line = places[left] - places[right]
        pull = strength * line * np.sqrt((line**2).sum(axis=1))[:, None]
        moved = push - GRAVITY * places
        np.subtract.at(moved, left, pull)
        np.add.at(moved, right, pull)
        length = np.sqrt((moved**2).sum(axis=1)) + TINY
        places += moved / length[:, None] * np.minimum(length, heat)[:, None]
    return places


def _packed(boxes: Sequence[Floats]) -> list[Floats]:
    """Return the corner of each box: the first, and beside it the others in rows as high as it together."""
    if not boxes:
        return []
    first, others = boxes[0], boxes[1:]
    area = sum(float(box.prod()) for box in others)
    room = max([area / float(first[1]), *(float(box[0]) for box in others)])
    # Without a large group all others together take the form of a page.
    width = max(room, np.sqrt(ASPECT * area)) if first[1] < np.sqrt(area) else room
    corners, x, y, height = [np.zeros(2)], 0.0, 0.0, 0.0
    for box in others:
        if x and x + box[0] > width * 1.1:
            x, y, height = 0.0, y + height, 0.0
        corners.append(np.array([float(first[0]) + x, y]))
        x, height = x + float(box[0]), max(height, float(box[1]))
    return corners
