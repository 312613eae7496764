"""The refresh token of a mailbox, in a file that nobody else may read."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

LARGEST = 65_536


class TokensUnusable(Exception):
    """The file isn't there or can't be read."""


@dataclass(frozen=True)
class Tokens:
    path: Path

    def load(self) -> str:
        """Raises TokensUnusable."""
        try:
            with self.path.open("rb") as file:
                found = json.loads(file.read(LARGEST))
            token = found["refresh_token"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no file of ours"
            raise TokensUnusable(f"{self.path}: {reason}") from None
        if not isinstance(token, str) or not token:
            raise TokensUnusable(f"{self.path}: it is no file of ours")
        return token

    def save(self, token: str) -> None:
        """The old one or the new one, whatever happens; its owner stays the same. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        try:
            fresh.touch(mode=0o600, exist_ok=False)
            with fresh.open("w", encoding="ascii") as file:
                json.dump({"refresh_token": token}, file)
                file.flush()
                os.fsync(file.fileno())
            if self.path.exists():
                _give_to_owner_of(self.path, fresh)
            fresh.replace(self.path)
        finally:
            fresh.unlink(missing_ok=True)


def _give_to_owner_of(before: Path, fresh: Path) -> None:
    """Often root logs in and the desk reads."""
    owner = before.stat()
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(fresh, owner.st_uid, owner.st_gid)
