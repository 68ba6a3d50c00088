"""People who sign in again and again; or, as the floor, nothing but their passwords' hashes."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal

import httpx
import msgspec
from argon2 import PasswordHasher, Type

from adapters.passwords.argon2id import DEFAULT_COST
from tests.bench.children import tell, told
from tests.bench.town import PASSWORD

THREADS: Final = 2
"""As many as Daler hashes with."""


class SigningIn(msgspec.Struct):
    what: Literal["over HTTP", "bare argon2id"]
    port: int
    emails: list[str]
    seconds: float


class SignedInOften(msgspec.Struct):
    per_second: float


async def over_http(task: SigningIn) -> int:
    until = time.perf_counter() + task.seconds

    async def again_and_again(http: httpx.AsyncClient, email: str) -> int:
        times = 0
        while time.perf_counter() < until:
            answer = await http.post("/auth/login", json={"email": email, "password": PASSWORD})
            answer.raise_for_status()
            times += 1
        return times

    address = f"http://127.0.0.1:{task.port}/api/v1"
    async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as http:
        return sum(await asyncio.gather(*(again_and_again(http, one) for one in task.emails)))


def bare(task: SigningIn) -> int:
    argon2 = PasswordHasher(
        time_cost=DEFAULT_COST.passes,
        memory_cost=DEFAULT_COST.memory_kib,
        parallelism=DEFAULT_COST.lanes,
        type=Type.ID,
    )
    hashed = argon2.hash(PASSWORD)
    until = time.perf_counter() + task.seconds

    def again_and_again(_: str) -> int:
        times = 0
        while time.perf_counter() < until:
            argon2.verify(hashed, PASSWORD)
            times += 1
        return times

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(again_and_again, task.emails))


def main(task: SigningIn) -> SignedInOften:
    started = time.perf_counter()
    times = asyncio.run(over_http(task)) if task.what == "over HTTP" else bare(task)
    return SignedInOften(times / (time.perf_counter() - started))


if __name__ == "__main__":
    tell(main(told(SigningIn)))
