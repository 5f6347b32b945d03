"""What can be chosen on the page of a question: a control for each parameter, with its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from vises.service.api.questions import asked_parameters
from vises.service.codes.finding import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.api.codes import Codes
    from vises.service.api.parameters import Parameter, Value
    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.questions import Question

MOST_CHOICES = 250
"""How many codes one chooses from; where a list has more, one writes the code."""


class Choice(NamedTuple):
    """A code that may be chosen: as the API reads it, and what people call it."""

    value: str
    name: Name
    code: str | None
    chosen: bool


@dataclass(frozen=True)
class Control:
    """What changes a parameter that has some values; `choices` are the codes to choose from.

    There are none where one writes what the API reads.
    """

    parameter: Parameter
    values: Sequence[Value]
    choices: Sequence[NamedNode]

    @property
    def name(self) -> str:
        """The name of the parameter."""
        return self.parameter.name

    @property
    def several(self) -> bool:
        """Whether more than one value is usual, or was given."""
        return max(len(self.values), len(self.parameter.default)) > 1

    @property
    def written(self) -> list[str]:
        """The values as the API reads them."""
        return [self.parameter.written(value) for value in self.values]

    @property
    def named(self) -> set[NamedNode]:
        """The things that the page names."""
        return {*self.choices, *(v for v in self.values if isinstance(v, NamedNode))}

    def shown(self, speaker: Speaker) -> list[Mention | str]:
        """Return the values as a page shows them: things by name, the rest as it is written."""
        return [
            speaker.thing(v.value) if isinstance(v, NamedNode) else v.value for v in self.values
        ]

    def offered(self, speaker: Speaker) -> list[Choice]:
        """Return the choices by their codes and names, where several can be chosen those first."""
        found = []
        for iri in self.choices:
            mention = speaker.thing(iri.value)
            value = self.parameter.written(iri)
            found.append(Choice(value, mention.name, mention.code, iri in self.values))
        return sorted(
            found,
            key=lambda c: (self.several and not c.chosen, c.code or "", folded(c.name.text)),
        )


def controls(
    question: Question, given: Mapping[str, Sequence[Value]], codes: Codes
) -> list[Control]:
    """Return the controls of a question; what is not `given` has its usual values.

    A value that is of no list of the release is among the choices all the same.
    """
    found = []
    for name, parameter in asked_parameters(question).items():
        values = given.get(name, parameter.default)
        listed = parameter.choices(codes)
        if 0 < len(listed) <= MOST_CHOICES:
            others = (v for v in values if isinstance(v, NamedNode))
            listed = list(dict.fromkeys([*listed, *others]))
        else:
            listed = []
        found.append(Control(parameter, values, listed))
    return found
