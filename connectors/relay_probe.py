"""Would the relay take our mail? Asked without sending any."""

import contextlib

import aiosmtplib

from bot.connector import DeliveryFailed
from bot.model import Parcel, Rendered
from connectors.relay import Relay, RelayAddress, RelayPatience
from connectors.relay_failures import passing, refused


class RelayProbe(Relay):
    """Speaks to the relay as a Relay does, up to the sender, and leaves."""

    def __init__(self, address: RelayAddress, *, hostname: str, seconds: float) -> None:
        super().__init__(address, _nothing, hostname=hostname, patience=RelayPatience(seconds, seconds, seconds))

    async def ask(self, sender: str) -> None:
        """Returns when the relay has let us in and would take mail from this address. Raises DeliveryFailed."""
        client = self._client()
        try:
            await self._connect(client)
            await client.mail(sender, timeout=self._patience.command)
        except aiosmtplib.SMTPResponseException as error:
            raise refused(str(self.address), error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise passing(str(self.address), error) from error
        else:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=self._patience.command)
        finally:
            client.close()


def _nothing(parcel: Parcel) -> Rendered:
    raise DeliveryFailed("a probe sends no mail", permanent=True)
