"""Roles, administration of people, and profile, over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.identity.people_directory import MemoryPeopleDirectory
from adapters.memory.identity.staff import BeginMemoryStaffTx, MemoryStaffActions
from adapters.postgres.audit.actions import PostgresStaffActions
from adapters.postgres.identity.people_directory import PostgresPeopleDirectory
from adapters.postgres.identity.staff import BeginPostgresStaffTx
from adapters.system.zones import IanaTimeZones
from application.identity.profile.change_profile import ChangeProfile
from application.identity.profile.settings import ChangeSettings, ViewSettings
from application.identity.profile.settings_ports import TimeZones
from application.identity.staff.ban_person import BanPerson
from application.identity.staff.create_admin import CreateAdmin
from application.identity.staff.find_person import FindPerson
from application.identity.staff.grant_role import GrantRole
from application.identity.staff.list_actions import ListActions
from application.identity.staff.list_people import ListPeople
from application.identity.staff.lock_person import LockPerson
from application.identity.staff.ports import BeginStaffTx, PeopleDirectory, StaffActions
from application.identity.staff.sessions_for_staff import EndSessionsOfPerson, ShowSessionsOfPerson
from application.identity.staff.show_person import ShowPerson
from application.identity.staff.unban_person import UnbanPerson
from application.identity.staff.unlock_person import UnlockPerson


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
    people = provide(PostgresPeopleDirectory, provides=PeopleDirectory)
    actions = provide(PostgresStaffActions, provides=StaffActions)


class MemoryPeople(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    staff = provide(BeginMemoryStaffTx, provides=BeginStaffTx)
    people = provide(MemoryPeopleDirectory, provides=PeopleDirectory)
    actions = provide(MemoryStaffActions, provides=StaffActions)
