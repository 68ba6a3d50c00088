"""What people really did with their money, and how each bank names it: no more than that.

Nothing here knows of feeds, cursors or matching. At the end the ledger must say the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from domain.connections.provider import Provider
from domain.shared.ids import EntryId, ExternalId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, EntryStatus, TransactionSeen


class Facts(NamedTuple):
    """What a bank says of a movement, less its names for it."""

    day: date
    minor: int
    currency: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """The habits of one bank, for good or ill."""

    lists: bool
    """It lists what there is since some day, as Tink does; otherwise it tells what has changed
    since a cursor, as Plaid does."""
    page: int
    """Transactions on a page."""
    keeps_ids: bool
    """What is pending books under its own id."""
    names_bookings: float
    """How often a booking under another id names the pending one."""
    says_goodbye_late: float
    """How often a pending entry is taken back only some time after it has booked."""
    moves: bool
    """Renewing gives everything new ids."""
    revises: bool
    """It corrects, renames and takes back what it has booked. Never one that moves: what changes
    while all names change cannot be known again, by us or by anybody (ADR 0009)."""
    flickers: bool
    """Pending entries are missing from its lists now and then."""
    stern: bool
    """A walk during which anything happens is broken off; otherwise it is told as it is."""
    slow: bool
    """After linking it has the last weeks only, and the rest comes later."""
    repeats: float
    """How often the same page comes twice."""


@dataclass(slots=True, eq=False)
class Movement:
    account: "BankAccount"
    amount: Money
    day: date
    text: str
    status: EntryStatus
    name: ExternalId
    born: ExternalId = field(init=False)
    """Its first name."""
    was: ExternalId | None = None
    """The name that its booking says it had while pending."""
    booked_as: set[ExternalId] = field(default_factory=set)
    """Names that it was booked under."""
    there: bool = True
    """False: never booked, or taken back."""
    was_held: bool = False
    """It was pending before it booked."""
    revised: bool = False
    """Corrected, or renamed: not both, for what changes all its marks at once is another thing."""
    other: "Movement | None" = None
    """The other side, where it is money that the person moved between their own accounts."""
    origin: "Movement | None" = None
    """Where a second login shows the account, too: the same, as the first login shows it."""
    copies: "list[Movement]" = field(default_factory=list)
    """The same thing, as other logins show it under names of their own."""

    def __post_init__(self) -> None:
        self.born = self.name

    @property
    def true(self) -> "Movement":
        """What happened, whoever shows it."""
        return self.origin or self

    @property
    def everywhere(self) -> "Sequence[Movement]":
        return (self.true, *self.true.copies)

    @property
    def facts(self) -> Facts:
        return Facts(self.day, self.amount.minor, self.amount.currency, self.text)

    @property
    def booked(self) -> bool:
        return self.there and self.status is EntryStatus.BOOKED

    @property
    def pending(self) -> bool:
        return self.there and self.status is EntryStatus.PENDING

    def seen(self) -> TransactionSeen:
        return TransactionSeen(
            account=self.account.external_id,
            id=self.name,
            status=self.status,
            amount=self.amount,
            booked_on=self.day,
            text=self.text,
            pending_id=self.was,
        )


@dataclass(slots=True, eq=False)
class BankAccount:
    login: "Login"
    place: int
    name: str
    kind: AccountKind
    currency: str
    number: str | None
    opening: int
    last_four: str | None = None
    origin: "BankAccount | None" = None
    """The same account, as the person's first login shows it."""
    copies: "list[BankAccount]" = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    said: set[tuple[date, int]] = field(default_factory=set)
    """Every day and amount that the bank ever gave a movement here."""

    @property
    def true(self) -> "BankAccount":
        """The account itself, whichever login shows it."""
        return self.origin or self

    @property
    def is_shared(self) -> bool:
        """Whether several logins show it."""
        return bool(self.true.copies)

    @property
    def external_id(self) -> ExternalId:
        return ExternalId(f"{self.login.external_id}.{self.place}")

    @property
    def balance(self) -> Money:
        booked = sum(one.amount.minor for one in self.movements if one.booked)
        return Money(self.opening + booked, self.currency)


@dataclass(slots=True, eq=False)
class Row:
    """What a name stands for at the bank, and when that last changed."""

    changed: int
    seen: TransactionSeen | None
    """None: taken back."""


