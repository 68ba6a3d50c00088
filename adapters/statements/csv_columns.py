"""Which column of a CSV file says what: as the person says, or as its header row names it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from application.ledger.statements import CsvMapping
from domain.ledger.statement import refused
from domain.shared.money import MINOR_DIGITS

_ALIASES: Final[Mapping[str, str]] = {
    # In each list the best name comes first: a booking date is better than any date.
    "date": (
        "booking date|date booked|booked date|booked|posting date|posted date|post date|"
        "bokføringsdato|bokført dato|bokført|bogføringsdato|bogført|bogført dato|bokføringsdag|"
        "bokföringsdag|bokföringsdatum|bokförd|reskontradatum|buchungstag|buchungsdatum|buchung|"
        "boekdatum|boekingsdatum|data księgowania|data operacji|completed date|date completed|"
        "date|dato|datum|data|transaction date|trans date|transaksjonsdato|transaktionsdato|"
        "transaktionsdatum|transaktionsdag|utført dato|kjøpsdato|started date|umsatzdatum|"
        "transactiedatum"
    ),
    "value_date": (
        "value date|valuta date|valutadato|valutadatum|valutadag|rentedato|rentedatum|"
        "wertstellung|wertstellungsdatum|wert|interest date|data waluty"
    ),
    "amount": (
        "amount|beløp|belopp|beløb|betrag|umsatz|bedrag|kwota|kwota operacji|transaction amount|"
        "sum|summe|summa|value"
    ),
    "debit": (
        "debit|debit amount|money out|paid out|withdrawal|withdrawals|out|ut|ut fra konto|"
        "ut av konto|beløp ut|uttak|utgående|uttag|utbetalinger|hævet|soll|ausgang|ausgaben|af|"
        "obciążenia"
    ),
    "credit": (
        "credit|credit amount|money in|paid in|deposit|deposits|in|inn|inn på konto|beløp inn|"
        "innskudd|inngående|insättning|innbetalinger|indsat|haben|eingang|einnahmen|bij|uznania"
    ),
    "direction": (
        "debit credit|debit/credit|credit/debit|credit debit|d/c|dc|cd|c/d|af bij|af/bij|"
        "soll/haben|s/h|sh|credit debit indicator|dr/cr|deebet/kreedit"
    ),
    "currency": (
        "currency|currency code|valutakode|valuta kode|valutasort|währung|waehrung|waluta|munt|"
        "valuta"
    ),
    "merchant": (
        "merchant|payee|counterparty|name|counterparty name|beneficiary|beneficiary/payer|"
        "payer/payee|mottaker|mottakernavn|motpart|modtager|mottagare|avsender|"
        "auftraggeber/empfänger|auftraggeber / empfänger|auftraggeber / begünstigter|"
        "auftraggeber/begünstigter|empfänger|beguenstigter/zahlungspflichtiger|"
        "begünstigter/zahlungspflichtiger|zahlungsempfänger|zahlungsempfänger*in|"
        "name zahlungsbeteiligter|empfänger/zahlungspflichtiger|zahlungsbeteiligter|"
        "naam tegenpartij|tegenpartij|nazwa odbiorcy|nadawca/odbiorca|nadawca / odbiorca|store|"
        "butikk|partner name|kjøpested|brukersted"
    ),
    "category": "category|kategori|kategorie|categorie|kategoria|hovedkategori",
    "balance": (
        "balance|saldo|running balance|balance after|bokfört saldo|bokført saldo|saldo etter|"
        "saldo nach buchung|saldo po operacji|saldo na mutatie|kontostand"
    ),
    "account": (
        # Not `konto`, `kontonummer`, `iban`: in many files that is the other party's.
        "account|account number|iban auftragskonto|auftragskonto|rekening|iban/bban|rachunek|"
        "client account"
    ),
    "status": "status|state|transaction status",
    "text": (
        "description|text|details|detail|narrative|memo|transaction description|message|"
        "reference text|"
        "beskrivelse|forklaring|forklarende tekst|tekst|melding|melding/kid/fakt.nr|"
        "transaksjonstekst|"
        "beskrivning|meddelande|transaktion|transaktionstext|posteringstekst|besked|"
        "verwendungszweck|buchungstext|beschreibung|umsatztext|vorgang|vorgang/verwendungszweck|"
        "omschrijving|mededelingen|naam / omschrijving|opis|opis operacji|tytuł|tytuł operacji|"
        "tittel|type|transaction type|purpose|note|notes"
    ),
}  # fmt: skip
_TEXT: Final = frozenset(_ALIASES["text"].split("|"))
_GERMAN: Final = frozenset(("buchungstag", "buchung", "buchungsdatum", "betrag", "umsatz"))
_RANKS: Final = {
    (role, alias): rank
    for role, aliases in _ALIASES.items()
    for rank, alias in enumerate(aliases.split("|"))
}
_IN_CURRENCY: Final = re.compile(r"\s*(?:\(|\[|\bin\s+|\bi\s+|,\s*)?\b([a-z]{3})\b[)\]]?\Z")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each thing stands, counted from 0; None for what the file does not say."""

    names: tuple[str, ...]
    date: int
    amount: int | None
    debit: int | None
    credit: int | None
    direction: int | None
    value_date: int | None
    currency: int | None
    text: tuple[int, ...]
    merchant: int | None
    category: int | None
    id: int | None
    balance: int | None
    account: int | None
    status: int | None
    amount_currency: str | None
    """From a header such as `Betrag (EUR)`."""

    @property
    def needed(self) -> int:
        """How many cells a row must have: up to the last column that is named or used."""
        named = [i for i, name in enumerate(self.names) if name.strip()]
        used = [
            column
            for column in (
                self.date, self.amount, self.debit, self.credit, self.direction, self.value_date,
                self.currency, *self.text, self.merchant, self.category, self.id, self.balance,
                self.account, self.status,
            )
            if column is not None
        ]  # fmt: skip
        return max(named + used) + 1

    def name(self, column: int | None) -> str | None:
        if column is None:
            return None
        return (self.names[column] if column < len(self.names) else "") or f"#{column + 1}"


