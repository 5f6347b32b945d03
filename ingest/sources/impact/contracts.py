"""The contracts of results and accounts."""

from __future__ import annotations

from pathlib import Path

from vises.ingest.contract import load_contract

HERE = Path(__file__).parent
RESULTS = load_contract(HERE / "results.schema.json")
ACCOUNTS = load_contract(HERE / "accounts.schema.json")
