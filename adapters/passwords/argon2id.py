import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from argon2 import PasswordHasher as Argon2
from argon2 import Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from typing_extensions import override

from application.identity.ports import PasswordHasher
from domain.identity.password import PasswordHash
from domain.shared.errors import UnavailableError
from domain.shared.secret import Secret

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """OWASP's first choice for argon2id: 46 MiB, one pass, one lane."""

    memory_kib: int = 46 * 1024
    passes: int = 1
    lanes: int = 1


DEFAULT_COST: Final = Argon2Cost()
_NOBODYS: Final = "a password that nobody has, hashed so that nobody can be told from somebody"


class SignInBusyError(UnavailableError):
    code = "sign_in_busy"

    def __init__(self) -> None:
        super().__init__("too many people are signing in right now; try again in a moment")


@dataclass(slots=True)
class Argon2idHasher(PasswordHasher):
    """Hashes in threads of its own: argon2 lets go of the interpreter, and memory stays bounded.

    At most `waiting_max` may queue; each one holds a request open for its turn.
    """

    threads: ThreadPoolExecutor
    argon2: Argon2
    nobodys: PasswordHash
    waiting_max: int
    waiting: int = field(default=0, init=False)

    @override
    async def hash(self, password: Secret) -> PasswordHash:
        return PasswordHash(await self._run(lambda: self.argon2.hash(password.reveal())))

    @override
    async def verify(self, password: Secret, against: PasswordHash | None) -> bool:
        hashed = self.nobodys if against is None else against
        same = await self._run(lambda: self._same(hashed, password))
        return same and against is not None

    @override
    def outdated(self, hashed: PasswordHash) -> bool:
        kept = extract_parameters(hashed)
        # Weaker, not merely different: parameters that are lowered make no hash weaker.
        return (
            kept.type is not Type.ID
            or kept.memory_cost < self.argon2.memory_cost
            or kept.time_cost < self.argon2.time_cost
            or kept.hash_len < self.argon2.hash_len
            or kept.salt_len < self.argon2.salt_len
        )

    def _same(self, hashed: PasswordHash, password: Secret) -> bool:
        try:
            return self.argon2.verify(hashed, password.reveal())
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self.waiting >= self.waiting_max:
            raise SignInBusyError
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, work)
        finally:
            self.waiting -= 1


@contextmanager
def argon2id(
    cost: Argon2Cost = DEFAULT_COST, *, threads: int = 2, waiting_max: int = 200
) -> Iterator[Argon2idHasher]:
    """A hasher whose threads end with the context."""
    argon2 = Argon2(
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        salt_len=16,
        type=Type.ID,
    )
    with ThreadPoolExecutor(threads, thread_name_prefix="argon2") as pool:
        yield Argon2idHasher(
            threads=pool,
            argon2=argon2,
            nobodys=PasswordHash(argon2.hash(_NOBODYS)),
            waiting_max=waiting_max,
        )
