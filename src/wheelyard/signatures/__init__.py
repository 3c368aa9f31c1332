"""Who vouches for a file: Ed25519 keys, detached signatures, and whom this user trusts.

A signature is a DSSE envelope over an in-toto Statement that names a file and its SHA-256; it lies
beside the file. Three things are told apart everywhere: the signature is valid, its key is trusted,
and the content is what it claims to be.
"""
