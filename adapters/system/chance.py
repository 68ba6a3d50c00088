import random
import secrets
from dataclasses import dataclass

from typing_extensions import override

from application.shared.chance import Chance
from domain.shared.secret import Secret

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SystemChance(Chance):
    @override
    def token(self) -> Secret:
        return Secret(secrets.token_urlsafe(TOKEN_BYTES))

    @override
    def share(self) -> float:
        return random.random()  # noqa: S311  # spreads retries; nobody gains by guessing it
