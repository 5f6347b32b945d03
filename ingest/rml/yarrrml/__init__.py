"""YARRRML, the shorter way to write RML: read as YAML without surprises, translated to Turtle."""

from vises.ingest.rml.yarrrml.translation import Translation, translate

__all__ = ["Translation", "translate"]
