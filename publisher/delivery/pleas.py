"""What a person wrote -> whether they ask to be taken off, in the languages that mails have.

Whoever reads a plea where there is none loses nothing: the owner is asked, and decides.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

_LONGEST = 600  # characters of one's own words that are looked at: who wants to leave says so at once
_SHORT = 60  # characters of a text whose first word may be all that it says
_QUOTE = re.compile(r"\s*[>|]")
_REPLY = re.compile(r"^(?:(?:re|aw|antw|sv|rif|res|fwd?|wg|tr|رد)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)

_ALONE = frozenset(
    {
        *("unsubscribe", "remove", "stop", "cancel", "signoff", "leave", "optout", "opt-out", "unsub", "quit"),
        *("abmelden", "abbestellen", "austragen", "abmeldung", "abbestellung", "löschen", "stopp"),
        *("désabonner", "désabonnement", "désinscription", "désinscrire", "supprimer", "arrêter"),
        *("baja", "cancelar", "desuscribir", "desuscribirme", "eliminar"),
        *("cancellami", "cancellare", "disiscrivimi", "disiscrizione", "disdire", "rimuovere"),
        *("إلغاء", "الغاء", "توقف", "أوقف", "إزالة"),
    }
)
"""A word that is a plea where it is the subject, or nearly all that is said."""

_ASKS = (
    # English
    r"\bunsubscribe\b",
    r"\b(?:remove|take|delete|drop) (?:me|my (?:e-?mail )?(?:address|e-?mail|name))\b",
    r"\bstop (?:sending|mailing|e-?mailing|writing)\b",
    r"\b(?:do not|don't|don’t|no longer) (?:want|wish|like) to (?:receive|get)\b",
    r"\b(?:do not|don't|don’t) (?:e-?mail|mail|write|send|contact) (?:to )?(?:me|us|any)\b",
    r"\bno more (?:e-?mails?|mails?|newsletters?)\b",
    r"\b(?:cancel|end) (?:my|the|this) (?:subscription|newsletter)\b",
    r"\bopt[- ]?out\b",
    # German
    r"\babbestell\w*",
    r"\b(?:melde|meldet|melden sie) mich\b.{0,40}\bab\b",
    r"\bmich (?:bitte )?(?:ab(?:zu)?melden|aus(?:zu)?tragen|(?:zu )?löschen|(?:zu )?entfernen)\b",
    r"\b(?:nehm|trag|lösch|entfern)\w* (?:sie |mich |bitte |meine (?:mail|e-mail|adresse)\w* ){1,3}",
    r"\bkeine (?:weiteren |mehr )?(?:newsletter|e-?mails?|mails?|post)\b",
    r"\bnewsletter (?:kündigen|abmelden|stornieren)\b",
    # French
    r"\bdésabonn\w*",
    r"\bdésinscri\w*",
    r"\b(?:retirez|supprimez|enlevez|effacez|retirer|supprimer|enlever)[- ](?:moi|mon adresse|mon e-?mail)\b",
    r"\bne (?:plus|souhaite plus|veux plus|désire plus) (?:\w+ )?recevoir\b",
    r"\bplus (?:recevoir|de (?:mails?|courriels?|newsletters?))\b",
    # Spanish
    r"\b(?:dar(?:me)?|deme|dame|denme|date) de baja\b",
    r"\bdesuscri\w*",
    r"\b(?:no (?:quiero|deseo) (?:recibir )?más|no me (?:envíen|envíe|envíes|manden|escriban))\b",
    r"\bcancelar (?:mi |la )?suscripción\b",
    r"\b(?:eliminen|elimine|elimina|borren|borre|quiten|quite)(?:me| mi (?:correo|dirección|e-?mail))\b",
    # Italian
    r"\bdisiscri\w*",
    r"\b(?:cancell|rimuov|toglie|elimin)\w*(?:mi|temi|etemi)\b",
    r"\b(?:cancellate|cancella|rimuovete|rimuova|eliminate) (?:il mio|la mia)\b",
    r"\bnon (?:voglio|desidero) più ricevere\b",
    r"\bannulla(?:re)? (?:l'|l’|la mia )?iscrizione\b",
    # Arabic
    r"(?:إلغاء|الغاء) (?:ال)?(?:اشتراك|إشتراك)",
    r"(?:أزيلوني|احذفوني|احذفني|أزلني|أزيلوا|احذفوا)",
    r"(?:لا أريد|لا ارغب|لا أرغب).{0,20}(?:رسائل|استلام|تلقي)",
)
_PHRASES = re.compile("|".join(_ASKS), re.IGNORECASE)


def is_plea(subject: str, text: str) -> bool:
    """Whether somebody asks to be taken off; *text* may quote what they answer."""
    own = unicodedata.normalize("NFC", " ".join(own_lines(text.splitlines())))[:_LONGEST]
    about = unicodedata.normalize("NFC", subject)
    answers = _REPLY.match(about) is not None
    about = _REPLY.sub("", about)
    # the subject of an answer is ours: a post about opting out is no plea
    if not answers and (_bare(about) in _ALONE or _PHRASES.search(about)):
        return True
    if _bare(about) in _ALONE:
        return True
    first = _bare(own.partition(" ")[0])
    return (len(own) <= _SHORT and first in _ALONE) or _PHRASES.search(own) is not None


def own_lines(lines: Sequence[str]) -> Iterator[str]:
    """Without what is quoted, the words above a quotation that say whose it is, and what mail programs append."""
    block: list[str] = []
    for line in lines:
        if line.rstrip() == "--" or line.startswith(("-----Original", "________________")):
            break  # a signature (RFC 3676 4.3), or the mail that is answered
        if _QUOTE.match(line):
            if block and block[-1].rstrip().endswith((":", "：")):
                block = []
            continue
        if line.strip():
            block.append(line)
        elif block and not block[-1].rstrip().endswith((":", "：")):
            yield from block
            block = []
    yield from block


def _bare(words: str) -> str:
    """Words without marks at their ends, in small letters."""
    kept = [place for place, char in enumerate(words) if unicodedata.category(char)[0] in "LMN"]
    return words[kept[0] : kept[-1] + 1].casefold() if kept else ""