@dataclass(slots=True, eq=False)
class Login:
    """One person's way into one bank, which may be linked, let go and linked again."""

    key: str
    owner: UserId
    provider: Provider
    institution: str
    character: Character
    accounts: list[BankAccount] = field(default_factory=list)
    era: int = 0
    """Counts the times that all names were changed."""
    named: int = 0
    head: int = 0
    """Counts changes."""
    rows: dict[ExternalId, Row] = field(default_factory=dict)
    by_name: dict[ExternalId, Movement] = field(default_factory=dict)
    """Every name that was ever given."""
    hidden: list[Movement] = field(default_factory=list)
    """What is so old that the bank has not brought it yet."""
    goodbyes: list[ExternalId] = field(default_factory=list)
    """Pending names that are still to be taken back."""
    away: set[ExternalId] = field(default_factory=set)
    """Pending names that are missing for the moment."""
    grants: dict[str, datetime] = field(default_factory=dict)
    """What opens it, and until when."""
    granted: int = 0
    used_up: set[str] = field(default_factory=set)
    """Ways back from the bank that were exchanged already."""
    signed_out: bool = False
    not_ready: int = 0
    """How often it still has to say that it has nothing yet."""

    @property
    def external_id(self) -> ExternalId:
        return ExternalId(f"{self.key}~{self.era}" if self.character.moves else self.key)

    @property
    def is_shared(self) -> bool:
        """Whether another login shows its accounts, too."""
        return any(one.is_shared for one in self.accounts)

    def movements(self) -> Iterator[Movement]:
        for account in self.accounts:
            yield from account.movements

    def new_name(self) -> ExternalId:
        self.named += 1
        return ExternalId(f"{self.key}~{self.era}#{self.named}")

    def says(self, movement: Movement) -> None:
        """It is so from now on."""
        movement.account.said.add((movement.day, movement.amount.minor))
        self.by_name[movement.name] = movement
        if movement.booked:
            movement.booked_as.add(movement.name)
        self._change(movement.name, movement.seen())

    def takes_back(self, name: ExternalId) -> None:
        self.away.discard(name)
        self._change(name, None)

    def _change(self, name: ExternalId, seen: TransactionSeen | None) -> None:
        self.head += 1
        row = self.rows.get(name)
        if row is None:
            self.rows[name] = Row(self.head, seen)
        else:
            row.changed, row.seen = self.head, seen

    def begins_anew(self) -> None:
        """Everything has another name now, as after signing in anew at some banks."""
        self.era += 1
        self.rows, self.goodbyes, self.grants, self.hidden = {}, [], {}, []
        self.away = set()
        for movement in self.movements():
            if movement.there:
                movement.name, movement.was = self.new_name(), None
                self.says(movement)

    def hides(self, before: date) -> None:
        """A link that is new to the bank's provider: what is older comes later."""
        old = [one for one in self.movements() if one.booked and one.day < before]
        for one in old:
            del self.rows[one.name]
        self.hidden = old

    def brings_the_rest(self) -> None:
        hidden, self.hidden = self.hidden, []
        for movement in hidden:
            if movement.there:
                self.says(movement)


@dataclass(slots=True, eq=False)
class Said:
    """What a person said of a movement, told by a note that is like no other."""

    movement: Movement
    category: str | None = None
    shares: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True, eq=False)
class Human:
    id: UserId
    logins: list[Login] = field(default_factory=list)
    said: dict[str, Said] = field(default_factory=dict)
    unsaid: dict[str, Said] = field(default_factory=dict)
    """What was said of an account that two logins show, through one that was erased: gone with it,
    unless it stands at the other one, where it may have been the later of two words."""
    deleted: list[Movement] = field(default_factory=list)
    perhaps_deleted: list[Movement] = field(default_factory=list)
    """Of accounts that two logins show: deleted for one feed, and perhaps for the other, too."""
    has_parted: bool = False
    """They said that two are not one. Among equals, a replay may then let another one be it, and
    what they noted goes with the first: so nothing is replayed for them (ADR 0022)."""
    moved_by_hand: set[EntryId | ExternalId] = field(default_factory=set)
    """Entries of which they said whether they are sides of a transfer; also by the first name
    that the bank gave what happened: of two entries that become one, one id goes."""

    @property
    def may_be_replayed(self) -> bool:
        return not self.has_parted

    def forget(self, login: Login) -> None:
        """What was said of a bank that was erased is gone with it."""
        lost = {k: v for k, v in self.said.items() if v.movement.account.login is login}
        self.said = {k: v for k, v in self.said.items() if k not in lost}
        self.unsaid |= {k: v for k, v in lost.items() if v.movement.account.is_shared}
        gone = [one for one in self.deleted if one.account.login is login]
        self.perhaps_deleted += [one for one in gone if one.account.is_shared]
        self.deleted = [one for one in self.deleted if one not in gone]

    def leave(self, note: str, movement: Movement) -> None:
        """`note` stands for what the other login shows; an earlier word on that yielded to it."""
        beaten = {k: v for k, v in self.said.items() if k != note and v.movement is movement}
        self.said = {k: v for k, v in self.said.items() if k not in beaten}
        self.unsaid |= beaten
        self.said[note].movement = movement

    def may_have_deleted(self, login: Login) -> None:
        those = [one for one in self.deleted if one.account.login is login]
        self.perhaps_deleted += those
        self.deleted = [one for one in self.deleted if one not in those]

    def accounts(self) -> Iterator[BankAccount]:
        for login in self.logins:
            yield from login.accounts


def unmoved(name: ExternalId) -> str:
    """A bank's name for an account, less how often the bank has changed its names."""
    login, _, place = name.rpartition(".")
    return f"{login.partition('~')[0]}.{place}"
