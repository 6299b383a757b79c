"""The transport, against a real mail server on this machine."""

import select
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.adapters.smtp import SmtpConnection, SmtpSettings, SmtpTransport
from publisher.delivery.smtp import mailing
from publisher.errors import TransportError
from publisher.model.issue import Envelope, Reply
from tests.adapters.mailserver import PASSWORD, USER, Authority, Server, new_authority, serving, settings
from tests.peers import PATIENCE, missing
from tests.scripted import scripted

BOB = Envelope(sender="news@example.org", recipient="bob@example.net")
MESSAGE = b"Subject: x\r\n\r\nwords\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        missing("the program openssl is not installed")
    return new_authority(tmp_path_factory.mktemp("ca"))


@contextmanager
def connected(wanted: SmtpSettings) -> Iterator[SmtpConnection]:
    connection = SmtpTransport(wanted).connect()
    try:
        yield connection
    finally:
        connection.close()


def send(connection: SmtpConnection, message: bytes = MESSAGE, envelope: Envelope = BOB) -> Reply:
    """The server's last word."""
    return connection.offer(envelope, message) or connection.dot()


def refusal(wanted: SmtpSettings) -> TransportError:
    with pytest.raises(TransportError) as caught:
        SmtpTransport(wanted).connect()
    return caught.value


def test_a_message_arrives_with_its_envelope() -> None:
    with serving() as server, connected(settings(server)) as connection:
        reply = send(connection)
        assert (reply.code, reply.stage, reply.enhanced) == (250, "dot", "2.0.0")
        assert [(one.mail_from, one.rcpt_tos) for one in server.taken] == [("news@example.org", ["bob@example.net"])]
        assert server.bodies == [MESSAGE]


def test_a_yes_that_came_before_the_dot_is_no_yes_to_it() -> None:
    with scripted() as server:
        server.rules["body"] = "250 2.0.0 taken already"
        wanted = SmtpSettings(host="127.0.0.1", port=server.port, tls="either")
        connection = SmtpTransport(wanted).connect()
        assert connection.offer(BOB, MESSAGE) is None
        assert select.select([connection._line.socket], [], [], PATIENCE)[0], "it did not wait"
        with pytest.raises(TransportError, match="it answered what nobody asked"):
            connection.dot()
        connection.drop()
        assert server.messages == []


# --- encryption


def test_a_server_with_starttls_is_spoken_to_in_secret(authority: Authority) -> None:
    context = authority.context("localhost")
    with serving(tls_context=context, require_starttls=True) as server:
        with connected(settings(server, host="localhost", tls="starttls", ca_file=authority.file)) as connection:
            assert send(connection).code == 250
        assert server.sessions[0].ssl is not None


def test_a_server_that_encrypts_from_the_start(authority: Authority) -> None:
    with serving(ssl_context=authority.context("localhost")) as server:
        with connected(settings(server, host="localhost", tls="implicit", ca_file=authority.file)) as connection:
            assert send(connection).code == 250
        assert server.bodies == [MESSAGE]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["another name", "an unknown CA"])
def test_a_certificate_that_proves_nothing_is_refused(authority: Authority, tls: str, fault: str) -> None:
    context = authority.context("mail.example.org" if fault == "another name" else "localhost")
    options = {"tls_context": context} if tls == "starttls" else {"ssl_context": context}
    with serving(**options) as server:
        ca_file = authority.file if fault == "another name" else None
        error = refusal(settings(server, host="localhost", tls=tls, ca_file=ca_file, user=USER, password=PASSWORD))
        assert "its certificate cannot be trusted" in str(error)
        assert "smtp.ca_file" in str(error)
        assert not error.temporary
        assert server.mechanisms == [], "no password is shown to a stranger"


def test_a_file_of_authorities_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("a note")
    with serving() as server:
        error = refusal(settings(server, host="localhost", tls="implicit", ca_file=str(path)))
    assert f"smtp.ca_file: {path} cannot be read: there are no certificates (PEM) in it" in str(error)
    assert not error.temporary, "no later try mends it"


