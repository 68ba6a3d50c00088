"""Connections: their use cases, and their ports over PostgreSQL or memory."""

import os

from dishka import AnyOf, Provider, Scope, provide, provide_all

from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.figures import MemoryFigures
from adapters.memory.connections.history import MemorySyncHistory
from adapters.memory.connections.reader import MemoryConnectionsReader
from adapters.memory.connections.repositories import MemoryLinkedUp
from adapters.memory.connections.webhooks import MemoryDeliveriesReader
from adapters.memory.database import MemoryDatabase
from adapters.outbound.figures import ProcessFigures
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx, BeginPostgresHouseTx
from adapters.postgres.connections.figures import PostgresFiguresReader, PostgresFiguresStore
from adapters.postgres.connections.history import PostgresSyncHistory
from adapters.postgres.connections.linked_up import PostgresLinkedUp
from adapters.postgres.connections.reader import PostgresConnectionsReader
from adapters.postgres.connections.webhooks import PostgresDeliveriesReader
from application.connections.complete_link import CompleteLink
from application.connections.disconnect import Disconnect
from application.connections.find_out_of_step import FindOutOfStep
from application.connections.health.history import SyncHistory
from application.connections.health.ports import FiguresReader, FiguresStore, SyncMeter
from application.connections.health.show_providers import ShowProvider, ShowProviders
from application.connections.keep_in_step import KeepInStep
from application.connections.keep_link import KeepLink
from application.connections.link_states import LinkStates
from application.connections.pace.four_a_day import FourADay
from application.connections.pace.pace import Pace, WhatCounts
from application.connections.pace.pressure import Pressure
from application.connections.ports import BeginConnectionsTx, BeginHouseTx, LinkedUp
from application.connections.purge_raw_pages import PurgeRawPages
from application.connections.request_sync import RequestSync
from application.connections.revoke_connection import RevokeConnection
from application.connections.rhythm import Rhythm
from application.connections.start_link import Attempting, StartLink
from application.connections.start_renewal import StartRenewal
from application.connections.sync_connection import SyncConnection, SyncLimits
from application.connections.sync_setback import SyncSetback
from application.connections.unattended import UnattendedSyncs
from application.connections.views import ConnectionsReader
from application.connections.webhook_ports import DeliveriesReader
from application.shared.chance import NewIds
from application.shared.clock import Clock


class ConnectionsHandlers(Provider):
    """Needs the ports below, Banks, Clock, NewIds, Chance, Cipher and Rhythm."""

    scope = Scope.APP

    def __init__(self, pace: Pace | None = None) -> None:
        super().__init__()
        self._pace = pace or Pace()

    parts = provide_all(LinkStates, Attempting, KeepLink, SyncSetback)
    people_ask_for = provide_all(StartLink, StartRenewal, CompleteLink, RequestSync, Disconnect)
    jobs_run = provide_all(
        SyncConnection, KeepInStep, FindOutOfStep, RevokeConnection, PurgeRawPages
    )

    administrators_ask_for = provide_all(ShowProviders, ShowProvider)

    unattended = provide(FourADay, provides=UnattendedSyncs)

    @provide
    def what_counts(self) -> WhatCounts:
        return self._pace.counts

    @provide
    def pressure(self) -> Pressure:
        return self._pace.pressure

    @provide
    def counted(self, clock: Clock, ids: NewIds) -> AnyOf[ProcessFigures, SyncMeter]:
        return ProcessFigures(clock, f"{os.getpid()}-{ids.one().hex[-8:]}")

    @provide
    def limits(self) -> SyncLimits:
        return SyncLimits()


class PostgresConnections(Provider):
    """Needs Database and Cipher."""

    scope = Scope.APP

    begin = provide(BeginPostgresConnectionsTx, provides=BeginConnectionsTx)
    begin_house = provide(BeginPostgresHouseTx, provides=BeginHouseTx)
    reader = provide(PostgresConnectionsReader, provides=ConnectionsReader)
    deliveries = provide(PostgresDeliveriesReader, provides=DeliveriesReader)
    linked_up = provide(PostgresLinkedUp, provides=LinkedUp)
    history = provide(PostgresSyncHistory, provides=SyncHistory)
    store = provide(PostgresFiguresStore, provides=FiguresStore)
    figures = provide(PostgresFiguresReader, provides=FiguresReader)


class MemoryConnections(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    begin = provide(BeginMemoryConnectionsTx, provides=BeginConnectionsTx)
    begin_house = provide(BeginMemoryHouseTx, provides=BeginHouseTx)

    @provide
    def reader(self, database: MemoryDatabase, rhythm: Rhythm) -> ConnectionsReader:
        return MemoryConnectionsReader(database.tables, database.clock, rhythm)

    @provide
    def linked_up(self, database: MemoryDatabase) -> LinkedUp:
        return MemoryLinkedUp(database.tables)

    @provide
    def history(self, database: MemoryDatabase) -> SyncHistory:
        return MemorySyncHistory(database.tables)

    @provide
    def figures(self, database: MemoryDatabase) -> AnyOf[FiguresStore, FiguresReader]:
        return MemoryFigures(database.tables, database.clock)

    @provide
    def deliveries(self, database: MemoryDatabase) -> DeliveriesReader:
        return MemoryDeliveriesReader(database.tables)
