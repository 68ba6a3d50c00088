"""Letters to the client's webhook address. They never leave this machine."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from entrypoints.sandbox.web import is_loopback

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Letter:
    url: str
    event: str
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a letter: the receiver's status, or why there is none."""

    url: str
    event: str
    status: int | None
    problem: str = ""


@dataclass(slots=True)
class Postman:
    """Delivers once. Who needs repeats or disorder asks the control side to fire again."""

    _errands: set[asyncio.Task[list[Delivery]]] = field(default_factory=set)

    async def deliver(self, letters: Sequence[Letter]) -> list[Delivery]:
        if not letters:
            return []
        # Loopback speaks plain HTTP: an empty TLS context spares loading the CA store.
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        async with httpx.AsyncClient(verify=tls, timeout=TIMEOUT_S, trust_env=False) as http:
            return list(await asyncio.gather(*(self._one(http, letter) for letter in letters)))

    def post(self, letters: Sequence[Letter]) -> None:
        """Deliver without making the caller wait."""
        if letters:
            errand = asyncio.get_running_loop().create_task(self.deliver(letters))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    async def close(self) -> None:
        for errand in tuple(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def _one(self, http: httpx.AsyncClient, letter: Letter) -> Delivery:
        if not goes_to_loopback(letter.url):
            return Delivery(letter.url, letter.event, None, "not a loopback address")
        headers = {"content-type": "application/json"} | letter.headers
        try:
            answer = await http.post(letter.url, content=letter.body, headers=headers)
        except httpx.HTTPError as error:
            return Delivery(letter.url, letter.event, None, type(error).__name__)
        return Delivery(letter.url, letter.event, answer.status_code)


def goes_to_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and is_loopback(parts.hostname or "")
    except ValueError:
        return False