def test_on_this_machine_itself_any_certificate_will_do(authority: Authority) -> None:
    with serving(tls_context=authority.context("mail.example.org")) as server:
        with connected(settings(server)) as connection:
            assert send(connection).code == 250
        assert server.sessions[0].ssl is not None


def test_without_encryption_nothing_is_sent_where_it_is_required() -> None:
    with serving() as server:
        error = refusal(settings(server, tls="starttls", user=USER, password=PASSWORD))
        assert "offers no encryption (STARTTLS)" in str(error)
        assert not error.temporary
        assert (server.mechanisms, server.sessions) == ([], [])


def test_smtps_to_a_port_that_does_not_speak_it() -> None:
    with serving() as server:
        error = refusal(settings(server, tls="implicit"))
    assert "smtps:// is for port 465" in str(error)
    assert not error.temporary


# --- logging in


@pytest.mark.parametrize(
    ("mechanism", "password"), [("PLAIN", PASSWORD), ("LOGIN", PASSWORD), ("PLAIN", "Wörter, 言葉 und = Zeichen")]
)
def test_a_login(mechanism: str, password: str) -> None:
    other = {"PLAIN": "LOGIN", "LOGIN": "PLAIN"}[mechanism]
    with serving(auth_require_tls=False, auth_exclude_mechanism=[other]) as server:
        server.password = password
        with connected(settings(server, user=USER, password=password)) as connection:
            assert send(connection).code == 250
        assert server.mechanisms == [mechanism]


@pytest.mark.parametrize("password", ["wrong", "fälsch", None])
def test_a_wrong_password_is_told_without_the_password(password: str | None) -> None:
    with serving(auth_require_tls=False) as server:
        error = refusal(settings(server, user=USER, password=password))
    assert f"the login of {USER} was refused (535" in str(error)
    assert "PUBLISHER_SMTP_PASSWORD" in str(error)
    assert not error.temporary
    if password is not None:
        assert password not in str(error)
        assert password not in repr(settings(server, password=password))


def test_after_a_refused_login_the_server_is_hung_up_on_though_the_error_is_kept(authority: Authority) -> None:
    ended = threading.Event()
    context = authority.context("localhost")

    def serve() -> None:
        connection, _ = listening.accept()
        connection.settimeout(2 * PATIENCE)
        _say(connection, b"220 here\r\n", b"250-here\r\n250 STARTTLS\r\n")
        connection.sendall(b"220 go on\r\n")
        with context.wrap_socket(connection, server_side=True) as secret, suppress(OSError):
            secret.recv(65536)
            _say(secret, b"250-here\r\n250 AUTH PLAIN\r\n", b"535 5.7.8 no\r\n")
            ended.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        error = refusal(SmtpSettings(host="127.0.0.1", port=port, tls="either", user=USER, password="wrong"))
        assert ended.wait(PATIENCE), "the connection is open as long as somebody keeps the error"
        assert "was refused (535" in str(error)
        thread.join()


def _say(connection: socket.socket, *words: bytes) -> None:
    """Each, and what is said to it; nothing is said where the other side has hung up."""
    for word in words:
        connection.sendall(word)
        connection.recv(65536)


def test_a_server_that_wants_no_login() -> None:
    with serving(auth_exclude_mechanism=["PLAIN", "LOGIN"]) as server:
        error = refusal(settings(server, user=USER, password="x"))
    assert "is the port right, and the user needed there?" in str(error)
    assert not error.temporary


# --- addresses and sizes


def test_an_address_beyond_ascii_where_the_server_takes_it() -> None:
    envelope = Envelope(sender="news@example.org", recipient="jürgen@example.net")
    with serving() as server, connected(settings(server)) as connection:
        assert send(connection, "To: jürgen@example.net\r\n\r\nx\r\n".encode(), envelope).code == 250
        assert server.taken[0].rcpt_tos == ["jürgen@example.net"]
        assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(server.taken[0].mail_options)
        assert send(connection).code == 250, "and the next one as ever"
        assert "SMTPUTF8" not in server.taken[1].mail_options


