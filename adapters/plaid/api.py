import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from adapters.outbound.call import Call, Reply
from adapters.outbound.client import Outbound
from adapters.plaid.problems import refused
from adapters.plaid.settings import PlaidSettings
from application.connections.gateway import ProviderMisconfiguredError

T = TypeVar("T")

VERSION = "2020-09-14"


@dataclass(frozen=True, slots=True)
class PlaidApi:
    outbound: Outbound
    settings: PlaidSettings

    async def post(
        self,
        endpoint: str,
        body: Mapping[str, object],
        read: Callable[[bytes], T],
        *,
        repeatable: bool = True,
        deadline_s: float | None = None,
        refuse: Callable[[Reply], Exception] = refused,
    ) -> T:
        """Every call of Plaid's is a POST, also those that only read."""
        call = Call(
            "POST",
            endpoint,
            deadline_s=deadline_s or self.settings.interactive_deadline_s,
            repeatable=repeatable,
            headers={
                "content-type": "application/json",
                "plaid-version": VERSION,
                # Headers, not the body: bodies are what gets logged somewhere some day.
                "plaid-client-id": self.settings.client_id,
                "plaid-secret": self.settings.secret.reveal(),
            },
            body=msgspec.json.encode(body),
            about=_item(body.get("access_token")),
        )
        try:
            return await self.outbound.send(call, read, refuse)
        except ProviderMisconfiguredError as error:
            # Wrong keys stay wrong: more calls with them only look like an attack.
            self.outbound.breaker.trip(error.reason)
            raise


def _item(token: object) -> str | None:
    """A name for the Item that opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()[:32] if isinstance(token, str) else None
