"""State tokens: what comes back with a person, so that we know the way back is theirs."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from application.shared.chance import Chance
from application.shared.cipher import Cipher
from domain.connections.errors import StateInvalidError
from domain.connections.provider import Provider
from domain.shared.ids import UserId
from domain.shared.secret import Secret

_PURPOSE: Final = "connections.link_state"
_LENGTH_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class LinkStates:
    """256 random bits, and a signature that ties them to one person and one provider."""

    chance: Chance
    cipher: Cipher

    def issue(self, owner: UserId, provider: Provider) -> Secret:
        random = self.chance.token().reveal()
        return Secret(f"{random}.{self._signature(random, owner, provider)}")

    def digest(self, state: Secret, owner: UserId, provider: Provider) -> bytes:
        """What an attempt is found by. Costs no look at the database.

        Raises:
            StateInvalidError: forged, or issued to another person or for another provider.
        """
        text = state.reveal()
        random, _, signature = text.partition(".")
        if len(text) > _LENGTH_MAX or not text.isascii():
            raise StateInvalidError
        if not hmac.compare_digest(signature, self._signature(random, owner, provider)):
            raise StateInvalidError
        return state_digest(state)

    def _signature(self, random: str, owner: UserId, provider: Provider) -> str:
        return self.cipher.lookup(_PURPOSE, f"{owner}:{provider}:{random}").hex()


def state_digest(state: Secret) -> bytes:
    return hashlib.sha256(state.reveal().encode()).digest()
