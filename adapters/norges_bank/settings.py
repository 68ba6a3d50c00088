from dataclasses import dataclass
from typing import Final

URL: Final = "https://data.norges-bank.no"


@dataclass(frozen=True, slots=True, kw_only=True)
class NorgesBankSettings:
    url: str = URL
    deadline_s: float = 30.0
    """For a whole answer, tries included."""
