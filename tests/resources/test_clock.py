from datetime import date, datetime, timedelta

import pytest

from opendata.errors import HomeError
from resources.clock import Clock


def test_now_is_aware_and_in_the_homes_zone() -> None:
    assert Clock("Asia/Shanghai").now().utcoffset() == timedelta(hours=8)


def test_the_day_of_judgement_can_be_pinned() -> None:
    clock = Clock("Asia/Shanghai", date(2026, 1, 5))

    assert clock.as_of == date(2026, 1, 5)


def test_unpinned_the_day_of_judgement_is_today_in_the_homes_zone() -> None:
    clock = Clock("Pacific/Kiritimati")

    assert abs(clock.as_of - datetime.now(clock.now().tzinfo).date()) <= timedelta(days=1)


@pytest.mark.parametrize("name", ["Beijing", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(HomeError, match="IANA name such as Asia/Shanghai"):
        Clock(name)
