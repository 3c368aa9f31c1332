from __future__ import annotations

import pytest

from wheelyard.builders import remedies
from wheelyard.builders.remedies import cause_of, remedy_for, tail_of

# A line as compilers and backends write it, and what the remedy must name; in the rules' order.
SAMPLES = [
    ("src/a.c:1:10: fatal error: Python.h: No such file or directory", "python3-dev"),
    ("c/_cffi.c:15:10: fatal error: ffi.h: No such file or directory", "libffi-dev"),
    ("x.c:1: fatal error: openssl/ssl.h: No such file or directory", "libssl-dev"),
    ("Error: Please make sure the libxml2 and libxslt development packages are", "libxslt1-dev"),
    ("ext/_yaml.c:1: fatal error: yaml.h: No such file or directory", "libyaml-dev"),
    ("The headers or library files could not be found for jpeg,", "libjpeg-dev"),
    ("x.c:3:10: fatal error: sodium.h: No such file or directory", "libsodium-dev"),
    ("Package fuse was not found in the pkg-config search path.", "libfuse-dev"),
    ("_librsyncmodule.c:25: fatal error: librsync.h: No such file or directory", "librsync-dev"),
    ("acl.c:1: fatal error: sys/acl.h: No such file or directory", "libacl1-dev"),
    ("/bin/sh: 1: mysql_config: not found", "default-libmysqlclient-dev"),
    ("Error: pg_config executable not found.", "libpq-dev"),
    ("Could not run curl-config: [Errno 2] No such file or directory", "libcurl4-openssl-dev"),
    ("b.cpp:9:10: fatal error: boost/python.hpp: No such file or directory", "boost/python.hpp"),
    ("/usr/bin/ld: cannot find -lsnappy: No such file or directory", "snappy"),
    ("Package 'cairo', required by 'virtual:world', not found", "of cairo"),
    ("error: command 'gcc' failed: No such file or directory", "gcc"),
    ("error: can't find Rust compiler", "cargo"),
    ("error: package `x v1` cannot be built: requires rustc 1.70 or newer", "newer Rust"),
    ("RuntimeError: CMake must be installed to build the following extensions", "cmake"),
    ("/bin/sh: 1: pkg-config: not found", "pkg-config"),
    ("ModuleNotFoundError: No module named 'pkg_resources'", "setuptools below 81"),
    ("ModuleNotFoundError: No module named 'numpy.core'", "numpy.core"),
    ("fatal: unable to access: Could not resolve host: x.example", "no network"),
    ("OSError: [Errno 28] No space left on device", "free space"),
    ("c++: fatal error: Killed signal terminated program cc1plus", "memory"),
    ("SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?", "Python 2"),
]


@pytest.mark.parametrize(("line", "named"), SAMPLES)
def test_symptom_is_known_and_its_remedy_names_what_helps(line: str, named: str) -> None:
    assert named in remedy_for(f"compiling\n{line}\nstopped")


def test_every_rule_has_a_sample_and_no_rule_is_hidden_by_an_earlier_one() -> None:
    rules = remedies._rules()
    firsts = [
        next(i for i, (pattern, _) in enumerate(rules) if pattern.search(line))
        for line, _ in SAMPLES
    ]
    assert firsts == list(range(len(rules)))


def test_unknown_symptom_has_no_remedy() -> None:
    assert remedy_for("all went well, but not quite") == ""


def test_tail_keeps_what_says_something() -> None:
    log = "\n".join(
        [
            "copying a",
            "x.c:1: error: first",
            *(f"line {n}" for n in range(20)),
            "",
            "^~~~",
            "last  ",
        ]
    )
    tail = tail_of(log)
    assert tail[0] == "x.c:1: error: first"
    assert tail[-1] == "last"
    assert len(tail) == 13


def test_empty_log_has_no_tail() -> None:
    assert tail_of("") == ()


@pytest.mark.parametrize(
    ("tail", "status", "cause"),
    [
        (("error: one", "  ValueError: two", "note"), 1, "ValueError: two"),
        (("note",), 2, "the build ended with status 2"),
        (("error: one",), -9, "the build was ended by signal 9"),
        (("error: " + "x" * 400,), 1, "error: " + "x" * 293),
    ],
)
def test_cause_is_one_sentence(tail: tuple[str, ...], status: int, cause: str) -> None:
    assert cause_of(tail, status) == cause
