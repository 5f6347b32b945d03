"""Every language says everything, and everything that is said is needed."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vises.service.app  # noqa: F401 (defines every error that the service knows)
from vises.errors import VisesError
from vises.languages import LANGUAGES
from vises.namespaces import PREFIXES
from vises.service.texts import Texts, read_texts, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = Path(__file__).resolve().parents[2]
SERVICE = HOUSE / "service"
OTHERS = [texts(language) for language in LANGUAGES[1:]]
OPTIONAL = ("column.", "parameter.", "word.", "property.", "class.", "unit.", "licence.")
OF_ERRORS = ("title.", "meaning.", "place.", "remedy.", "said.", "syntax.")
"""Sentences of errors: their English is in the code."""

COUNTED = {
    *("codes.found", "codes.more", "codes.more-letter", "codes.more-top"),
    *("dataset.more-classes", "dataset.more-files", "dataset.statements"),
    *("inbox.counted", "judged.counts", "judged.more", "judged.others"),
    *("query.rows", "region.enterprises-lead", "region.wider", "releases.entry", "releases.more"),
    *("resource.left-out", "upload.found", "upload.rows-so-far"),
}
"""Texts whose counts may be one, or any number: no word that follows one has to agree with it."""

FOR_OPERATORS = {
    "service/access/granting.py",
    "service/frontend.py",
    "service/server.py",
    "store/comparison.py",
    "store/copies.py",
    "store/federation/partners.py",
    "store/remote/bulk.py",
    "store/remote/client.py",
    "store/remote/http.py",
    "store/remote/push.py",
    "store/tags.py",
    "validation/files.py",
    "validation/quality.py",
}
"""Modules of commands and of the start, whose errors no client gets."""

TOLD_TO_OPERATORS = {
    *("DataFolderError", "FolderFormat", "PatchDamaged", "ProcessNotStarted"),
    *("StoreDamaged", "StreamDamaged", "SumsDamaged"),  # `for_clients` says it in other words
    "StoreBusy",  # clients are told `WriterBusy`
    *("AnswerDoubted", "RemoteDeclined", "RemoteLoginRefused", "RemoteUnavailable"),
    "ReplicaDiffers",  # the embedded engine answers
}
"""Errors that clients are not told: an operator is."""


def of_pages(words: Texts) -> set[str]:
    return {key for key in words.keys if not key.startswith(OF_ERRORS)}


def used() -> set[str]:
    """Return the keys that templates and modules name; `form.` and `months.` are put together."""
    sources = [*SERVICE.rglob("*.html"), *SERVICE.rglob("*.py")]
    text = "\n".join(f.read_text("utf-8") for f in sources)
    found = set(re.findall(r"[\"']([a-z]+\.[a-z][a-z-]+)[\"']", text))
    return {key for key in found if not key.endswith((".html", ".json", ".ttl"))}


@pytest.mark.parametrize("other", OTHERS, ids=lambda t: t.language)
def test_all_languages_have_the_same_keys(other: Texts) -> None:
    assert of_pages(other) == of_pages(texts("en"))
    assert texts("en").keys == of_pages(texts("en"))


@pytest.mark.parametrize("other", OTHERS, ids=lambda t: t.language)
def test_all_languages_fill_the_same_places(other: Texts) -> None:
    for key in texts("en").keys:
        assert places(texts("en").find(key) or "") == places(other.find(key) or ""), key


@pytest.mark.parametrize("other", OTHERS, ids=lambda t: t.language)
def test_errors_are_said_in_each_other_language_alike(other: Texts) -> None:
    french = texts("fr")
    assert french.keys == other.keys
    for key in french.keys - of_pages(french):
        fields = [re.findall(r"\{\w+\}", words.find(key) or "") for words in (french, other)]
        assert sorted(fields[0]) == sorted(fields[1]), key


def test_what_is_said_of_errors_is_said_of_errors_there_are() -> None:
    kinds = {error.kind for error in all_errors(VisesError)}
    keys = texts("fr").keys
    sections = ("title.", "meaning.", "remedy.")
    said = {k.partition(".")[2] for k in keys if k.startswith(sections)}
    assert said - kinds == set()
    source = (SERVICE.parent / "store" / "syntax.py").read_text("utf-8")
    reasons = set(re.findall(r'_Finding\(\s*"([a-z-]+)",\s', source))
    assert len(reasons) > 12
    expected = {f"syntax.{r}{end}" for r in reasons for end in ("", "-remedy")}
    assert {k for k in keys if k.startswith("syntax.")} == expected


def test_every_sentence_of_an_error_is_said_in_each_language() -> None:
    english: dict[str, set[str]] = {}
    for reason, said in sentences():
        english.setdefault(reason, set()).add(said)
    assert len(english) > 90
    assert {reason: said for reason, said in english.items() if len(said) > 1} == {}
    for words in (texts("fr"), texts("nl")):
        others = {key.removeprefix("said."): key for key in words.keys if key.startswith("said.")}
        assert set(others) == set(english), words.language
        for reason, key in others.items():
            said = words.find(key) or ""
            if english[reason] != {""}:
                assert places(said) <= places(*english[reason]), key
                assert counts(said) == counts(*english[reason]) & places(said), key


def sentences() -> Iterator[tuple[str, str]]:
    """Yield the reason and the English of each call of `vises.errors.sentence` in the package.

    A `Sentence` whose English is put together has none here.
    """
    rooms = ("service", "store", "ingest", "validation")
    files = [file for room in rooms for file in (HOUSE / room).rglob("*.py")]
    for file in (*HOUSE.glob("*.py"), *files):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called, *given = [node.func, *node.args]
            if given and isinstance(called, ast.Name) and called.id == "partial":
                called, *given = given
            if isinstance(called, ast.Name) and called.id == "sentence":
                reason, said = map(ast.literal_eval, given)
                yield reason, said
            match node:
                case ast.Call(func=ast.Name("Sentence"), args=[_, ast.Constant(str(name)), _]):
                    yield name, ""


def places(*said: str) -> set[str]:
    """Return the names in the places of some texts that values fill."""
    return {name for text in said for _, name, *_ in string.Formatter().parse(text) if name}


def counts(*said: str) -> set[str]:
    """Return the names of the counts among them: what has a thousands sign, as `{most:,}`."""
    parts = [part for text in said for part in string.Formatter().parse(text)]
    found = {name: form for _, name, form, _ in parts if name and form and "," in form}
    assert set(found.values()) <= {","}, "this alone has the sign of the language"
    return {*found}


def test_clients_are_told_nothing_in_english_alone() -> None:
    rooms = ("service", "store", "validation")
    files = {f.relative_to(HOUSE).as_posix(): f for r in rooms for f in (HOUSE / r).rglob("*.py")}
    assert files.keys() >= FOR_OPERATORS
    found = {
        name: lines
        for name, file in files.items()
        if name not in FOR_OPERATORS and (lines := english_errors(file.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('raise NotFound("It is not here.")', [1]),
        ('pass\nraise NotFound(f"It is not {where}.")', [2]),
        ('NotFound(said, remedy="Go on." if more else None)', [1]),
        ('super().__init__(f"The file has {size} bytes.")', [1]),
        ('NotFound(sentence("not-here", "It is not here."), remedy=GIVE_ONCE)', []),
        ("QueryFailed(f\"{str(error).rstrip('.')}.\")", []),
        ('StoreDamaged("The file is not there.")', []),
        ('print("It is not here.")', []),
    ],
)
def test_errors_in_english_alone_are_noticed(source: str, lines: list[int]) -> None:
    assert english_errors(source) == lines


def english_errors(source: str) -> list[int]:
    """Return the lines of a module that make an error with English that is no sentence.

    Not those of errors that no client gets, and not what is all words of a parser.
    """
    kinds = {error.__name__ for error in all_errors(VisesError)} - TOLD_TO_OPERATORS
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(name)) if name in kinds:
                pass
            case ast.Call(func=ast.Attribute(attr="__init__")):
                pass
            case _:
                continue
        more = [k.value for k in node.keywords if k.arg in {"detail", "remedy"}]
        if any(map(in_english, [*node.args[:1], *more])):
            found.append(node.lineno)
    return found


def in_english(node: ast.AST) -> bool:
    """Tell whether an expression is a text with words of its own."""
    match node:
        case ast.Constant(str(text)):
            return any(map(str.isalpha, text))
        case ast.JoinedStr(parts):
            return any(map(in_english, parts))
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return in_english(one) or in_english(other)
    return False


def test_every_type_of_problem_has_a_title_and_a_meaning_in_each_language() -> None:
    """Of what the service alone knows: other tests define errors, and import those of commands."""
    lists = (
        "import vises.service.app\nfrom vises.errors import VisesError\nfound = [VisesError]\n"
        "for error in found: found += error.__subclasses__(); print(error.kind)"
    )
    done = subprocess.run([sys.executable, "-c", lists], capture_output=True, text=True, check=True)
    kinds = set(done.stdout.split())
    assert len(kinds) > 100
    for language in LANGUAGES[1:]:
        for section in ("title", "meaning"):
            lacking = {k for k in kinds if not texts(language).find(f"{section}.{k}")}
            assert lacking == set(), (language, section)


def all_errors(of: type[VisesError]) -> set[type[VisesError]]:
    below = of.__subclasses__()
    return {of, *below}.union(*(all_errors(error) for error in below))


def test_every_text_is_used_and_none_is_missing() -> None:
    fixed = {
        k for k in texts("en").keys if not k.startswith((*OPTIONAL, "form.", "months.", "profile-"))
    }
    named = used()
    assert fixed - named == set()
    sections = {k.partition(".")[0] for k in fixed}
    assert {k for k in named if k.partition(".")[0] in sections} - fixed == set()


def test_words_for_terms_use_known_prefixes() -> None:
    keys = [k.partition(".")[2] for k in texts("en").keys if k.startswith(("property.", "class."))]
    assert [k for k in keys if k.partition(":")[0] not in PREFIXES] == []


def test_no_text_is_empty_but_units() -> None:
    for language in (texts("en"), *OTHERS):
        empty = [k for k in language.keys if not language.find(k)]
        assert [k for k in empty if not k.startswith("unit.")] == []


def test_a_new_language_can_be_tried_before_it_is_complete(tmp_path: Path) -> None:
    for language, text in (("en", 'home = "Home"\nskip = "Skip {n}"'), ("de", 'home = "Start"')):
        folder = tmp_path / language
        folder.mkdir()
        (folder / "site.toml").write_text(f"[site]\n{text}\n", "utf-8")
    german = read_texts("de", tmp_path)
    assert german.language == "de"
    assert german("site.home") == "Start"
    assert german("site.skip", n=3) == "Skip 3"
    assert german.find("site.skip") is None
    assert german.keys == {"site.home"}
    with pytest.raises(KeyError):
        german("site.nowhere")


def test_a_language_calls_itself() -> None:
    names = {code: Texts.own_name(code) for code in LANGUAGES}
    assert names | {"en": "English", "fr": "Français", "nl": "Nederlands"} == names
    assert len(set(names.values())) == len(LANGUAGES)


def test_no_template_writes_a_colon_or_a_semicolon_itself() -> None:
    """French has a space before them: they are texts (`value.colon`, `value.semicolon`)."""
    for template in SERVICE.rglob("*.html"):
        for line in template.read_text("utf-8").splitlines():
            assert not re.search(r"t\([^)]*\) \}\}:|\}\}:(</\w+>)? ", line), (template.name, line)
            assert not re.search(r"[}>];\s", line), (template.name, line)
    assert texts("fr")("value.colon") == "\u00a0: "
    assert texts("fr")("value.semicolon") == "\u00a0; "


def test_french_has_spaces_that_do_not_break_where_it_has_them() -> None:
    words = texts("fr")
    for key in words.keys - {"syntax.bad-prologue-remedy"}:  # which quotes SPARQL
        said = re.sub(r"`[^`]*`|<[^>]*>|https?://|\b[\w-]+:[\w{/-]+", "", words.find(key) or "")
        assert not re.search(r"\w:(?:\s|$)", said), key
        assert not re.search(r"\S [;:?!»](?!\w)|« ", said), key


@pytest.mark.parametrize("words", [texts("en"), *OTHERS], ids=lambda t: t.language)
@pytest.mark.parametrize("key", sorted(COUNTED))
def test_what_is_counted_reads_well_for_one(words: Texts, key: str) -> None:
    assert not re.search(r"\}\s+[^\W\d_]", words.find(key) or "} missing"), key


@pytest.mark.parametrize("words", [texts("en"), *OTHERS], ids=lambda t: t.language)
def test_an_apostrophe_is_a_typographical_one(words: Texts) -> None:
    assert [k for k in words.keys if re.search(r"\w'\w", words.find(k) or "")] == []
