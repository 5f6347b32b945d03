"""Run by the Python of morph-kgc: map each folder named, and leave its quads there in `morph.nq`.

A folder has one mapping, `mapping.ttl` or `mapping.yml`, and the files that it names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import morph_kgc

CONFIG = """[CONFIGURATION]
na_values=
output_format=N-QUADS
number_of_processes=1
logging_level=ERROR
[source]
mappings={mapping}
"""

for name in sys.argv[1:]:
    folder = Path(name)
    os.chdir(folder)
    (mapping,) = folder.glob("mapping.*")
    lines = morph_kgc.materialize_set(CONFIG.format(mapping=mapping))
    (folder / "morph.nq").write_text("".join(f"{line} .\n" for line in lines), encoding="utf-8")
