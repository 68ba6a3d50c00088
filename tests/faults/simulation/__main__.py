"""`python -m tests.faults.simulation --seed N`: live through a seed again."""

import argparse
import asyncio
import sys
import time

from tests.faults.simulation.in_memory import in_memory
from tests.faults.simulation.run import STEPS, Simulation


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--trace", action="store_true")
    wanted = parser.parse_args()
    failed = 0
    for seed in range(wanted.seed, wanted.seed + wanted.seeds):
        started = time.process_time()
        one = Simulation(seed, in_memory)
        try:
            digest = asyncio.run(one.run(wanted.steps))
        except Exception as e:
            failed += 1
            print(f"seed {seed} step {one.step}: {type(e).__name__} {str(e)[:300]}")
            if wanted.trace:
                print("\n".join(one.trace[-60:]))
                raise
        else:
            print(seed, digest, f"{time.process_time() - started:.2f}", dict(one.people.outcomes) if wanted.trace else "")
    return failed


if __name__ == "__main__":
    sys.exit(main())
