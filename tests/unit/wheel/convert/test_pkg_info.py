from __future__ import annotations

from pathlib import Path

import pytest

from wheelyard.wheel import InvalidMetadataError, Metadata, file_from_bytes, parse_metadata
from wheelyard.wheel.convert.pkg_info import render_metadata
from wheelyard.wheel.convert.source import ABOUT, OldFile, Source

START = "Metadata-Version: 1.1\nName: some\nVersion: 1.0\n"


def source(text: str | bytes, *, name: str = "some", version: str = "1.0", **more: str) -> Source:
    """Return an egg that says ``text`` in ``PKG-INFO``, with more files ``NAME.txt``."""
    texts = {"PKG-INFO": text, **{f"{key}.txt": value for key, value in more.items()}}
    files = tuple(
        OldFile(ABOUT, file_from_bytes(path, data.encode() if isinstance(data, str) else data))
        for path, data in texts.items()
    )
    return Source(Path("some.egg"), files, name, version, "", "", extensions=False, remarks=())


def read(text: str | bytes, requires: str = "") -> Metadata:
    return parse_metadata(render_metadata(source(text, requires=requires)).data)


@pytest.mark.parametrize(
    "text",
    [
        "Title\n        =====\n        \n            code\n        end\n        ",
        "\n        Title\n        =====\n        \n            code\n        end",
        "Title\n       |=====\n       |\n       |    code\n       |end",
        "Title\n =====\n \n     code\n end",
        "Title\r\n        =====\r\n        \r\n            code\r\n        end",
    ],
    ids=["distutils", "empty first line", "distutils2", "other indent", "Windows"],
)
def test_a_description_among_the_headers_is_the_body_then(text: str) -> None:
    metadata = read(f"{START}Description: {text}\nPlatform: any\n")
    assert metadata.description == "Title\n=====\n\n    code\nend\n"
    assert metadata.all("Description") == ()
    assert metadata.all("Platform") == ("any",)


def test_a_description_behind_the_headers_stays() -> None:
    metadata = read("Metadata-Version: 2.1\nName: some\nVersion: 1.0\n\nText\n  - a: b\n")
    assert metadata.description == "Text\n  - a: b\n"


def test_what_distutils_was_not_told_is_left_out() -> None:
    headers = "".join(f"{key}: UNKNOWN\n" for key in ("Author", "Home-page", "Description"))
    metadata = read(f"{START}{headers}License: \nPlatform: UNKNOWN\nKeywords: a,b\n")
    assert [key for key, _ in metadata.headers[3:]] == ["Keywords"]
    assert metadata.description == ""
    assert read("Metadata-Version: 2.1\nName: some\nVersion: 1\n\nUNKNOWN\n").description == ""


def test_addresses_become_project_urls_once() -> None:
    metadata = read(
        f"{START}Home-page: https://e.org\nDownload-URL: https://e.org/d\n"
        "Project-URL: Homepage, https://e.org\nProject-URL: Source, https://e.org/s\n"
    )
    assert metadata.all("Project-URL") == (
        "Homepage, https://e.org",
        "Download, https://e.org/d",
        "Source, https://e.org/s",
    )
    assert metadata.all("Home-page") == metadata.all("Download-URL") == ()


@pytest.mark.parametrize(
    ("given", "written"),
    [("1.0", "2.1"), ("2.0", "2.1"), ("2.4", "2.4"), ("odd", "2.1"), ("", "2.1")],
)
def test_the_version_of_metadata_is_at_least_the_one_with_extras(given: str, written: str) -> None:
    metadata = read(f"Metadata-Version: {given}\nName: some\nVersion: 1.0\n")
    assert metadata.all("Metadata-Version") == (written,)


def test_a_licence_whose_lines_were_not_indented_hides_nothing() -> None:
    metadata = read(
        f"{START}License: MIT\n\nCopyright: me\nName: as it was\n  more\n"
        "Description: Text\n        more\nPlatform: UNKNOWN\nClassifier: A :: B\n\n"
    )
    assert metadata.name == "some"
    (licence,) = metadata.all("License")
    assert [line.strip() for line in licence.split("\n")] == [
        "MIT", "", "Copyright: me", "Name: as it was", "more"
    ]  # fmt: skip
    assert metadata.description == "Text\nmore\n"
    assert metadata.all("Classifier") == ("A :: B",)


