"""Evaluations of files of sales: what is written and measured, and that failure leaves nothing."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation import EvaluationRequest, evaluate
from tests.services.evaluation.shop_file import FIRST, sales, write

SKUS = ["plain", "Brötchen, groß", 'A "quoted" one']
HEADING = "sku,cutoff,date,yhat,q0.025,q0.1,q0.25,q0.5,q0.75,q0.9,q0.975,total_q0.9"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write(tmp_path / "sales.csv", sales(SKUS))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_row_for_every_sku_cutoff_and_period(shop: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    made = evaluate(EvaluationRequest(shop, 7, 3), output)
    assert output.read_text().splitlines()[0] == HEADING
    rows = rows_of(output)
    last = FIRST + dt.timedelta(days=149)
    wanted = {
        (sku, str(last - dt.timedelta(days=7 * fold)), str(last - dt.timedelta(days=7 * fold - ahead)))
        for sku in SKUS
        for fold in (1, 2, 3)
        for ahead in range(1, 8)
    }
    assert {(row["sku"], row["cutoff"], row["date"]) for row in rows} == wanted
    assert len(rows) == len(wanted)
    assert [line.name for line in made.lines] == ["auto", "seasonal-naive"]
    assert all(line.scores.product_folds == 9 for line in made.lines)


def test_weekly_sales_are_forecast_by_the_week(tmp_path: Path) -> None:
    shop = write(tmp_path / "weekly.csv", sales(["a", "b"], periods=80, step=7))
    made = evaluate(EvaluationRequest(shop, 4, 2), tmp_path / "out.csv")
    assert made.step == "week"
    days = {dt.date.fromisoformat(row["date"]) for row in rows_of(tmp_path / "out.csv")}
    assert {(day - FIRST).days % 7 for day in days} == {0}
    assert len(days) == 8


def test_closed_days_are_in_no_forecast(tmp_path: Path) -> None:
    open_rows = [row for row in sales(SKUS) if row[1].weekday() != 6]  # type: ignore[attr-defined]
    evaluate(EvaluationRequest(write(tmp_path / "sales.csv", open_rows), 7, 2), tmp_path / "out.csv")
    assert {dt.date.fromisoformat(row["date"]).weekday() for row in rows_of(tmp_path / "out.csv")} == set(
        range(6)
    )


def test_skus_with_fewer_than_eight_sales_are_left_out(tmp_path: Path) -> None:
    rows = sales(SKUS) + [["rare", FIRST + dt.timedelta(days=day), 1] for day in range(7)]
    evaluate(EvaluationRequest(write(tmp_path / "sales.csv", rows), 7, 1), tmp_path / "out.csv")
    assert {row["sku"] for row in rows_of(tmp_path / "out.csv")} == set(SKUS)


def test_rows_of_one_day_add_up_and_returns_count_as_nothing(shop: Path, tmp_path: Path) -> None:
    rows = sales(SKUS)
    split = [[sku, day, part] for sku, day, units in rows for part in (1, int(units) - 1) if units]  # type: ignore[call-overload]
    returned = [[sku, day, -4] for sku, day, _ in rows[::5]]
    other = write(tmp_path / "split.csv", [*split, *returned, *[row for row in rows if not row[2]]])
    evaluate(EvaluationRequest(shop, 7, 1), tmp_path / "one.csv")
    evaluate(EvaluationRequest(other, 7, 1), tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_planned_promotions_replace_the_flags_of_the_sale_lines(tmp_path: Path) -> None:
    """A flag that only a sale line carries tells what sells; with a plan it is not read at all."""
    rows = sales(SKUS)
    flagged = [[*row, int(number % 9 == 0)] for number, row in enumerate(rows)]
    plain = write(tmp_path / "plain.csv", rows)
    with_flags = write(tmp_path / "flags.csv", flagged, ["sku", "date", "quantity", "is_promo"])
    starts = [FIRST + dt.timedelta(days=start) for start in range(10, 150, 30)]
    plan_rows = [[SKUS[0], day, day + dt.timedelta(days=6), 3, 0] for day in starts]
    heading = ["sku", "week_first_day", "week_last_day", "stores_mailer", "stores_display"]
    plan = write(tmp_path / "plan.csv", plan_rows, heading)
    outputs = []
    for name, source, promotions in (("a", plain, plan), ("b", with_flags, plan), ("c", with_flags, None)):
        output = tmp_path / f"{name}.out"
        evaluate(EvaluationRequest(source, 14, 2, promotions=promotions), output)
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1]
    assert outputs[0] != outputs[2]


def test_a_planned_promotion_without_shops_is_none(tmp_path: Path) -> None:
    shop = write(tmp_path / "sales.csv", sales(SKUS))
    heading = ["sku", "week_first_day", "week_last_day", "stores_mailer", "stores_display"]
    rows = [[SKUS[0], FIRST + dt.timedelta(days=d), FIRST + dt.timedelta(days=d + 6), 0, 0] for d in (20, 90)]
    plan = write(tmp_path / "plan.csv", rows, heading)
    evaluate(EvaluationRequest(shop, 7, 1), tmp_path / "without.csv")
    evaluate(EvaluationRequest(shop, 7, 1, promotions=plan), tmp_path / "with.csv")
    assert (tmp_path / "without.csv").read_bytes() == (tmp_path / "with.csv").read_bytes()


def test_figures_by_category_class_and_distance_add_up(shop: Path, tmp_path: Path) -> None:
    products = write(
        tmp_path / "products.csv",
        [[SKUS[0], "bread"], [SKUS[1], "rolls"], [SKUS[2], "rolls"], ["unknown", "rolls"]],
        ["sku", "category"],
    )
    made = evaluate(EvaluationRequest(shop, 7, 2, products=products), tmp_path / "out.csv")
    folds = {line.name: line.scores.product_folds for line in made.by_category}
    assert folds == {"category rolls": 4, "category bread": 2}
    assert sum(line.scores.product_folds for line in made.by_class) == 6
    assert [line.name for line in made.by_part] == ["day 1 to 3", "day 4 to 5", "day 6 to 7"]
    share = [3 / 7, 2 / 7, 2 / 7]
    covered = sum(part * line.scores.coverage_80 for part, line in zip(share, made.by_part, strict=True))
    assert covered == pytest.approx(made.lines[0].scores.coverage_80)


def test_every_picture_has_the_name_of_its_sku_made_safe(tmp_path: Path) -> None:
    skus = ["../up", "$x_1$", "数 $"]
    shop = write(tmp_path / "sales.csv", sales(skus))
    request = EvaluationRequest(shop, 7, 2, plot=tmp_path / "pictures", plot_most=2)
    made = evaluate(request, tmp_path / "out.csv")
    pictures = sorted((tmp_path / "pictures").iterdir())
    # The last sells most, the second more than the first.
    assert [path.name for path in pictures] == ["%24x_1%24.png", "%E6%95%B0%20%24.png"]
    assert made.pictures == 2
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


BAD_ROWS = [
    (["x", "2024-02-01", "abc"], "line 452: 'abc' in the column quantity is not a number"),
    (["x", "2024-02-01", "nan"], "line 452: 'nan' in the column quantity is not a number"),
    (["x", "2024-02-01", "-inf"], "line 452: '-inf' in the column quantity is not a number"),
    (["x", "2024-13-01", 1], "line 452: '2024-13-01' in the column date is not a date"),
    (["x", "2024", 1], "line 452: '2024' in the column date is not a date"),
    (["x", "today", 1], "line 452: 'today' in the column date is not a date"),
    (["x", "", 1], "line 452: '' in the column date is not a date"),
    (["x", "1024-02-01", 1], "A date lies outside 1900-01-01 to 2199-12-31"),
    (["x", "2024-02-01", 1e18], "A quantity is not a sensible number"),
    (["x", "2024-02-01"], "Row #452: Expected 3 columns, got 2"),
]


@pytest.mark.parametrize(("row", "message"), BAD_ROWS)
def test_a_bad_row_is_named(tmp_path: Path, row: list[object], message: str) -> None:
    shop = write(tmp_path / "sales.csv", [*sales(SKUS), row])
    with pytest.raises(Invalid) as raised:
        evaluate(EvaluationRequest(shop, 7, 1), tmp_path / "out.csv")
    assert "sales.csv" in raised.value.message
    assert message in raised.value.message
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "cannot be read as CSV: Empty CSV file"),
        (b"sku,date,quantity\n", "There are no sales"),
        (b"sku;date;quantity\na;2024-01-01;1\n", "needs a column sku; it has: sku;date;quantity."),
        (b"sku,date\na,2024-01-01\n", "needs a column quantity; it has: sku, date."),
        (b"sku,date,quantity,date\na,2024-01-01,1,2\n", "has more than one column date"),
        ("sku,date,quantity\nBrötchen,2024-01-01,1\n".encode("latin-1"), "invalid UTF8 data"),
    ],
)
def test_a_file_that_is_none_of_sales_says_why(tmp_path: Path, text: bytes, message: str) -> None:
    (tmp_path / "sales.csv").write_bytes(text)
    with pytest.raises(Invalid) as raised:
        evaluate(EvaluationRequest(tmp_path / "sales.csv", 7, 1), tmp_path / "out.csv")
    assert message in raised.value.message


@pytest.mark.parametrize(("horizon", "cutoffs"), [(150, 1), (14, 11), (400, 1)])
def test_more_cutoffs_than_the_sales_have_room_for(
    shop: Path, tmp_path: Path, horizon: int, cutoffs: int
) -> None:
    with pytest.raises(Invalid, match=f"150 days of sales are too few for {cutoffs} cut-offs"):
        evaluate(EvaluationRequest(shop, horizon, cutoffs), tmp_path / "out.csv")


def test_a_shop_in_which_nothing_sells_often_enough(tmp_path: Path) -> None:
    shop = write(tmp_path / "sales.csv", [["a", FIRST + dt.timedelta(days=day), 0] for day in range(99)])
    with pytest.raises(Invalid, match="No SKU sold on 8 days before any of the cut-offs"):
        evaluate(EvaluationRequest(shop, 7, 1), tmp_path / "out.csv")


def test_cutoffs_before_the_first_sales_are_no_obstacle(tmp_path: Path) -> None:
    """At the first cut-off nothing has sold; the others are measured."""
    shop = write(tmp_path / "sales.csv", sales(["a"], periods=30))
    made = evaluate(EvaluationRequest(shop, 7, 4), tmp_path / "out.csv")
    assert made.lines[0].scores.product_folds == 3


class Stopped(Exception):
    """Whoever waits has had enough."""


def test_an_evaluation_that_is_stopped_leaves_the_old_file_alone(shop: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    output.write_text("old")

    def stop(current: int, total: int, message: str = "") -> None:
        if current == 1:
            raise Stopped

    with pytest.raises(Stopped):
        evaluate(EvaluationRequest(shop, 7, 2), output, stop)
    assert output.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"sales.csv", "out.csv"}


def test_places_that_cannot_be_written_show_before_the_work(shop: Path, tmp_path: Path) -> None:
    steps: list[int] = []

    def count(current: int, total: int, message: str = "") -> None:
        steps.append(current)

    with pytest.raises(Invalid, match=r"out\.csv cannot be written: No such file or directory"):
        evaluate(EvaluationRequest(shop, 7, 2), tmp_path / "nowhere" / "out.csv", count)
    with pytest.raises(Invalid, match=r"sales\.csv cannot be written"):
        evaluate(EvaluationRequest(shop, 7, 2, plot=shop), tmp_path / "out.csv", count)
    with pytest.raises(Invalid, match="There is no engine 'magic'; known are auto"):
        EvaluationRequest(shop, 7, 2, ("magic",))
    assert not steps


def test_progress_ends_at_its_total(shop: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def note(current: int, total: int, message: str = "") -> None:
        seen.append((current, total))

    request = EvaluationRequest(shop, 7, 2, plot=tmp_path / "pictures", plot_most=2)
    evaluate(request, tmp_path / "out.csv", note)
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
