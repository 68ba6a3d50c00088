"""The keys behind Plaid's webhooks. Whoever sends one names its key: a stranger can name any."""

import asyncio
import time
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from typing_extensions import override

from adapters.outbound.call import GarbledAnswerError, Reply
from adapters.outbound.reading import reading
from adapters.plaid import shapes
from adapters.plaid.api import PlaidApi
from adapters.plaid.problems import refused
from application.connections.gateway import ProviderMisconfiguredError, ProviderUnavailableError
from application.shared.limits import Rate, take
from domain.connections.errors_webhooks import (
    WebhookForgedError,
    WebhookKeysAwayError,
    WebhookKeysBusyError,
    WebhookNotSetUpError,
)
from domain.shared.network import UNKNOWN

FRESH_S: Final = 3600.0
"""So long a key is taken as it is; then Plaid is asked whether it has expired."""
STALE_S: Final = 24 * 3600.0
"""So long a key that was good is still believed while Plaid cannot be asked."""
UNKNOWN_S: Final = 600.0
"""So long nobody asks again for a name that Plaid does not know."""
UNKNOWN_MAX: Final = 1_000
KEYS_MAX: Final = 50
DEADLINE_S: Final = 3.0
"""Plaid waits ten seconds for our answer."""
AWAY_S: Final = 5.0
"""So long nobody asks again after Plaid did not answer: whoever waited in line waited enough."""
LOOKUPS_OF_ONE: Final = Rate(5, 300)
"""For names never seen before, from one network: five at once, then one a minute."""
LOOKUPS: Final = Rate(30, 300)
"""All networks together: no one of them can use up more than a sixth of it."""

Numbers = tuple[float, ECKey]


class VerificationKeys(Protocol):
    @abstractmethod
    async def get(self, kid: str, network: str = UNKNOWN) -> ECKey:
        """Raises WebhookForgedError, WebhookKeysAwayError, WebhookKeysBusyError.

        Forged: Plaid has no such key, or it has expired. `network` is whoever named it.
        """


class Jwk(msgspec.Struct, frozen=True):
    kty: str
    crv: str
    alg: str
    kid: str
    x: str
    y: str
    expired_at: float | None = None


class KeyAnswer(msgspec.Struct, frozen=True):
    key: Jwk


class UnknownKeyError(Exception):
    """Plaid has no key of that name."""


_answer = reading(msgspec.json.Decoder(KeyAnswer))
_problem = msgspec.json.Decoder(shapes.Problem)


@dataclass(frozen=True, slots=True)
class UnsetKeys(VerificationKeys):
    """Where no credentials of Plaid's are set, nobody can be asked for a key."""

    @override
    async def get(self, kid: str, network: str = UNKNOWN) -> ECKey:
        raise WebhookNotSetUpError("DALER_PLAID_CLIENT_ID and its secret")


@dataclass(slots=True)
class PlaidKeys(VerificationKeys):
    """Asked of Plaid once, and kept in memory: good ones, and names that Plaid does not know."""

    api: PlaidApi
    monotonic: Callable[[], float] = time.monotonic
    _good: dict[str, Numbers] = field(default_factory=dict)
    _unknown: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _full_at_us: int = 0
    _full_at_of: dict[str, int] = field(default_factory=dict)
    _away_until: float = 0.0

    @override
    async def get(self, kid: str, network: str = UNKNOWN) -> ECKey:
        found = self._known(kid)
        if found is not None:
            return found
        # One at a time: who waits for the same key finds it when their turn comes.
        async with self._asking:
            found = self._known(kid)
            if found is not None:
                return found
            if kid in self._good:
                return await self._renewed(kid)
            return await self._first(kid, network)

    def _known(self, kid: str) -> ECKey | None:
        """Raises WebhookForgedError."""
        now = self.monotonic()
        good = self._good.get(kid)
        if good is not None and now - good[0] < FRESH_S:
            return good[1]
        if now < self._unknown.get(kid, now):
            raise WebhookForgedError
        return None

    async def _first(self, kid: str, network: str) -> ECKey:
        if self.monotonic() < self._away_until:
            raise WebhookKeysAwayError
        self._pay(network)
        try:
            return await self._fetched(kid)
        except (ProviderUnavailableError, ProviderMisconfiguredError) as error:
            self._away_until = self.monotonic() + AWAY_S
            raise WebhookKeysAwayError from error

    def _pay(self, network: str) -> None:
        """Out of the network's share and out of everybody's, or out of neither.

        Raises WebhookKeysBusyError.
        """
        now_us = int(self.monotonic() * 1_000_000)
        own_full_at, own = take(self._full_at_of.get(network, 0), now_us, LOOKUPS_OF_ONE)
        full_at, of_all = take(self._full_at_us, now_us, LOOKUPS)
        refusing = [one.next_in_s for one in (own, of_all) if not one.allowed]
        if refusing:
            raise WebhookKeysBusyError(max(1, *refusing))
        self._full_at_us = full_at
        # Shares that are whole again need no keeping; those that are not are as few as look-ups.
        self._full_at_of = {one: at for one, at in self._full_at_of.items() if at > now_us}
        self._full_at_of[network] = own_full_at

    async def _renewed(self, kid: str) -> ECKey:
        at, key = self._good[kid]
        if self.monotonic() >= self._away_until:
            try:
                return await self._fetched(kid)
            except (ProviderUnavailableError, ProviderMisconfiguredError):
                self._away_until = self.monotonic() + AWAY_S
        if self.monotonic() - at < STALE_S:
            return key
        raise WebhookKeysAwayError

    async def _fetched(self, kid: str) -> ECKey:
        try:
            found = await self.api.post(
                "/webhook_verification_key/get",
                {"key_id": kid},
                _key_in,
                deadline_s=DEADLINE_S,
                refuse=_refused,
            )
        except UnknownKeyError:
            found = None
        if found is None:
            self._good.pop(kid, None)
            self._forget_oldest()
            self._unknown[kid] = self.monotonic() + UNKNOWN_S
            raise WebhookForgedError
        if len(self._good) >= KEYS_MAX:
            del self._good[min(self._good, key=lambda one: self._good[one][0])]
        self._good[kid] = (self.monotonic(), found)
        return found

    def _forget_oldest(self) -> None:
        while len(self._unknown) >= UNKNOWN_MAX:
            self._unknown.popitem(last=False)


def _key_in(body: bytes) -> ECKey | None:
    """The key, or None for one that has expired or is not for this."""
    jwk = _answer(body).key
    if jwk.expired_at is not None or (jwk.kty, jwk.crv, jwk.alg) != ("EC", "P-256", "ES256"):
        return None
    try:
        return ECKey.import_key({"kty": jwk.kty, "crv": jwk.crv, "x": jwk.x, "y": jwk.y})
    except (JoseError, ValueError) as error:
        raise GarbledAnswerError("a key that is no point on its curve") from error


def _refused(reply: Reply) -> Exception:
    try:
        problem = _problem.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return refused(reply)
    if problem.error_code == "INVALID_WEBHOOK_VERIFICATION_KEY_ID":
        return UnknownKeyError()
    if problem.error_type == "INVALID_REQUEST" and reply.status == 400:  # noqa: PLR2004 - HTTP
        # A name of a form that no key has.
        return UnknownKeyError()
    return refused(reply)
