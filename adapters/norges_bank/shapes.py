"""What an answer in SDMX-JSON looks like, as far as we read it."""

import msgspec


class Value(msgspec.Struct, frozen=True):
    id: str


class Component(msgspec.Struct, frozen=True):
    id: str
    values: tuple[Value, ...]


class Dimensions(msgspec.Struct, frozen=True):
    series: tuple[Component, ...]
    observation: tuple[Component, ...]


class Attributes(msgspec.Struct, frozen=True):
    series: tuple[Component, ...]


class Structure(msgspec.Struct, frozen=True):
    dimensions: Dimensions
    attributes: Attributes


class Series(msgspec.Struct, frozen=True):
    observations: dict[str, list[str | int | None]]
    attributes: tuple[int | None, ...] = ()


class DataSet(msgspec.Struct, frozen=True):
    series: dict[str, Series] = {}


class Data(msgspec.Struct, frozen=True, rename="camel"):
    data_sets: tuple[DataSet, ...]
    structure: Structure


class Answer(msgspec.Struct, frozen=True):
    data: Data
