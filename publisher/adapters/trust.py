"""Whose certificates are believed."""

import ssl


def trust(context: ssl.SSLContext, file: str) -> None:
    """Believe the authorities in a file (PEM) too. Raises ValueError with a sentence that begins with its name."""
    try:
        context.load_verify_locations(file)
    except OSError as error:  # which would else be taken for the server's
        why = "there are no certificates (PEM) in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise ValueError(f"{file} cannot be read: {why}") from error
