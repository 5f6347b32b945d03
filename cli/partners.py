"""The command that says whom SERVICE may call, and whether they answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from vises import console
from vises.errors import Unavailable
from vises.settings import Settings
from vises.store.federation.failures import FederationFailed
from vises.store.federation.fetch import PartnerClient
from vises.store.federation.partners import Partner, read_partners

_QUERY = b"SELECT * WHERE { ?s ?p ?o } LIMIT 1"


class PartnersSilent(Unavailable):
    """Some partners do not answer as they should."""

    kind = "partners-silent"
    title = "Not every partner answers"


def partners() -> None:
    """Ask every partner that VISES_PARTNERS lists for one triple, under the rules of SERVICE.

    Ends with 5 where one does not answer as it should.

    **Examples**

        VISES_PARTNERS=partners.toml vises partners
    """
    listed = read_partners(Settings.from_env(os.environ).partners)
    states = asyncio.run(_states(listed))
    rows = [(p.title, p.endpoint, state) for p, state in zip(listed, states, strict=True)]
    console.table(["partner", "endpoint", "state"], rows)
    silent = sum(state != "answers" for state in states)
    if silent:
        raise PartnersSilent(
            f"{silent} of {len(listed)} partners do not answer as they should.",
            place="VISES_PARTNERS",
            remedy="The table says why; a query that calls them with SERVICE fails.",
        )


async def _states(listed: Sequence[Partner]) -> list[str]:
    return await asyncio.gather(*map(_state, listed))


async def _state(partner: Partner) -> str:
    client = PartnerClient(partner)
    try:
        await client.ask(_QUERY, "")
    except FederationFailed as error:
        return error.detail
    finally:
        await client.aclose()
    return "answers"
