"""Who gives out tokens, and where. Google's and Microsoft's addresses are from their documentation, named below."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Provider:
    """`device_url`: where a login with a code begins (RFC 8628); without one it goes by the browser, `authorize_url`
    (RFC 8252). `extra`: further parameters of that address."""

    client_id: str
    token_url: str
    scope: str
    device_url: str = ""
    authorize_url: str = ""
    client_secret: str = field(default="", repr=False)
    extra: tuple[tuple[str, str], ...] = ()

    def at(self, *, token_url: str = "", device_url: str = "", authorize_url: str = "", scope: str = "") -> "Provider":
        """The same with other addresses, where some are given."""
        return replace(
            self,
            token_url=token_url or self.token_url,
            device_url=device_url or self.device_url,
            authorize_url=authorize_url or self.authorize_url,
            scope=scope or self.scope,
        )


def google(client_id: str, client_secret: str) -> Provider:
    """developers.google.com/identity/protocols/oauth2/native-app. The device flow doesn't give Gmail's scope
    (…/oauth2/limited-input-device). Without access_type and prompt a second login brings no refresh token."""
    return Provider(
        client_id,
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 (an address)
        scope="https://mail.google.com/",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        client_secret=client_secret,
        extra=(("access_type", "offline"), ("prompt", "consent")),
    )


def microsoft(client_id: str, client_secret: str, tenant: str) -> Provider:
    """learn.microsoft.com: "Authenticate an IMAP, POP or SMTP connection using OAuth", "OAuth 2.0 device authorization
    grant flow"."""
    place = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    scopes = ("https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send")
    return Provider(
        client_id,
        token_url=f"{place}/token",
        scope=" ".join((*scopes, "offline_access")),
        device_url=f"{place}/devicecode",
        authorize_url=f"{place}/authorize",
        client_secret=client_secret,
    )
