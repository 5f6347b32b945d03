"""A namespace written nearly right is refused, whichever of those in use it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.namespaces import PREFIXES
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes

if TYPE_CHECKING:
    from vises.validation.validator import Validator

# Codes are things, and nobody but the shapes themselves uses terms of ours that describe shapes.
OF_TERMS = {name: iri for name, iri in PREFIXES.items() if name not in {"code", "shapes"}}


@pytest.fixture(scope="module")
def validator() -> Validator:
    return shacl_validator(package_shapes())


def refused(validator: Validator, iri: str) -> bool:
    report = validator.validate(f"<urn:d> <{PREFIXES['void']}property> <{iri}> .".encode())
    return any(r.shape.endswith("#NearMissNamespaceShape") for r in report.results)


@pytest.mark.parametrize("prefix", sorted(OF_TERMS))
def test_a_namespace_is_known_and_its_near_misses_are_refused(
    prefix: str, validator: Validator
) -> None:
    namespace = OF_TERMS[prefix]
    scheme, _, rest = namespace.partition("://")
    near = (
        f"{'https' if scheme == 'http' else 'http'}://{rest}",
        f"{scheme}://{rest.removeprefix('www.') if rest.startswith('www.') else 'www.' + rest}",
        f"{scheme}://{rest.upper()}",
        namespace[:-1] + ("/" if namespace.endswith("#") else "#"),
    )
    assert not refused(validator, f"{namespace}term")
    assert [iri for iri in near if not refused(validator, f"{iri}term")] == []


@pytest.mark.parametrize(
    "iri", ["https://example.org/schema.org/name", "http://schema.org.example/name", "urn:x:name"]
)
def test_other_vocabularies_are_let_be(iri: str, validator: Validator) -> None:
    assert not refused(validator, iri)
