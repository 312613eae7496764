from datetime import UTC, datetime

import pytest

from connectors.mail.form.dates import sent_at


@pytest.mark.parametrize(
    "text", ["Mon, 04 May 2026 09:30:00 +0200", "4 May 2026 09:30 +0200 (CEST)", "Mon, 4 May 26 07:30:00 GMT"]
)
def test_dates_are_read_in_utc(text: str) -> None:
    assert sent_at(text) == datetime(2026, 5, 4, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "Mon, 04 May 1900 09:30:00 +0000", "Mon, 04 May 2150 09:30:00 +0000", "1" * 129,
     "Mon, 99 May 2026 09:30:00 +0200", "Mon, 04 May 2026 09:30:00 +999999", "Mon, 1 Jan 9999 23:59:59 -2359"],
)  # fmt: skip
def test_what_cannot_be_meant_is_none(text: str) -> None:
    assert sent_at(text) is None