def test_an_address_beyond_ascii_where_the_server_does_not() -> None:
    envelope = Envelope(sender="news@example.org", recipient="jürgen@example.net")
    with serving(enable_SMTPUTF8=False) as server, connected(settings(server)) as connection:
        reply = send(connection, envelope=envelope)
        assert (reply.code, reply.stage, reply.enhanced) == (553, "rcpt", "5.6.7")
        assert send(connection).code == 250
        assert len(server.taken) == 1


def test_the_size_is_told_before_the_message() -> None:
    with serving(data_size_limit=1000) as server, connected(settings(server)) as connection:
        reply = send(connection, b"x" * 98 + b"\r\n" + b"y" * 1000 + b"\r\n")
        assert (reply.code, reply.stage) == (552, "mail")
        assert send(connection).code == 250
        assert "SIZE=21" in server.taken[0].mail_options


# --- the message


@pytest.mark.parametrize("body", [b".\r\n", b"..x\r\n", b".", b"a\r\n.\r\nb\r\n", b"...\r\n\r\n.\r\n"])
def test_W7_dots_survive(body: bytes) -> None:
    with serving() as server, connected(settings(server)) as connection:
        assert send(connection, b"Subject: x\r\n\r\n" + body).code == 250
        assert server.bodies[0].rstrip(b"\r\n") == (b"Subject: x\r\n\r\n" + body).rstrip(b"\r\n")
        assert send(connection).code == 250


lines = st.lists(st.text(".ab ", max_size=5), max_size=8)


@given(lines=lines)
def test_W7_any_lines_arrive_as_they_are(wire: tuple[Server, SmtpConnection], lines: list[str]) -> None:
    server, connection = wire
    message = "\r\n".join(["Subject: x", "", *lines, ""]).encode()
    assert send(connection, message).code == 250
    assert server.bodies[-1] == message


@pytest.fixture(scope="module")
def wire() -> Iterator[tuple[Server, SmtpConnection]]:
    with serving() as server, connected(settings(server)) as connection:
        yield server, connection


# --- replies


@pytest.mark.parametrize("stage", ["mail", "rcpt", "dot"])
@pytest.mark.parametrize("code", ["450 4.2.0", "550 5.1.1", "452 4.3.1"])
def test_after_a_refusal_the_connection_carries_the_next(stage: str, code: str) -> None:
    with serving() as server, connected(settings(server)) as connection:
        server.replies[stage] = [f"{code} not you"]
        reply = send(connection)
        assert (reply.code, reply.enhanced, reply.stage) == (*_split(code), stage)
        assert reply.text == f"{code.split()[1]} not you"
        assert send(connection).code == 250
        assert len(server.sessions) == 1


def _split(code: str) -> tuple[int, str]:
    number, enhanced = code.split()
    return int(number), enhanced


def test_a_421_ends_the_conversation() -> None:
    with serving() as server, connected(settings(server)) as connection:
        server.replies["rcpt"] = ["421 4.3.2 closing"]
        assert send(connection).code == 421


# --- the dot


def test_the_dot_is_held_back() -> None:
    with serving() as server, connected(settings(server)) as connection:
        assert connection.offer(BOB, MESSAGE) is None
        assert server.taken == []
        assert connection.dot().code == 250
        assert server.bodies == [MESSAGE]


def test_without_a_dot_the_server_discards() -> None:
    with serving() as server:
        connection = SmtpTransport(settings(server)).connect()
        assert connection.offer(BOB, MESSAGE) is None
        connection.drop()
        with connected(settings(server)) as another:
            assert send(another, b"Subject: y\r\n\r\n").code == 250
        assert server.bodies == [b"Subject: y\r\n\r\n"]


