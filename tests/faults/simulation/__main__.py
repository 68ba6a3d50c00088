"""`python -m tests.faults.simulation --seed N` lives through a seed again, `--seeds` through many.

`make simulate SEEDS=10000` is the usual way to the second.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial

from tests.faults.simulation.in_memory import in_memory
from tests.faults.simulation.over_postgres import a_slow_life, prepare
from tests.faults.simulation.run import STEPS, Simulation
from tests.faults.simulation.runs import Verdict, live, live_many, shortest
from tests.support.postgres import a_clone, migrated_template, running_server

FAILURES_MAX = 3
"""After so many it is clear that something is wrong."""


def main() -> int:
    wanted = _wanted()
    if wanted.seed is None:
        return _many(wanted.first, wanted.seeds, wanted.steps)
    if not wanted.postgres:
        return asyncio.run(_one(wanted, partial(Simulation, open=in_memory)))
    with running_server() as server, migrated_template(server) as template:

        async def over_it() -> int:
            async with a_clone(server, template) as database:
                await prepare(database)
                return await _one(wanted, partial(a_slow_life, database=database))

        return asyncio.run(over_it())


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulation")
    parser.add_argument("--seed", type=int, help="live through this one")
    parser.add_argument("--postgres", action="store_true", help="over PostgreSQL")
    parser.add_argument("--trace", action="store_true", help="say everything that happens")
    parser.add_argument("--shrink", action="store_true", help="look for fewer steps that fail, too")
    parser.add_argument("--seeds", type=int, default=200, help="how many, without --seed")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--steps", type=int, default=STEPS)
    return parser.parse_args()


async def _one(wanted: argparse.Namespace, begin: Callable[[int], Simulation]) -> int:
    simulation = begin(wanted.seed)
    verdict = await live(simulation, wanted.steps)
    if wanted.trace:
        _say("\n".join(simulation.trace))
        _say(str(simulation.people.outcomes))
    if verdict.problem is None:
        _say(f"seed {verdict.seed}: {wanted.steps} steps, digest {verdict.digest}")
        return 0
    if wanted.shrink:
        verdict = await shortest(wanted.seed, wanted.steps, begin, _tried) or verdict
    _say(verdict.told(postgres=wanted.postgres))
    return 1


def _tried(steps: int) -> None:
    _say(f"tried {steps} steps")


def _many(first: int, count: int, steps: int) -> int:
    started, done, failures = time.monotonic(), 0, list[Verdict]()
    for verdicts in live_many(first, count, steps):
        done += len(verdicts)
        failures += [one for one in verdicts if one.problem is not None]
        pace = done * steps / (time.monotonic() - started)
        _say(f"\r{done:,} of {count:,} seeds, {pace:,.0f} steps a second", end="")
        if len(failures) >= FAILURES_MAX:
            break
    _say("")
    for one in failures:
        _say(one.told() + "\n")
    _say(f"{done - len(failures):,} of {done:,} seeds passed, {steps} steps each")
    return 1 if failures else 0


def _say(line: str, end: str = "\n") -> None:
    sys.stdout.write(line + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
