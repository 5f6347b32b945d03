from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.pages.labels import Labels, Name, best_label

LABEL, NAME = term("skos:prefLabel"), term("legal:legalName")
FR, EN, NL = (Literal(t, language=t) for t in ("fr", "en", "nl"))
PLAIN = Literal("plain")


def test_the_language_of_the_visitor_comes_first_then_none_then_another() -> None:
    every = [(LABEL, value) for value in (NL, EN, FR, PLAIN)]
    assert best_label(every, "fr") == Name("fr", "fr")
    assert best_label([(LABEL, NL), (LABEL, PLAIN)], "fr") == Name("plain", None)
    assert best_label([(LABEL, NL), (LABEL, EN)], "fr") == Name("en", "en")
    assert best_label([(LABEL, Literal("日本", language="ja"))], "fr") == Name("日本", "ja")
    assert best_label([(LABEL, Literal("  "))], "fr") is None


def test_the_better_property_then_the_alphabet_decides() -> None:
    assert best_label([(NAME, Literal("a")), (LABEL, Literal("b"))], "en") == Name("b")
    assert best_label([(LABEL, Literal("b")), (LABEL, Literal("a"))], "en") == Name("a")


def test_what_is_known_of_a_thing() -> None:
    thing = NamedNode("https://w3id.org/vises/code/nuts/FRE")
    statements = [
        (LABEL, Literal("Hauts-de-France", language="fr")),
        (term("skos:notation"), Literal("FRE")),
        (term("rdf:type"), term("vises:Region")),
        (term("vises:unit"), term("unit:HR")),
        (term("vises:fictitious"), Literal(value=True)),
    ]
    rows = [{"resource": thing, "property": p, "value": v} for p, v in statements]
    labels = Labels.read("nl", rows)
    known = labels.known(thing.value)
    assert labels.label(thing.value) == Name("Hauts-de-France", "fr")
    assert (known.notation, known.unit) == ("FRE", "http://qudt.org/vocab/unit/HR")
    assert known.types == [term("vises:Region")]
    assert known.fictitious is True
    assert labels.label("https://x.example/") is None
    assert labels.name("http://purl.org/dc/terms/title") == Name("dcterms:title")
    assert labels.name("https://x.example/abc") == Name("abc")


def test_a_variety_of_a_language_is_that_language() -> None:
    belgian = (LABEL, Literal("Maatwerkbedrijf", language="nl-BE"))
    others = [(LABEL, Literal("Sheltered workshop", language="en")), belgian]
    assert best_label(others, "nl") == Name("Maatwerkbedrijf", "nl-be")
    plain = (LABEL, Literal("Sociale werkplaats", language="nl"))
    assert best_label([*others, plain], "nl") == Name("Sociale werkplaats", "nl")
