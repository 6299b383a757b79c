"""A name server on the loopback that answers from a zone file, for as long as a block."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


class _Zone:
    """Lines as in a zone file, all names absolute: `example.org. MX 10 mail.example.org.`"""

    def __init__(self, text: str) -> None:
        self.sets: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], list[str]] = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            name, kind, data = line.split(maxsplit=2)
            key = dns.name.from_text(name), dns.rdatatype.from_text(kind)
            self.sets.setdefault(key, []).append(data)
        self.names = {name for name, _ in self.sets}

    def answer(self, wire: bytes) -> bytes:
        asked = dns.message.from_wire(wire)
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.RA
        question = asked.question[0]
        found = self.sets.get((question.name, question.rdtype))
        if found:
            reply.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", question.rdtype, found))
        elif question.name not in self.names:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


@contextmanager
def name_server(zone: str) -> Iterator[str]:
    """Its address and port."""
    answers = _Zone(zone)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, back = self.request
            back.sendto(answers.answer(wire), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def silent_name_server() -> Iterator[str]:
    """One that takes questions and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{server.getsockname()[1]}"
