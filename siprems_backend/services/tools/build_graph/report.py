"""Relations as a page with a script of its own, and as rows of a table."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from siprems_backend.services.export_files import Column
from siprems_backend.services.report_pages.rendering import render
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.services.tools.build_graph.layout import layout
from siprems_backend.services.tools.build_graph.measuring import Findings

FOLDER = Path(__file__).parent
# Categories with a colour of their own; the others share one.
MOST_COLOURS = 8
MOST_ROWS = 100
# Radius of a product by its rank in what sold: amounts differ by too much to be seen.
SMALLEST, LARGEST = 0.13, 0.38
COLUMNS = (
    Column("sku", "text"),
    Column("name", "text"),
    Column("related_sku", "text"),
    Column("related_name", "text"),
    Column("correlation", "number"),
    Column("lift", "number"),
    Column("jaccard", "number"),
)


def rows(found: Findings) -> list[list[Any]]:
    """Every relation in the order of the columns."""
    return [
        [
            *(
                text
                for place in (relation.left, relation.right)
                for text in (found.products[place].sku, found.products[place].name)
            ),
            relation.correlation,
            relation.lift,
            relation.jaccard,
        ]
        for relation in found.relations
    ]


def page(found: Findings, parameters: Parameters) -> str:
    """The whole page."""
    colours = _colours(found)
    return render(
        FOLDER / "report.html",
        found=found,
        parameters=parameters,
        data=_as_script(_data(found, colours)),
        script=Markup((FOLDER / "graph.js").read_text(encoding="utf-8")),  # noqa: S704  # nosec B704: ours
        colours=colours,
        others=len({product.category for product in found.products}) > len(colours),
        rows=found.relations[:MOST_ROWS],
    )


def _colours(found: Findings) -> dict[str | None, int]:
    """The number of the colour of the categories with the most products."""
    counts = Counter(product.category for product in found.products)
    largest = sorted(counts, key=lambda name: (-counts[name], name or ""))
    return {name: number for number, name in enumerate(largest[:MOST_COLOURS])}


def _data(found: Findings, colours: dict[str | None, int]) -> dict[str, Any]:
    ends = np.array([(each.left, each.right) for each in found.relations], dtype=np.int64).reshape(-1, 2)
    places = layout(len(found.products), ends[:, 0], ends[:, 1])
    rank = np.argsort(np.argsort(found.units)) / max(len(found.units) - 1, 1)
    products = zip(found.products, found.units, rank.tolist(), places.round(3).tolist(), strict=True)
    return {
        "nodes": [
            {
                "sku": product.sku,
                "name": product.name,
                "category": product.category,
                "colour": colours.get(product.category, MOST_COLOURS),
                "units": round(units, 2),
                "size": round(SMALLEST + (LARGEST - SMALLEST) * above, 3),
                "x": x,
                "y": y,
            }
            for product, units, above, (x, y) in products
        ],
        "edges": [
            [each.left, each.right, each.correlation, each.lift, each.jaccard] for each in found.relations
        ],
    }


def _as_script(data: Any) -> Markup:
    """JSON that cannot end the element it stands in, whatever products are called."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # nosec B704: nothing is left that could be read as markup
