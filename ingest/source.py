"""What a source is: the tables it takes, what it promises of them, and what it makes of a row."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from vises.errors import BadInput, Sentence, sentence
from vises.ingest.contract import Contract, MissingColumn, Row, columns_missing, shown
from vises.ingest.files import Kind
from vises.ingest.finding import choose, find
from vises.ingest.keys import NumberSet
from vises.ingest.provenance import SourceFile
from vises.ingest.rules import Refusal
from vises.ingest.tables import header
from vises.ingest.tables.heading import line_of_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from vises.ingest.files import InputFile
    from vises.ingest.keys import KeySet
    from vises.ingest.provenance import DatasetDescription
    from vises.ingest.vocabulary import CodeLists

BATCH_COLUMNS = ("dataset", "asOf", "fictitious")
"""What a mapping may refer to beside the columns of a part: the same in every row of a batch."""

DOWNLOAD_UPDATE = sentence("download-update", "Download the update again.")

_SHOWN = 20
"""How many columns of a file that is not known are told."""


class WrongFiles(BadInput):
    """The files that were given are not those that the source takes."""

    kind = "wrong-files"
    title = "These are not the files of this source"


@dataclass(frozen=True)
class OutOfScope:
    """A sound row that is not ours to publish, and why, in a few words."""

    reason: str


Selector = Callable[[Row], Row | OutOfScope | Refusal]
"""From a checked row to the row that is mapped, or to why it is not."""

Finder = Callable[["Sequence[Path]"], "list[InputFile]"]
"""From the paths that a user gives to the tables in them."""


@dataclass(frozen=True)
class Layer:
    """One file of a part; the rows of its keys that `withdrawn` files list hold no more."""

    file: InputFile
    withdrawn: tuple[InputFile, ...] = ()


@dataclass(frozen=True)
class Part:
    """One of the tables of a source.

    `name` is what its files in work are called, and with `.csv` its logical source in the mapping,
    unless `logical_source` is; `file_name` a regular expression for the usual name of the file, in
    lower case and without its ending; `columns` the names of the cells that its selector returns.
    One that is `optional` need not be given, and one that `may_be_empty` may be given without rows.

    `inserted` and `withdrawn` are the usual names of its two files in an update, which is read
    after what it updates: the second one lists keys (the first column) of which the rows of earlier
    files hold no more; the rows of the first one are added.
    """

    name: str
    file_name: str
    contract: Contract
    columns: tuple[str, ...]
    optional: bool = False
    inserted: str | None = None
    withdrawn: str | None = None
    logical_source: str = ""
    may_be_empty: bool = False

    @property
    def source(self) -> str:
        """The name of its logical source in the mapping."""
        return self.logical_source or f"{self.name}.csv"

    @property
    def file_names(self) -> tuple[str, ...]:
        """The usual names of its files, in the order in which those of one update are read."""
        names = (self.withdrawn, self.file_name, self.inserted)
        return tuple(dict.fromkeys(name for name in names if name))

    def withdraws(self, file: InputFile) -> bool:
        """Tell whether a file lists keys."""
        return self.withdrawn is not None and bool(re.fullmatch(self.withdrawn, file.stem))

    def demand_key(self, header: Sequence[str], place: str) -> None:
        """Raise `MissingColumn` where a file that lists keys has no column of them."""
        key = self.contract.names[0]
        if key.lower() not in {name.lower() for name in header}:
            raise MissingColumn(
                columns_missing([key], header),
                place=f"{place}, line 1",
                remedy=DOWNLOAD_UPDATE,
            )

    def adds(self, file: InputFile) -> bool:
        """Tell whether a file may come after another one of this part."""
        return self.inserted is not None and bool(re.fullmatch(self.inserted, file.stem))


class Session(Protocol):
    """A source while it reads one batch: it remembers which enterprises are in scope."""

    def selector(self, part: str) -> Selector:
        """Return what decides on the rows of a part; parts come in the order of the source."""

    def confirm(self, part: str, row: Row) -> Row | OutOfScope | Refusal:
        """Look at a selected row again once every part was read."""

    @property
    def as_of(self) -> date | None:
        """The day that the data describes, as far as the files read by now say it."""

    @property
    def complete(self) -> bool:
        """Whether the files hold the whole of their register, not only what changed in it."""


class Divisible(ABC):
    """A session of which several processes may read a piece of a part each.

    It keeps the numbers that it remembers in sets of its `Reading`, and nothing else that a row
    leaves behind but what `noted` tells. A part without columns of its own is never divided.
    """

    @abstractmethod
    def noted(self) -> Sequence[str]:
        """Return what it remembers beside its sets of numbers."""

    @abstractmethod
    def take(self, noted: Sequence[str]) -> None:
        """Take what another session of the batch noted, which may have begun as this one is."""


@dataclass(frozen=True)
class Reading:
    """What a session is given: the code lists, and the primary keys met so far in each part.

    `sets` are those that the sessions of a batch share.
    """

    codes: CodeLists
    seen: Mapping[str, KeySet]
    sets: Callable[[str, bool], KeySet] = lambda _name, _unique: NumberSet()

    def unique(self, name: str) -> KeySet:
        """Return a set of numbers of which each may come once: `add` tells."""
        return self.sets(name, True)  # noqa: FBT003 (the second of two kinds)

    def gathered(self, name: str) -> KeySet:
        """Return a set of numbers that one part gathers, and only later ones ask for."""
        return self.sets(name, False)  # noqa: FBT003 (the first of two kinds)


@dataclass(frozen=True)
class Source:
    """A format that can be ingested.

    `parts` are in the order in which they are read; `mapping` is the RML document; `begin` starts
    a session; `find` finds the tables in what a user gives. Where the files themselves describe the
    dataset, `specialise` returns the source with what they say.
    """

    name: str
    description: DatasetDescription
    parts: tuple[Part, ...]
    mapping: Path
    begin: Callable[[Reading], Session]
    find: Finder = find
    specialise: Callable[[Source, Sequence[Path]], Source] | None = None

    def of(self, paths: Sequence[Path]) -> Source:
        """Return the source as the files at `paths` make it. Raises what reading them raises."""
        return self.specialise(self, paths) if self.specialise else self

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns of each logical source of the mapping."""
        return {p.source: (*p.columns, *BATCH_COLUMNS) for p in self.parts if p.columns}

    @property
    def plans(self) -> tuple[SourceFile, ...]:
        """What rows are judged and mapped by: the mapping and the contract of each part."""
        texts = {f"{self.name}/{self.mapping.name}": self.mapping.read_bytes()}
        texts |= {f"{self.name}/{part.name}.schema.json": part.contract.text for part in self.parts}
        return tuple(SourceFile(n, hashlib.sha256(t).hexdigest()) for n, t in texts.items())

    def recognise(self, paths: Sequence[Path]) -> dict[str, tuple[Layer, ...]]:
        """Return the files of each part, by the part's name, in the order given.

        A plain file is recognised by its columns, the files of a zip or folder by their names.
        Raises `WrongFiles` where a file fits no part, two fit one or have one name, or a part that
        is needed is absent, `MissingColumn` where a file breaks its contract, and what opening
        files raises.
        """
        found: dict[str, list[Layer]] = {}
        usual = [name for part in self.parts for name in part.file_names]
        for file in _named_apart(choose(self.find(paths), usual)):
            names = header(file)
            lists = [part for part in self.parts if part.withdraws(file)]
            part = lists[0] if lists else self._part_of(file, names)
            layers = found.setdefault(part.name, [])
            if lists:
                part.demand_key(names, file.place)
                layers[:] = [replace(each, withdrawn=(*each.withdrawn, file)) for each in layers]
                continue
            part.contract.accept(names, file.place)
            if layers and not part.adds(file):
                raise WrongFiles(
                    sentence(
                        "two-files",
                        "Two files hold {title}: {other} is the other.",
                        title=part.contract.title,
                        other=layers[0].file.place,
                    ),
                    place=file.place,
                    remedy=sentence("give-one", "Give one of them."),
                )
            layers.append(Layer(file))
        given = {name: tuple(layers) for name, layers in found.items() if layers}
        self._demand_all(given, ", ".join(map(str, paths)))
        return given

    def _demand_all(self, given: Container[str], place: str) -> None:
        """Raise `WrongFiles` where a part that is needed is not among those that are given."""
        for part in self.parts:
            if not part.optional and part.name not in given:
                raise WrongFiles(
                    sentence(
                        "file-absent",
                        "The file of {title} is not among them.",
                        title=part.contract.title,
                    ),
                    place=place,
                    remedy=sentence(
                        "give-file",
                        "Give it too; its columns are {names}.",
                        names=", ".join(f.name for f in part.contract.fields if not f.optional),
                    ),
                )

    def _part_of(self, file: InputFile, names: Sequence[str]) -> Part:
        """Return the part that shares most columns with a file; of several, the one of its name."""
        there = {name.lower() for name in names}
        shared = {
            part.name: len({n.lower() for n in part.contract.names} & there) for part in self.parts
        }
        best = max(
            self.parts,
            key=lambda part: (shared[part.name], bool(re.fullmatch(part.file_name, file.stem))),
        )
        if not shared[best.name]:
            wanted = " or ".join(part.contract.title for part in self.parts)
            few = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
            raise WrongFiles(
                sentence(
                    "no-known-column",
                    "None of its columns is one of {wanted}. It has: {held}.",
                    wanted=wanted,
                    held=shown(few),
                ),
                place=f"{file.place}, line 1",
                remedy=self._way_out(file, names),
            )
        return best

    def _way_out(self, file: InputFile, names: Sequence[str]) -> Sentence:
        """Return what to do about a file of which no column is known."""
        line = line_of_names(file, {name for part in self.parts for name in part.contract.names})
        if line:
            return sentence(
                "names-below",
                "The column names seem to stand in line {line}: delete the lines above them, and"
                " those below the table that are no rows of it.",
                line=line,
            )
        if len(names) == 1 and file.kind is Kind.DELIMITED:
            return sentence(
                "separators",
                "Cells are separated by commas, semicolons or tabs; export it again so.",
            )
        return sentence(
            "check-file-source", "Check that this is the file you mean, and the source you mean."
        )


def _named_apart(files: Sequence[InputFile]) -> Iterator[InputFile]:
    """Yield files of which no two have one name, by which refused rows are told apart.

    Raises `WrongFiles` where the name of the folder that they were found in does not help.
    """
    count = Counter(file.name for file in files)
    named: dict[str, str] = {}
    for given in files:
        in_folder = count[given.name] > 1 and given.container != given.path
        file = replace(given, in_folder=in_folder)
        if (other := named.setdefault(file.name, file.place)) != file.place:
            raise WrongFiles(
                sentence("same-name", "Two files have the name {name!r}.", name=file.name),
                place=f"{other}, {file.place}",
                remedy=sentence(
                    "rename-one",
                    "Rename one of them: refused rows are told by the name of the file.",
                ),
            )
        yield file
