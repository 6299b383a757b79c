"""Files of certificates: what is wrong with one is said in a sentence, and is not the server's fault."""

import ssl
from pathlib import Path

import pytest

from publisher.adapters.trust import trust


@pytest.mark.parametrize(
    ("text", "said"), [(None, "No such file"), ("a note", "there are no certificates (PEM) in it")]
)
def test_a_file_of_authorities_that_is_none(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ValueError, match="cannot be read") as caught:
        trust(ssl.create_default_context(), str(path))
    assert str(caught.value).startswith(f"{path} cannot be read: {said}")
