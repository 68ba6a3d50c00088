from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from typing_extensions import override

from adapters.postgres.as_caller import as_caller, fetch_as
from adapters.postgres.database import Database
from application.ledger.transfers import SideView, TransferListing, TransfersReader
from application.shared.caller import Claims
from domain.ledger.transfers import Method, TransferState
from domain.shared.money import Money

# Transfers of one moment have ids in the order of their making.
_LIST: Final = as_caller("""
    select transfer.id, transfer.method, transfer.confidence, transfer.by_person,
        transfer.made_at,
        sent.id as sent_id, sent.account_id as sent_account, sent.amount_minor as sent_minor,
        sent.currency as sent_currency, sent.booked_on as sent_on, sent.text as sent_text,
        got.id as got_id, got.account_id as got_account, got.amount_minor as got_minor,
        got.currency as got_currency, got.booked_on as got_on, got.text as got_text
    from transfers transfer
    join entries sent on sent.user_id = transfer.user_id and sent.id = transfer.out_entry
        and sent.removed is null
    join entries got on got.user_id = transfer.user_id and got.id = transfer.in_entry
        and got.removed is null
    where transfer.user_id = me.id and transfer.state = $4
        and ($5::uuid is null or transfer.id < $5)
    order by transfer.id desc limit $6
""")


@dataclass(frozen=True, slots=True)
class PostgresTransfersReader(TransfersReader):
    database: Database

    @override
    async def list(
        self, claims: Claims, state: TransferState, after: UUID | None, limit: int
    ) -> Sequence[TransferListing]:
        rows = await fetch_as(self.database, claims, _LIST, state.value, after, limit)
        return [_listing(row) for row in rows]


def _listing(row: Any) -> TransferListing:  # noqa: ANN401 - the driver publishes no types
    return TransferListing(
        id=row["id"],
        sent=_side(row, "sent"),
        received=_side(row, "got"),
        method=Method(row["method"]),
        confidence=row["confidence"],
        by_person=row["by_person"],
        made_at=row["made_at"],
    )


def _side(row: Any, side: str) -> SideView:  # noqa: ANN401 - the driver publishes no types
    return SideView(
        transaction_id=row[f"{side}_id"],
        account_id=row[f"{side}_account"],
        amount=Money(row[f"{side}_minor"], row[f"{side}_currency"]),
        booked_on=row[f"{side}_on"],
        text=row[f"{side}_text"],
    )
