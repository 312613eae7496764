"""Words of a text as a search should see them."""

import re
import unicodedata
from functools import lru_cache

MOST = 40
"""Words of one query: more find nothing better and cost time."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")

# English, German, French, Spanish: words that nearly every text has say nothing about what is asked.
_STOP_WORDS = """
a about after again all also am an and any are as at be because been before being both but by can cannot could
did do does doing don down during each else few for from further get gets getting got had has have having he
hello her here hers hey hi him his how i if im in into is it its itself ive just know let like me more most much
my no nor not now of off on once one only or other our ours out over own please possible same she should so some
somebody someone such tell than thank thanks that the their theirs them then there these they thing this those
through to too under until up us very want wanted was way we were what when where whether which while who whom
whose why will with would you your yours yes ve re ll isn aren wasn weren doesn didn hasn haven hadn couldn wouldn
shouldn won dear regards best sincerely kind cheers ok okay
aber alle als am an auch auf aus bei beim bin bis bitte da damit danke dann das dass dein dem den der des die
dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es euch für gibt
guten tag hallo hat habe haben hatte ich ihm ihn ihnen ihr ihre ihren im in ist ja kann kannst kein keine können
könnte liebe man mein meine meinem meinen meiner mich mir mit muss nach nicht noch nur ob oder ohne schon sehr
sein seine sich sie sind so soll um und uns unser unsere unter viel vom von vor war warum was wann wenn wer wie
wieder will wir wird wo würde zu zum zur über gruß grüße freundlichen vielen mfg
ai au aux avec avez avons bonjour ce ces cet cette comme comment dans de des du elle en est et été être eu fait
faut il ils je la le les leur lui ma mais me merci mes moi mon ne nos notre nous on ont ou où par pas peut peux
plus pour pourquoi puis quand que quel quelle qui quoi sa sans se ses si son sont suis sur ta te tes toi ton tu
un une veux vos votre vous y à ça cordialement salut svp
al algo buenas buenos como con cual cuando cuándo cómo de del desde donde dónde el ella en era es esa ese eso
esta está este esto favor fue gracias ha hasta hay he hola la las le les lo los me mi mis muy nos o para pero
por porque puede puedo que qué quiero se ser si sin sobre son soy su sus también te tengo tiene tienen un una
unos uno y ya yo saludo saludos cordial
"""
STOP = frozenset(_STOP_WORDS.split())


def words(text: str) -> list[str]:
    """Lower-case words in order, without what is invisible."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    return [match[0].replace("’", "'") for match in _WORD.finditer(text)]


def query(text: str) -> list[str]:
    """The words to search for: each once, without stop words, at most 40."""
    found = dict.fromkeys(_bare(word) for word in words(text))
    return [word for word in found if _counts(word)][:MOST]


def _counts(word: str) -> bool:
    return word not in STOP and (len(word) > 1 or word.isdigit()) and len(word) <= 40


def _bare(word: str) -> str:
    """Without what an apostrophe begins: customer's, don't, l'accès keep the part that bears the meaning."""
    before, _, after = word.partition("'")
    return after if len(before) <= 2 < len(after) else before


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A rough English stem: enough to let invoices meet invoice and booked meet booking."""
    for ending, least in (("ational", 3), ("ations", 3), ("ation", 3), ("ings", 3), ("ing", 3), ("ied", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return _undouble(word[: -len(ending)])
    for ending, least in (("ies", 2), ("edly", 3), ("ed", 3), ("es", 3), ("ly", 4), ("ment", 4), ("s", 3), ("e", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            return _undouble(word[: -len(ending)])
    return _undouble(word)


def _undouble(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2]:
        return word[:-1]
    if len(word) > 3 and word[-1] in "ye":
        return word[:-1]
    return word


def stems(text: str) -> list[str]:
    return [stem(_bare(word)) for word in words(text)]
