"""Stems: what the forms of a word have in common, by the rules of its language.

Snowball's stemmers know the rules of most languages here. Of Korean and Hebrew, of which there is none, the
particles and prefixes that stick to a word are taken off.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from threading import Lock

import Stemmer

from vdr.words.letters import plain
from vdr.words.whole import CLUSTERED, MARKS, PAIRED

# Words that most sentences of a language have and few of another.
_TELLING = {
    "english": "the and of to in is for with that are this by from at which was as be it on what how who",
    "german": "der die das und ist nicht ein eine von mit den dem des im für auf zu sich wird oder wie was",
    "french": "le la les de des et est une dans pour que qui sur pas au aux du par avec sont ou quel quelle",
    "spanish": "el de la los las y es una en para que por con del se al su como más cuál qué",
    "italian": "il la gli le e è una di per che non con del della dei nel sono al alla quale",
    "portuguese": "o a de os as e é uma para que não com do da dos das em no na ao por qual",
    "dutch": "de het een en van is niet op te dat met voor zijn bij aan wordt wat hoe",
    "swedish": "och att det som en är på för av med till inte den ett om vad hur",
    "danish": "og at det som en er på for af med til ikke den et om hvad der",
    "norwegian": "og at det som en er på for av med til ikke den et om hva",
    "finnish": "ja on ei että se oli ovat myös kun joka tai mutta mikä",
    "hungarian": "a az és hogy nem egy is van volt meg ezt mint mi",
    "romanian": "și în de la care cu pe nu este un din sunt pentru ce",
    "polish": "i w na z do nie się że jest to od przez dla jak co",
    "czech": "a v na se je z do že to pro od jako ve co",
    "turkish": "ve bir bu için ile da de olarak olan ne gibi",
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _TELLING.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)
LATIN_LANGUAGES = tuple(_TELLING)
TELLING_WORDS = frozenset(map(plain, _LANGUAGES_OF))
# A word in another script than Latin, and the stemmer of the language most written in it.
_BY_SCRIPT = (
    (re.compile(r"[\u0400-\u052f]"), "russian"),
    (re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"), "greek"),
    (re.compile(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc]"), "persian"),
    (re.compile(r"[\u0600-\u06ff]"), "arabic"),
    (re.compile(r"[\u0900-\u097f]"), "hindi"),
    (re.compile(r"[\u0b80-\u0bff]"), "tamil"),
    (re.compile(r"[\u0530-\u058f]"), "armenian"),
)
_ENGLISH = "english"
# Plurals that no rule makes.
_IRREGULAR = dict(
    each.split(":")
    for each in """
    children:child men:man women:woman feet:foot teeth:tooth geese:goose mice:mouse people:person oxen:ox
    knives:knife lives:life wives:wife shelves:shelf halves:half leaves:leaf loaves:loaf thieves:thief
    wolves:wolf calves:calf analyses:analysis crises:crisis theses:thesis hypotheses:hypothesis axes:axis
    indices:index matrices:matrix vertices:vertex criteria:criterion phenomena:phenomenon
    """.split()  # noqa: SIM905
)
_LETTER = rf"(?:[^\W\d_{PAIRED}{CLUSTERED}]|[{MARKS}])"
_WORD = re.compile(rf"{_LETTER}{{3,}}(?:'{_LETTER}+)?")
_ASCII_WORD = re.compile(r"[a-z]{3,}(?:'[a-z]+)?")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,}")
# What sticks to Korean nouns, and the endings that make verbs of them; two may follow each other.
_PARTICLE = re.compile(
    "(?:하였습니다|되었습니다|했습니다|됐습니다|합니다|됩니다|입니다|습니다|하였다|되었다|하지|하고|하며|하여|하는|하면|한다"
    "|되는|되어|되면|된다|으로부터|로부터|에서부터|으로서|으로써|에게서|에서는|에서도|에서의|에게|에서|한테|께서|까지|부터"
    "|마다|조차|밖에|처럼|보다|이라고|라고|이나|이며|이고|으로|에는|에도|에의|와의|과의|들|은|는|이|가|을|를|에|의|로|와|과"
    "|도|만|나|며|고|랑)$"
)
# And, so, with, like, for, the: what the stemmer leaves where several stand before a word.
_ARABIC = re.compile(r"[\u0621-\u064a]{4,}")
_ARABIC_PREFIX = re.compile("(?:[وف]?(?:ال|بال|كال|لل)|و)(?=.{3})")
_HEBREW = re.compile(r"[\u05d0-\u05ea]{3,}")
_HEBREW_PREFIXES = "והבלמשכ"  # and, the, in, to, from, that, as
_HEBREW_ENDING = re.compile("(?:ימ|ות|ה)$")
_NOT_FINAL = str.maketrans("ךםןףץ", "כמנפצ")
_LONGEST = 40
_ONE_AT_A_TIME = Lock()  # a stemmer has a buffer of its own


def languages_of(words: Iterable[str]) -> tuple[str, ...]:
    """The languages of which a text has most of the words that tell them; empty where it has none."""
    counts: dict[str, int] = {}
    for word in words:
        for language in _LANGUAGES_OF.get(word.lower(), ()):
            counts[language] = counts.get(language, 0) + 1
    most = max(counts.values(), default=0)
    return tuple(language for language in LATIN_LANGUAGES if most and counts.get(language) == most)


def stems(word: str, languages: tuple[str, ...]) -> Iterator[str]:
    """The stems of a word's parts that are not the parts themselves; `languages` are those of Latin letters.

    >>> list(stems("Pumpenhäuser", ("german",)))
    ['pumpenhaus']
    """
    if word.isascii():
        for part in _ASCII_WORD.findall(word.lower()):
            found = dict.fromkeys(_stem(language, part) for language in languages)
            yield from (stem for stem in found if stem != part)
        return
    # A stemmer needs the accents that terms lack.
    for part in _WORD.findall(unicodedata.normalize("NFC", word.lower().replace("\u2019", "'"))):
        yield from _snowball(part, _by_script(part) or languages)
    shown = plain(word)
    for part in _ARABIC.findall(shown):
        yield from (part[found.end() :] for found in [_ARABIC_PREFIX.match(part)] if found)
    for part in _HANGUL.findall(shown):
        yield from _without_particles(part)
    for part in _HEBREW.findall(shown):
        yield from _hebrew(part)


def _by_script(word: str) -> tuple[str, ...]:
    """The language of a word in another script; empty for Latin letters."""
    return next(((language,) for letters, language in _BY_SCRIPT if letters.search(word)), ())


def _snowball(word: str, languages: tuple[str, ...]) -> Iterator[str]:
    shown = plain(word)
    found = dict.fromkeys(plain(_stem(language, word)) for language in languages)
    yield from (stem for stem in found if stem != shown)


def _stem(language: str, word: str) -> str:
    if language == _ENGLISH and word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > _LONGEST:
        return word
    with _ONE_AT_A_TIME:
        stem: str = _stemmer(language).stemWord(word)
        return stem


@lru_cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language, 0)


def _without_particles(word: str) -> Iterator[str]:
    for _ in range(2):
        shorter = _PARTICLE.sub("", word)
        if not shorter or shorter == word:
            return
        yield shorter
        word = shorter


def _hebrew(word: str) -> Iterator[str]:
    """Without up to two prefixes, and without the ending of the plural, no letter in its final form."""
    shown = word.translate(_NOT_FINAL)
    starts = [0]
    while len(starts) < 3 and word[starts[-1]] in _HEBREW_PREFIXES and len(word) - starts[-1] > 3:
        starts.append(starts[-1] + 1)
    for start in starts:
        for stem in (word[start:], shown[start:], _HEBREW_ENDING.sub("", shown[start:])):
            if len(stem) > 1 and stem != word:
                yield stem
