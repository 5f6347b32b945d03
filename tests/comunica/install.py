"""Install the clients of these tests, by package-lock.json: ``make comunica``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from vises.service.frontend import npm

COMMAND = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]

if __name__ == "__main__":
    sys.exit(subprocess.run(COMMAND, cwd=Path(__file__).parent, check=False).returncode)
