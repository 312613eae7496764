"""Colours as HTML and CSS write them, as far as that tells whether words can be told from what lies behind them."""

import re

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
ALIKE = 16

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])")
_RGB = re.compile(r"rgba?\( ?(\d{1,3})[ ,]{1,3}(\d{1,3})[ ,]{1,3}(\d{1,3})(?:[ ,/]{1,3}([\d.]{1,6}))? ?\)")
_NAMED = {
    "white": WHITE,
    "black": BLACK,
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255),
    "floralwhite": (255, 250, 240),
    "mintcream": (245, 255, 250),
    "azure": (240, 255, 255),
    "whitesmoke": (245, 245, 245),
    "silver": (192, 192, 192),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "yellow": (255, 255, 0),
}


def colour(value: str) -> Colour | None:
    """None for what isn't known here, which then is no reason to leave words out."""
    value = value.removesuffix("!important").strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    if match := _HEX.fullmatch(value):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if (match := _RGB.fullmatch(value)) and not is_transparent(value):
        return min(int(match[1]), 255), min(int(match[2]), 255), min(int(match[3]), 255)
    return None


def is_transparent(value: str) -> bool:
    value = value.removesuffix("!important").strip().lower()
    match = _RGB.fullmatch(value)
    return value == "transparent" or bool(match and match[4] and match[4].strip("0.") == "")


def alike(one: Colour, other: Colour) -> bool:
    """Too near for any eye."""
    return all(abs(a - b) <= ALIKE for a, b in zip(one, other, strict=True))
