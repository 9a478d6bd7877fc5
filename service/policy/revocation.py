"""Requests to us, in a person's own words, to stop texting or not to answer. The carriers' words are in `keywords`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.policy.keywords import without_politeness

# Requests to us to stop, in other words than the carriers'. A row is the start of what is said to us; after "…" it may
# stand anywhere, before "$" it ends the text. Who else texts whom, and who is taken off a medicine, is not meant.
_REQUESTS = """
    stop texting me | stop texting us | stop messaging me | stop contacting me | stop sending me texts
    stop sending me messages | stop sending me these | stop sending me this | stop sending texts
    stop sending messages | stop sending these | stop bothering me | stop spamming | stop texting this
    stop messaging this | stop these | stop your messages | stop your texts | stop the messages
    stop the texts | stop the check | stop the reminders | stop the surveys | stop w the | stop with the
    stop all messages | stop all texts | stop checking in on me | stop checking on me | stop writing me
    stop the check ins | stop stop | quit texting me | quit messaging me | quit sending me texts
    quit sending me messages | quit sending me these | quit bothering me | cease all | cease texting
    end the messages | end these messages | cancel the messages | cancel the texts | cancel my subscription
    cancel all messages | discontinue | unsub | unsubscribe me | unsubscribe this | opt me out
    opt out of these | opt out of your | opt out of texts | opt out of messages | opt out of this | opt out of all
    lose my number | block me $ | do not text me | do not text this | do not message | do not contact
    do not send me texts | do not send me messages | do not send me any | do not send me these | never text me
    never message me | never contact me | no more texts | no more messages | no more reminders
    no more check ins | enough with the texts | enough with the messages | take me off $ | take me off your
    take me off this | take me off the list | take my number | remove me $ | remove me from your
    remove me from this | remove me from the list | remove my number | remove this number
    delete me from your | delete my number | i want to opt out | i want to unsubscribe
    i would like to opt out | i do not want these | i do not want the texts | i do not want any more texts
    i do not want any more messages | i do not want to get these | i do not want to receive
    i do not want your | i do not wish to | do not want any more texts | i no longer want texts
    i no longer want messages | i no longer want these | i no longer want to receive | i no longer wish
    i revoke | like to stop receiving | like to stop getting | i said stop | said stop | i asked you to stop
    i told you to stop | how do i stop these | how do i stop the texts | how do i stop the messages
    how do i unsubscribe | how do i opt out | you can stop the | … stop texting $ | … please stop texting me
    … no more messages $ | … no more texts $ | … i do not want the texts | … off your list | … from your list
    … out of your system | … out of your list | … please remove it | … kindly remove $ | … take it off $
    … take me off $ | … want it removed | … my number removed | … not hear from you again
    … hear from you again $ | dejen de | deja de mandarme mensajes | deja de mandarme textos
    deja de escribirme | deja de enviarme | deja de textearme | no me escriban | no me escribas | no me manden
    no me mandes | no me envien | no me envies | no me textees | no me texteen | no me contacten
    no me molesten | ya no me manden | ya no me escriban | ya no me envien | no mas mensajes | no mas textos
    ya no quiero mensajes | no quiero mensajes | no quiero mas mensajes | ya no quiero recibir
    no quiero recibir | quiten mi numero | quita mi numero | quitenme de | quitame de | quiteme de
    borren mi numero | borrenme | saquenme de | sacame de | denme de baja | dame de baja
    quiero darme de baja | me quiero dar de baja | quiero cancelar los mensajes | quiero dejar de recibir
    paren de | paren con los | ya paren con | … no escriban $ | … de su lista | … de la lista por favor
    … de su sistema | … borrelo $ | … no more reminders $ | stop sending me stuff
    do not send me anything
"""
_ALONE = """
    unsub | remove | remove me | take me off | leave me alone | not interested | no more | enough
    lose my number | already said stop twice | stpo | sotp | stopp | st0p | unsubcribe | unsubscibe | cancle
    arret | not interested remove | cancel texts | stop thx | baja | salir | basta | fin | detener
    no me interesa | ya basta | dejame en paz | dejenme en paz
"""
"""Whole texts that nobody sends for another reason. Known slips of STOP among them: they opt out as requests do."""

# What may stand before a request without making it somebody else's.
_ADDRESS = frozenset(
    "please pls plz hi hey hello ok okay can could would will you u ya yall just kindly i said need want to asked told "
    "already and so no hola por favor porfa puedes pueden podrian quiero que le les digo pido oigan oye".split()
)
_NO_ANSWER = """
    do not text me back | do not text back | do not reply | do not respond | do not answer $ | do not answer this
    do not write back | do not message me back | do not message back
    no me respondas | no respondas | no contestes | no me contestes | no me escribas de vuelta
"""


@dataclass(frozen=True, slots=True)
class _Row:
    words: tuple[str, ...]
    anywhere: bool
    to_the_end: bool

    def stands_at(self, start: int, words: Sequence[str]) -> bool:
        end = start + len(self.words)
        return tuple(words[start:end]) == self.words and (not self.to_the_end or end == len(words))


def _rows(table: str) -> Mapping[str, list[_Row]]:
    """By their first word, so that a text is not held against each of them at every word."""
    rows = defaultdict(list)
    for cell in (cell.split() for line in table.strip().splitlines() for cell in line.split("|")):
        words = tuple(word for word in cell if word not in "…$")
        rows[words[0]].append(_Row(words, anywhere="…" in cell, to_the_end="$" in cell))
    return rows


_WHOLE_TEXTS = frozenset(cell.strip() for line in _ALONE.strip().splitlines() for cell in line.split("|"))
_REQUEST_ROWS, _NO_ANSWER_ROWS = _rows(_REQUESTS), _rows(_NO_ANSWER)


def asks_for_no_answer(words: Sequence[str]) -> bool:
    """ "Don't text me back": not now, because of who is near. It is no opt-out."""
    return _addressed(_spelled_out(words), _NO_ANSWER_ROWS)


def asks_us_to_stop(words: Sequence[str]) -> bool:
    """A request to us in other words than the carriers': "please stop texting me", not "he won't stop texting me".

    47 CFR 64.1200(a)(10) lets people revoke by any reasonable means.
    """
    if " ".join(without_politeness(words)) in _WHOLE_TEXTS:
        return True
    return _addressed(_spelled_out(words), _REQUEST_ROWS)


def _spelled_out(words: Sequence[str]) -> list[str]:
    """With "don't" in one form, so that the rows need only one."""
    return [part for word in words for part in (("do", "not") if word in ("dont", "didnt", "doesnt") else (word,))]


def _addressed(words: Sequence[str], rows: Mapping[str, list[_Row]]) -> bool:
    """Whether a row stands where only words that speak to us come before it, or anywhere where it may."""
    speaks_to_us = True
    for start, word in enumerate(words):
        for row in rows.get(word, ()):
            if (speaks_to_us or row.anywhere) and row.stands_at(start, words):
                return True
        speaks_to_us = speaks_to_us and word in _ADDRESS
    return False
