"""The bank behind both providers: its people, its two clocks, what it remembers."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, timedelta

from entrypoints.sandbox.life.calendar import local_day
from entrypoints.sandbox.life.daybook import DAY_BITS, OWN_FROM
from entrypoints.sandbox.life.days import DAYS
from entrypoints.sandbox.life.history import History
from entrypoints.sandbox.life.people import Person, person_named
from entrypoints.sandbox.life.rows import Change, Row, Wording, appears, vanishes
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.state import OwnEntry, State, Store
from entrypoints.sandbox.tokens import Signer
from entrypoints.sandbox.webhooks import Postman

HISTORIES_MAX = 128
OTHER = (
    "exp:misc.uncategorized",
    "GENERAL_MERCHANDISE",
    "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE",
)


class UnknownPersonError(Exception):
    """No person has such a name."""


@dataclass(slots=True)
class Bank:
    """One bank. Methods that change the state have saved it when they return."""

    options: SandboxOptions
    store: Store
    signer: Signer
    postman: Postman = field(default_factory=Postman)
    _histories: OrderedDict[str, History] = field(default_factory=OrderedDict)

    @classmethod
    def open(cls, options: SandboxOptions) -> "Bank":
        opened = local_day(round(options.clock().timestamp() * 1000))
        origin = str(opened - timedelta(days=DAYS))
        store = Store.open(options.state_file, lambda: State(origin=origin))
        secrets = (options.tink_client_secret, options.plaid_secret)
        return cls(options, store, Signer.of("daler-sandbox", options.seed, *secrets))

    @property
    def state(self) -> State:
        return self.store.state

    def real_ms(self) -> int:
        return round(self.options.clock().timestamp() * 1000)

    def now_ms(self) -> int:
        return self.real_ms() + self.state.offset_ms

    def today(self) -> date:
        return local_day(self.now_ms())

    def renewal_of(self, username: str) -> str:
        """What this renewal changes besides the consent, as it was ordered; once."""
        return self.state.renewals.pop(username, "same")

    def person(self, username: str) -> Person:
        """Raises UnknownPersonError."""
        if (person := person_named(username, self.options.seed)) is None:
            raise UnknownPersonError(username)
        return person

    def history(self, username: str) -> History:
        """All of a person's past up to this moment. Raises UnknownPersonError."""
        history = self._histories.get(username)
        if history is None:
            own = [c for e in self.state.own.get(username, ()) for c in changes_of(e)]
            origin = date.fromisoformat(self.state.origin)
            history = History.begin(self.person(username), self.options.seed, origin, own)
            self._histories[username] = history
            if len(self._histories) > HISTORIES_MAX:
                self._histories.popitem(last=False)
        self._histories.move_to_end(username)
        # A second that has begun counts as over, so what was ordered within it has happened.
        history.advance(self._second_ms() + 999)
        return history

    def order(self, username: str, entry: OwnEntry) -> OwnEntry:
        """Make an entry happen now. Its instant and number are given here.

        Its instant lies a millisecond past a second, where all other instants are: nothing that
        already happened lies beside or after it but entries ordered earlier, which have smaller
        keys. So the log keeps its order when it is made again.
        """
        history = self.history(username)
        mine = self.state.own.setdefault(username, [])
        entry.number = len(mine)
        at_ms = max(self._second_ms() + 1, mine[-1].at_ms if mine else 0)
        if entry.books_ms is not None:
            entry.books_ms += at_ms
        entry.at_ms = at_ms
        mine.append(entry)
        self.store.save()
        history.expect(changes_of(entry))
        history.advance(at_ms)
        return entry

    def _second_ms(self) -> int:
        return self.now_ms() // 1000 * 1000

    def spend(self, code: str, expires_ms: int) -> bool:
        """Use a code up. False when somebody was faster."""
        spent, now = self.state.spent, self.real_ms()
        if code in spent:
            return False
        for old in [key for key, until in spent.items() if until < now]:
            del spent[old]
        spent[code] = expires_ms
        self.store.save()
        return True


def changes_of(entry: OwnEntry) -> list[Change]:
    wording = Wording(entry.text, entry.text, *OTHER)
    key = (local_day(entry.at_ms).toordinal() << DAY_BITS) | ((OWN_FROM + entry.number) << 1)
    if entry.books_ms is None:
        row = _row(entry, key | 1, entry.minor, entry.booked_on, wording)
        return [appears(row, entry.at_ms)]
    hold = _row(entry, key, entry.minor, entry.booked_on, wording)
    settled = entry.minor if entry.books_minor is None else entry.books_minor
    row = _row(entry, key | 1, settled, str(local_day(entry.books_ms)), wording)
    row.settles = key
    return [
        appears(hold, entry.at_ms),
        vanishes(hold, entry.books_ms),
        appears(row, entry.books_ms),
    ]


def _row(entry: OwnEntry, key: int, minor: int, booked_on: str, wording: Wording) -> Row:
    return Row(
        key,
        entry.account,
        bool(entry.books_ms is not None and not key & 1),
        minor,
        booked_on,
        entry.happened_on,
        entry.at_ms,
        wording,
    )
