"""Whatever the bytes: reading raises nothing, loses nothing, and yields text that can be stored."""

import json

from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.report import report, salvaged
from tests.connectors.mail.letters import letter, multipart, part

MAILS = [
    letter(
        "Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\nTo: a@b.c, D <d@e.f>\nReferences: <a@b> <c@d>\n",
        "Hi\n\nOn Mon, 1 Jan 2026 10:00, A <a@b.c> wrote:\n> x",
    ),
    multipart(
        part("text/plain; charset=utf-8", "Grüße\n"), part("text/html", "<p>Hi <b>there</b></p>"), kind="alternative"
    ),
    multipart(
        part(
            "application/pdf",
            "JVBERg==",
            "Content-Transfer-Encoding: base64\nContent-Disposition: inline; filename*0*=utf-8''%C3; name*1*=%9C\n",
        )
    ),
    multipart(
        part("message/delivery-status", "Final-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.1.1\n"),
        kind="report",
        sender="From: MAILER-DAEMON@x\n",
    ),
]
PIECES = [
    b"\n",
    b"\r",
    b"\0",
    b"--b0",
    b"=?",
    b"?=",
    b"<",
    b">",
    b'"',
    b"(",
    b";",
    b":",
    b"@",
    b"\xff",
    b"\xed\xa0\x80",
    b"*0*=",
    b"&#xD800;",
    b"boundary=",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from(MAILS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        gone = draw(st.integers(0, 30))
        raw = raw[:at] + draw(st.sampled_from(PIECES) | st.binary(max_size=8)) + raw[at + gone :]
    return raw


@given(damaged() | st.binary(max_size=400))
def test_reading_never_fails(raw: bytes) -> None:
    for sheet in (report(raw), salvaged(raw, "because")):
        text = json.dumps(sheet, ensure_ascii=False)
        text.encode()
        assert "\\u0000" not in text
        kept = _lines(sheet["reply"]) + _lines(sheet["elided"])
        assert sorted(_lines(sheet["text"])) == sorted(kept)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]
