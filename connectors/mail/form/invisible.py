"""Characters that nobody sees: padding, marks of direction, and tags, in which whole sentences can be written."""

import re

from connectors.mail.form.problems import Problems

# Zero-width space, word joiner and invisible operators, isolates and deprecated format characters, soft hyphen,
# grapheme joiner, Mongolian separator, byte order mark, embeddings and overrides, annotations, Hangul fillers.
_NEVER = "\u200b\u2060-\u206f\u00ad\u034f\u180e\ufeff\u202a-\u202e\ufff9-\ufffb\u115f\u1160\u3164\uffa0"
# These belong to words in Persian, Hindi or Hebrew, and to emoji, where two follow each other.
_JOINING = "\u200c\u200d\u200e\u200f\u061c\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e007f"

_RUN = re.compile(f"[{_NEVER}]++")
_JOINERS = re.compile(f"([{_JOINING}]{{2}})[{_JOINING}]++")
_TAG = re.compile(f"[{_TAGS}]")
# Tags spell the flags of England, Scotland and Wales, after a black flag and up to a cancel tag (UTS 51, ED-14a).
_TAGGED = re.compile(f"(\U0001f3f4[\U000e0030-\U000e007a]{{2,6}}\U000e007f)|[{_TAGS}]++")
_WRITING = re.compile(f"[{_NEVER}{_JOINING}]{{16}}")


def visible(text: str) -> str:
    """Without them."""
    if text.isascii():
        return text
    text = _JOINERS.sub(r"\1", _RUN.sub("", text))
    return _TAGGED.sub(r"\1", text) if _TAG.search(text) else text


def only_visible(text: str, problems: Problems) -> str:
    """Without them, and it is noted when there was enough of them to say something."""
    seen = visible(text)
    if len(seen) < len(text) and (_WRITING.search(text) or len(_TAG.findall(text)) > len(_TAG.findall(seen))):
        problems.note("invisible characters were left out")
    return seen
