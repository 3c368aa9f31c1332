"""The user's keys, and the passphrases that they are asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wheelyard.errors import HostError, UsageError

if TYPE_CHECKING:
    from wheelyard.signatures.keys import SecretKey
    from wheelyard.signatures.keystore import KeyStore

KEY = "WHEELYARD_SIGN_KEY"
_PASSPHRASE = "WHEELYARD_SIGN_PASSPHRASE"  # noqa: S105 - the variable's name


def open_keys(*, new: bool = False) -> KeyStore:
    """Return the user's key store; ``new`` has passphrases typed twice."""
    from wheelyard.signatures.keystore import own_key_store

    return own_key_store(_ask_twice if new else _ask)


def signing_key(wanted: str | None) -> SecretKey:
    """Return the key that is wanted, else that of ``WHEELYARD_SIGN_KEY``, else the only one.

    Raises:
        UsageError: there is none, or several.
    """
    keys = open_keys()
    name = wanted or os.environ.get(KEY)
    if not name:
        names = keys.names()
        if len(names) != 1:
            if not names:
                raise UsageError("there is no key: `wheelyard keygen` makes one")
            raise UsageError(
                f"there are several keys, {', '.join(names)}: name one by --key or {KEY}"
            )
        name = names[0]
    return keys.load(name)


def _ask(what: str) -> str:
    found = os.environ.get(_PASSPHRASE)
    if found is None:
        if not sys.stdin.isatty():
            raise HostError(f"there is nobody to type {what}; {_PASSPHRASE} may hold it")
        import getpass

        found = getpass.getpass(f"{what}: ")
    return found


def _ask_twice(what: str) -> str:
    phrase = _ask(what)
    if not phrase:
        raise UsageError("the passphrase is empty: a key is kept encrypted, or in a keyring")
    if _PASSPHRASE not in os.environ and _ask("the same again") != phrase:
        raise UsageError("the two are not the same: try again")
    return phrase
