"""Roles, administration of people, profile and settings, over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.identity.people_directory import MemoryPeopleDirectory
from adapters.memory.identity.settings import BeginMemorySettingsTx
from adapters.memory.identity.staff import BeginMemoryStaffTx, MemoryStaffActions
from adapters.postgres.audit.actions import PostgresStaffActions
from adapters.postgres.identity.people_directory import PostgresPeopleDirectory
from adapters.postgres.identity.settings import BeginPostgresSettingsTx
from adapters.postgres.identity.staff import BeginPostgresStaffTx
from adapters.system.zones import IanaTimeZones
from application.identity.ban_person import BanPerson
from application.identity.change_profile import ChangeProfile
from application.identity.create_admin import CreateAdmin
from application.identity.find_person import FindPerson
from application.identity.grant_role import GrantRole
from application.identity.list_actions import ListActions
from application.identity.list_people import ListPeople
from application.identity.lock_person import LockPerson
from application.identity.sessions_for_staff import EndSessionsOfPerson, ShowSessionsOfPerson
from application.identity.settings import ChangeSettings, ViewSettings
from application.identity.settings_ports import BeginSettingsTx, TimeZones
from application.identity.show_person import ShowPerson
from application.identity.staff_ports import BeginStaffTx, PeopleDirectory, StaffActions
from application.identity.unban_person import UnbanPerson
from application.identity.unlock_person import UnlockPerson


class PeopleHandlers(Provider):
    """Needs the ports below, and what IdentityHandlers needs and gives."""

    scope = Scope.APP

    looking = provide_all(ListPeople, FindPerson, ShowPerson, ShowSessionsOfPerson, ListActions)
    acting = provide_all(
        BanPerson, UnbanPerson, LockPerson, UnlockPerson, EndSessionsOfPerson, GrantRole
    )
    by_hand = provide(CreateAdmin)
    own = provide_all(ChangeProfile, ViewSettings, ChangeSettings)
    zones = provide(IanaTimeZones, provides=TimeZones)


class PostgresPeople(Provider):
    """Needs Database and Cipher."""

    scope = Scope.APP

    staff = provide(BeginPostgresStaffTx, provides=BeginStaffTx)
    settings = provide(BeginPostgresSettingsTx, provides=BeginSettingsTx)
    people = provide(PostgresPeopleDirectory, provides=PeopleDirectory)
    actions = provide(PostgresStaffActions, provides=StaffActions)


class MemoryPeople(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    staff = provide(BeginMemoryStaffTx, provides=BeginStaffTx)
    settings = provide(BeginMemorySettingsTx, provides=BeginSettingsTx)
    people = provide(MemoryPeopleDirectory, provides=PeopleDirectory)
    actions = provide(MemoryStaffActions, provides=StaffActions)
