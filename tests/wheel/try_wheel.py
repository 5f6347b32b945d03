"""Install a wheel into an environment of its own and be its first user: `try_wheel.py WHEEL`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

BAD_TURTLE = "<http://example.org/x> a <https://w3id.org/vises/ontology#Enterprise> .\n"


def run(command: list[str], cwd: Path, *, status: int = 0) -> str:
    """Run a command away from the repository; stop where it ends otherwise than it should."""
    print("+", " ".join(Path(c).name if "/" in c else c for c in command), flush=True)
    done = subprocess.run(
        command, cwd=cwd, text=True, capture_output=True, timeout=600, check=False
    )
    if done.returncode != status:
        sys.exit(f"status {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def fetch(address: str, accept: str) -> str:
    request = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


def serve_and_look(vises: str, cwd: Path) -> None:
    """Start the service on a free port, look at what it says it serves, and interrupt it."""
    environment = os.environ | {"VISES_PORT": "0", "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        [vises, "serve"], cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert address, "the first line names no address"
        base = address.group()
        assert "VISES" in fetch(f"{base}/", "text/html")
        editor = fetch(f"{base}/sparql", "text/html")
        script = re.search(r'src="(/static/vendor/[^"]+\.js[^"]*)"', editor)
        assert script, "the wheel has no query editor"
        assert len(fetch(base + script.group(1), "*/*")) > 100_000
        assert fetch(f"{base}/readyz", "*/*")
        assert "stage" in fetch(f"{base}/method/vises/1/stage-1", "text/turtle")
    finally:
        server.send_signal(signal.SIGINT)
        status = server.wait(timeout=30)
    assert status in {0, 130}, f"Ctrl-C ended the service with status {status}"


def main() -> None:
    wheel = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        binaries = folder / "venv" / "bin"
        run([str(binaries / "pip"), "install", "--quiet", str(wheel)], folder)
        vises = str(binaries / "vises")
        run([vises, "demo"], folder)
        stages = run([vises, "query", "--question", "M1", "--format", "csv"], folder)
        assert ",stage,3," in stages, stages
        (folder / "bad.ttl").write_text(BAD_TURTLE, encoding="utf-8")
        run([vises, "validate", "bad.ttl"], folder, status=1)
        run([vises, "ingest", "sirene", "missing.csv"], folder, status=4)
        serve_and_look(vises, folder)
    print("The wheel works.")


main()
