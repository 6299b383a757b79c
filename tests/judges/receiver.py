"""A receiver's network: example.org as its owner would publish it, with our keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from publisher.mail.dkim import Signer
from tests.dkimjudges import records
from tests.judges.network import Network, private_network

HOST, IP = "news.example.org", "192.0.2.10"  # who sends
DMARC = "v=DMARC1; p=reject; adkim=s; aspf=s"
MORE = (
    f"mx-host=example.org,{HOST},10",
    f"host-record={HOST},{IP}",  # and its name for the address
)


@contextmanager
def receiver(signer: Signer) -> Iterator[Network]:
    texts = {"example.org": f"v=spf1 ip4:{IP} -all", "_dmarc.example.org": DMARC}
    with private_network(records(signer) | texts, *MORE) as network:
        yield network
