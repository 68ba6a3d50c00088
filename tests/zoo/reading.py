"""Reading a case of the zoo: what a bank said, sync by sync, and the ledger that it means.

# Why it is hard, in a sentence.
sync | 2026-03-02                      (that day; `news only` if it lists no pending entries,
                                        `second feed` if another feed tells of the account,
                                        `file` if it is a statement file that was imported)
pending | p-1 | 2026-03-01 | -100.00 NOK | Kiwi Oslo
page                                    (what follows is on the next page)
gone | p-1
booked | b-1 | 2026-03-03 | -112.00 NOK | Kiwi Oslo | was p-1
me | note | b-1 | lunch                 (what the person does after that sync)
ledger                                  (what is shown in the end)
booked | 2026-03-03 | -112.00 NOK | Kiwi Oslo | is p-1 b-1 | note lunch
asks | p-2 b-2                          (open suggestions, by names)
balance | account-1 | 888.00
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Final

from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)

CASES: Final = Path(__file__).parent / "cases"
FIRST: Final = ExternalId("account-1")
SECOND: Final = ExternalId("second")
"""What the second feed calls the account."""
_WORDS: Final = ("was", "on", "payee", "value", "category")


@dataclass(frozen=True, slots=True)
class Act:
    """What the person does: `note`, `category`, `text`, `split`, `delete`, `confirm`, `join`..."""

    what: str
    name: str
    said: str


@dataclass(slots=True)
class Sync:
    day: date
    lists_all: bool
    second: bool = False
    """Another feed tells."""
    file: bool = False
    """A statement file, of an account that nothing but files tells of."""
    pages: list[Observations] = field(default_factory=lambda: [Observations()])
    acts: list[Act] = field(default_factory=list)

    @property
    def account(self) -> ExternalId:
        return SECOND if self.second else FIRST

    def add(self, **more: tuple[object, ...]) -> None:
        page = self.pages[-1]
        grown = {name: (*getattr(page, name), *those) for name, those in more.items()}
        self.pages[-1] = replace(page, **grown)  # type: ignore[arg-type] # of the same kinds


@dataclass(frozen=True, slots=True)
class Shown:
    status: EntryStatus
    booked_on: date
    amount: Money
    text: str
    names: frozenset[str] = frozenset()
    note: str | None = None
    category: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(slots=True)
class Case:
    name: str
    why: str = ""
    syncs: list[Sync] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    asks: set[frozenset[str]] = field(default_factory=set)
    balances: dict[str, Decimal] = field(default_factory=dict)


def cases() -> list[Case]:
    return [read(path) for path in sorted(CASES.glob("*.txt"))]


def read(path: Path) -> Case:
    case = Case(path.stem)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            _line(case, line.strip())
        except (ValueError, KeyError, IndexError) as error:
            raise ValueError(f"{path.name}, line {number}: {line}") from error
    if not (case.why and case.syncs):
        raise ValueError(f"{path.name} says neither why nor what")
    return case


def _line(case: Case, line: str) -> None:
    first, *cells = (cell.strip() for cell in line.split("|"))
    sync = case.syncs[-1] if case.syncs else None
    match first:
        case "":
            pass
        case _ if line.startswith("#"):
            case.why = f"{case.why} {line.lstrip('# ')}".strip()
        case "sync":
            day = date.fromisoformat(cells[0])
            file = "file" in cells
            lists_all = not file and "news only" not in cells
            case.syncs.append(Sync(day, lists_all, "second feed" in cells, file))
        case "ledger":
            case.shown.clear()
        case "asks":
            case.asks.add(frozenset(cells[0].split()))
        case "balance":
            case.balances[cells[0]] = Decimal(cells[1])
        case "pending" | "booked" if _is_day(cells[0]):
            case.shown.append(_shown(EntryStatus(first), cells))
        case _ if sync is not None:
            _said(sync, first, cells)
        case _:
            raise ValueError(first)


def _said(sync: Sync, first: str, cells: list[str]) -> None:
    match first:
        case "page":
            sync.pages.append(Observations())
        case "pending" | "booked":
            sync.add(transactions=(_seen(sync, EntryStatus(first), cells),))
        case "gone":
            sync.add(gone=(TransactionGone(sync.account, ExternalId(cells[0])),))
        case "account":
            sync.add(accounts=(_account(sync.day, cells),))
        case "me":
            sync.acts.append(Act(*[*cells, "", ""][:3]))
        case _:
            raise ValueError(first)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _money(text: str) -> Money:
    figure, currency = text.split()
    return Money(int(Decimal(figure) * 100), currency)


def _facts(cells: list[str]) -> Mapping[str, str]:
    """`was p-1` and the like, behind what every transaction has."""
    return dict(cell.split(maxsplit=1) for cell in cells)


def _seen(sync: Sync, status: EntryStatus, cells: list[str]) -> TransactionSeen:
    name, day, amount, text, *more = cells
    facts = _facts(more)
    if unknown := facts.keys() - set(_WORDS):
        raise ValueError(unknown)
    return TransactionSeen(
        account=ExternalId(facts.get("on", sync.account)),
        id=ExternalId(name),
        status=status,
        amount=_money(amount),
        booked_on=date.fromisoformat(day),
        text=text,
        counterparty=facts.get("payee"),
        category=facts.get("category"),
        value_on=date.fromisoformat(facts["value"]) if "value" in facts else None,
        pending_id=ExternalId(facts["was"]) if "was" in facts else None,
    )


def _account(day: date, cells: list[str]) -> AccountSeen:
    name, *more = cells
    facts = _facts(more)
    currency = facts.get("currency", "NOK")
    at = datetime.combine(day, time(6), UTC)
    balance = None
    if "balance" in facts:
        balance = BalanceSeen(_money(f"{facts['balance']} {currency}"), None, at)
    return AccountSeen(
        id=ExternalId(name),
        name=facts.get("called", name),
        kind=AccountKind.CHECKING,
        currency=currency,
        number=facts.get("number"),
        institution=facts.get("bank", "Fjordbank"),
        balance=balance,
    )


def _shown(status: EntryStatus, cells: list[str]) -> Shown:
    day, amount, text, *more = cells
    facts = dict(_facts(more))
    return Shown(
        status,
        date.fromisoformat(day),
        _money(amount),
        text,
        frozenset(facts.get("is", "").split()),
        facts.get("note"),
        facts.get("category"),
        tuple(part.strip() for part in facts.get("split", "").split(",") if part.strip()),
    )


def names_together(shown: Iterator[Shown] | list[Shown]) -> set[frozenset[str]]:
    """Every pair of names that is one entry."""
    return {
        frozenset((one, other))
        for entry in shown
        for one in entry.names
        for other in entry.names
        if one < other
    }
