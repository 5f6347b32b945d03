"""Whether enough rows are left of what was given, so that nothing is lost by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import Refused, Sentence, sentence
from vises.ingest.quarantine import TooManyRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vises.ingest.options import IngestOptions
    from vises.ingest.parallel.reading import Judged
    from vises.ingest.report import FileCounts
    from vises.ingest.source import Part


class NothingInScope(Refused):
    """No row of the input is one that can be published."""

    kind = "nothing-in-scope"
    title = "There is nothing to publish"


def demand_enough(files: Sequence[FileCounts], options: IngestOptions, kept: Path | None) -> None:
    """Stop where too many rows were refused, or none is left."""
    read = sum(f.rows_in for f in files)
    refused = sum(f.quarantined for f in files)
    place = ", ".join(f.file for f in files)
    if options.max_refused.exceeded(refused, read):
        raise TooManyRefused(
            sentence(
                "many-refused",
                "{refused:,} of {read:,} rows were refused, more than {most}.",
                refused=refused,
                read=read,
                most=options.max_refused.written,
            ),
            place=place,
            remedy=f"`vises quarantine show {options.dataset}` says why; each row is in {kept}."
            " Correct them, or allow more with --max-refused.",
        )
    if not any(f.published for f in files):
        reasons = {reason for f in files for reason in f.out_of_scope}
        told = [f"{refused:,} refused"] if refused else []
        told += sorted(reasons)
        raise NothingInScope(
            sentence(
                "none-in-scope",
                "Of {read:,} rows none is in scope ({reasons}).",
                read=read,
                reasons="; ".join(told) or "no rows",
            ),
            place=place,
            remedy=_way_out(options.dataset if refused else ""),
        )


def _way_out(refused: str) -> Sentence:
    """Say what to do where nothing is in scope; `refused` is a dataset with refused rows."""
    if refused:
        return sentence(
            "check-file-refused",
            "Check that this is the file you mean: publishing it would empty the dataset."
            " `vises quarantine show {dataset}` says why rows were refused.",
            dataset=refused,
        )
    return sentence(
        "check-file",
        "Check that this is the file you mean: publishing it would empty the dataset.",
    )


def demand_each_table(judged: Sequence[Judged], options: IngestOptions) -> None:
    """Stop where no row is left of a table, as if it had been given by mistake.

    All that the dataset has of it would go.
    """
    for part in dict.fromkeys(one.part for one in judged if not one.part.may_be_empty):
        tallies = [one.tally for one in judged if one.part is part]
        read = sum(tally.rows_in for tally in tallies)
        if read > sum(tally.quarantined for tally in tallies):
            continue
        raise NothingInScope(
            sentence(
                "no-row-left",
                "Of {table} no row is left: {read:,} were read, and {read:,} refused.",
                table=part.contract.title,
                read=read,
            ),
            place=", ".join(tally.file for tally in tallies),
            remedy=_way_out_of(part, options.dataset if read else ""),
        )


def _way_out_of(part: Part, refused: str) -> Sentence:
    """Say what to do where no row of a table is left; `refused` as in `_way_out`."""
    if refused:
        return sentence(
            "check-table-refused",
            "Check that this is the file you mean: publishing it would take away all that the"
            " dataset has of it. `vises quarantine show {dataset}` says why rows were refused.",
            dataset=refused,
        )
    if part.optional:
        return sentence(
            "check-table-optional",
            "Check that this is the file you mean: publishing it would take away all that the"
            " dataset has of it. Leave it out if that is meant.",
        )
    return sentence(
        "check-table",
        "Check that this is the file you mean: publishing it would take away all that the"
        " dataset has of it.",
    )
