"""HTML from a stranger made safe to show: words, layout and links, and nothing that runs, loads or disguises itself."""

from typing import TYPE_CHECKING

from connectors.mail.form.problems import Problems
from connectors.mail.html.nesting import is_bounded

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MOST = 1_000_000


def _names(text: str) -> set[str]:
    return set(text.split())


_TAGS = _names(
    "a abbr address article b bdi big blockquote br caption center cite code col colgroup dd del dfn div dl dt em"
    " figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small"
    " span strike strong sub sup table tbody td tfoot th thead tr tt u ul var"
)
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"alt", "data-cid"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_WITH_CONTENT = _names("script style title template noscript iframe object svg math select textarea")
IMAGE = "[image]"
ALT = 200


def safe_html(html: str | None) -> str | None:
    """None when there is no HTML, or so much or so nested that only its text should be shown.

    Links lead to http, https and mailto only. Pictures are not loaded: one that came with the mail keeps its Content-ID
    as `data-cid`, of any other a word is left. What can't be seen in the original isn't here either, for without its
    styles it would be.
    """
    if html is None or len(html) > MOST or not is_bounded(html):
        return None
    # Imported when needed: an idle reader should be small.
    import nh3
    from selectolax.lexbor import LexborHTMLParser

    from connectors.mail.html.hidden import remove_hidden

    tree = LexborHTMLParser(html)
    remove_hidden(tree, Problems())
    for image in tree.css("img"):
        _tell_of(image)
    # Last, so that nothing behind it can undo it.
    return nh3.clean(
        (tree.body.html if tree.body else "") or "",
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _tell_of(image: "LexborNode") -> None:
    source = (image.attributes.get("src") or "").strip()
    if source.lower().startswith("cid:"):
        image.attrs["data-cid"] = source[4:]
        return
    alt = (image.attributes.get("alt") or "").strip()[:ALT]
    image.replace_with(f"[image: {alt}]" if alt else IMAGE)
