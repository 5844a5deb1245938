"""Slots: when something regular happens, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_backend.services.timing import Cron, Every, parse_cron

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ZONES = [
    BERLIN,
    KATHMANDU,
    LORD_HOWE,
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Pacific/Apia"),
    ZoneInfo("UTC"),
]
# Berlin and Lord Howe put their clocks forward and back, Newfoundland too; Apia leaves out a whole day.
CHANGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 30, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def field(lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    return st.one_of(
        st.just("*"),
        number.map(str),
        st.integers(1, highest).map(lambda step: f"*/{step}"),
        st.lists(number, min_size=1, max_size=3).map(lambda found: ",".join(map(str, found))),
        st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}"),
    )


times = st.tuples(field(0, 59), st.one_of(field(0, 4), field(0, 23)), st.sampled_from(["*", "*", "1-28"]))
crons = times.map(lambda parts: f"{' '.join(parts)} * *")
moments = st.tuples(
    st.sampled_from(CHANGES), st.integers(-20_000, 20_000), st.sampled_from([0, 0, 1, 999_999])
).map(lambda parts: parts[0] + timedelta(seconds=parts[1], microseconds=parts[2]))


@settings(deadline=None)
@given(crons, st.sampled_from(ZONES), moments)
def test_slots_are_the_same_seen_forwards_and_backwards(cron: str, zone: ZoneInfo, now: datetime) -> None:
    timing = Cron(cron, zone)
    latest, following = timing.latest(now), timing.following(now)
    assert latest is not None
    assert following is not None
    assert latest <= now < following
    assert timing.following(latest) == timing.latest(following) == following
    assert timing.latest(latest) == timing.latest(following - timedelta(microseconds=1)) == latest


@settings(deadline=None, max_examples=50)
@given(times.filter(lambda parts: "*" in (parts[0][0], parts[1][0])), st.sampled_from(ZONES), moments)
def test_with_a_star_every_minute_whose_clocks_show_it_is_a_slot(
    parts: tuple[str, str, str], zone: ZoneInfo, now: datetime
) -> None:
    timing = Cron(f"{parts[0]} {parts[1]} * * *", zone)
    plain = Cron(timing.cron)
    minute = now.replace(second=0, microsecond=0)
    for step in range(-75, 76, 5):
        moment = minute + timedelta(minutes=step)
        shown = moment.astimezone(zone).replace(tzinfo=UTC)
        assert (timing.latest(moment) == moment) == (plain.latest(shown) == shown)


@given(st.integers(1, 100_000), moments)
def test_intervals_are_slots_that_all_processes_agree_on(seconds: int, now: datetime) -> None:
    timing = Every(seconds)
    latest, following = timing.latest(now), timing.following(now)
    assert latest <= now < following == latest + timedelta(seconds=seconds)
    assert timing.latest(following) == following
    assert latest.timestamp() % seconds == 0


def test_berlin_puts_its_clocks_forward() -> None:
    nightly = Cron("30 2 * * *", BERLIN)
    assert nightly.following(utc(2026, 3, 28, 12)) == utc(2026, 3, 29, 1)
    assert nightly.latest(utc(2026, 3, 29, 1)) == utc(2026, 3, 29, 1)
    assert nightly.following(utc(2026, 3, 29, 1)) == utc(2026, 3, 30, 0, 30)
    # Several that are skipped are one, and an hour that is skipped has no minutes.
    assert Cron("0,30 2 * * *", BERLIN).following(utc(2026, 3, 29, 1)) == utc(2026, 3, 30)
    assert Cron("*/30 2 * * *", BERLIN).following(utc(2026, 3, 28, 12)) == utc(2026, 3, 30)


def test_berlin_sets_its_clocks_back() -> None:
    nightly = Cron("30 2 * * *", BERLIN)
    assert nightly.following(utc(2026, 10, 24, 12)) == utc(2026, 10, 25, 0, 30)
    for later in (utc(2026, 10, 25, 0, 59), utc(2026, 10, 25, 1, 15), utc(2026, 10, 25, 1, 30)):
        assert nightly.latest(later) == utc(2026, 10, 25, 0, 30)
        assert nightly.following(later) == utc(2026, 10, 26, 1, 30)
    hourly = Cron("15 * * * *", BERLIN)
    assert hourly.following(utc(2026, 10, 25, 0, 15)) == utc(2026, 10, 25, 1, 15)
    assert hourly.latest(utc(2026, 10, 25, 1, 14)) == utc(2026, 10, 25, 0, 15)


def test_a_zone_with_quarters_of_an_hour() -> None:
    assert Cron("0 6 * * *", KATHMANDU).following(utc(2026, 5, 1)) == utc(2026, 5, 1, 0, 15)
    assert Cron("0 6 * * *", KATHMANDU).latest(utc(2026, 5, 1)) == utc(2026, 4, 30, 0, 15)


def test_clocks_that_change_by_half_an_hour() -> None:
    assert Cron("* 2 * * *", LORD_HOWE).following(utc(2026, 10, 3, 15, 29)) == utc(2026, 10, 3, 15, 30)
    assert Cron("0 0 * * *", LORD_HOWE).latest(utc(2026, 4, 5, 6)) == utc(2026, 4, 4, 13)


def test_rare_days() -> None:
    leap = Cron("0 0 29 2 *")
    assert leap.latest(utc(2026, 1, 1)) == utc(2024, 2, 29)
    assert leap.following(utc(2026, 1, 1)) == utc(2028, 2, 29)


def test_cron_text_is_written_in_one_way() -> None:
    assert parse_cron("  30  2 * * mon-fri ", LONG_AGO) == "30 2 * * MON-FRI"
    assert parse_cron("*/5 * * jan,feb *", LONG_AGO) == "*/5 * * JAN,FEB *"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "five fields"),
        ("@daily", "five fields"),
        ("* * * *", "this has 4"),
        ("0 30 2 * * *", "this has 6"),
        ("60 * * * *", "The minute '60' cannot be read"),
        ("* 24 * * *", "The hour '24'"),
        ("* * 0 * *", "The day of month '0'"),
        ("* * * 13 *", "The month '13'"),
        ("* * * * 8", "The day of week '8'"),
        ("5-1 * * * *", "The minute '5-1'"),
        ("*/0 * * * *", "The minute '*/0'"),
        ("x * * * *", "The minute 'X'"),
        ("\N{SUPERSCRIPT TWO} * * * *", "cannot be read"),
        ("0 0 30 2 *", "no such day"),
        ("0 0 31 4,6 *", "no such day"),
        (",".join(["1"] * 60) + " * * * *", "at most 100 characters"),
    ],
)
def test_cron_text_that_cannot_be_followed(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_cron(text, LONG_AGO)
    assert words in str(caught.value)


@settings(deadline=None)
@given(st.text(alphabet="0123456789*/,-#LW MONabc@\N{SUPERSCRIPT TWO}\0", max_size=40))
def test_any_text_is_followed_or_refused(text: str) -> None:
    try:
        cron = parse_cron(text, LONG_AGO)
    except ValueError:
        return
    following = Cron(cron, BERLIN).following(LONG_AGO)
    assert following is not None
    assert Cron(cron, BERLIN).latest(following) == following
