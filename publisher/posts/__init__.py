"""Text -> entries. Pure: bytes in, values out."""
