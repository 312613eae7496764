"""docs/settings.md: it is what the code says, and all of it."""

from pathlib import Path

import pytest

from config.reference import reference
from config.settings import known
from config.sources import Key

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def entry(name: str) -> str:
    """What the page says of a setting such as `smtp.listen`, in one line."""
    section, _, key = name.rpartition(".")
    of_section = reference().partition(f"\n## [{section}]\n")[2].partition("\n## ")[0]
    return " ".join(of_section.partition(f"- **`{key}`**")[2].partition("\n- ")[0].split())


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "run `make docs`"


@pytest.mark.parametrize("key", list(known()), ids=lambda key: key.variable)
def test_each_setting_has_its_entry(key: Key) -> None:
    said = entry(".".join(key.path))
    assert said.startswith((f"· `{key.variable}` · default ", f"· `{key.variable}` · must be set"))
    assert ("· secret" in said) == key.secret


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smtp.listen", "default `127.0.0.1:2525` Must be host:port, such as 127.0.0.1:2525 or [::1]:2525."),
        ("smtp.max_connections", "default `500` Must be a whole number of at least 1."),
        ("triage.level", "default `draft` Must be 'off', 'shadow', 'draft' or 'automatic'."),
        ("openai.deadline", "Must be a number from 1 to 30. Seconds for one decision"),
        ("relay.outbox", "default `var/outbox` Must be a path."),
        ("desk.watch", "default `false` Must be true or false."),
        ("relay.url", "default none · secret Must be smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…, or empty"),
    ],
)
def test_it_tells_default_bounds_and_promise(name: str, words: str) -> None:
    assert words in entry(name)


def test_what_stands_in_the_folder_and_the_environment_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reference()
    (tmp_path / "firstline.toml").write_text("[smtp]\nlisten = 'nowhere'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE__SMTP__MAX_SIZE", "1MB")
    assert reference() == before


def test_no_line_is_too_long_for_a_reader() -> None:
    assert max(map(len, reference().splitlines())) <= 120
