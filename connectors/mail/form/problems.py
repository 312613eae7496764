"""What was wrong with a mail, as short texts for people."""


class Problems:
    """`partly` is true once some of the mail could not be read."""

    def __init__(self) -> None:
        self.texts: dict[str, None] = {}
        self.partly = False

    def note(self, text: str) -> None:
        self.texts[text] = None

    def cut(self, text: str) -> None:
        """Some of it was not read."""
        self.note(text)
        self.partly = True
