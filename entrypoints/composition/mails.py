"""How mails leave the house: through a mail server, or into a folder where there is none."""

import structlog
from dishka import Provider, Scope, provide

from adapters.mail.folder import MailFolder
from adapters.mail.settings import MailSettings
from adapters.mail.smtp import NoKeptMails, SmtpMailer
from application.identity.mail.mails import KeptMails, Mailer
from application.shared.chance import NewIds
from application.shared.clock import Clock

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("daler")


class Mails(Provider):
    """Needs MailSettings, NewIds and Clock."""

    scope = Scope.APP

    @provide
    def folder(self, settings: MailSettings, ids: NewIds, clock: Clock) -> MailFolder:
        return MailFolder(settings.folder, settings.sender, ids, clock)

    @provide
    def mailer(
        self, settings: MailSettings, folder: MailFolder, ids: NewIds, clock: Clock
    ) -> Mailer:
        if settings.server is not None:
            return SmtpMailer(settings.server, settings.sender, ids, clock)
        if settings.missed:
            log.warning("mails_are_kept_in_a_folder", folder=str(settings.folder))
        return folder

    @provide
    def kept(self, settings: MailSettings, folder: MailFolder) -> KeptMails:
        return folder if settings.server is None else NoKeptMails()
