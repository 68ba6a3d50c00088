"""python -m entrypoints.sandbox --port 0 --state FILE: its first line of output is its address."""

import argparse
import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.server import running_sandbox


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="entrypoints.sandbox",
        description="A stand-in for Tink and Plaid, on loopback.",
        epilog="Clients are read from SANDBOX_TINK_CLIENT_ID, SANDBOX_TINK_CLIENT_SECRET, "
        "SANDBOX_PLAID_CLIENT_ID and SANDBOX_PLAID_SECRET in the environment.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, default=None, help="a file that outlives restarts")
    parser.add_argument("--seed", type=int, default=1, help="which people and histories")
    asked = parser.parse_args()
    # Secrets come by the environment: arguments can be read by everybody on the machine.
    usual = SandboxOptions(seed=asked.seed, state_file=asked.state)
    options = replace(
        usual,
        tink_client_id=os.environ.get("SANDBOX_TINK_CLIENT_ID", usual.tink_client_id),
        tink_client_secret=os.environ.get("SANDBOX_TINK_CLIENT_SECRET", usual.tink_client_secret),
        plaid_client_id=os.environ.get("SANDBOX_PLAID_CLIENT_ID", usual.plaid_client_id),
        plaid_secret=os.environ.get("SANDBOX_PLAID_SECRET", usual.plaid_secret),
    )
    asyncio.run(_serve(options, asked.port))


async def _serve(options: SandboxOptions, port: int) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running_sandbox(options, port) as sandbox:
        sys.stdout.write(f"{sandbox.url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()
