"""Draw inputs for the readers of strangers' files, by what they reach, until one breaks a rule.

    make fuzz

What is found lies in the folder that is named first, beside the inputs that reached something new,
from which the next run goes on. All further arguments are libFuzzer's. An input that takes ten
seconds or 2 GiB of memory is a defect as well.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wheelyard"]):
    from tests.fuzz import harness, seeds

_LIMITS = ("-timeout=10", "-rss_limit_mb=2048", f"-max_len={seeds.LARGEST}")
_WORDS = (
    *(rb"PK\x03\x04", rb"PK\x01\x02", rb"PK\x05\x06", rb"PK\x06\x06", rb"PK\x06\x07"),
    *(rb"PK\x07\x08", rb"\xff\xff\xff\xff", rb"\x00--\x00", rb"[console_scripts]", rb"../"),
    *(rb"Name: ", rb"Version: ", rb"Requires-Dist: ", rb"Tag: py3-none-any", rb"sha256="),
    *(rb"good-1.0.dist-info/", rb"good-1.0.data/purelib/", rb"\xe2\x80\xa8", rb"[[", rb"{\"a\":"),
)


def main() -> None:
    """Run until something is found, or as long as ``-max_total_time`` says, in seconds."""
    folder = Path(sys.argv[1])
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds.seeds():
        if len(seed) <= seeds.LARGEST:
            (corpus / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
    words = folder / "words"
    words.write_text("".join(f'"{word.decode()}"\n' for word in _WORDS))
    given = (f"-artifact_prefix={folder}/", f"-dict={words}", str(corpus))
    atheris.Setup([sys.argv[0], *_LIMITS, *sys.argv[2:], *given], harness.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