def names_anything(mapping: CsvMapping) -> bool:
    """Whether the person names columns, and the header's words are therefore left alone."""
    return any((mapping.date, mapping.amount, mapping.debit, mapping.credit))


def plain_name(header: str) -> str:
    return " ".join(header.strip().strip("\"'*:").casefold().replace("_", " ").split())


def _names(cells: Sequence[str]) -> list[str]:
    names = [plain_name(cell) for cell in cells]
    if _GERMAN.isdisjoint(names):
        return names
    # In German `Valuta` is the value date, elsewhere in the north the currency.
    return ["wertstellung" if name == "valuta" else name for name in names]


def recognised(cells: Sequence[str], mapping: CsvMapping) -> int:
    """How many columns of what could be a header row are known; 0 unless it is one."""
    names = _names(cells)
    if names_anything(mapping):
        wanted = [mapping.date, mapping.amount, mapping.debit, mapping.credit]
        named = [plain_name(name) for name in wanted if name and not name.startswith("#")]
        return sum(name in names for name in named) if set(named) <= set(names) else 0
    found = {role: _best(role, names) for role in _ALIASES}
    dated = found["date"] is not None or found["value_date"] is not None
    if not dated or all(found[role] is None for role in ("amount", "debit", "credit")):
        return 0
    return sum(column is not None for column in found.values())


def resolve(cells: Sequence[str], mapping: CsvMapping, line: int) -> Columns:
    """The columns of a file with this header row (or of this width, when it has none).

    Raises:
        StatementRefusedError: a column is missing, unknown, or there twice.
    """
    names = _names(cells)
    if names_anything(mapping):
        return _as_told(cells, names, mapping, line)
    best = {role: _best(role, names) for role in _ALIASES if role != "text"}
    date = best["date"] if best["date"] is not None else best["value_date"]
    if date is None:
        raise refused(f"no column is known as a date in {_list(cells)}: map the columns", line=line)
    if best["amount"] is not None:
        # One amount says it all; debit and credit beside it would say it twice.
        best["debit"] = best["credit"] = None
    elif best["debit"] is None and best["credit"] is None:
        raise refused(
            f"no column is known as an amount in {_list(cells)}: map the columns", line=line
        )
    amount = best["amount"]
    if amount is not None and names.count(names[amount]) == 1:
        best["currency"] = _currency_beside(amount, best["currency"], names)
    used = {role: column for role, column in best.items() if column is not None}
    text = tuple(i for i, name in enumerate(names) if name in _TEXT and i not in used.values())
    _ensure_single(names, [*used.values(), *text], cells, line, used.get("currency"))
    return Columns(
        names=tuple(cells),
        date=date,
        amount=amount,
        debit=best["debit"],
        credit=best["credit"],
        direction=best["direction"],
        value_date=best["value_date"] if best["value_date"] != date else None,
        currency=best["currency"],
        text=text,
        merchant=best["merchant"],
        category=best["category"],
        id=None,
        balance=best["balance"],
        account=best["account"],
        status=best["status"],
        amount_currency=_currency_of_header(names, amount, best["debit"], best["credit"]),
    )


