"""Words that similarity takes for one another and that no question means alike: opposites, ranks, colours.

Distributional vectors hold opposites as near as synonyms (Mohammad et al., Computing Lexical Contrast, 2013),
so these are written down; which words are siblings in lists ("male or female") a corpus can tell.
"""

from collections.abc import Iterable

# A group a line or between slashes; words joined by "=" are on one side.
_GROUPS = """
increase decrease=reduce / rise=raise fall / grow=growth decline=shrink / gain loss=lose / profit loss
asset liability / revenue expense / revenue cost / sales cost / income expense / earnings cost / high low
higher lower / highest lowest / upper lower / large=big small=little / larger=bigger smaller
largest=biggest smallest / long short / longer shorter / early late / earlier later
first second third fourth fifth last / before after / above below / maximum minimum / most least
more less=fewer / many few / buy=purchase sell=sale / buyer=purchaser seller / lend borrow / lender borrower
employer employee / import export / importer exporter / internal external / domestic foreign / debit credit
debtor creditor / north south east west / northern southern eastern western
northeast northwest southeast southwest / left right
red blue green yellow orange purple pink brown black white gray=grey / male female / man woman / boy girl
mother father parent child son daughter / brother sister / husband wife
day week month quarter year hour minute second / daily weekly monthly quarterly yearly
spring summer autumn winter / hundred thousand million billion trillion
one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty
half third quarter / republican democrat / urban rural / public private / old young new / older younger
oldest youngest newest / positive negative / true false / open close / start=begin end=finish / strong weak
stronger weaker / hot cold / win lose / winner loser / enter exit / entry exit / arrive depart
arrival departure / inside outside / active passive / teacher student / doctor=physician patient
morning evening night / plus minus / agree disagree / accept reject / approve deny=reject / easy difficult
rich poor / cheap expensive / fast slow / faster slower / single married / permanent temporary
current previous=prior next past future / inflow outflow / input output / inbound outbound / supply demand
vertical horizontal / gross net / cat dog / breakfast lunch dinner / gold silver copper / oil gas coal
landlord=lessor tenant=lessee / plaintiff defendant / advantage disadvantage / strength weakness
success failure / save spend / push pull / add subtract=remove / same different / deposit withdrawal
expand contract / better worse / improve worsen / best worst / majority minority / with without
front back=rear / top bottom / wide narrow / deep shallow / heavy light / lighter heavier / wet dry
full empty / alive dead / birth death / peace war / love hate / friend enemy / question answer
primary secondary tertiary / singular plural / adult child / undergraduate graduate
"""


def are_opposites(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a word among the first stands against one among the others."""
    ours = [place for word in some for place in _PLACES.get(word, ())]
    theirs = [place for word in others for place in _PLACES.get(word, ())]
    return any(group == same and side != other for group, side in ours for same, other in theirs)


def _places() -> dict[str, list[tuple[int, int]]]:
    """For each word the groups that it is in, and its side there."""
    found: dict[str, list[tuple[int, int]]] = {}
    for group, line in enumerate(_GROUPS.replace("\n", " / ").split(" / ")):
        for side, words in enumerate(line.split()):
            for word in words.split("="):
                found.setdefault(word, []).append((group, side))
    return found


_PLACES = _places()
