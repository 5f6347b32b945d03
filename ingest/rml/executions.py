"""Function executions: which function a mapping calls, and with what (RML-FNML)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.errors import sentence
from vises.ingest.rml.document import show
from vises.ingest.rml.functions import FUNCTIONS, Function
from vises.ingest.rml.model import Call, Constant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from vises.errors import Sentence
    from vises.ingest.rml.components import Component, Components
    from vises.ingest.rml.document import Statement
    from vises.ingest.rml.model import Expression

EXPRESSIONS = frozenset({"constant", "reference", "template", "functionExecution"})
_EXECUTION = frozenset({"function", "functionMap", "input"})
_INPUT = frozenset({"parameter", "parameterMap", "inputValue", "inputValueMap"})
_RETURN = frozenset({"return", "returnMap"})
_MOST_NESTED = 20


@dataclass(frozen=True)
class ExecutionReader:
    """Reads function executions; `read_text` reads a reference or template among the arguments."""

    components: Components
    read_text: Callable[[Component, Statement], Expression]

    def call(self, owner: Component, given: Statement, depth: int = 0) -> Call:
        """Return the call that a function-valued expression map makes.

        Raises `MappingError` for a function, parameter or output that is not in the registry, and
        where an argument is missing or comes twice.
        """
        if depth > _MOST_NESTED:
            raise owner.document.error(
                given.line,
                sentence(
                    "functions-nested",
                    "Functions are nested more than {most} deep, or in a circle.",
                    most=_MOST_NESTED,
                ),
            )
        execution = self.components.open(
            given.value, "function execution", _EXECUTION, line=given.line
        )
        stated = self._constant(execution, "function")
        iri = stated.value.value if isinstance(stated.value, NamedNode) else show(stated.value)
        function = FUNCTIONS.get(iri)
        if function is None:
            near = difflib.get_close_matches(iri, FUNCTIONS, n=3, cutoff=0.6) or sorted(FUNCTIONS)
            raise owner.document.error(
                stated.line,
                sentence("no-such-function", "The function <{iri}> is not known.", iri=iri),
                sentence("known-are", "Known: {known}.", known=", ".join(near)),
            )
        self._check_output(owner, function)
        arguments = dict(self._arguments(execution, function, depth))
        return Call(function, tuple(self._ordered(execution, function, arguments)))

    def _check_output(self, owner: Component, function: Function) -> None:
        if not owner.all(*sorted(_RETURN)):
            return
        stated = self._constant(owner, "return")
        if not isinstance(stated.value, NamedNode) or stated.value.value not in function.outputs:
            raise owner.document.error(
                stated.line,
                sentence(
                    "no-output",
                    "<{function}> has no output {value}.",
                    function=function.iri,
                    value=show(stated.value),
                ),
                _it_has(function.outputs),
            )

    def _arguments(
        self, execution: Component, function: Function, depth: int
    ) -> Iterator[tuple[int, Expression]]:
        """Give the position of each argument, and the argument."""
        positions = {
            iri: position
            for position, parameter in enumerate(function.parameters)
            for iri in parameter.iris
        }
        seen: set[int] = set()
        for statement in execution.all("input"):
            given = self.components.open(statement.value, "input", _INPUT, line=statement.line)
            stated = self._constant(given, "parameter")
            name = stated.value.value if isinstance(stated.value, NamedNode) else ""
            if name not in positions or positions[name] in seen:
                values = {"function": function.iri, "value": show(stated.value)}
                raise given.document.error(
                    stated.line,
                    sentence(
                        "argument-twice",
                        "<{function}> is given the parameter {value} twice.",
                        **values,
                    )
                    if name in positions
                    else sentence(
                        "no-argument", "<{function}> has no parameter {value}.", **values
                    ),
                    _it_has(each.iris[0] for each in function.parameters),
                )
            seen.add(positions[name])
            yield positions[name], self._value(given, depth)

    def _value(self, given: Component, depth: int) -> Expression:
        statement = given.one("inputValue", "inputValueMap")
        if statement in given.all("inputValue"):
            return _constant_text(given, statement)
        value = self.components.open(
            statement.value, "input value map", EXPRESSIONS | _RETURN, line=statement.line
        )
        expression = value.one(*sorted(EXPRESSIONS))
        if expression in value.all("constant"):
            return _constant_text(value, expression)
        if expression in value.all("functionExecution"):
            return self.call(value, expression, depth + 1)
        return self.read_text(value, expression)

    def _ordered(
        self, execution: Component, function: Function, arguments: Mapping[int, Expression]
    ) -> Iterator[Expression]:
        for position, parameter in enumerate(function.parameters):
            if position in arguments:
                yield arguments[position]
            elif parameter.optional:
                yield Constant(Literal(""))
            else:
                raise execution.error(
                    sentence(
                        "argument-missing",
                        "<{function}> is not given its parameter <{parameter}>.",
                        function=function.iri,
                        parameter=parameter.iris[0],
                    )
                )

    def _constant(self, owner: Component, name: str) -> Statement:
        return self.components.constant(owner, owner.one(name, f"{name}Map"), name)


def _constant_text(owner: Component, statement: Statement) -> Constant:
    value = statement.value
    if not isinstance(value, NamedNode | Literal):
        raise owner.document.error(
            statement.line,
            sentence(
                "iri-or-literal",
                "An IRI or a literal must stand here, not {value}.",
                value=show(value),
            ),
        )
    return Constant(value)


def _it_has(iris: Iterable[str]) -> Sentence:
    return sentence("it-has", "It has: {names}.", names=", ".join(f"<{iri}>" for iri in iris))
