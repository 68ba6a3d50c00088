from dataclasses import dataclass

import segno
from typing_extensions import override

from application.identity.second_factor.ports import QrCodes
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SegnoQrCodes(QrCodes):
    """Dark on white, whatever page it stands in: many phones do not read it the other way round."""

    @override
    def svg(self, text: Secret) -> Secret:
        code = segno.make_qr(text.reveal(), error="m")
        return Secret(code.svg_inline(scale=4, dark="#000", light="#fff", omitsize=True))
