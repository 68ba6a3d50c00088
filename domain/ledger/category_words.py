"""Words people and their files use for categories, and the codes they stand for."""

from collections.abc import Mapping
from typing import Final

from domain.ledger.categories import CATEGORIES

_WORDS: Final[Mapping[str, str]] = {
    "income.salary": "income salary wage wages paycheck payroll lønn lonn lön inntekt gehalt",
    "income.benefits": "benefits nav støtte stipend barnetrygd",
    "income.pension": "pension pensjon rente",
    "income.interest": "interest dividends dividend renter utbytte",
    "income.refunds": "refund refunds reimbursement refusjon",
    "income.other": "deposit gift-received innskudd",
    "housing.rent": "rent husleie miete hyra",
    "housing.mortgage": "mortgage boliglån bolån",
    "housing.utilities": "utilities electricity power water heating strøm strom el",
    "housing.communications": "internet phone mobile telecom telefon mobil bredbånd",
    "housing.maintenance": "household furniture maintenance hushold interiør",
    "housing.other": "housing home bolig hjem wohnen boende",
    "food.groceries": "groceries grocery supermarket dagligvarer dagligvare lebensmittel mat",
    "food.restaurants": "restaurant restaurants dining takeaway spise",
    "food.coffee": "coffee cafe café kaffe snacks",
    "food.alcohol": "alcohol bar bars pub vinmonopolet",
    "food.other": "food essen",
    "transport.public": "bus train tram metro transit kollektivt kollektivtransport",
    "transport.car": "car fuel gas petrol parking bil bensin drivstoff auto",
    "transport.taxi": "taxi uber bolt drosje",
    "transport.other": "transport transportation travel-local reise",
    "shopping.clothes": "clothes clothing shoes klær kläder kleidung",
    "shopping.electronics": "electronics elektronikk",
    "shopping.home": "garden hage",
    "shopping.gifts": "gift gifts gave gaver",
    "shopping.other": "shopping merchandise handel",
    "leisure.subscriptions": "subscription subscriptions streaming abonnement abonnementer",
    "leisure.sports": "sport sports gym fitness trening hobby",
    "leisure.culture": "entertainment culture cinema music underholdning kultur",
    "leisure.games": "games gaming gambling betting spill",
    "leisure.other": "leisure fun fritid freizeit",
    "travel.flights": "flight flights fly",
    "travel.lodging": "hotel hotels lodging hotell",
    "travel.other": "travel vacation holiday ferie reiser urlaub",
    "health.care": "health doctor dentist medical lege tannlege helse gesundheit",
    "health.pharmacy": "pharmacy apotek apotheke",
    "health.beauty": "beauty hairdresser personal-care frisør",
    "family.children": "children child kids barn kinder",
    "family.pets": "pets pet dyr",
    "family.education": "education school tuition utdanning skole",
    "family.donations": "charity donation donations gave-til-organisasjon",
    "services.government": "tax taxes fee fees-public skatt avgift steuer",
    "services.professional": "services service tjenester",
    "finance.fees": "fees bank-fees gebyr gebyrer",
    "finance.loan": "loan loans lån kredit debt",
    "finance.investment": "investment investments savings-plan fond aksjer sparing",
    "finance.insurance": "insurance forsikring versicherung försäkring",
    "transfer.own": "transfer transfers internal overføring überweisung",
    "transfer.cash": "cash atm withdrawal minibank uttak bargeld",
    "transfer.savings": "savings sparekonto",
    "other.uncategorised": "other uncategorized uncategorised misc miscellaneous annet diverse",
}
_CODE_OF: Final[Mapping[str, str]] = {
    word: code for code, words in _WORDS.items() for word in words.split()
} | {name.casefold(): code for code, name in CATEGORIES.items()}


def category_of_word(word: str) -> str | None:
    """The code that a category word of a file means; None when it is not known."""
    plain = word.strip().casefold()
    if plain in CATEGORIES:
        return plain
    return _CODE_OF.get(plain) or _CODE_OF.get(plain.replace(" ", "-"))
