from __future__ import annotations

import json
from typing import Any

import pytest

from wheelyard.index.page import IndexFile, IndexPageError, ProjectPage, Published
from wheelyard.index.simple import belongs_to, parse_links, parse_page
from wheelyard.wheel.names import NormalizedName, Sha256

NAME = NormalizedName("lxml")
ORIGIN = "https://index.example/simple/lxml/"
DIGEST = "ab" * 32
JSON_TYPE = "application/vnd.pypi.simple.v1+json"


def links(*anchors: str, head: str = "") -> tuple[IndexFile, ...]:
    body = f"<!DOCTYPE html><html><head>{head}</head><body>{'<br/>'.join(anchors)}</body></html>"
    return parse_links(ORIGIN, body.encode())


def page(*files: dict[str, Any], **more: Any) -> ProjectPage:
    document = {"meta": {"api-version": "1.4"}, "name": "lxml", "files": files, **more}
    return parse_page(NAME, ORIGIN, JSON_TYPE, json.dumps(document).encode())


def a_file(**changes: Any) -> dict[str, Any]:
    whole = {"filename": "lxml-1.tar.gz", "url": "../../f/lxml-1.tar.gz", "hashes": {}}
    return {**whole, **changes}


# HTML


def test_link_has_url_name_and_hash() -> None:
    (file,) = links(f'<a href="https://files.example/a/lxml-1.tar.gz#sha256={DIGEST}">lxml</a>')
    assert file == IndexFile(
        filename="lxml-1.tar.gz",
        url="https://files.example/a/lxml-1.tar.gz",
        hashes=(("sha256", DIGEST),),
    )
    assert file.sha256 == DIGEST


def test_relative_links_start_from_the_page_or_its_base() -> None:
    anchor = '<a href="../../files/lxml-1.tar.gz">x</a>'
    (from_page,) = links(anchor)
    (from_base,) = links(anchor, head='<base href="/other/deep/er/">')
    assert from_page.url == "https://index.example/files/lxml-1.tar.gz"
    assert from_base.url == "https://index.example/other/files/lxml-1.tar.gz"


def test_attributes_are_read_and_unescaped() -> None:
    (file,) = links(
        '<a href="lxml-1.tar.gz" data-requires-python="&gt;=3.9,&lt;4" data-gpg-sig="true" '
        f'data-core-metadata="sha256={DIGEST}" data-upload-time="2026-01-01T00:00:00Z" '
        'data-provenance="https://index.example/p">x</a>'
    )
    assert file.requires_python == ">=3.9,<4"
    assert file.core_metadata == Sha256(DIGEST)
    assert file.published == Published(
        upload_time="2026-01-01T00:00:00Z", provenance="https://index.example/p"
    )


def test_unescaped_angle_brackets_in_attributes_are_understood() -> None:
    (file,) = links('<a href="lxml-1.tar.gz" data-requires-python=">=3.9, <4">x</a>')
    assert file.requires_python == ">=3.9, <4"


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [("", None), ("data-yanked", ""), ('data-yanked=""', ""), ('data-yanked="broken"', "broken")],
)
def test_yanked_may_have_a_reason(attribute: str, reason: str | None) -> None:
    (file,) = links(f'<a href="lxml-1.tar.gz" {attribute}>x</a>')
    assert file.yanked == reason


@pytest.mark.parametrize(
    ("attributes", "metadata"),
    [
        ("", False),
        ('data-core-metadata="true"', True),
        ('data-core-metadata="false"', False),
        ('data-core-metadata="blake2b=00"', True),
        (f'data-dist-info-metadata="sha256={DIGEST}"', DIGEST),
        (f'data-core-metadata="true" data-dist-info-metadata="sha256={DIGEST}"', True),
    ],
)
def test_metadata_file_by_either_name_the_new_one_first(attributes: str, metadata: object) -> None:
    (file,) = links(f'<a href="lxml-1-py3-none-any.whl" {attributes}>x</a>')
    assert file.core_metadata == metadata


def test_file_name_is_the_urls_last_part_without_query_and_escapes() -> None:
    (file,) = links('<a href="/f/lxml-1%2Bcpu-py3-none-any.whl?token=a/b#egg=x">nice name</a>')
    assert file.filename == "lxml-1+cpu-py3-none-any.whl"
    assert file.url.endswith("?token=a/b")
    assert file.hashes == ()


def test_what_is_no_file_is_passed_over() -> None:
    assert links('<a href="../">up</a>', "<a name='x'>no link</a>", '<a href="">self</a>') == ()


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "a%5Cb.whl", "..", "a%00.whl"])
def test_names_that_are_paths_are_passed_over(name: str) -> None:
    assert links(f'<a href="https://files.example/{name}">x</a>') == ()


def test_links_in_comments_do_not_count() -> None:
    assert links('<!-- <a href="lxml-1.tar.gz">x</a> -->') == ()


