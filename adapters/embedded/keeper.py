"""The keeper: a small process that runs PostgreSQL for as long as anybody uses it.

It stands apart from its users (a session of its own), so nothing that ends them ends it: it learns
that the last one is gone, in whatever way it went, by getting the users' lock for itself. Holding
it, it stops PostgreSQL; a newcomer waits for that lock and then starts a keeper of its own. Should
the keeper be killed, the kernel tells PostgreSQL to stop.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from adapters.embedded import binaries, locks, state
from adapters.embedded.cluster import Cluster
from adapters.embedded.layout import (
    ROOTS_STORE,
    EmbeddedError,
    Locks,
    Place,
    place_of,
    socket_folder,
)
from adapters.embedded.state import Phase, State

POLL_S = 0.005
ORPHANS_PATIENCE_S = 60
SLOW_START_S = 1.0
RESTARTS_MAX = 5
HEALTHY_AFTER_S = 60.0


class Happening(Enum):
    NOBODY_LEFT = auto()
    SERVER_ENDED = auto()


@dataclass(frozen=True, slots=True)
class Keeper:
    home: Locks
    wheel: Path
    durable: bool

    def run(self) -> None:
        try:
            self._keep()
        except EmbeddedError as error:
            self._tell(Phase.FAILED, str(error))
        except OSError as error:
            self._tell(Phase.FAILED, f"PostgreSQL cannot be kept: {error}")

    def _keep(self) -> None:
        happenings: SimpleQueue[Happening] = SimpleQueue()
        users = locks.open_lock(self.home.users)
        Thread(target=_await_nobody, args=(users, happenings), daemon=True).start()

        self._tell(Phase.STARTING, "making the database ready")
        cluster = self._cluster()
        restarts = 0
        while True:
            server = self._start(cluster)
            began = time.monotonic()
            self._tell(Phase.READY, sockets=str(cluster.sockets))
            Thread(target=_await_end, args=(server, happenings), daemon=True).start()
            if happenings.get() is Happening.NOBODY_LEFT:
                state.clear(self.home.state)
                cluster.stop(server)
                return
            restarts = 0 if time.monotonic() - began > HEALTHY_AFTER_S else restarts + 1
            if restarts > RESTARTS_MAX:
                raise EmbeddedError(f"PostgreSQL keeps ending: see {cluster.place.logs}")
            self._tell(Phase.STARTING, "PostgreSQL ended by itself and is started again")

    def _cluster(self) -> Cluster:
        place = place_of(self.home)
        with_binaries = self.wheel
        if place.account is not None:
            with_binaries = binaries.copied(self.wheel, ROOTS_STORE)
        cluster = Cluster(place, socket_folder(place), with_binaries, self.durable)
        # Nobody else prepares while we hold the keeper's lock, but a server may still be ending.
        os.close(self._data_lock(place))
        cluster.prepare()
        return cluster

    def _start(self, cluster: Cluster) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers, however long its recovery takes."""
        data_lock = self._data_lock(cluster.place)
        cluster.forget_the_dead()
        server = cluster.start(data_lock)
        os.close(data_lock)
        began = time.monotonic()
        while not cluster.is_ready(server):
            if server.poll() is not None:
                raise EmbeddedError(f"PostgreSQL does not start: {cluster.last_words()}")
            waited = time.monotonic() - began
            if waited > SLOW_START_S:
                self._tell(Phase.STARTING, f"PostgreSQL is recovering ({waited:.0f} s)")
            time.sleep(POLL_S if waited < SLOW_START_S else SLOW_START_S)
        return server

    def _data_lock(self, place: Place) -> int:
        """Locked: no process of an earlier server is left, not even an orphan."""
        lock = locks.open_lock(place.lock)
        began = time.monotonic()
        while not locks.try_alone(lock):
            if time.monotonic() - began > ORPHANS_PATIENCE_S:
                raise EmbeddedError(
                    f"an earlier PostgreSQL still works on {place.data}: end its processes first"
                )
            time.sleep(POLL_S)
        return lock

    def _tell(self, phase: Phase, message: str = "", sockets: str = "") -> None:
        state.write(self.home.state, State(phase, message, sockets, self.durable))


def _await_nobody(users: int, happenings: "SimpleQueue[Happening]") -> None:
    locks.wait_for(users)
    happenings.put(Happening.NOBODY_LEFT)


def _await_end(server: "subprocess.Popen[bytes]", happenings: "SimpleQueue[Happening]") -> None:
    server.wait()
    happenings.put(Happening.SERVER_ENDED)


def main() -> None:
    folder, wheel, durable, keeper_lock = sys.argv[1:]
    os.set_inheritable(int(keeper_lock), False)
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # It is the users' going that ends the keeper. Not SIG_IGN, which PostgreSQL would inherit.
        signal.signal(ending, lambda *_: None)
    Keeper(Locks(Path(folder)), Path(wheel), durable == "durable").run()
