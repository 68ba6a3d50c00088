"""One mapping per direction, side by side."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from adapters.postgres.ledger.tables import accounts
from domain.ledger.account import Account, AccountOrigin, Anchor
from domain.ledger.entry import Edited, Entry, EntrySource, InTransfer, Part, Removed
from domain.ledger.matching.evidence import Evidence
from domain.shared.ids import AccountId, EntryId, TransferId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, EntryStatus

ACCOUNT_COLUMNS = [column for column in accounts.c if column.name != "balance_minor"]


def account_from_row(row: RowMapping) -> Account:
    currency = row["currency"]
    anchor = None
    if row["anchor_minor"] is not None:
        available = row["available_minor"]
        anchor = Anchor(
            booked=Money(row["anchor_minor"], currency),
            as_of=row["anchor_at"],
            available=None if available is None else Money(available, currency),
        )
    return Account(
        id=AccountId(row["id"]),
        owner=row["user_id"],
        name=row["name"],
        kind=AccountKind(row["kind"]),
        currency=currency,
        origin=AccountOrigin(row["origin"]),
        number=row["number"],
        institution=row["institution"],
        institution_id=row["institution_id"],
        anchor=anchor,
        anchored_by=AccountOrigin(row["anchored_by"]) if row["anchored_by"] else None,
        last_four=row["last_four"],
        created_at=row["created_at"],
    )


def account_to_row(account: Account) -> dict[str, Any]:
    anchor = account.anchor
    available = None if anchor is None else anchor.available
    return {
        "user_id": account.owner,
        "id": account.id,
        "name": account.name,
        "kind": account.kind,
        "currency": account.currency,
        "origin": account.origin,
        "number": account.number,
        "institution": account.institution,
        "institution_id": account.institution_id,
        "anchor_minor": None if anchor is None else anchor.booked.minor,
        "anchor_at": None if anchor is None else anchor.as_of,
        "available_minor": None if available is None else available.minor,
        "anchored_by": account.anchored_by,
        "last_four": account.last_four,
        "created_at": account.created_at,
    }


def entry_from_row(row: Mapping[str, Any], parts: Iterable[Mapping[str, Any]] = ()) -> Entry:
    currency = row["currency"]
    return Entry(
        id=EntryId(row["id"]),
        account_id=AccountId(row["account_id"]),
        status=EntryStatus(row["status"]),
        amount=Money(row["amount_minor"], currency),
        booked_on=row["booked_on"],
        text=row["text"],
        value_on=row["value_on"],
        counterparty=row["counterparty"],
        category=row["category"],
        note=row["note"],
        split=tuple(
            Part(Money(part["amount_minor"], currency), part["category"], part["note"])
            for part in parts
        ),
        edited=frozenset(Edited(word) for word in row["edited"]),
        removed=None if row["removed"] is None else Removed(row["removed"]),
        transfer=_transfer_from_row(row),
        version=row["version"],
    )


def _transfer_from_row(row: Mapping[str, Any]) -> InTransfer | None:
    if row["transfer_id"] is None:
        return None
    return InTransfer(
        TransferId(row["transfer_id"]),
        EntryId(row["transfer_entry_id"]),
        AccountId(row["transfer_account_id"]),
        row["transfer_beneath"],
    )


def entry_to_columns(entries: Sequence[Entry]) -> list[list[Any]]:
    """The columns of NEW_ENTRY_COLUMNS, for UNNEST: one list a column, one place an entry."""
    amounts = [entry.amount for entry in entries]
    return [
        [entry.id for entry in entries],
        [entry.account_id for entry in entries],
        [entry.status.value for entry in entries],
        [amount.minor for amount in amounts],
        [amount.currency for amount in amounts],
        [entry.booked_on for entry in entries],
        [entry.value_on for entry in entries],
        [entry.text for entry in entries],
        [entry.counterparty for entry in entries],
        [entry.category for entry in entries],
    ]


def link_to_columns(sources: Sequence[EntrySource]) -> list[list[Any]]:
    """One list a column, one place a source: its name, entry, digest, and why."""
    links = [source.link for source in sources]
    return [
        [source.external_id for source in sources],
        [source.entry_id for source in sources],
        [source.digest for source in sources],
        [link.method.value for link in links],
        [link.confidence for link in links],
        [link.matcher for link in links],
        [evidence_to_json(link.evidence) for link in links],
    ]


def evidence_to_json(evidence: Evidence | None) -> str | None:
    return None if evidence is None else msgspec.json.encode(evidence).decode()


def evidence_from_json(said: str | Mapping[str, Any] | None) -> Evidence | None:
    """From a connection that reads JSON by itself, as SQLAlchemy's do, or that does not."""
    if isinstance(said, str):
        return msgspec.json.decode(said, type=Evidence)
    return None if said is None else msgspec.convert(said, Evidence)