def test_text_that_is_not_utf_8_is_read_as_latin_1_with_a_remark() -> None:
    text = f"{START}Author: Jürgen\nSummary: a\n        b\n"
    rendered = render_metadata(source(text.encode("latin-1")))
    metadata = parse_metadata(rendered.data)
    assert metadata.all("Author") == ("Jürgen",)
    assert metadata.all("Summary") == ("a b",)
    assert rendered.remarks == ("PKG-INFO is not UTF-8; it was read as Latin-1",)


def test_a_byte_order_mark_is_no_part_of_a_header() -> None:
    assert read(b"\xef\xbb\xbf" + START.encode()).all("Metadata-Version") == ("2.1",)


def test_what_pkg_info_lacks_the_file_name_tells() -> None:
    metadata = read("Metadata-Version: 1.0\nName: UNKNOWN\nSummary: a thing\n")
    assert (metadata.name, metadata.version) == ("some", "1.0")
    rendered = render_metadata(source(""))
    assert parse_metadata(rendered.data).version == "1.0"
    assert rendered.remarks == ("there is no PKG-INFO: all that is known of it is its file's name",)


def test_pkg_info_is_believed_more_than_the_file_name() -> None:
    rendered = render_metadata(source("Name: other\nVersion: 2\n"))
    assert parse_metadata(rendered.data).name == "other"
    assert rendered.remarks == ("PKG-INFO says that it is other 2, whatever its file is called",)


def test_a_name_with_blanks_is_written_as_setuptools_would() -> None:
    metadata = read("Name: My Thing\nVersion: 1.0 beta\n")
    assert (metadata.name, metadata.version) == ("My-Thing", "1.0.beta")


def test_no_name_and_several_are_refused() -> None:
    with pytest.raises(InvalidMetadataError, match="Version is missing"):
        render_metadata(source("Name: some\n", version=""))
    with pytest.raises(InvalidMetadataError, match="several of Name"):
        read(f"{START}Name: other\n")


def test_requirements_are_those_of_requires_txt_where_pkg_info_has_none() -> None:
    requires = "a\n[Fast_x]\nb\n[None]\n"
    metadata = read(f"{START}Provides-Extra: Fast_x\n", requires)
    assert metadata.requires_dist == ("a", 'b; extra == "fast_x"')
    assert metadata.provides_extra == ("fast_x", "none")


def test_requirements_of_pkg_info_stay_as_they_are() -> None:
    told = 'Requires-Dist: a\nProvides-Extra: fast-x\nRequires-Dist: b; extra == "fast-x"\n'
    metadata = read(f"Metadata-Version: 2.4\nName: some\nVersion: 1.0\n{told}", "a\n")
    assert metadata.requires_dist == ("a", 'b; extra == "fast-x"')
    assert metadata.provides_extra == ("fast-x",)


@pytest.mark.parametrize(
    ("text", "requires", "odd"),
    [("Version: 1.0\n", "b==dev\n", "'b==dev'"), ("Version: 1.0.dev-r12\n", "", "'1.0.dev-r12'")],
)
def test_what_todays_installers_refuse_is_said(text: str, requires: str, odd: str) -> None:
    rendered = render_metadata(source(f"Name: some\n{text}", version="", requires=requires))
    (remark,) = rendered.remarks
    assert remark.startswith(odd)


def test_a_licence_file_that_an_egg_does_not_bring_is_not_named() -> None:
    told = "License-File: LICENSE\nLicense-File: NOTICE.txt\n"
    rendered = render_metadata(source(START + told, NOTICE="me"))
    assert parse_metadata(rendered.data).all("License-File") == ("NOTICE.txt",)
    assert rendered.remarks == ("License-File: LICENSE isn't in it, so METADATA doesn't name it",)
