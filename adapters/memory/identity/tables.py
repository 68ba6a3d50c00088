from typing import Final

from adapters.memory.tables import Table
from domain.identity.email import EmailAddress
from domain.identity.password import PasswordCredential
from domain.identity.person import Person
from domain.identity.refresh import RefreshToken, TokenHash
from domain.identity.session import Session
from domain.shared.ids import SessionId, UserId

PEOPLE: Final = Table[UserId, Person]("people")
LOGIN_DIRECTORY: Final = Table[EmailAddress, UserId]("login_directory")
PASSWORDS: Final = Table[UserId, PasswordCredential]("passwords")
SESSIONS: Final = Table[tuple[UserId, SessionId], Session]("sessions")
REFRESH_TOKENS: Final = Table[TokenHash, RefreshToken]("refresh_tokens")
