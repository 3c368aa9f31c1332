from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.wheel.making import make_wheel

from wheelyard.wheel import open_wheel, parse_metadata
from wheelyard.wheel.summary import metadata_as_dict, summarize

if TYPE_CHECKING:
    from pathlib import Path

ELF = b"\x7fELF" + bytes(60)
ABOUT = "some-1.0.dist-info"
FILES = {
    "some/__init__.py": b"",
    "some/fast.cpython-311-x86_64-linux-gnu.so": ELF,
    "some.libs/libz.so.1.2": ELF,
    "some/win.pyd": b"MZ" + bytes(60),
    "some/linker-script.so": b"INPUT(libx.so.1)",
    "some/notes.txt": ELF,
    "some-1.0.data/scripts/tool": ELF,
    "some-1.0.data/scripts/text": b"#!python\n",
    f"{ABOUT}/licenses/vendor/MIT.txt": b"",
    f"{ABOUT}/LICENCE.txt": b"",
    f"{ABOUT}/sboms/all.cdx.json": b"{}",
    f"{ABOUT}/entry_points.txt": b"[console_scripts]\ngo = some:main [fast]\n",
}


def test_a_wheels_parts_are_told_by_what_they_are(tmp_path: Path) -> None:
    summary = summarize(open_wheel(make_wheel(tmp_path, "some", "1.0", FILES).path))
    assert summary.native == (
        "some-1.0.data/scripts/tool",
        "some.libs/libz.so.1.2",
        "some/fast.cpython-311-x86_64-linux-gnu.so",
        "some/win.pyd",
    )
    assert summary.licences == (f"{ABOUT}/LICENCE.txt", f"{ABOUT}/licenses/vendor/MIT.txt")
    assert summary.sboms == (f"{ABOUT}/sboms/all.cdx.json",)
    assert summary.signatures == ()
    assert summary.files == len(FILES) + 3


def test_metadata_has_the_json_form_of_its_specification() -> None:
    text = (
        "Metadata-Version: 2.1\nName: x\nVersion: 1\nKeywords: a, b\nClassifier: One\n"
        "Classifier: Two\nRequires-Python: >=3\nLicense-File: L\n\nText\n"
    )
    assert metadata_as_dict(parse_metadata(text)) == {
        "metadata_version": "2.1",
        "name": "x",
        "version": "1",
        "keywords": ["a", "b"],
        "classifier": ["One", "Two"],
        "requires_python": ">=3",
        "license_file": ["L"],
        "description": "Text\n",
    }
