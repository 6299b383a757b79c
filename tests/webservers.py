"""nginx and Caddy of our own, on loopback, for as long as a test runs, with the snippets of docs/OPERATIONS.md."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.peers import missing
from tests.postfix import PATIENCE, free_port

OPERATIONS = (Path(__file__).parents[1] / "docs" / "OPERATIONS.md").read_text("utf-8")
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")

_NGINX = """
{modules}
{user}
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
{server}
}}
"""
_CADDY = "{\n\tadmin off\n\tauto_https off\n}\n"


def snippet(language: str) -> str:
    """The server of the docs for feeds."""
    section = OPERATIONS[OPERATIONS.index("## Serving feeds") :]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@contextmanager
def running_nginx(root: Path, home: Path, *, brotli: bool = False) -> Iterator[str]:
    """Its address, with *root* served; `home` is an empty folder for its own files."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("nginx is not installed")
    if brotli and not BROTLI.exists():
        missing("nginx has no brotli_static module")
    port = free_port()
    server = _filled(snippet("nginx"), {"listen 443 ssl;": f"listen 127.0.0.1:{port};", "/srv/blog/public": str(root)})
    if brotli:
        server = _filled(server, {"# brotli_static": "brotli_static"})
    config = _NGINX.format(
        modules=f"load_module {BROTLI};" if brotli else "",
        user="user root;" if os.geteuid() == 0 else "",  # or its workers may not read the folder of a test
        home=home,
        server=server,
    )
    (home / "nginx.conf").write_text(config, "utf-8")
    command = [program, "-e", str(home / "error.log"), "-p", str(home), "-c", str(home / "nginx.conf")]
    with _running(command, port, home):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running_caddy(root: Path, home: Path) -> Iterator[str]:
    """The same with Caddy."""
    program = shutil.which("caddy")
    if program is None:
        missing("Caddy is not installed")
    port = free_port()
    site = _filled(
        snippet("caddy"), {"blog.example.org {": f"http://127.0.0.1:{port} {{", "/srv/blog/public": str(root)}
    )
    (home / "Caddyfile").write_text(_CADDY + site, "utf-8")
    with _running([program, "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"], port, home):
        yield f"http://127.0.0.1:{port}"


def _filled(text: str, values: dict[str, str]) -> str:
    for old, new in values.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@contextmanager
def _running(command: Sequence[str], port: int, home: Path) -> Iterator[None]:
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "XDG_DATA_HOME": str(home)}
    with (home / "said").open("wb") as said:
        until = time.monotonic() + PATIENCE
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None and not _listens(port):
                if time.monotonic() > until:
                    missing(f"{command[0]} does not listen on port {port} after {PATIENCE:.0f} seconds")
                time.sleep(0.02)  # another program starts: there is nothing to wait on
            assert process.poll() is None, (home / "said").read_text("utf-8")  # what the docs say is wrong
            yield
        finally:
            process.terminate()
            process.wait(20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
