"""A conversation with a mail server, sans I/O: bytes in, bytes out; whoever drives it owns sockets and clocks."""
