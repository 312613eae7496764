"""What a mail is made of: bytes, headers, parts and charsets, before anybody asks what it means."""
