"""Tink's categories in the words of our one list."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from domain.ledger.categories import UNCATEGORISED

_KNOWN: Final[Mapping[str, str]] = {
    "exp:home.rent": "housing.rent",
    "exp:home.mortgage": "housing.mortgage",
    "exp:home.utilities": "housing.utilities",
    "exp:home.communications": "housing.communications",
    "exp:home.insurances-fees": "housing.insurance",
    "exp:home.incurences-fees": "housing.insurance",  # Tink's own spelling, for years
    "exp:home.services": "housing.maintenance",
    "exp:home": "housing.other",
    "exp:house.repairs": "housing.maintenance",
    "exp:house.fitment": "housing.maintenance",
    "exp:house.garden": "shopping.home",
    "exp:house": "housing.maintenance",
    "exp:food.groceries": "food.groceries",
    "exp:food.restaurants": "food.restaurants",
    "exp:food.coffee": "food.coffee",
    "exp:food.alcohol-tobacco": "food.alcohol",
    "exp:food.bars": "food.alcohol",
    "exp:food": "food.other",
    "exp:transport.car": "transport.car",
    "exp:transport.publictransport": "transport.public",
    "exp:transport.taxi": "transport.taxi",
    "exp:transport.flights": "travel.flights",
    "exp:transport": "transport.other",
    "exp:shopping.clothes": "shopping.clothes",
    "exp:shopping.electronics": "shopping.electronics",
    "exp:shopping.gifts": "shopping.gifts",
    "exp:shopping.hobby": "leisure.sports",
    "exp:shopping.books": "leisure.culture",
    "exp:shopping": "shopping.other",
    "exp:entertainment.culture": "leisure.culture",
    "exp:entertainment.hobby": "leisure.sports",
    "exp:entertainment.sport": "leisure.sports",
    "exp:entertainment.vacation": "travel.other",
    "exp:entertainment": "leisure.other",
    "exp:wellness.healthcare": "health.care",
    "exp:wellness.eyecare": "health.care",
    "exp:wellness.pharmacies": "health.pharmacy",
    "exp:wellness.beauty": "health.beauty",
    "exp:wellness": "health.other",
    "exp:misc.withdrawals": "transfer.cash",
    "exp:misc.kids": "family.children",
    "exp:misc.pets": "family.pets",
    "exp:misc.education": "family.education",
    "exp:misc.charity": "family.donations",
    "inc:salary": "income.salary",
    "inc:pension": "income.pension",
    "inc:benefits": "income.benefits",
    "inc:refund": "income.refunds",
    "inc:financial": "income.interest",
    "inc": "income.other",
    "tra:savings": "transfer.savings",
    # What Tink leaves out of every budget: a card bill, money between one's own accounts.
    "tra:exclude": "transfer.own",
    "tra": "transfer.other",
}

_LONG_PREFIXES: Final = {"expenses": "exp", "income": "inc", "transfers": "tra"}


@lru_cache(maxsize=4096)
def category_of(pfm: str) -> str:
    """The nearest of our categories: exact, else the group's, else uncategorised."""
    kind, _, rest = pfm.partition(":")
    kind = _LONG_PREFIXES.get(kind, kind)
    group = rest.partition(".")[0]
    for name in (f"{kind}:{rest}", f"{kind}:{group}", kind):
        if name in _KNOWN:
            return _KNOWN[name]
    return UNCATEGORISED
