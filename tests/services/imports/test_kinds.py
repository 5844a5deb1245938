"""What is said of a file that looks like one of another kind."""

from __future__ import annotations

import pytest

from siprems_backend.services.imports import FileRefused, ImportKind
from tests.services.imports.conftest import Import

NEEDS = {
    ImportKind.SALES: "sales needs sku, date, quantity",
    ImportKind.PRODUCTS: "products needs sku",
    ImportKind.EVENTS: "events needs name, date",
    ImportKind.STOCK: "stock needs sku, on_hand",
    ImportKind.PROMOTIONS: "promotions needs date_from, date_to",
    ImportKind.SUPPLIERS: "suppliers needs ",
}


@pytest.mark.parametrize("kind", ImportKind)
def test_a_file_without_the_columns_of_its_kind_is_told_what_each_needs(
    import_text: Import, kind: ImportKind
) -> None:
    with pytest.raises(FileRefused) as refused:
        import_text("colour\nred\n", kind)
    message = refused.value.message
    assert f"It was read as {kind}." in message
    assert "?kind=" in message
    assert "--kind" in message
    assert all(needs in message for needs in NEEDS.values())
    assert bool(refused.value.fields) is (kind in NEEDS)
    assert refused.value.code == "file_refused"


def test_other_problems_of_a_file_do_not_speak_of_kinds(import_text: Import) -> None:
    with pytest.raises(FileRefused, match=r"occurs twice; keep one of the two\.$"):
        import_text("sku,sku,date,quantity\nA,A,2024-01-01,1\n")
