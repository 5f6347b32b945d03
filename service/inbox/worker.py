"""The process that judges deliveries: ``python -m vises.service.inbox.worker MEBIBYTES PARENT``.

It is sealed as the process behind `/validate` is: no network, bounded memory and files.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.ingest.partners.delivery import Delivery, judge_delivery
from vises.service.inbox.work import AS_CIDS, REFUSED, TAKEN, TOLD, TRIPLES, InboxWork, summary_of
from vises.service.judging.work import FORMS
from vises.service.judging.worker import serve
from vises.service.judging.written import write_report
from vises.validation.summary import SUMMARY
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from vises.validation.report import Report


def main(mebibytes: int, parent: int) -> None:
    """Answer requests until standard input ends."""
    serve(mebibytes, parent, lambda message: _judge(InboxWork.from_json(message)))


def _judge(work: InboxWork) -> None:
    folder = Path(work.folder)
    found = judge_delivery(
        Delivery(
            data=Path(work.path).read_bytes(),
            media_type=work.media_type,
            graph=NamedNode(work.graph),
            base_iri=work.base_iri,
            day=date.fromisoformat(work.day),
            shapes=Path(work.shapes),
        )
    )
    (folder / TRIPLES).write_bytes(n_triples(found.triples))
    (folder / AS_CIDS).write_bytes(n_triples(found.given))
    told = {
        "vocabulary": found.vocabulary,
        "tiers": [asdict(tier) for tier in found.tiers],
        "readable": found.document.accepted,
        "taken": found.taken.head(),
        "refused": found.whole.head(),
    }
    (folder / TOLD).write_text(json.dumps(told), encoding="utf-8")
    _write(folder / TAKEN, found.taken)
    _write(folder / REFUSED, found.whole)


def _write(folder: Path, report: Report) -> None:
    folder.mkdir()
    write_report(folder, report, FORMS)
    (folder / SUMMARY).write_text(summary_of(report), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
