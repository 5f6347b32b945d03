"""Install morph-kgc, whose pins fit no other environment: ``make morph-kgc``."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parent / ".venv"
PYTHON = FOLDER / "bin" / "python"
VERSION = "2.10.0"


def installed() -> str:
    """Return the version that is installed, empty for none."""
    if not PYTHON.exists():
        return ""
    code = "from importlib.metadata import version; print(version('morph-kgc'))"
    found = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    return found.stdout.strip()


if __name__ == "__main__":
    if installed() != VERSION:
        venv.create(FOLDER, with_pip=True, clear=True)
        command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        sys.exit(subprocess.run([*command, f"morph-kgc=={VERSION}"], check=False).returncode)
