"""The banks' side: the truth, told in pages, with habits and faults."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from typing_extensions import override

from application.connections.gateway import (
    AccessGoneError,
    BankGateway,
    FeedNotReadyError,
    FetchedPage,
    Granted,
    LinkAgainError,
    LinkCancelledError,
    LinkRequest,
    LinkReturn,
    LinkStart,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from application.shared.clock import Clock
from application.shared.feeds import FeedPage
from domain.connections.provider import Provider
from domain.shared.ids import ExternalId
from domain.shared.observations import (
    AccountSeen,
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from domain.shared.secret import Secret
from tests.faults.simulation.stage import Stage
from tests.faults.simulation.truth import BankAccount, Login

CONSENT: Final = timedelta(days=90)
_LOOK_BACK: Final = timedelta(days=30)
"""What a listing bank's adapter asks for again, before the day of the last whole update."""
_NEWEST: Final = timedelta(days=20)
"""What a slow bank has at once."""
_REASONS: Final = ("http 500", "http 503", "no answer in time", "garbled answer", "cut off")


@dataclass(slots=True)
class Trouble:
    """What goes wrong between us and a provider."""

    dice: Random
    rate: float
    on: bool = True

    def happens(self, rate: float | None = None) -> bool:
        return self.on and self.dice.random() < (self.rate if rate is None else rate)

    def strike(self, provider: Provider) -> None:
        if self.happens():
            wait = self.dice.choice((None, None, 5.0, 120.0))
            reason = "http 429" if wait else self.dice.choice(_REASONS)
            raise ProviderUnavailableError(provider, reason, wait)


@dataclass(slots=True)
class SimBank(BankGateway):
    """One provider, and every bank behind it."""

    provider: Provider
    logins: dict[str, Login]
    stage: Stage
    trouble: Trouble
    clock: Clock

    @property
    @override
    def exchange_is_repeatable(self) -> bool:
        return self.provider is Provider.TINK

    @override
    async def begin_link(self, request: LinkRequest) -> LinkStart:
        await self._asked()
        if request.renew is not None:
            self._named_in(request.renew)
        self._answered()
        return LinkStart(Secret("https://bank.example"), None, self.clock.now() + CONSENT)

    @override
    async def complete_link(self, back: LinkReturn) -> Granted:
        await self._asked()
        if "error" in back.parameters:
            raise LinkCancelledError("linking was cancelled at the bank")
        login, way = self.logins[back.parameters["login"]], back.parameters["way"]
        if way in login.used_up and not self.exchange_is_repeatable:
            raise LinkAgainError("that was used already")
        if way not in login.used_up:
            login.used_up.add(way)
            self._let_in(login)
        token = f"{login.key}|{login.granted}"
        granted = Granted(
            access=Secret(token),
            external_id=login.external_id,
            institution=login.institution,
            consent_expires_at=login.grants.get(token),
            person=ExternalId(f"person-{login.owner}"),
        )
        self._answered()
        return granted

    def _let_in(self, login: Login) -> None:
        habits, now = login.character, self.clock.now()
        if habits.moves:
            login.begins_anew()
        login.granted += 1
        login.grants[f"{login.key}|{login.granted}"] = now + CONSENT
        login.signed_out = False
        if habits.slow and (habits.moves or login.granted == 1):
            login.hides((now - _NEWEST).date())
        if self.trouble.happens(0.2):
            login.not_ready = self.trouble.dice.randrange(1, 3)

    @override
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        await self._asked()
        login = self._opened(access)
        if position is not None and self.trouble.happens(0.03):
            raise UpdateChangedError("the provider has forgotten how far we had come")
        if position is None and login.not_ready and self.trouble.on:
            login.not_ready -= 1
            raise FeedNotReadyError("still collecting from the bank")
        tell = _listed if login.character.lists else _changed
        page = tell(self, login, cursor, position)
        self._answered()
        return page

    @override
    async def consent_expires_at(self, access: Secret) -> datetime | None:
        await self._asked()
        login = self._opened(access)
        return login.grants[access.reveal()]

    @override
    async def revoke(self, access: Secret) -> None:
        await self._asked()
        login = self._named_in(access)
        login.grants.pop(access.reveal(), None)
        self._answered()

    async def _asked(self) -> None:
        """The question is on its way: others go on meanwhile, and it may be lost."""
        self.stage.step()
        await self.stage.pause()
        self.trouble.strike(self.provider)

    def _answered(self) -> None:
        """The provider did its part; whether we hear of it is another matter."""
        if self.trouble.happens(self.trouble.rate / 2):
            raise ProviderUnavailableError(self.provider, "cut off after the answer")
        self.stage.step()

    def _named_in(self, access: Secret) -> Login:
        login = self.logins[access.reveal().partition("|")[0]]
        if access.reveal() not in login.grants:
            raise AccessGoneError(self.provider, "NOT_FOUND")
        return login

    def _opened(self, access: Secret) -> Login:
        login = self._named_in(access)
        if login.signed_out or login.grants[access.reveal()] <= self.clock.now():
            raise RenewalRequiredError(self.provider, "SESSION_EXPIRED")
        return login


