"""One statement file being read into updates of feeds, inside its transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from application.ledger.import_foresight import Foresight
from application.ledger.import_notes import (
    WORD_MAX,
    home_currency_taken,
    nameless,
    unknown_words,
)
from application.ledger.import_target import (
    called,
    called_so,
    ensure_takes_statements,
    of_joined,
    of_name,
    of_number,
)
from application.ledger.imports import (
    HeldMonth,
    ImportedFeed,
    ImportOptions,
    ImportReport,
    StatementReport,
)
from application.ledger.ports import LedgerTx
from application.ledger.statements import ReadOptions, StatementFormat, StatementPart
from application.ledger.whereabouts import account_of
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import FeedKind, FeedPage, UpdateId
from domain.ledger.account import Account, AccountOrigin, AccountSource
from domain.ledger.category_words import category_of_word
from domain.ledger.errors import OtherAccountsStatementError
from domain.ledger.proofs.promises import KeptStatement, span_of
from domain.ledger.statement import StatementSummary, gaps_between
from domain.shared.events import FeedReceived
from domain.shared.ids import AccountId, ExternalId, FeedId, UserId
from domain.shared.observations import AccountSeen, EntryStatus, Observations

NAMELESS: Final = "Imported account"
PAGES_AT_ONCE: Final = 4
"""Parts of a file that are written together: fewer steps, and memory stays flat."""


@dataclass(slots=True)
class _Target:
    """Where the entries of one account of the file go."""

    account: Account | None
    """None in a dry run that would make it."""
    feed_id: FeedId | None
    """None in a dry run that would begin it."""
    update_id: UpdateId | None = None
    """None in a dry run."""
    called: str | None = None
    """What the feed calls its account; None: as the account is called."""
    pages: list[FeedPage] = field(default_factory=list)
    days: tuple[date, date] | None = None
    """Of the first and last entry of the statement that is being read."""

    def note_days(self, part: StatementPart) -> None:
        days = [one.booked_on for one in part.transactions if one.status is EntryStatus.BOOKED]
        if days:
            known = self.days or (days[0], days[0])
            self.days = min(known[0], *days), max(known[1], *days)


@dataclass(slots=True)
class Reading:
    tx: LedgerTx
    owner: UserId
    options: ImportOptions
    home_currency: str
    clock: Clock
    ids: NewIds
    import_id: UUID | None = None
    given: Account | None = None
    targets: dict[ExternalId, _Target] = field(default_factory=dict)
    summaries: list[tuple[StatementSummary, AccountId | None, str]] = field(default_factory=list)
    promised: list[KeptStatement] = field(default_factory=list)
    """What the file's statements say; kept with its entries."""
    notes: dict[str, None] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    """Category words that are none of ours."""
    format: StatementFormat | None = None
    entries: int = 0
    foresight: Foresight = field(default_factory=Foresight)
    """Of a dry run."""
    unnamed: bool = False
    """Whether the file has rows of an account that it does not name."""

    async def read_options(self) -> ReadOptions:
        """An account lends its currency, and the name that its earlier files went by."""
        currency = self.options.currency or self.home_currency
        if self.options.account_id is not None:
            self.given = await account_of(self.tx, self.options.account_id)
            await ensure_takes_statements(self.tx, self.given)
            currency = self.given.currency
        return ReadOptions(
            account=await self._earlier_name(currency),
            currency=currency,
            csv=self.options.csv,
            today=self.clock.now().date(),
            categorise=category_of_word,
        )

    async def part(self, part: StatementPart) -> None:
        self.format = part.format
        self.unnamed = self.unnamed or part.account.number is None
        target = self.targets.get(part.account.id)
        if target is None:
            target = self.targets[part.account.id] = await self._target(part.account)
        self.entries += len(part.transactions)
        account_id = None if target.account is None else target.account.id
        if self.options.dry_run and target.feed_id is not None:
            await self.foresight.look(self.tx, target.feed_id, account_id, part.transactions)
        self.words.update(part.category_hints.values())
        target.note_days(part)
        if target.update_id is not None:
            target.pages.append(FeedPage(b"", self._observed(part, target)))
            if len(target.pages) == PAGES_AT_ONCE:
                await self._keep(target)
        if part.summary is not None:
            self.summaries.append((part.summary, account_id, self._name(part.account)))
            self._promise(part.summary, target)
        self.notes.update(dict.fromkeys(part.notes))

    async def end(self) -> ImportReport:
        feeds = [await self._complete(target) for target in self.targets.values()]
        dry, known, held = self.options.dry_run, self.foresight.known, self.foresight.held
        months = tuple(HeldMonth.of(*one) for one in sorted(self.foresight.months.items()))
        if not dry:
            await self.tx.proofs.promise(self.promised)
        gaps = gaps_between(summary for summary, _, _ in self.summaries)
        return ImportReport(
            format="" if self.format is None else self.format.value,
            entries=self.entries,
            # Else the ledger will say, once it has seen them.
            new=self.entries - known - held if dry else None,
            known=known if dry else None,
            held=held if dry else None,
            held_months=months,
            statements=tuple(StatementReport.of(*one) for one in self.summaries),
            notes=(
                *self.notes,
                *self._assumed(),
                *unknown_words(self.words),
                *map(str, gaps),
                *map(str, months),
            ),
            feeds=tuple(feed for feed in feeds if feed is not None),
        )

    async def _complete(self, target: _Target) -> ImportedFeed | None:
        if target.update_id is None or target.feed_id is None:
            return None
        await self._keep(target)
        number = await self.tx.updates.complete(target.update_id)
        await self.tx.outbox.append(FeedReceived(self.owner, target.feed_id, number))
        return ImportedFeed(target.feed_id, number)

    def _promise(self, summary: StatementSummary, target: _Target) -> None:
        span = span_of(summary, summary.days, target.days)
        target.days = None
        if span is None or target.account is None or target.feed_id is None:
            return
        opening, closing = summary.opening, summary.closing
        one = KeptStatement(
            id=self.ids.one(),
            account_id=target.account.id,
            feed_id=target.feed_id,
            import_id=self.import_id,
            reference=summary.reference,
            number=summary.number,
            first=span.first,
            last=span.last,
            told=span.told,
            opening=None if opening is None else opening.amount,
            closing=None if closing is None else closing.amount,
            booked=summary.booked,
            total=summary.total,
            imported_at=self.clock.now(),
        )
        self.promised.append(one)

    async def _keep(self, target: _Target) -> None:
        if target.update_id is not None and target.pages:
            await self.tx.updates.keep(target.update_id, target.pages, None)
            target.pages.clear()

    async def _target(self, seen: AccountSeen) -> _Target:
        account = await self._account_of(seen)
        source = None if account is None else await self._source_of(account, seen)
        if self.options.dry_run:
            return _Target(account, None if source is None else source.feed_id)
        if account is None:
            account = await self._new_account(seen)
        feed_id = FeedId(self.ids.one()) if source is None else source.feed_id
        if source is None:
            await self.tx.updates.create(feed_id, FeedKind.STATEMENT)
        if source is None or seen.id not in await self.tx.accounts.of_feed(feed_id):
            await self.tx.accounts.link(AccountSource(feed_id, seen.id, account.id))
        update = await self.tx.updates.open(feed_id)
        return _Target(account, feed_id, update.id, await called(self.tx, account, feed_id))

    async def _source_of(self, account: Account, seen: AccountSeen) -> AccountSource | None:
        """What the file goes to: of a joined account, the feed of the files that it is one of."""
        if self.given is None and seen.number is None:
            joined = await of_joined(self.tx, self._name(seen), seen.currency)
            if joined is not None and joined.account_id == account.id:
                return joined
        return await self.tx.accounts.statements_of(account.id)

    async def _account_of(self, seen: AccountSeen) -> Account | None:
        """The account the person named, or the file: by its number, else by its name."""
        if self.given is not None:
            self._ensure_of(self.given, seen)
            return self.given
        if seen.number is not None:
            found = await of_number(self.tx, seen.number, seen.currency, self.options.account_name)
        else:
            found = await of_name(self.tx, self._name(seen), seen.currency)
        if found is None:
            return None
        await ensure_takes_statements(self.tx, found)
        # Locked: whoever closes the account meanwhile is waited for.
        return await self.tx.accounts.get(found.id)

    def _ensure_of(self, given: Account, seen: AccountSeen) -> None:
        """Raises OtherAccountsStatementError: the file may be of one account, and of this one."""
        other_number = None not in (seen.number, given.number) and seen.number != given.number
        if other_number or seen.currency != given.currency or self.targets:
            raise OtherAccountsStatementError(
                f"{given.name} ({given.number or 'no number'}, {given.currency})",
                f"{seen.number or 'an account without a number'} in {seen.currency}",
            )

    async def _new_account(self, seen: AccountSeen) -> Account:
        # One of that number that a bank feeds: the person has said what to call the other.
        another = seen.number and await self.tx.accounts.with_number(seen.number, seen.currency)
        account = Account(
            id=AccountId(self.ids.one()),
            owner=self.owner,
            name=(another and self.options.account_name) or self._name(seen),
            kind=seen.kind,
            currency=seen.currency,
            origin=AccountOrigin.STATEMENT,
            number=seen.number,
            institution=seen.institution,
            last_four=seen.last_four,
            created_at=self.clock.now(),
        )
        await self.tx.accounts.add(account)
        return account

    async def _earlier_name(self, currency: str) -> str:
        """What to call the account of a file that names none, so that its rows are known again."""
        wanted = self.options.account_name or NAMELESS
        account, source = self.given, None
        if account is None:
            source = await of_joined(self.tx, wanted, currency)
            account = None if source else await called_so(self.tx, wanted, currency)
        if account is not None:
            wanted, source = account.name, await self.tx.accounts.statements_of(account.id)
        return wanted if source is None else source.external_id.removesuffix(f"/{currency}")

    def _name(self, seen: AccountSeen) -> str:
        if self.given is not None:
            return self.given.name
        return seen.name if seen.number is not None else self.options.account_name or NAMELESS

    def _observed(self, part: StatementPart, target: _Target) -> Observations:
        """What the part says, with the words kept that the ledger has no code for."""
        account, transactions = part.account, part.transactions
        if target.account is not None and (self.given is not None or account.number is None):
            # The file does not know the account's name, and has no say in it.
            name = target.called or target.account.name
            account = replace(account, name=name, kind=target.account.kind)
        if part.category_hints:
            transactions = tuple(
                replace(seen, note=part.category_hints[seen.id][:WORD_MAX])
                if seen.id in part.category_hints
                else seen
                for seen in transactions
            )
        return Observations(accounts=(account,), transactions=transactions)

    def _assumed(self) -> Sequence[str]:
        """What nobody has said, and what was taken instead."""
        notes = []
        csv = self.options.csv
        told = self.options.currency or self.given or csv.currency or csv.fixed_currency
        used = any(summary.total.currency == self.home_currency for summary, _, _ in self.summaries)
        if self.format is StatementFormat.CSV and not told and used:
            notes.append(home_currency_taken(self.home_currency))
        if self.unnamed and self.given is None and self.options.account_name is None:
            notes.append(nameless(NAMELESS))
        return notes
