"""One `Ntry` of a CAMT statement, and the texts in its details."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element

from adapters.statements.camt_values import read_amount, read_day, read_money, signed
from adapters.statements.camt_xml import Names
from domain.ledger.statement import refused
from domain.ledger.statement_rows import usable_reference
from domain.shared.money import Money
from domain.shared.observations import EntryStatus

_STATUS: Final[dict[str, EntryStatus | None]] = {
    "BOOK": EntryStatus.BOOKED,
    "PDNG": EntryStatus.PENDING,
    "FUTR": EntryStatus.PENDING,
    "INFO": None,
    "": EntryStatus.BOOKED,
}
"""INFO is only told and not booked. Without a status it is an entry like any other."""
_TEXTS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Entry:
    status: EntryStatus | None
    """None: the bank only informs about it."""
    amount: Money
    booked_on: date
    value_on: date | None
    reference: str | None
    text: str
    counterparty: str | None
    words: str
    """All that identifies the entry when the bank gives no reference."""


def read_entry(names: Names, entry: Element, path: str) -> Entry:
    """Raises StatementRefusedError, with the path of the element."""
    word = names.text(entry, "Sts", "Cd") or names.text(entry, "Sts")
    word = word or names.text(entry, "Sts", "Prtry")
    if word not in _STATUS:
        raise refused(f"{word[:20]!r} is neither BOOK, PDNG nor INFO", element=f"{path}/Sts")
    amount = read_money(names, entry, path)
    value_on = read_day(names, names.at(entry, "ValDt"), f"{path}/ValDt")
    booked_on = read_day(names, names.at(entry, "BookgDt"), f"{path}/BookgDt") or value_on
    if booked_on is None:
        raise refused("the entry has no booking date", element=f"{path}/BookgDt")
    details = [tx for d in names.all(entry, "NtryDtls") for tx in names.all(d, "TxDtls")]
    _ensure_total(names, entry, details, amount, path)
    reference = usable_reference(names.text(entry, "AcctSvcrRef"))
    if reference is None and len(details) == 1:
        reference = usable_reference(names.text(details[0], "Refs", "AcctSvcrRef"))
    said, extra = _texts(names, details), names.text(entry, "AddtlNtryInf")
    end_to_end = [usable_reference(names.text(tx, "Refs", "EndToEndId")) for tx in details]
    ids = " ".join(filter(None, end_to_end))
    party = _counterparty(names, entry, details, amount)
    text = said or extra or (ids if len(details) == 1 else "")
    return Entry(
        status=_STATUS[word],
        amount=amount,
        booked_on=booked_on,
        value_on=value_on,
        reference=reference,
        text=" ".join(text.split()),
        counterparty=party,
        words=f"{said} {extra} {ids} {party or ''}",
    )


def _ensure_total(
    names: Names, entry: Element, details: Sequence[Element], amount: Money, path: str
) -> None:
    """A batch must come to the sum of its parts, when the bank shows all of them in full.

    Charges, other currencies and parts that are held back leave nothing to compare.
    """
    if len(details) < 2 or names.at(entry, "Chrgs") is not None:  # noqa: PLR2004 - a batch
        return
    announced = names.text(entry, "NtryDtls", "Btch", "NbOfTxs")
    if announced and announced != str(len(details)):
        return
    total = 0
    for number, tx in enumerate(details, start=1):
        where = f"{path}/NtryDtls/TxDtls[{number}]"
        money = names.at(tx, "Amt")
        if money is None:
            money = names.at(tx, "AmtDtls", "TxAmt", "Amt")
        if money is None or money.get("Ccy") != amount.currency:
            return
        if names.at(tx, "Chrgs") is not None:
            return
        indicator = names.text(tx, "CdtDbtInd") or names.text(entry, "CdtDbtInd")
        total += signed(read_amount(money, where), indicator, where).minor
    if total != amount.minor:
        raise refused(
            f"its {len(details)} parts come to {Money(total, amount.currency)}, "
            f"the entry says {amount}",
            element=f"{path}/NtryDtls",
        )


def _texts(names: Names, details: Sequence[Element]) -> str:
    """The remittance information of all parts, each text once."""
    found = dict.fromkeys(text for tx in details if (text := _remittance(names, tx)))
    shown = list(found)[:_TEXTS_MAX]
    more = f"; and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
    return "; ".join(shown) + more


def _remittance(names: Names, tx: Element) -> str:
    info = names.at(tx, "RmtInf")
    free = "".join(_unwrapped(names, info))
    structured = [text for it in names.all(info, "Strd") for text in _structured(names, it)]
    text = " ".join([free, *(s for s in structured if s not in free)]).strip()
    return text or names.text(tx, "AddtlTxInf")


def _unwrapped(names: Names, info: Element | None) -> Iterator[str]:
    """Several `Ustrd` are lines of one text; a full one (140 characters) was cut in a word."""
    for line in names.all(info, "Ustrd"):
        text = " ".join((line.text or "").split())
        yield text if len(text) >= 140 else f"{text} "  # noqa: PLR2004 - the standard's width


def _structured(names: Names, strd: Element) -> Iterator[str]:
    """The creditor's reference (KID, OCR, RF), then invoice numbers and words beside them."""
    if reference := names.text(strd, "CdtrRefInf", "Ref"):
        yield reference
    for document in names.all(strd, "RfrdDocInf"):
        if number := names.text(document, "Nb"):
            yield number
    for words in names.all(strd, "AddtlRmtInf"):
        if words.text:
            yield " ".join(words.text.split())


def _counterparty(
    names: Names, entry: Element, details: Sequence[Element], amount: Money
) -> str | None:
    """The one other party of all parts: who paid, or was paid.

    When the entry takes another back, the parties keep the places they had in that one.
    """
    reversal = names.text(entry, "RvslInd").casefold() in ("true", "1")
    role = "Dbtr" if (amount.minor > 0) != reversal else "Cdtr"
    parties = {_name(names, names.at(tx, "RltdPties"), role) for tx in details} - {""}
    return parties.pop() if len(parties) == 1 else None


def _name(names: Names, parties: Element | None, role: str) -> str:
    for place in (role, f"Ultmt{role}"):
        party = names.at(parties, place)
        name = names.text(party, "Nm") or names.text(party, "Pty", "Nm")
        if not name:
            institution = names.at(party, "Agt", "FinInstnId")
            name = names.text(institution, "Nm")
        if name:
            return " ".join(name.split())
    account = names.at(parties, f"{role}Acct", "Id")
    return names.text(account, "IBAN") or names.text(account, "Othr", "Id")