def _best(role: str, names: Sequence[str]) -> int | None:
    """The column whose name comes first among the role's names; of equal ones the first."""
    ranked = []
    for column, name in enumerate(names):
        rank = _RANKS.get((role, name))
        if rank is None and role in ("amount", "debit", "credit", "balance"):
            rank = _RANKS.get((role, _IN_CURRENCY.sub("", name)))
        if rank is not None:
            ranked.append((rank, column))
    return min(ranked)[1] if ranked else None


def _currency_beside(amount: int, currency: int | None, names: Sequence[str]) -> int | None:
    """Some files name the currency twice, after the balance and after the amount."""
    if currency is None or names.count(names[currency]) == 1:
        return currency
    beside = amount + 1
    return beside if beside < len(names) and names[beside] == names[currency] else currency


def _currency_of_header(names: Sequence[str], *columns: int | None) -> str | None:
    for column in columns:
        found = None if column is None else _IN_CURRENCY.search(names[column])
        if found and found[1].upper() in MINOR_DIGITS:
            return found[1].upper()
    return None


def _as_told(cells: Sequence[str], names: Sequence[str], mapping: CsvMapping, line: int) -> Columns:
    def at(name: str | None) -> int | None:
        return None if name is None else _find(name, cells, names, line)

    date = at(mapping.date)
    if date is None:
        raise refused("the mapping names no date column", line=line)
    if not (mapping.amount or mapping.debit or mapping.credit):
        raise refused("the mapping names neither an amount nor a debit or credit column", line=line)
    if mapping.amount and (mapping.debit or mapping.credit):
        raise refused("map either an amount column, or debit and credit, not both", line=line)
    amount, debit, credit = at(mapping.amount), at(mapping.debit), at(mapping.credit)
    return Columns(
        names=tuple(cells),
        date=date,
        amount=amount,
        debit=debit,
        credit=credit,
        direction=at(mapping.direction),
        value_date=at(mapping.value_date),
        currency=at(mapping.currency),
        text=tuple(_find(name, cells, names, line) for name in mapping.text),
        merchant=at(mapping.merchant),
        category=at(mapping.category),
        id=at(mapping.id),
        balance=at(mapping.balance),
        account=at(mapping.account),
        status=at(mapping.status),
        amount_currency=_currency_of_header(names, amount, debit, credit),
    )


def _find(name: str, cells: Sequence[str], names: Sequence[str], line: int) -> int:
    if re.fullmatch(r"#[0-9]{1,4}", name):
        column = int(name[1:]) - 1
        if 0 <= column < len(cells):
            return column
        said = f"there is no such column; they are counted from #1 to #{len(cells)}"
        raise refused(said, line=line, column=name)
    exact = [i for i, cell in enumerate(cells) if cell.strip() == name.strip()]
    found = exact or [i for i, known in enumerate(names) if known == plain_name(name)]
    if not found:
        raise refused(f"there is no such column; there are {_list(cells)}", line=line, column=name)
    if len(found) > 1:
        numbers = " and ".join(f"#{i + 1}" for i in found)
        raise refused(f"two columns have this name; say {numbers}", line=line, column=name)
    return found[0]


def _ensure_single(
    names: Sequence[str], used: Sequence[int], cells: Sequence[str], line: int, spared: int | None
) -> None:
    for column in used:
        if names.count(names[column]) > 1 and column != spared:
            raise refused(
                "two columns have this name; map the columns by number, such as #3",
                line=line,
                column=cells[column],
            )


def _list(cells: Sequence[str]) -> str:
    return ", ".join(repr(cell.strip()[:40]) for cell in cells[:20] if cell.strip()) or "it"
