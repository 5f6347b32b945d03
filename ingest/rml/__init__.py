"""RML: mappings in Turtle, compiled to Python functions from a row of a CSV file to N-Quads."""

from vises.ingest.rml.compiler import RowMapper, Table, compile_mapping
from vises.ingest.rml.errors import DataError, MappingError
from vises.ingest.rml.model import Mapping, TriplesMap
from vises.ingest.rml.reader import load_mapping

__all__ = [
    "DataError",
    "Mapping",
    "MappingError",
    "RowMapper",
    "Table",
    "TriplesMap",
    "compile_mapping",
    "load_mapping",
]
