"""A DNS server with a few TXT records, and a name space of its own to run a program in that asks port 53.

    unshare -rnm python -m tests.nameserver RECORDS.json FILE…

The loopback is all the network there is, /etc/resolv.conf names this server, and nothing outside is touched.
Each file is read to `opendkim-testmsg`; what it says comes as JSON.
"""

import fcntl
import json
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.rrset

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1


def answer(query: bytes, records: Mapping[str, list[str]]) -> bytes:
    asked = dns.message.from_wire(query)
    reply = dns.message.make_response(asked)
    question = asked.question[0]
    strings = records.get(question.name.to_text(omit_final_dot=True).lower())
    if strings is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == dns.rdatatype.TXT:
        txt = dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
        reply.answer.append(dns.rrset.from_rdata(question.name, 60, txt))
    return reply.to_wire()


def serve(records: Mapping[str, list[str]]) -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def work() -> None:
        while True:
            query, client = server.recvfrom(4096)
            server.sendto(answer(query, records), client)

    threading.Thread(target=work, daemon=True).start()


def become_the_network() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolv:
        resolv.write("nameserver 127.0.0.1\n")
        resolv.flush()
        subprocess.run(["mount", "--bind", resolv.name, "/etc/resolv.conf"], check=True)


def main(records: str, *files: str) -> None:
    become_the_network()
    serve(json.loads(Path(records).read_text("utf-8")))
    said = []
    for file in files:
        done = subprocess.run(
            ["opendkim-testmsg"], input=Path(file).read_bytes(), capture_output=True, check=False, timeout=30
        )
        said.append((done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace").strip()))
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
