"""MT940 files: statements out of fields. What cannot be read exactly refuses the file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from adapters.statements.accounts import PART_ROWS_MAX, account_seen, balance_seen, compact_number
from adapters.statements.content import encoding_of, text_of
from adapters.statements.mt940_details import Details, read_details, read_national
from adapters.statements.mt940_fields import END, Field, fields_of
from adapters.statements.mt940_values import StatementLine, read_balance, read_line
from application.ledger.statements import Content, StatementFormat, StatementPart
from domain.ledger.proofs.promises import sequence_number
from domain.ledger.statement import StatementBalance, StatementSummary, refused
from domain.ledger.statement_rows import RowNames, usable_reference
from domain.shared.days import wrong_with
from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import AccountSeen, EntryStatus, TransactionSeen

_NOTES_MAX: Final = 20


def read_mt940(content: Content, today: date | None = None) -> Iterator[StatementPart]:
    """Raises StatementRefusedError, at the latest behind the last line."""
    stream = text_of(content, encoding_of(content))
    try:
        reader = _Reader(today)
        for it in fields_of(stream):
            reader.take(it)
            yield from reader.taken()
        reader.finish()
    finally:
        stream.detach()


@dataclass(slots=True)
class _Statement:
    """One statement, which may come in several messages (pages) that :62M: and :60M: join."""

    number: int
    account: AccountSeen
    name: str
    reference: str | None
    opening: StatementBalance
    closing: StatementBalance | None = None
    page_line: int | None = None
    """Where the last page ended with an intermediate balance, while the next is awaited."""
    closing_line: int | None = None
    available: Money | None = None
    booked: int = 0
    total_minor: int = 0
    notes: list[str] = field(default_factory=list)

    def summary(self) -> StatementSummary:
        return StatementSummary(
            account=self.account.id,
            reference=self.reference,
            opening=self.opening,
            closing=self.closing,
            booked=self.booked,
            total=Money(self.total_minor, self.opening.amount.currency),
            number=sequence_number(self.reference),
        )

    def last_account(self) -> AccountSeen:
        if self.closing is None:
            return self.account
        return replace(self.account, balance=balance_seen(self.closing, self.available))


@dataclass(slots=True)
class _Head:
    """What stands before the opening balance."""

    line: int
    number: str | None = None
    institution: str | None = None
    reference: str | None = None
    owner: str | None = None


@dataclass(slots=True)
class _Line:
    """A statement line and what has been said about it so far."""

    read: StatementLine
    details: list[str] = field(default_factory=list)
    national: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    today: date | None
    names: RowNames = field(default_factory=RowNames)
    statements: int = 0
    head: _Head | None = None
    open: _Statement | None = None
    line: _Line | None = None
    rows: list[TransactionSeen] = field(default_factory=list)
    ready: list[StatementPart] = field(default_factory=list)
    last_line: int = 1

    def taken(self) -> Iterator[StatementPart]:
        if self.ready:
            yield from self.ready
            self.ready.clear()

    def take(self, it: Field) -> None:
        self.last_line = it.line
        handle: dict[str, Callable[[Field], None]] = {
            "20": self._begin,
            "21": self._related,
            "25": self._account,
            "25P": self._account,
            "28": self._reference,
            "28C": self._reference,
            "60F": self._opening,
            "60M": self._opening,
            "61": self._entry,
            "62F": self._closing,
            "62M": self._closing,
            "64": self._available,
            "65": self._forward,
            "86": self._details,
            "NS": self._national,
            END: self._end,
        }
        try:
            handle[it.tag](it)
        except ValueError as error:
            raise refused(f":{it.tag}: {it.text[:60]!r}: {error}", line=it.line) from None

    def finish(self) -> None:
        if self.open is not None:
            raise refused(
                "the statement ends with an intermediate balance (:62M:); the page with its "
                "closing balance (:62F:) is missing",
                line=self.open.page_line or self.last_line,
            )
        if not self.statements:
            raise refused("there is no statement in the file", line=self.last_line)

    def _begin(self, it: Field) -> None:
        self.head = _Head(it.line)

    def _related(self, it: Field) -> None:
        """The reference of a request for this statement: nothing to keep."""

    def _account(self, it: Field) -> None:
        if self.head is not None:
            number, *bank = it.text.split("\n")
            self.head.number = compact_number(number)
            self.head.institution = bank[0].strip() if bank else None
            if not self.head.number:
                raise ValueError("it names no account")

    def _reference(self, it: Field) -> None:
        if self.head is not None:
            self.head.reference = it.text or None

    def _opening(self, it: Field) -> None:
        head, opening = self.head, self._possible(read_balance(it.text))
        if head is None or head.number is None:
            raise refused("the statement names no account (:25:)", line=it.line)
        name = _without_currency(head.number, opening.amount.currency)
        if self.open is not None:
            self._next_page(self.open, it, name, opening)
            return
        self.statements += 1
        account = account_seen(
            name, opening.amount.currency, name=head.owner, institution=head.institution
        )
        self.open = _Statement(self.statements, account, name, head.reference, opening)

    def _next_page(self, page: _Statement, it: Field, name: str, opening: StatementBalance) -> None:
        before = page.closing
        if it.tag != "60M" or name != page.name or before is None:
            raise refused(
                f"the page before (to line {page.page_line}) is not the last of its statement, "
                "and this one does not go on with it",
                line=it.line,
            )
        if before.amount != opening.amount:
            raise refused(
                f"this page opens at {opening.amount}, the one before closes at {before.amount}; "
                "a page is missing or damaged",
                line=it.line,
            )
        page.closing = page.page_line = None

    def _entry(self, it: Field) -> None:
        self._finish_line()
        if self.open is not None:
            read = read_line(it.text, self.open.opening.amount.currency)
            self._ensure_possible(read.value_on)
            self._ensure_possible(read.booked_on)
            self.line = _Line(read)

    def _possible(self, balance: StatementBalance) -> StatementBalance:
        if balance.on is not None:
            self._ensure_possible(balance.on)
        return balance

    def _ensure_possible(self, day: date) -> None:
        """Raises ValueError: nothing can be booked on that day."""
        wrong = self.today and wrong_with(day, self.today)
        if wrong:
            raise ValueError(f"{day} {wrong}: correct it in the file")

    def _details(self, it: Field) -> None:
        if self.line is not None:
            self.line.details += it.lines
        elif self.open is not None and it.text:
            self._note(f"the bank says: {' '.join(it.text.split())[:200]}")

    def _national(self, it: Field) -> None:
        if self.line is not None:
            self.line.national += it.lines
        elif self.head is not None and self.open is None:
            owner = next((line[2:] for line in it.lines if line.startswith("22")), "")
            self.head.owner = owner.strip() or None

    def _closing(self, it: Field) -> None:
        self._finish_line()
        if self.open is None:
            return
        self.open.closing = self._possible(read_balance(it.text))
        self.open.closing_line = it.line
        if self.open.closing.amount.currency != self.open.opening.amount.currency:
            raise ValueError("the opening balance is in another currency")
        self.open.summary().ensure_adds_up(line=it.line)
        self.open.page_line = it.line if it.tag == "62M" else None

    def _available(self, it: Field) -> None:
        if self.open is not None:
            self.open.available = read_balance(it.text).amount
            if self.open.available.currency != self.open.opening.amount.currency:
                raise ValueError("the opening balance is in another currency")

    def _forward(self, it: Field) -> None:
        """A forecast of the available balance; it must be legible, and says nothing booked."""
        read_balance(it.text)

    def _end(self, it: Field) -> None:
        statement = self.open
        if statement is None or statement.closing is None:
            raise refused(
                "the statement has no closing balance (:62F:); the file was cut", line=it.line
            )
        if statement.page_line is None:
            self._flush(statement.summary())
            self.open = None
        self.head = None

    def _finish_line(self) -> None:
        if self.line is None or self.open is None:
            return
        self.rows.append(_transaction(self.line, self.open, self.names))
        self.open.booked += 1
        self.open.total_minor += self.line.read.amount.minor
        self.line = None
        if len(self.rows) == PART_ROWS_MAX:
            self._flush(None)

    def _flush(self, summary: StatementSummary | None) -> None:
        statement = self.open
        if statement is None:
            return
        self.ready.append(
            StatementPart(
                format=StatementFormat.MT940,
                statement=statement.number,
                account=statement.last_account() if summary else statement.account,
                transactions=tuple(self.rows),
                summary=summary,
                notes=tuple(statement.notes) if summary else (),
            )
        )
        self.rows.clear()

    def _note(self, note: str) -> None:
        if self.open is not None and len(self.open.notes) < _NOTES_MAX:
            self.open.notes.append(note)


def _without_currency(number: str, currency: str) -> str:
    """Some banks write the currency behind the account number."""
    return number.removesuffix(currency).rstrip("/ ") or number


def _transaction(line: _Line, statement: _Statement, names: RowNames) -> TransactionSeen:
    read = line.read
    said = _said(line)
    everything = (read.customer_reference, read.more, *line.details, *line.national)
    name = names.name(
        statement.name,
        read.booked_on,
        read.amount,
        " ".join(everything),
        usable_reference(read.bank_reference),
    )
    return TransactionSeen(
        account=ExternalId(statement.account.id),
        id=name,
        status=EntryStatus.BOOKED,
        amount=read.amount,
        booked_on=read.booked_on,
        text=said.text,
        value_on=read.value_on,
        counterparty=said.counterparty,
    )


def _said(line: _Line) -> Details:
    details = read_details(line.details) if line.details else Details("")
    national = read_national(line.national) if line.national else Details("")
    reference = usable_reference(line.read.customer_reference) or ""
    return Details(
        text=details.text or national.text or line.read.more or reference,
        counterparty=details.counterparty or national.counterparty,
    )
