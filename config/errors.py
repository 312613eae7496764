"""What ends a command: the exit code of each kind of failure."""

from bot import policy
from bot.agents.tickets import NotPossible
from bot.keyring import KeysUnusable
from bot.store import Conflict, SchemaMismatch, StoreBusy, StoreFull
from config.sources import SettingsError


class Refused(Exception):
    """The surroundings don't allow it: a port, a lock, a certificate."""


class WrongUse(Exception):
    """What was asked for makes no sense."""


class NotDone(Exception):
    """What was asked for is not there, or can't be done with it."""


def exit_code(error: Exception) -> int:
    """1: nothing was done. 2: wrong use. 3: refused because of the surroundings. 70: broken."""
    if isinstance(error, NotDone | NotPossible | policy.Refused | Conflict):
        return 1
    if isinstance(error, SettingsError | WrongUse):
        return 2
    if isinstance(error, Refused | KeysUnusable | SchemaMismatch | StoreBusy | StoreFull | OSError):
        return 3
    return 70