def test_the_answer_to_the_dot_may_take_its_time() -> None:
    with serving() as server, connected(settings(server, timeout=0.3)) as connection:
        server.pause = 0.8
        assert send(connection).code == 250
        server.pause = 0.0
        assert send(connection).code == 250
    assert mailing.DOT >= 600, "RFC 5321 4.5.3.2.6"


def test_body_and_dot_do_not_wait_for_each_other() -> None:
    with serving() as server, connected(settings(server)) as connection:
        assert connection._line.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


# --- servers that are not there, or no servers


@contextmanager
def saying(*turns: bytes, patient: bool = False) -> Iterator[SmtpSettings]:
    """A server that says one thing after each command, whatever it was, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                for turn in turns:
                    connection.sendall(turn)
                    if not connection.recv(65536):
                        return
                if patient:
                    connection.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        yield SmtpSettings(host="127.0.0.1", port=listening.getsockname()[1], tls="either", timeout=0.5)
        thread.join(10)


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = refusal(SmtpSettings(host="127.0.0.1", port=port, tls="either"))
    assert str(error) == f"127.0.0.1:{port}: nothing listens there; is the mail server running, and the port right?"
    assert error.temporary


def test_no_such_host() -> None:
    error = refusal(SmtpSettings(host="nowhere.invalid", port=25, tls="either"))
    assert "nowhere.invalid:25: " in str(error)
    assert error.temporary


@pytest.mark.parametrize(
    ("greeting", "sentence", "temporary"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "", True),
        (b"421 4.3.2 too many connections\r\n", "421 4.3.2 too many connections", True),
        (b"554 5.7.1 go away\r\n", "554 5.7.1 go away", False),
    ],
)
def test_a_greeting_that_is_none(greeting: bytes, sentence: str, temporary: bool) -> None:  # noqa: FBT001
    with saying(greeting) as wanted:
        error = refusal(wanted)
    assert sentence in str(error)
    assert error.temporary is temporary


def test_a_server_that_keeps_silent() -> None:
    with saying(patient=True) as wanted:
        error = refusal(wanted)
    assert "it does not answer" in str(error)
    assert error.temporary


def test_a_refusal_counts_though_the_server_hangs_up_after_it() -> None:
    with saying(b"220 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"550 5.1.1 nobody\r\n") as wanted:
        connection = SmtpTransport(wanted).connect()
        reply = connection.offer(BOB, MESSAGE)
        assert reply is not None
        assert (reply.code, reply.stage) == (550, "rcpt")
        with pytest.raises(TransportError):
            connection.offer(BOB, MESSAGE)
        connection.close()


def test_a_yes_to_data_is_no_yes_to_the_message() -> None:
    turns = [b"220 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 out of step\r\n", b"354 go on\r\n"]
    with saying(*turns) as wanted:
        connection = SmtpTransport(wanted).connect()
        with pytest.raises(TransportError, match="what nobody asked: 250"):
            connection.offer(BOB, MESSAGE)
        with pytest.raises(TransportError):
            connection.offer(BOB, MESSAGE)
        connection.close()


def test_a_cut_before_the_dot_and_one_after() -> None:
    start = [b"220 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n"]
    with saying(*start) as wanted:
        connection = SmtpTransport(wanted).connect()
        with pytest.raises(TransportError) as caught:
            connection.offer(BOB, MESSAGE)
        assert caught.value.temporary
        connection.drop()
    with saying(*start, b"354 go on\r\n") as wanted:
        connection = SmtpTransport(wanted).connect()
        assert connection.offer(BOB, MESSAGE) is None
        with pytest.raises(TransportError):
            connection.dot()
        connection.drop()


@pytest.mark.parametrize(("name", "said"), [("mail.example.org", "mail.example.org"), ("laptop", "[127.0.0.1]")])
def test_we_say_our_name_or_our_address(name: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    with serving() as server, connected(settings(server)) as connection:
        assert send(connection).code == 250
        assert server.sessions[0].host_name == said
