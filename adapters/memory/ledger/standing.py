"""Which open suggestions still mean something, as `adapters.postgres.ledger.standing` has it."""

from adapters.memory.ledger.one_account import TELLINGS
from adapters.memory.ledger.rows import ENTRIES
from adapters.memory.tables import MemoryTables
from application.ledger.suggestions import Suggestion, SuggestionState
from domain.ledger.entry import Entry
from domain.ledger.one_account.told import Told
from domain.shared.ids import EntryId, UserId
from domain.shared.observations import EntryStatus


def stands(tables: MemoryTables, owner: UserId, asked: Suggestion) -> bool:
    pending = _entry(tables, owner, asked.what.pending)
    booked = _entry(tables, owner, asked.what.booked)
    if asked.state is not SuggestionState.OPEN or pending is None or booked is None:
        return False
    if booked.status is not EntryStatus.BOOKED or booked.account_id != pending.account_id:
        return False
    if asked.what.evidence.between_files:
        # Once several feeds tell of the account, all of them together say what is one.
        return not _told(tables, owner, pending.id)
    if not asked.what.between_feeds:
        return pending.status is EntryStatus.PENDING
    mine, theirs = _told(tables, owner, pending.id), _told(tables, owner, booked.id)
    feeds = {one.feed_id for one in theirs}
    both = any(one.stands and one.feed_id in feeds for one in mine)
    return bool(mine) and bool(theirs) and not both


def _entry(tables: MemoryTables, owner: UserId, entry_id: EntryId) -> Entry | None:
    row = tables.of(ENTRIES).get((owner, entry_id))
    return None if row is None or row.entry.removed is not None else row.entry


def _told(tables: MemoryTables, owner: UserId, entry_id: EntryId) -> list[Told]:
    return [
        one
        for (whose, told, _), one in tables.of(TELLINGS).items()
        if (whose, told) == (owner, entry_id)
    ]
