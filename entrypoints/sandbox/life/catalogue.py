"""Shops, employers and authorities, with the categories both providers give them."""

from typing import NamedTuple

from entrypoints.sandbox.life.rows import Wording


class Category(NamedTuple):
    pfm: str
    primary: str
    detailed: str


FOOD, MOVE, SHOP, FUN = "FOOD_AND_DRINK", "TRANSPORTATION", "GENERAL_MERCHANDISE", "ENTERTAINMENT"
HOME, TRIP, FEES = "RENT_AND_UTILITIES", "TRAVEL", "BANK_FEES"

GROCERIES = Category("exp:food.groceries", FOOD, f"{FOOD}_GROCERIES")
RESTAURANT = Category("exp:food.restaurants", FOOD, f"{FOOD}_RESTAURANT")
FAST_FOOD = Category("exp:food.restaurants", FOOD, f"{FOOD}_FAST_FOOD")
COFFEE = Category("exp:food.coffee", FOOD, f"{FOOD}_COFFEE")
WINE = Category("exp:food.alcohol-tobacco", FOOD, f"{FOOD}_BEER_WINE_AND_LIQUOR")
TRANSIT = Category("exp:transport.publictransport", MOVE, f"{MOVE}_PUBLIC_TRANSIT")
FUEL = Category("exp:transport.car", MOVE, f"{MOVE}_GAS")
TOLL = Category("exp:transport.car", MOVE, f"{MOVE}_TOLLS")
TAXI = Category("exp:transport.taxi", MOVE, f"{MOVE}_TAXIS_AND_RIDE_SHARES")
FLIGHT = Category("exp:transport.flights", TRIP, f"{TRIP}_FLIGHTS")
HOTEL = Category("exp:entertainment.vacation", TRIP, f"{TRIP}_LODGING")
CLOTHES = Category("exp:shopping.clothes", SHOP, f"{SHOP}_CLOTHING_AND_ACCESSORIES")
ELECTRONICS = Category("exp:shopping.electronics", SHOP, f"{SHOP}_ELECTRONICS")
MARKETPLACE = Category("exp:shopping.other", SHOP, f"{SHOP}_ONLINE_MARKETPLACES")
BOOKS = Category("exp:shopping.books", SHOP, f"{SHOP}_BOOKSTORES_AND_NEWSSTANDS")
MUSIC = Category("exp:entertainment.culture", FUN, f"{FUN}_MUSIC_AND_AUDIO")
FILMS = Category("exp:entertainment.culture", FUN, f"{FUN}_TV_AND_MOVIES")
GYM = Category("exp:entertainment.sport", "PERSONAL_CARE", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS")
PHARMACY = Category("exp:wellness.pharmacies", "MEDICAL", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS")
RENT = Category("exp:home.rent", HOME, f"{HOME}_RENT")
POWER = Category("exp:home.utilities", HOME, f"{HOME}_GAS_AND_ELECTRICITY")
BROADBAND = Category("exp:home.communications", HOME, f"{HOME}_INTERNET_AND_CABLE")
MOBILE = Category("exp:home.communications", HOME, f"{HOME}_TELEPHONE")
INSURANCE = Category("exp:home.insurances-fees", "GENERAL_SERVICES", "GENERAL_SERVICES_INSURANCE")
CASH = Category("exp:misc.withdrawals", "TRANSFER_OUT", "TRANSFER_OUT_WITHDRAWAL")
GIFT = Category("exp:misc.other", "TRANSFER_OUT", "TRANSFER_OUT_ACCOUNT_TRANSFER")
BANK_FEE = Category("exp:home.insurances-fees", FEES, f"{FEES}_OTHER_BANK_FEES")
SALARY = Category("inc:salary.other", "INCOME", "INCOME_SALARY")
PENSION = Category("inc:pension.other", "INCOME", "INCOME_RETIREMENT_PENSION")
STIPEND = Category("inc:benefits.other", "INCOME", "INCOME_OTHER")
INTEREST = Category("inc:financial.other", "INCOME", "INCOME_INTEREST_EARNED")
RECEIVED = Category("inc:other.other", "TRANSFER_IN", "TRANSFER_IN_ACCOUNT_TRANSFER")
REFUND = Category("inc:refund.other", SHOP, f"{SHOP}_CLOTHING_AND_ACCESSORIES")
MOVED_OUT = Category("tra:savings.other", "TRANSFER_OUT", "TRANSFER_OUT_SAVINGS")
MOVED_IN = Category("tra:savings.other", "TRANSFER_IN", "TRANSFER_IN_SAVINGS")
OWN_OUT = Category("tra:other.other", "TRANSFER_OUT", "TRANSFER_OUT_ACCOUNT_TRANSFER")
OWN_IN = Category("tra:other.other", "TRANSFER_IN", "TRANSFER_IN_ACCOUNT_TRANSFER")
CARD_BILL = Category("tra:exclude.other", "LOAN_PAYMENTS", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")


def plain(original: str, display: str, category: Category, note: str = "") -> Wording:
    """An entry with no shop behind it: a transfer, a wage, a fee."""
    return Wording(original, display, *category, note=note)


class Shop(NamedTuple):
    """Where money goes, and how much at a time (whole units of the currency charged)."""

    wording: Wording
    low: int
    high: int


def shop(text: str, name: str, code: str, category: Category, costs: tuple[int, int]) -> Shop:
    channel = "online" if code in ONLINE else "in store"
    return Shop(Wording(text, name, *category, name, code, channel, "Varekjøp"), *costs)


ONLINE = frozenset({"4899", "5815", "5818", "5968", "5964", "4511", "4814", "6300"})

SUPERMARKETS = (
    shop("REMA 1000 TORGGATA OSLO", "Rema 1000", "5411", GROCERIES, (89, 890)),
    shop("KIWI 505 STORGATA", "Kiwi", "5411", GROCERIES, (45, 640)),
    shop("COOP EXTRA GRUNERLOKKA", "Coop Extra", "5411", GROCERIES, (60, 720)),
    shop("MENY SOLSIDEN", "Meny", "5411", GROCERIES, (120, 980)),
    shop("JOKER HØYLANDET", "Joker", "5411", GROCERIES, (25, 260)),
)
RESTAURANTS = (
    shop("PEPPES PIZZA STORTINGSG", "Peppes Pizza", "5812", RESTAURANT, (219, 890)),
    shop("OLIVIA AKER BRYGGE", "Olivia", "5812", RESTAURANT, (280, 1150)),
    shop("SUMO SOLLI", "Sumo", "5812", RESTAURANT, (310, 1240)),
)
QUICK_BITES = (
    shop("MCDONALDS 104", "McDonald's", "5814", FAST_FOOD, (89, 240)),
    shop("NARVESEN JERNBANETORGET", "Narvesen", "5994", FAST_FOOD, (29, 129)),
)
CAFES = (
    shop("KAFFEBRENNERIET 23", "Kaffebrenneriet", "5814", COFFEE, (39, 118)),
    shop("ESPRESSO HOUSE BYPORTEN", "Espresso House", "5814", COFFEE, (45, 129)),
)
VINMONOPOLET = shop("VINMONOPOLET OSLO CITY", "Vinmonopolet", "5921", WINE, (119, 760))
PHARMACIES = (shop("APOTEK 1 SPORVEIEN", "Apotek 1", "5912", PHARMACY, (49, 420)),)
TICKET = shop("RUTER AS APP", "Ruter", "4111", TRANSIT, (42, 42))
TAXIS = (shop("OSLO TAXI 02323", "Oslo Taxi", "4121", TAXI, (145, 620)),)
STATIONS = (
    shop("CIRCLE K ALNABRU AUTOMAT", "Circle K", "5542", FUEL, (380, 1240)),
    shop("ESSO DANMARKSPLASS AUTO", "Esso", "5542", FUEL, (360, 1180)),
)
FASHION = (
    shop("ZALANDO SE BERLIN", "Zalando", "5651", CLOTHES, (249, 1890)),
    shop("H&M KARL JOHAN", "H&M", "5651", CLOTHES, (99, 990)),
    shop("XXL SPORT BERGEN", "XXL", "5941", CLOTHES, (149, 1590)),
)
THINGS = (
    shop("ELKJOP NETTHANDEL", "Elkjøp", "5732", ELECTRONICS, (199, 4990)),
    shop("ARK EGERTORGET", "Ark", "5942", BOOKS, (99, 499)),
    shop("FINN.NO OPPDRAG", "Finn", "5964", MARKETPLACE, (59, 1200)),
)
SUBSCRIPTIONS = (
    shop("SPOTIFY P2A4C1", "Spotify", "4899", MUSIC, (129, 129)),
    shop("NETFLIX.COM", "Netflix", "4899", FILMS, (159, 159)),
    shop("SATS NORGE AS", "SATS", "7997", GYM, (549, 549)),
)
EURO_SHOPS = (
    shop("FNAC PARIS FORUM", "Fnac", "5732", ELECTRONICS, (12, 180)),
    shop("CAFE DE FLORE PARIS", "Café de Flore", "5812", RESTAURANT, (9, 74)),
    shop("DB VERTRIEB GMBH", "Deutsche Bahn", "4112", TRANSIT, (19, 139)),
)
SWEDISH_SHOPS = (
    shop("ICA MAXI NORDBY", "ICA Maxi", "5411", GROCERIES, (240, 1900)),
    shop("SYSTEMBOLAGET CHARLOTTENBERG", "Systembolaget", "5921", WINE, (190, 1400)),
)
JAPANESE_SHOPS = (
    shop("FAMILYMART SHIBUYA", "FamilyMart", "5411", GROCERIES, (280, 3400)),
    shop("JR EAST SUICA", "JR East", "4112", TRANSIT, (1000, 5000)),
)
HOTELS = (shop("SCANDIC HOTEL 1183", "Scandic", "7011", HOTEL, (1190, 3400)),)
FLIGHTS = (shop("NORWEGIAN AIR SHUTTLE", "Norwegian", "4511", FLIGHT, (599, 3900)),)
