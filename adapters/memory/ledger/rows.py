from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.memory.tables import Table
from application.ledger.imports import ImportId, StatementImport
from application.ledger.ports import LedgerChange
from application.ledger.suggestions import Suggestion, SuggestionId
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.matching.evidence import Link
from domain.ledger.matching.facts import Apart, KnownSource
from domain.ledger.matching.manners import Manners
from domain.ledger.sums import DayKey, MonthKey
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: Account
    balance_minor: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    entry: Entry
    revision: int


class MonthSum(NamedTuple):
    in_minor: int
    out_minor: int
    parts: int


@dataclass(frozen=True, slots=True)
class ImportRow:
    one: StatementImport
    file: bytes | None


SourceKey = tuple[UserId, FeedId, ExternalId]

ACCOUNTS: Final = Table[tuple[UserId, AccountId], AccountRow]("accounts")
ACCOUNT_SOURCES: Final = Table[SourceKey, AccountId]("account_sources")
RECOGNISING: Final = Table[SourceKey, bool]("recognising_account_sources")
ENTRIES: Final = Table[tuple[UserId, EntryId], EntryRow]("entries")
ENTRY_SOURCES: Final = Table[SourceKey, KnownSource]("entry_sources")
LINKS: Final = Table[SourceKey, Link]("links")
"""Why each of `ENTRY_SOURCES` is its entry's."""
LINK_WORDS: Final = Table[tuple[UserId, FeedId, Apart], bool]("link_words")
SUGGESTIONS: Final = Table[tuple[UserId, SuggestionId], Suggestion]("entry_suggestions")
BANK_MANNERS: Final = Table[tuple[UserId, str], Manners]("bank_manners")
MONTH_SUMS: Final = Table[tuple[UserId, MonthKey], MonthSum]("month_sums")
DAY_SUMS: Final = Table[tuple[UserId, DayKey], int]("day_sums")
LEDGER_FEEDS: Final = Table[tuple[UserId, FeedId], int]("ledger_feeds")
"""The number of the last update that was applied."""
ENDED_FEEDS: Final = Table[tuple[UserId, FeedId], bool]("ended_ledger_feeds")
LEDGER_REVISIONS: Final = Table[UserId, int]("ledger_revisions")
LEDGER_CHANGES: Final = Table[tuple[UserId, int], LedgerChange]("ledger_changes")
IMPORTS: Final = Table[tuple[UserId, ImportId], ImportRow]("imports")
