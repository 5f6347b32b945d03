"""Where the official registers show what they know under a number."""

from __future__ import annotations

import re

from vises.namespaces import PREFIXES

_DIRECTORY = "https://annuaire-entreprises.data.gouv.fr"
_PAGES = {
    "siren": (r"[0-9]{9}", _DIRECTORY + "/entreprise/{}"),
    "siret": (r"[0-9]{14}", _DIRECTORY + "/etablissement/{}"),
    "kbo": (
        r"[0-9]{10}",
        "https://kbopub.economie.fgov.be/kbopub/toonondernemingps.html?ondernemingsnummer={}",
    ),
    "lei": (r"[0-9A-Z]{18}[0-9]{2}", "https://search.gleif.org/#/record/{}"),
    "wikidata": (r"Q[0-9]{1,12}", "https://www.wikidata.org/wiki/{}"),
}
"""By the notation of the scheme: what its numbers look like, and the address of their page.

The French one is the directory of enterprises of the State; associations have no page by their RNA
number, and the European check of VAT numbers none at all.
"""


def register_page(scheme: str, number: str) -> str | None:
    """Return the address at which a register shows a number, None where there is none.

    `scheme` is the IRI of the kind of number. A number that is written wrongly has no page.

    >>> register_page("https://w3id.org/vises/code/identifier-scheme/siren", "552 100 554")
    'https://annuaire-entreprises.data.gouv.fr/entreprise/552100554'
    """
    name = scheme.removeprefix(PREFIXES["code"] + "identifier-scheme/")
    if name not in _PAGES:
        return None
    pattern, address = _PAGES[name]
    bare = re.sub(r"[ .]", "", number)
    return address.format(bare) if re.fullmatch(pattern, bare) else None
