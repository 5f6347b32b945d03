"""The process that brings the streams up to the current release, beside the service."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vises.store.releases import ReleaseStore
from vises.store.sealing import BEHIND_QUERIES, seal
from vises.store.streams.build import StreamBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> None:
    """Build; the arguments are the data folder, the release, the base, limits, closed graphs."""
    data, release_id, base, mebibytes, parent, *closed = arguments
    seal(int(mebibytes), int(parent))
    os.nice(BEHIND_QUERIES)
    folder = Path(data)
    StreamBuilder(folder, ReleaseStore(folder), base).build(release_id, closed)


if __name__ == "__main__":
    main(sys.argv[1:])
