from __future__ import annotations

import zlib

import pytest

from wheelyard.wheel import codec

CONTENT = b"some words, again and again; " * 5000


@pytest.mark.parametrize("library", ["the fastest", "zlib"])
@pytest.mark.parametrize("content", [b"", b"a", CONTENT, bytes(range(256)) * 300])
def test_every_reader_understands_what_any_library_deflates(
    monkeypatch: pytest.MonkeyPatch, library: str, content: bytes
) -> None:
    if library == "zlib":
        monkeypatch.setattr(codec, "_deflate", None)
    assert zlib.decompress(codec.compress(content), -15) == content


@pytest.mark.parametrize("library", ["the fastest", "zlib"])
def test_inflaters_keep_to_the_limit_and_show_what_follows(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    if library == "zlib":
        monkeypatch.setattr(codec, "_zlib", zlib)
    inflater = codec.inflater()
    first = inflater.decompress(codec.compress(CONTENT) + b"behind", 100)
    assert first == CONTENT[:100]
    assert inflater.decompress(inflater.unconsumed_tail, len(CONTENT)) == CONTENT[100:]
    assert inflater.eof
    assert inflater.unused_data == b"behind"


def test_broken_data_is_told_of() -> None:
    with pytest.raises(codec.CorruptDataError):
        codec.inflater().decompress(b"\xff\xff\xff", 10)


def test_crc_goes_on_from_what_came_before() -> None:
    assert codec.crc32(CONTENT[10:], codec.crc32(CONTENT[:10], 0)) == zlib.crc32(CONTENT)
