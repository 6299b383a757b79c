"""Domains of mailboxes that are thrown away: who signs up with one never reads what comes.

The widely known ones, of 2026-11; the services change names daily, so the owner can add more (`signup.refuse`).
"""

from collections.abc import Collection

THROWAWAY = frozenset(
    """
    0-mail.com 10minutemail.com 10minutemail.net 1secmail.com 1secmail.net 1secmail.org 20minutemail.com 33mail.com
    anonbox.net anonymbox.com bccto.me bugmenot.com burnermail.io byom.de crazymailing.com deadaddress.com
    discard.email discardmail.com discardmail.de dispostable.com dropmail.me e4ward.com emailfake.com emailondeck.com
    emailtemporanea.com emltmp.com fakeinbox.com fakemail.net fakemailgenerator.com filzmail.com generator.email
    getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info
    guerrillamail.net guerrillamail.org guerrillamailblock.com harakirimail.com incognitomail.org inboxbear.com
    inboxkitten.com jetable.org kasmail.com linshiyouxiang.net luxusmail.org mail-temp.com mail-temporaire.fr
    mailcatch.com maildrop.cc mailexpire.com mailforspam.com mailinator.com mailinator.net mailinator2.com
    mailmoat.com mailnesia.com mailnull.com mailsac.com mailtemp.info mailtothis.com meltmail.com minuteinbox.com
    moakt.cc moakt.com moakt.ws mohmal.com mt2015.com mytemp.email mytrashmail.com nada.email nepwk.com
    nospammail.net notsharingmy.info nowmymail.com owlymail.com pokemail.net proxymail.eu sharklasers.com
    shieldedmail.com sneakemail.com sofimail.com spam4.me spambog.com spambox.us spamex.com spamfree24.org
    spamgourmet.com spamhole.com spamspot.com temp-mail.io temp-mail.org tempail.com tempinbox.com tempmail.de
    tempmail.dev tempmail.net tempmail.plus tempmailaddress.com tempmailo.com tempomail.fr temporaryemail.net
    temporarymail.com tempr.email thankyou2010.com throwaway.email throwawaymail.com tmail.ws tmailor.com tmpmail.net
    tmpmail.org trash-mail.com trash-mail.de trashmail.com trashmail.de trashmail.me trashmail.net trashmail.ws
    trbvm.com wegwerfemail.de wegwerfmail.de wegwerfmail.net wegwerfmail.org yopmail.com yopmail.fr yopmail.net
    """.split()  # noqa: SIM905  # a list with quotes would be three times as long
)


def is_refused(domain: str, more: Collection[str] = ()) -> bool:
    """Whether mail to this domain, or to one above it, is not to be asked for. It is in small letters and punycode."""
    labels = domain.split(".")
    above = {".".join(labels[at:]) for at in range(len(labels))}
    return not above.isdisjoint(THROWAWAY) or not above.isdisjoint(more)
