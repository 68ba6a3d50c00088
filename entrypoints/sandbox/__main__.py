"""python -m entrypoints.sandbox --port 0 --state FILE: its first line of output is its address."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.server import running_sandbox

ENVIRONMENT = {
    "SANDBOX_TINK_CLIENT_ID": "tink_client_id",
    "SANDBOX_TINK_CLIENT_SECRET": "tink_client_secret",
    "SANDBOX_PLAID_CLIENT_ID": "plaid_client_id",
    "SANDBOX_PLAID_SECRET": "plaid_secret",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="entrypoints.sandbox",
        description="A stand-in for Tink and Plaid, on loopback.",
        epilog=f"Clients are read from the environment: {', '.join(ENVIRONMENT)}.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, default=None, help="a file that outlives restarts")
    parser.add_argument("--seed", type=int, default=1, help="which people and histories")
    asked = parser.parse_args()
    # Secrets come by the environment: arguments can be read by everybody on the machine.
    clients = {field: os.environ[name] for name, field in ENVIRONMENT.items() if name in os.environ}
    options = SandboxOptions(seed=asked.seed, state_file=asked.state, **clients)
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
