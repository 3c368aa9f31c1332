from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from wheelyard.errors import VerificationError
from wheelyard.wheel import file_from_bytes, parse_metadata
from wheelyard.wheel.convert.pkg_info import render_metadata
from wheelyard.wheel.convert.source import ABOUT, OldFile, Source

_HEADERS = [
    "Version",
    "License",
    "Description",
    "Platform",
    "Summary",
    "Name",
    "Requires-Dist",
    "X-Own",
]
_LINES = st.one_of(
    st.tuples(st.sampled_from(_HEADERS), st.text(max_size=6)).map(": ".join),
    st.text(max_size=8),
    st.text(max_size=8).map("        {}".format),
)
_TEXTS = st.lists(_LINES, max_size=9).map("\n".join)


@given(_TEXTS, _TEXTS)
def test_whatever_an_egg_tells_becomes_metadata_or_is_refused(about: str, requires: str) -> None:
    texts = {"PKG-INFO": f"Version: 1.0\nAuthor: me\n{about}", "requires.txt": requires}
    files = tuple(
        OldFile(ABOUT, file_from_bytes(name, text.encode())) for name, text in texts.items()
    )
    egg = Source(Path("some.egg"), files, "some", "", "", "", extensions=False, remarks=())
    refused = ""
    try:
        metadata = parse_metadata(render_metadata(egg).data)
    except VerificationError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(("PKG-INFO: ", "requires.txt, line "))
        return
    assert metadata.version == "1.0"
    assert metadata.all("Metadata-Version") == ("2.1",)
    assert metadata.all("Description") == ()
    assert "UNKNOWN" not in {value for _, value in metadata.headers}
