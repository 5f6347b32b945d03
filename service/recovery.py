"""What the service does to the data folder before it serves it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vises.progress import Silence
from vises.store.files import DataFolderError
from vises.store.lock import StoreBusy
from vises.store.releases import StoreDamaged

if TYPE_CHECKING:
    from vises.store.releases import ReleaseStore

_log = logging.getLogger(__name__)


def recover(releases: ReleaseStore) -> None:
    """Sweep what a killed process left, and set a release aside that is not whole; say so.

    A folder that this user may not write to, or that another process is changing at this moment, is
    served as it is; so is one in which nothing is whole, and then readiness (``/readyz``) says why.
    """
    try:
        aside = releases.recover(thorough=False, wait_seconds=0, progress=Silence())
    except (DataFolderError, StoreBusy, StoreDamaged) as error:
        _log.warning("The data folder is served as it is: %s", error)
        return
    for release_id in aside:
        _log.error(
            "Release %s is damaged and was set aside in the folder damaged/; the newest whole"
            " release is served. `vises releases repair` says what can be done.",
            release_id,
        )
