"""Which language a text is in, by its small words. Ten words are enough, one is often enough."""

from bot.knowledge.words import words

_SMALL = {
    "en": "the and is are was to of in for my our your you i we it this that not have has with how can do does what "
    "when where there please hello hi thanks thank from at be an if will would on they me still don't i'm it's as by "
    "or but been why which who get need want after before im dont",
    "de": "der die das und ist nicht ich wir sie mit für ein eine einen einem einer auf den dem des zu von im es wie "
    "kann bitte danke hallo guten tag mein meine unser unsere haben habe hat wird sich auch aber noch bei nach wenn "
    "was wo warum gibt gibts sind mich mir ihr ihre viele grüße keine kein zum zur möchte seit oder uns bin schon",
    "fr": "le la les et est je nous vous pas une des du dans pour avec mon ma mes notre nos votre sur que qui ne ce "
    "cette il elle comment peut puis-je bonjour merci beaucoup suis ai avons mais ou où au aux plus quand pourquoi "
    "c'est j'ai n'est qu'il l'on d'un d'une ça super sont par leur puis très",
    "es": "el la los las y es no yo nosotros con para una unos del en mi mis nuestro nuestra su sus que qué cómo como "
    "puedo puede hola gracias buenos buenas días por favor está este esta pero cuando cuándo cuánto dónde hay tengo "
    "tenemos al se lo le ya muy más un o sin me nos desde hemos",
    "it": "il lo gli le è e non io noi con per una del della dei delle di in mio mia nostro nostra che come posso può "
    "ciao grazie buongiorno salve sono ho abbiamo questo questa ma quando dove perché al alla nel nella si anche più "
    "un dal vorrei si",
    "nl": "de het een en is niet ik wij we u jij je met voor van op te dat die deze dit mijn onze ons hoe kan kunnen "
    "hallo bedankt dank goedendag heb hebben heeft zijn maar nog bij naar als wat waar waarom er ook wel geen graag "
    "wordt worden mij om aan",
    "pt": "o os as e é não eu nós com para uma um do da dos das em no na meu minha nosso nossa que como posso pode "
    "olá obrigado obrigada bom dia por está este esta mas quando onde há tenho temos ao se já muito mais são você "
    "sem me nos foi ou uns pelo pela",
}
_LANGUAGES = {language: frozenset(small.split()) for language, small in _SMALL.items()}
# Letters that only some of these languages write settle what is too short for small words.
_LETTERS = {"de": "äöüß", "fr": "çèêœàùë", "es": "ñ¿¡", "pt": "ãõ", "it": "ìò"}
LANGUAGES = tuple(_LANGUAGES)


def language(text: str) -> str | None:
    """The language's code, or None when the text does not show it."""
    tokens = words(text[:5000])
    scores = {code: _score(code, tokens, text) for code in _LANGUAGES}
    ranked = sorted(scores, key=scores.__getitem__, reverse=True)
    best, second = scores[ranked[0]], scores[ranked[1]]
    return ranked[0] if best > second and best >= _least(tokens) else None


def _score(code: str, tokens: list[str], text: str) -> float:
    small = sum(token in _LANGUAGES[code] for token in tokens)
    letters = sum(text[:5000].lower().count(letter) for letter in _LETTERS.get(code, ""))
    return small + 0.5 * min(letters, 4)


def _least(tokens: list[str]) -> float:
    """A long text without small words is no language that we know."""
    return max(0.5, 0.08 * len(tokens))