def _page(observations: Observations) -> FeedPage:
    return FeedPage(repr(observations).encode(), observations)


def _accounts(bank: SimBank, those: Sequence[BankAccount]) -> tuple[AccountSeen, ...]:
    now, silent = bank.clock.now(), bank.trouble.happens(0.1)
    return tuple(
        AccountSeen(
            id=one.external_id,
            name=one.name,
            kind=one.kind,
            currency=one.currency,
            number=one.number,
            institution=one.login.institution,
            last_four=one.last_four,
            balance=None if silent else BalanceSeen(one.balance, None, now),
        )
        for one in those
    )


# A bank that lists: accounts, then what is pending, then what is booked since some day.


def _listed(bank: SimBank, login: Login, cursor: str | None, position: str | None) -> FetchedPage:
    today = bank.clock.now().date().isoformat()
    began, stage, after, again = (position or f"{today}|accounts||").split("|")
    if stage == "accounts":
        page = _page(Observations(accounts=_accounts(bank, login.accounts)))
        return FetchedPage(page, f"{began}|pending||", None)
    since = date.min if cursor is None else date.fromisoformat(cursor) - _LOOK_BACK
    left = sorted(_listing(login, stage, since, after), key=lambda seen: _order(seen.id))
    told, more = left[: login.character.page], left[login.character.page :]
    page = _page(Observations(transactions=_mixed(bank, told), lists_all_pending=True))
    if told and not again and bank.trouble.happens(login.character.repeats):
        return FetchedPage(page, f"{began}|{stage}|{after}|again", None)
    if more:
        return FetchedPage(page, f"{began}|{stage}|{told[-1].id}|", None)
    if stage == "pending":
        return FetchedPage(page, f"{began}|booked||", None)
    return FetchedPage(page, None, began)


def _listing(login: Login, stage: str, since: date, after: str) -> Iterator[TransactionSeen]:
    pending = stage == "pending"
    for name, row in login.rows.items():
        seen = row.seen
        if seen is None or (after and _order(name) <= _order(after)):
            continue
        if (seen.status is EntryStatus.PENDING) is not pending:
            continue
        if name not in login.away if pending else seen.booked_on >= since:
            yield seen


def _order(name: str) -> int:
    return int(name.rpartition("#")[2])


def _mixed(bank: SimBank, told: Sequence[TransactionSeen]) -> tuple[TransactionSeen, ...]:
    return tuple(bank.trouble.dice.sample(told, len(told)))


# A bank that tells changes, each as it is now, in the order in which it last changed.


def _changed(bank: SimBank, login: Login, cursor: str | None, position: str | None) -> FetchedPage:
    start, at, head, again = (position or f"{cursor or 0}|{cursor or 0}|{login.head}|").split("|")
    since = int(at)
    if login.character.stern and bank.trouble.on and int(head) != login.head:
        raise UpdateChangedError("something happened during pagination")
    names = (name for name, row in login.rows.items() if row.changed > since)
    left = sorted(names, key=lambda name: login.rows[name].changed)
    told, more = left[: login.character.page], left[login.character.page :]
    seen = [row.seen for name in told if (row := login.rows[name]).seen is not None]
    # Also what was given and taken back since: an earlier page may have told of it.
    gone = [TransactionGone(None, name) for name in told if login.rows[name].seen is None]
    page = _page(
        Observations(
            _accounts(bank, login.accounts),
            _mixed(bank, seen),
            tuple(gone),
        )
    )
    if told and not again and bank.trouble.happens(login.character.repeats):
        return FetchedPage(page, f"{start}|{at}|{head}|again", None)
    last = login.rows[told[-1]].changed if told else since
    if more:
        return FetchedPage(page, f"{start}|{last}|{head}|", None)
    return FetchedPage(page, None, str(last), history_pending=bool(login.hidden))
