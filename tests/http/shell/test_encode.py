import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.money import MINOR_DIGITS, MINOR_MAX, Money
from entrypoints.http.encode import to_json
from entrypoints.http.envelope import Data

moneys = st.builds(Money, st.integers(-MINOR_MAX, MINOR_MAX), st.sampled_from(sorted(MINOR_DIGITS)))
tricky = st.text() | st.sampled_from(
    ['{"minor":5,"currency":"NOK"}', '{"minor":', '"{', ',"currency":"NOK"', "{", "\\"]
)


@dataclass(frozen=True, slots=True)
class View:
    text: str
    money: Money
    more: tuple[Money, ...]
    names: dict[str, Money]


def plain(value: object) -> object:
    match value:
        case Money():
            return {"amount": value.amount, "currency": value.currency}
        case View():
            return {
                "text": value.text,
                "money": plain(value.money),
                "more": [plain(one) for one in value.more],
                "names": {name: plain(one) for name, one in value.names.items()},
            }
        case _:
            return value


@given(
    st.lists(
        st.builds(View, tricky, moneys, st.tuples(moneys, moneys), st.dictionaries(tricky, moneys))
    )
)
def test_money_is_in_major_units_and_nothing_else_is_touched(views: list[View]) -> None:
    assert json.loads(to_json(Data(views))) == {"data": [plain(view) for view in views]}


def test_an_object_that_only_begins_like_money_stays() -> None:
    odd = [{"minor": 5, "x": 1}, {"minor": 5}, {"minor": "5", "currency": "NOK"}]
    assert json.loads(to_json(odd)) == odd


def test_dates_and_instants() -> None:
    instant = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert to_json([date(2026, 3, 1), instant]) == b'["2026-03-01","2026-03-01T12:00:00Z"]'


def test_a_page_prepared_elsewhere_passes_as_it_is() -> None:
    assert to_json(Data(msgspec.Raw(b"[1]"))) == b'{"data":[1]}'
