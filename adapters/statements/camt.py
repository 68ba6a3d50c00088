"""CAMT.053 files of any version: a stream of statements, each checked against its balances."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element

from adapters.statements.accounts import PART_ROWS_MAX, account_seen, balance_seen, compact_number
from adapters.statements.camt_entry import Entry, read_entry
from adapters.statements.camt_values import Balances, ensure_possible, read_balances, read_days
from adapters.statements.camt_xml import Names, events_of, local
from application.ledger.statements import Content, StatementFormat, StatementPart
from domain.ledger.proofs.promises import sequence_number
from domain.ledger.statement import StatementSummary, refused
from domain.ledger.statement_rows import RowNames
from domain.shared.ids import ExternalId
from domain.shared.money import MINOR_DIGITS, Money
from domain.shared.observations import AccountSeen, EntryStatus, TransactionSeen

_MESSAGE: Final = "BkToCstmrStmt"
_OTHERS: Final = {
    "BkToCstmrAcctRpt": "an interim report (camt.052); fetch the statement, camt.053",
    "BkToCstmrDbtCdtNtfctn": "a notification (camt.054); fetch the statement, camt.053",
    "CstmrCdtTrfInitn": "a payment order (pain.001), not a statement",
    "CstmrPmtStsRpt": "a status report (pain.002), not a statement",
}


def read_camt(content: Content, today: date | None = None) -> Iterator[StatementPart]:
    """Raises StatementRefusedError, at the latest at the end of the file."""
    reader = _Reader(today)
    for begins, element in events_of(content):
        if begins:
            reader.begin(element)
        else:
            yield from reader.end(element)
    reader.finish()


@dataclass(slots=True)
class _Statement:
    """One `Stmt`, from its first entry (or its end) on."""

    number: int
    path: str
    reference: str | None
    account: AccountSeen
    name: str
    balances: Balances
    sequence: int | None = None
    days: tuple[date, date] | None = None
    rows: list[TransactionSeen] = field(default_factory=list)
    booked: int = 0
    pending: int = 0
    skipped: int = 0
    total_minor: int = 0

    def summary(self) -> StatementSummary:
        return StatementSummary(
            account=self.account.id,
            reference=self.reference,
            opening=self.balances.opening,
            closing=self.balances.closing,
            booked=self.booked,
            total=Money(self.total_minor, self.account.currency),
            pending=self.pending,
            skipped=self.skipped,
            number=self.sequence,
            days=self.days,
        )

    def part(self, summary: StatementSummary | None = None, *notes: str) -> StatementPart:
        account, closing = self.account, self.balances.closing
        if summary is not None and closing is not None:
            account = replace(account, balance=balance_seen(closing, self.balances.available))
        part = StatementPart(
            format=StatementFormat.CAMT053,
            statement=self.number,
            account=account,
            transactions=tuple(self.rows),
            summary=summary,
            notes=notes,
        )
        self.rows.clear()
        return part


@dataclass(slots=True)
class _Reader:
    today: date | None
    rows_named: RowNames = field(default_factory=RowNames)
    names: Names = field(default_factory=lambda: Names(""))
    statements: int = 0
    entries: int = 0
    message: bool = False
    stmt: Element | None = None
    depth: int = 0
    """How deep below `Stmt` the stream is; its own children are at 1."""
    open: _Statement | None = None

    def begin(self, element: Element) -> None:
        if self.stmt is not None:
            self.depth += 1
            return
        name = local(element.tag)
        if name in _OTHERS:
            raise refused(f"this is {_OTHERS[name]}", element=name)
        if name == _MESSAGE:
            self.message, self.names = True, Names.of(element)
        elif name == "Stmt" and self.message:
            self.stmt, self.depth, self.entries = element, 0, 0
            self.statements += 1

    def end(self, element: Element) -> Iterator[StatementPart]:
        if self.stmt is None:
            return
        if element is self.stmt:
            statement = self._statement(element)
            yield self._last_part(element, statement)
            element.clear()
            self.stmt = self.open = None
            return
        self.depth -= 1
        if self.depth == 0 and element.tag == f"{self.names.space}Ntry":
            statement = self._statement(self.stmt)
            self._entry(element, statement)
            # The tree would otherwise grow with the file.
            self.stmt.remove(element)
            if len(statement.rows) == PART_ROWS_MAX:
                yield statement.part()

    def finish(self) -> None:
        if not self.message:
            raise refused("this XML is not a CAMT.053 statement: it has no BkToCstmrStmt")
        if not self.statements:
            raise refused("there is no statement in the file", element=_MESSAGE)

    def _statement(self, stmt: Element) -> _Statement:
        if self.open is None:
            self.open = self._open(stmt)
        return self.open

    def _open(self, stmt: Element) -> _Statement:
        names = self.names
        reference = names.text(stmt, "Id") or None
        path = f"Stmt[{self.statements}]" + (f" (Id {reference[:60]})" if reference else "")
        account = names.at(stmt, "Acct")
        number = names.text(account, "Id", "IBAN") or names.text(account, "Id", "Othr", "Id")
        number = compact_number(number or names.text(account, "Id", "BBAN"))
        if not number:
            raise refused("the statement names no account", element=f"{path}/Acct/Id")
        currency, balances = read_balances(
            names, names.all(stmt, "Bal"), names.text(account, "Ccy") or None, path
        )
        if currency is None or currency not in MINOR_DIGITS:
            raise refused(
                f"the account's currency {currency or ''!r} is not known",
                element=f"{path}/Acct/Ccy",
            )
        if balances.closing is None:
            raise refused(
                f"the statement has no closing balance (CLBD) in {currency}", element=f"{path}/Bal"
            )
        for balance in (balances.opening, balances.closing):
            on = None if balance is None else balance.on
            ensure_possible(on, self.today, f"{path}/Bal/Dt")
        servicer = names.at(account, "Svcr", "FinInstnId")
        seen = account_seen(
            number,
            currency,
            name=names.text(account, "Nm") or None,
            institution=names.text(servicer, "Nm")
            or names.text(servicer, "BICFI")
            or names.text(servicer, "BIC")
            or None,
        )
        return _Statement(
            self.statements,
            path,
            reference,
            seen,
            number,
            balances,
            sequence_number(names.text(stmt, "ElctrncSeqNb") or names.text(stmt, "LglSeqNb")),
            read_days(names, names.at(stmt, "FrToDt"), self.today),
        )

    def _entry(self, element: Element, statement: _Statement) -> None:
        self.entries += 1
        path = f"{statement.path}/Ntry[{self.entries}]"
        entry = read_entry(self.names, element, path)
        if entry.status is None:
            statement.skipped += 1
            return
        if entry.amount.currency != statement.account.currency:
            raise refused(
                f"the entry is in {entry.amount.currency}, the account in "
                f"{statement.account.currency}",
                element=f"{path}/Amt",
            )
        ensure_possible(entry.booked_on, self.today, f"{path}/BookgDt")
        ensure_possible(entry.value_on, self.today, f"{path}/ValDt")
        statement.rows.append(self._transaction(entry, entry.status, statement))
        if entry.status is EntryStatus.PENDING:
            statement.pending += 1
        else:
            statement.booked += 1
            statement.total_minor += entry.amount.minor

    def _transaction(
        self, entry: Entry, status: EntryStatus, statement: _Statement
    ) -> TransactionSeen:
        name = self.rows_named.name(
            statement.name, entry.booked_on, entry.amount, entry.words, entry.reference
        )
        return TransactionSeen(
            account=ExternalId(statement.account.id),
            id=name,
            status=status,
            amount=entry.amount,
            booked_on=entry.booked_on,
            text=entry.text,
            value_on=entry.value_on,
            counterparty=entry.counterparty,
        )

    def _last_part(self, stmt: Element, statement: _Statement) -> StatementPart:
        summary = statement.summary()
        summary.ensure_adds_up(element=statement.path)
        notes = []
        if summary.opening is None:
            self._ensure_counted(stmt, statement)
            notes.append("there is no opening balance, so the sum could not be checked")
        if statement.pending:
            notes.append(f"{statement.pending} entries are pending and not in the sum")
        if statement.skipped:
            notes.append(f"{statement.skipped} entries are only information and were left out")
        return statement.part(summary, *notes)

    def _ensure_counted(self, stmt: Element, statement: _Statement) -> None:
        """Without an opening balance the bank's own count is the only proof there is."""
        announced = self.names.text(stmt, "TxsSummry", "TtlNtries", "NbOfNtries")
        if announced and announced.lstrip("0") not in (
            str(self.entries).lstrip("0"),
            str(statement.booked).lstrip("0"),
        ):
            raise refused(
                f"the statement announces {announced[:20]} entries and holds {self.entries}",
                element=f"{statement.path}/TxsSummry",
            )
