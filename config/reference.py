"""docs/settings.md, made from config/sections.py.

python -m config.reference > docs/settings.md
"""

import ast
import inspect
import os
import textwrap
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from annotated_types import Ge, Le, MinLen
from pydantic.fields import FieldInfo

from config.sections import Mailbox
from config.settings import Settings, SettingsError, known, load
from config.sources import Key

HEAD = """\
# Settings

Made from config/sections.py by `make docs`; not edited by hand.

They are read at the start from `firstline.toml` in the working directory and from the environment, which wins:

    [smtp]                                  FIRSTLINE__SMTP__DOMAINS=example.org,help.example.org
    domains = ["example.org"]

A list is written with commas in the environment. A **secret** may also be in a file, which `…_file` in firstline.toml
or `…_FILE` in the environment names. Unknown names and impossible values are refused, with what is allowed.

Where NAME stands, any number of tables may be written, each with a name of its own: `[mailboxes.sales]`.
"""

# What no setting may be, unless it may be anything.
NONSENSE = "?"


def reference() -> str:
    """The whole page."""
    sections: dict[str, list[Key]] = {}
    for key in known():
        sections.setdefault(key.section, []).append(key)
    return HEAD + "".join(map(_section, sections.values()))


def _section(keys: list[Key]) -> str:
    kind = Mailbox if keys[0].table else type(Settings.model_fields[keys[0].section].default)
    about, promises = _docstrings(kind)
    lines = [f"\n## [{'.'.join(keys[0].path[:-1])}]\n", *([f"{about}\n"] if about else [])]
    return "\n".join([*lines, *(_entry(key, kind.model_fields[key.name], promises) for key in keys)]) + "\n"


def _entry(key: Key, field: FieldInfo, promises: dict[str, str]) -> str:
    default = "must be set" if field.is_required() else f"default {_default(field)}"
    facts = [f"`{key.variable}`", default, *(["secret"] if key.secret else [])]
    sentences = " ".join(filter(None, [_must_be(key, field), promises.get(key.name)]))
    text = textwrap.indent(textwrap.fill(sentences, 118, break_long_words=False, break_on_hyphens=False), "  ")
    return f"- **`{key.name}`** · {' · '.join(facts)}\n{text}"


def _docstrings(kind: type) -> tuple[str, dict[str, str]]:
    """That of the section, and those beneath its settings: Python itself forgets them."""
    (tree,) = (node for node in ast.walk(ast.parse(inspect.getsource(kind))) if isinstance(node, ast.ClassDef))
    return ast.get_docstring(tree) or "", dict(_beneath(tree))


def _beneath(tree: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for setting, text in zip(tree.body, tree.body[1:], strict=False):
        match setting, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, " ".join(words.split())


# ------------------------------------------------------------------ values


def _default(field: FieldInfo) -> str:
    text = _written(field.get_default(call_default_factory=True))
    return f"`{text}`" if text else "none"


def _written(value: Any) -> str:
    """As the environment has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None or value == {} else str(value)


def _must_be(key: Key, field: FieldInfo) -> str:
    """A sentence, or nothing when it may be any text."""
    what = _number(field) or _refused(key) or _free(field)
    return f"Must be {what}." if what else ""


def _number(field: FieldInfo) -> str:
    least = next((limit.ge for limit in field.metadata if isinstance(limit, Ge)), None)
    most = next((limit.le for limit in field.metadata if isinstance(limit, Le)), None)
    if least is None:
        return ""
    kind = "a whole number" if field.annotation is int else "a number"
    return f"{kind} of at least {least}" if most is None else f"{kind} from {least} to {most}"


def _refused(key: Key) -> str:
    """Whoever refuses nonsense says what is allowed."""
    try:
        load(Path(os.devnull), {key.variable: NONSENSE})
    except SettingsError as refused:
        said = next(line for line in str(refused).splitlines() if line.startswith((key.variable, "[")))
        place, _, words = said.removesuffix(f", not {NONSENSE!r}").partition(": must be ")
        return words.replace("a valid boolean", "true or false") if place == key.variable else ""
    return ""


def _free(field: FieldInfo) -> str:
    if Path in (field.annotation, *get_args(field.annotation)):
        return "a path"
    if isinstance(field.default, tuple):
        return "names"
    return "some text" if any(isinstance(limit, MinLen) for limit in field.metadata) else ""


if __name__ == "__main__":
    print(reference(), end="")
