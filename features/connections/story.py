"""What has happened so far between a person and their bank."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from application.connections.complete_link import CompleteLink, CompleteLinkCommand
from application.connections.gateway import ProviderUnavailableError
from application.connections.keep_link import LinkReport
from application.connections.start_link import StartedLink, StartLink, StartLinkCommand
from application.connections.views import ConnectionsReader, ConnectionView
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, FeedId
from domain.shared.secret import Secret
from features.world import World

DOWN = ProviderUnavailableError("tink", "500")


@dataclass(slots=True)
class Story:
    state: Secret | None = None
    links: list[LinkReport] = field(default_factory=list)
    asked: int = 0
    """How many pages the bank had been asked for at that moment."""

    @property
    def connection_id(self) -> ConnectionId:
        return self.links[0].connection.id

    @property
    def feed_id(self) -> FeedId:
        return self.links[0].connection.feed_id

    def leave(self, world: World, work: Coroutine[Any, Any, StartedLink]) -> None:
        """Off to the bank."""
        started = world.attempt(work)
        if started is not None:
            self.state = started.state

    def start(self, world: World, person: str = "Anna") -> None:
        command = StartLinkCommand(world.person(person), Provider.TINK)
        self.leave(world, world.the(StartLink)(command))

    def come_back(self, world: World, person: str = "Anna", **brought: str) -> None:
        assert self.state is not None
        parameters = brought or {"credentials_id": "c-1"}
        command = CompleteLinkCommand(world.person(person), Provider.TINK, self.state, parameters)
        link = world.attempt(world.the(CompleteLink)(command))
        if link is not None:
            self.links.append(link)

    def link(self, world: World, person: str = "Anna") -> None:
        self.start(world, person)
        self.come_back(world, person)
        assert world.refusal is None, f"refused with {world.refusal}"


def banks_of(world: World, person: str = "Anna") -> list[ConnectionView]:
    return list(world.do(world.the(ConnectionsReader).list(world.person(person), None)))
