"""The one list of categories; everything a provider or a file calls a category maps onto it.

Codes are `group.leaf` and stable: they are kept in rows and sent to clients. The group decides
whether an entry counts as income, as spending, or as money that only changed its place.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class CategoryGroup(StrEnum):
    INCOME = "income"
    HOUSING = "housing"
    FOOD = "food"
    TRANSPORT = "transport"
    SHOPPING = "shopping"
    LEISURE = "leisure"
    TRAVEL = "travel"
    HEALTH = "health"
    FAMILY = "family"
    SERVICES = "services"
    FINANCE = "finance"
    TRANSFER = "transfer"
    OTHER = "other"


CATEGORIES: Final[Mapping[str, str]] = {
    "income.salary": "Salary",
    "income.benefits": "Benefits",
    "income.pension": "Pension",
    "income.interest": "Interest and dividends",
    "income.refunds": "Refunds",
    "income.business": "Business income",
    "income.other": "Other income",
    "housing.rent": "Rent",
    "housing.mortgage": "Mortgage",
    "housing.utilities": "Electricity, water and heating",
    "housing.communications": "Internet and phone",
    "housing.maintenance": "Maintenance and furnishing",
    "housing.insurance": "Home insurance",
    "housing.other": "Other housing",
    "food.groceries": "Groceries",
    "food.restaurants": "Restaurants",
    "food.coffee": "Coffee and snacks",
    "food.alcohol": "Bars and alcohol",
    "food.other": "Other food",
    "transport.public": "Public transport",
    "transport.car": "Car and fuel",
    "transport.taxi": "Taxi",
    "transport.other": "Other transport",
    "shopping.clothes": "Clothes",
    "shopping.electronics": "Electronics",
    "shopping.home": "Home and garden",
    "shopping.gifts": "Gifts",
    "shopping.other": "Other shopping",
    "leisure.subscriptions": "Streaming and subscriptions",
    "leisure.sports": "Sports and hobbies",
    "leisure.culture": "Culture and entertainment",
    "leisure.games": "Games and betting",
    "leisure.other": "Other leisure",
    "travel.flights": "Flights",
    "travel.lodging": "Lodging",
    "travel.other": "Other travel",
    "health.care": "Doctor and dentist",
    "health.pharmacy": "Pharmacy",
    "health.beauty": "Personal care",
    "health.insurance": "Health and life insurance",
    "health.other": "Other health",
    "family.children": "Children",
    "family.pets": "Pets",
    "family.education": "Education",
    "family.donations": "Donations",
    "family.other": "Other family",
    "services.government": "Taxes and public fees",
    "services.professional": "Professional services",
    "services.other": "Other services",
    "finance.fees": "Bank fees",
    "finance.interest": "Interest paid",
    "finance.loan": "Loan payments",
    "finance.investment": "Investments",
    "finance.insurance": "Other insurance",
    "finance.other": "Other finance",
    "transfer.own": "Between own accounts",
    "transfer.card": "Card payment",
    "transfer.savings": "Savings",
    "transfer.person": "To and from people",
    "transfer.cash": "Cash",
    "transfer.other": "Other transfers",
    "other.uncategorised": "Uncategorised",
}
"""Code to English name."""

UNCATEGORISED: Final = "other.uncategorised"

_MOVES: Final = frozenset({"transfer.own", "transfer.card", "transfer.savings"})


def group_of(category: str) -> CategoryGroup:
    return CategoryGroup(category.partition(".")[0])


def counts_in_cash_flow(category: str) -> bool:
    """Whether money came or went; moving it between one's own pockets does neither."""
    return category not in _MOVES