def test_digest_that_is_none_is_refused_with_its_file() -> None:
    with pytest.raises(IndexPageError, match=r"lxml-1\.tar\.gz: 'abc' is no sha256 digest"):
        links('<a href="lxml-1.tar.gz#sha256=abc">x</a>')


def test_newer_minor_version_is_read_and_newer_major_is_refused() -> None:
    meta = '<meta name="pypi:repository-version" content="{}">'
    assert links('<a href="lxml-1.zip">x</a>', head=meta.format("1.9"))
    with pytest.raises(IndexPageError, match=r"version 2\.0"):
        links(head=meta.format("2.0"))


# JSON


def test_file_of_json_has_everything() -> None:
    (file,) = page(
        a_file(
            hashes={"sha256": DIGEST.upper(), "blake2b": "00"},
            size=12,
            yanked="broken",
            provenance="https://index.example/p",
            **{
                "requires-python": ">=3.9",
                "core-metadata": {"sha256": DIGEST},
                "upload-time": "2026-01-01T00:00:00Z",
            },
        )
    ).files
    assert file == IndexFile(
        filename="lxml-1.tar.gz",
        url="https://index.example/f/lxml-1.tar.gz",
        hashes=(("sha256", DIGEST), ("blake2b", "00")),
        requires_python=">=3.9",
        yanked="broken",
        core_metadata=Sha256(DIGEST),
        published=Published(
            size=12, upload_time="2026-01-01T00:00:00Z", provenance="https://index.example/p"
        ),
    )


def test_page_has_versions_and_status() -> None:
    found = page(
        versions=["1", "2"], **{"project-status": {"status": "archived", "reason": "moved"}}
    )
    assert (found.name, found.origin, found.versions) == (NAME, ORIGIN, ("1", "2"))
    assert (found.status, found.status_reason) == ("archived", "moved")
    assert page().status == "active"


@pytest.mark.parametrize(
    ("row", "metadata"),
    [
        ({}, False),
        ({"core-metadata": True}, True),
        ({"core-metadata": False, "dist-info-metadata": True}, False),
        ({"dist-info-metadata": {"sha256": DIGEST}}, DIGEST),
        ({"core-metadata": {"md5": "00"}}, True),
    ],
)
def test_metadata_of_json(row: dict[str, Any], metadata: object) -> None:
    assert page(a_file(**row)).files[0].core_metadata == metadata


@pytest.mark.parametrize(("yanked", "reason"), [(True, ""), (False, None), ("bad", "bad")])
def test_yanked_of_json(yanked: Any, reason: str | None) -> None:
    assert page(a_file(yanked=yanked)).files[0].yanked == reason


def test_all_wrong_files_are_named_at_once_with_their_place() -> None:
    rows = [
        a_file(filename="../x"),
        a_file(),
        {"filename": "x-1.zip"},
        a_file(hashes={"sha256": "no"}),
    ]
    with pytest.raises(IndexPageError) as caught:
        page(*rows)
    message = str(caught.value)
    assert "files[0].filename: '../x' is not valid" in message
    assert "files[2].url: 'missing' is not valid" in message
    assert "files[2].hashes" in message
    assert "files[3].hashes: 'no' is no sha256 digest" in message
    assert "files[1]" not in message


def test_many_problems_are_counted() -> None:
    with pytest.raises(IndexPageError, match="and 40 more"):
        page(*[a_file(filename="")] * 50)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"meta":[],"files":[]}'])
def test_what_is_no_project_page_is_refused(body: bytes) -> None:
    with pytest.raises(IndexPageError, match="no project page"):
        parse_page(NAME, ORIGIN, JSON_TYPE, body)


def test_newer_major_version_of_json_is_refused() -> None:
    with pytest.raises(IndexPageError, match=r"version 2\.0"):
        page(meta={"api-version": "2.0"})


# Both


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "Text/HTML; charset=utf-8",
        "application/vnd.pypi.simple.v1+html",
        "application/xhtml+xml",
    ],
)
def test_html_has_several_types(kind: str) -> None:
    found = parse_page(NAME, ORIGIN, kind, b'<a href="lxml-1.zip">x</a>')
    assert [file.filename for file in found.files] == ["lxml-1.zip"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/pdf"])
def test_other_types_are_refused(kind: str) -> None:
    with pytest.raises(IndexPageError, match="no index page"):
        parse_page(NAME, ORIGIN, kind, b"")


@pytest.mark.parametrize(
    ("filename", "name", "belongs"),
    [
        ("zope.interface-5.0-cp311-cp311-linux_armv7l.whl", "zope-interface", True),
        ("Zope_Interface-5.0.tar.gz", "zope-interface", True),
        ("zope-5.0.tar.gz", "zope-interface", False),
        ("zope-interface-5.0.tar.gz", "zope", False),
        ("zope-5.0.exe", "zope", False),
        ("README", "readme", False),
    ],
)
def test_a_file_belongs_to_the_project_in_its_name(
    filename: str,
    name: NormalizedName,
    belongs: bool,  # noqa: FBT001
) -> None:
    assert belongs_to(filename, name) is belongs
