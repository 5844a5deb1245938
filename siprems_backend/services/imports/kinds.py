"""The kinds of files, and which loader brings each in."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siprems_backend.services.imports.columns import ColumnsMissing, FileRefused
from siprems_backend.services.imports.events import EventsLoader
from siprems_backend.services.imports.loading import Loader
from siprems_backend.services.imports.products import ProductsLoader
from siprems_backend.services.imports.promotions import PromotionsLoader
from siprems_backend.services.imports.replenishment import ReplenishmentLoader
from siprems_backend.services.imports.sales import SalesLoader
from siprems_backend.services.imports.stock import StockLoader
from siprems_backend.services.imports.suppliers import SuppliersLoader


class ImportKind(enum.StrEnum):
    """What a file's rows are."""

    SALES = "sales"
    PRODUCTS = "products"
    EVENTS = "events"
    STOCK = "stock"
    PROMOTIONS = "promotions"
    SUPPLIERS = "suppliers"
    REPLENISHMENT = "replenishment"


LOADERS: dict[ImportKind, Loader] = {
    ImportKind.SALES: SalesLoader(),
    ImportKind.PRODUCTS: ProductsLoader(),
    ImportKind.EVENTS: EventsLoader(),
    ImportKind.STOCK: StockLoader(),
    ImportKind.PROMOTIONS: PromotionsLoader(),
    ImportKind.SUPPLIERS: SuppliersLoader(),
    ImportKind.REPLENISHMENT: ReplenishmentLoader(),
}


@contextmanager
def told_of_kinds(kind: ImportKind) -> Iterator[None]:
    """Let the error of a file without the columns of `kind` say which kinds there are, and how to name one.

    Raises:
        FileRefused: in the place of ColumnsMissing.
    """
    try:
        yield
    except ColumnsMissing as error:
        raise FileRefused(f"{error.message} {_advice(kind)}", fields=error.fields) from None


def _advice(kind: ImportKind) -> str:
    needs = "; ".join(
        f"{other} needs {', '.join(names)}"
        for other, loader in LOADERS.items()
        if (names := [column.name for column in loader.columns if column.required])
    )
    return (
        f"It was read as {kind}. If its rows are something else, say so by ?kind= in the request or --kind "
        f"on the command line: {needs}."
    )


# In this order a folder is imported: products first, so that sales find their names, and promotions and
# parameters of ordering last, which are of known products only.
FOLDER_FILES = (
    ("products", ImportKind.PRODUCTS),
    ("events", ImportKind.EVENTS),
    ("sales", ImportKind.SALES),
    ("stock_history", ImportKind.STOCK),
    ("promotions", ImportKind.PROMOTIONS),
    ("suppliers", ImportKind.SUPPLIERS),
    ("replenishment", ImportKind.REPLENISHMENT),
)
ENDINGS = (".csv", ".csv.gz", ".parquet", ".xlsx")


def kind_of_name(path: Path) -> ImportKind:
    """The kind that a file's name suggests; sales if it suggests none."""
    name = path.name.lower()
    if name.startswith("stock"):
        return ImportKind.STOCK
    return next((kind for start, kind in FOLDER_FILES if name.startswith(start)), ImportKind.SALES)


def files_of_folder(folder: Path) -> list[tuple[Path, ImportKind]]:
    """The files of a folder that can be imported, by their usual names, in the order to import them."""
    candidates = ((folder / f"{start}{ending}", kind) for start, kind in FOLDER_FILES for ending in ENDINGS)
    return [(path, kind) for path, kind in candidates if path.is_file()]
