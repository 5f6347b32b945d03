"""RML: mappings in Turtle or YARRRML, compiled to Python functions from a row to N-Quads."""

from vises.ingest.rml.compiler import RowMapper, compile_join, compile_mapping
from vises.ingest.rml.errors import DataError, MappingError
from vises.ingest.rml.model import LogicalSource, Mapping, TriplesMap
from vises.ingest.rml.reader import load_mapping

__all__ = [
    "DataError",
    "LogicalSource",
    "Mapping",
    "MappingError",
    "RowMapper",
    "TriplesMap",
    "compile_join",
    "compile_mapping",
    "load_mapping",
]
