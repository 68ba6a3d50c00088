"""A guarded stream of XML: no DTD, no entities, and every failure is a refusal with its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from adapters.statements.content import rewound
from application.ledger.statements import Content
from domain.ledger.statement import refused

_DEPTH_MAX: Final = 64


def events_of(content: Content) -> Iterator[tuple[bool, Element]]:
    """Each element twice: when it begins (True) and when it is whole (False).

    Raises:
        StatementRefusedError: this is not well-formed XML, or it carries a document type.
    """
    stream = iterparse(
        rewound(content),
        events=("start", "end"),
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
    )
    depth = 0
    while True:
        try:
            event, element = next(stream)
        except StopIteration:
            return
        except ParseError as error:
            line, column = error.position
            raise refused(
                f"the XML breaks off or is damaged here (character {column + 1})", line=line
            ) from None
        except DefusedXmlException:
            raise refused("a statement has no document type and no entities") from None
        except (LookupError, ValueError):
            raise refused("the XML is in an encoding that cannot be read") from None
        begins = event == "start"
        depth += 1 if begins else -1
        if depth > _DEPTH_MAX:
            raise refused("the XML is nested deeper than any statement")
        yield begins, element


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


@dataclass(frozen=True, slots=True)
class Names:
    """Finds children by name in the one namespace of a message, whichever version it is."""

    space: str

    @classmethod
    def of(cls, element: Element) -> "Names":
        head, brace, _ = element.tag.rpartition("}")
        return cls(f"{head}{brace}")

    def at(self, element: Element | None, *path: str) -> Element | None:
        for name in path:
            if element is None:
                return None
            element = element.find(self.space + name)
        return element

    def text(self, element: Element | None, *path: str) -> str:
        """The text of the element at the path without outer spaces; empty when there is none."""
        found = self.at(element, *path)
        return "" if found is None or found.text is None else found.text.strip()

    def all(self, element: Element | None, name: str) -> list[Element]:
        return [] if element is None else element.findall(self.space + name)
