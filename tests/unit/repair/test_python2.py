"""What Python 2.7.18 says of each of these sources was asked of it, and is written down here."""

from __future__ import annotations

import pytest

from wheelyard.repair.python2 import UnreadableError, parse_python3, python2_objection

READ = [
    "",
    "# a comment at the end",
    "def f(a, b=1, *c, **d): return lambda *e: (a, c)",
    "class A(object):\n    x = u'x'\n",
    "print('a')\nprint('a', 'b')\nprint('%s') % 1\nprint()",
    "from __future__ import print_function\nprint(1, file=2)\nf = print",
    "from __future__ import (division,\n    print_function)\nprint(*[1])",
    "exec('1')\nexec('1', {})",
    "f(a, *b, **c)\nf(*b, x=1)\nf(x for x in y)\nf(x=1, *b)\nf(a, b,)",
    "with a as b, c as d: pass",
    "try: pass\nexcept (A, B) as e: raise\nelse: pass\nfinally: pass",
    "{x for x in y}, {x: 1 for x in y}, {1, 2}, [x for x in y if x], 0o7, 0x1F, 1e5, 1j",
    "x[..., 1:2, ::3]\nx[...]",
    "@a.b(c)\ndef f():\n    yield\n    return",
    "def f():\n    def g():\n        yield 1\n    return g",
    "x = yield_ = not a or b if c else d\nx += 1; y = -x ** 2 // 3",
    "# -*- coding: utf-8 -*-\nx = 'é'",
    "\ufeffx = 'é'",
    "from .a import (b, c as d,)\nfrom . import e\nfrom .... import f\nimport g.h as i, j",
    "if a:\n\tpass\nelif b: pass\nelse:\n\twhile 1: break\n\telse: assert x, 'no'",
    "for a, (b, c) in d: del a, b\nelse: global e",
    "x = a < b == c not in d is not e",
    "x = b'a' br'b'\ny = r'c' u'd'",
    "lambda: (yield)",
]  # fmt: skip
UNREAD = [
    ("f'{x}'", "line 1: f'{x}'"),
    ("x: int = 1", "line 1: x: int = 1"),
    ("def f(a: int): pass", "line 1: def f(a: int): pass"),
    ("def f() -> int: pass", "line 1: def f() -> int: pass"),
    ("def f(*, a): pass", "line 1: def f(*, a): pass"),
    ("def f(*a, b): pass", "line 1: def f(*a, b): pass"),
    ("def f(a, /): pass", "line 1: def f(a, /): pass"),
    ("def f(*a,): pass", "line 1: def f(*a,): pass"),
    ("f(*a,)", "line 1: f(*a,)"),
    ("f(*a, b)", "line 1: f(*a, b)"),
    ("f(*a, *b)", "line 1: f(*a, *b)"),
    ("f(**a, b=1)", "line 1: f(**a, b=1)"),
    ("x = 1\nif (y := x): pass", "line 2: if (y := x): pass"),
    ("async def f(): pass", "line 1: async def f(): pass"),
    ("def f():\n  x = 1\n  def g():\n    nonlocal x", "line 4: nonlocal x"),
    ("def f(): yield from x", "line 1: def f(): yield from x"),
    ("raise A from B", "line 1: raise A from B"),
    ("class A(metaclass=B): pass", "line 1: class A(metaclass=B): pass"),
    ("a, *b = c", "line 1: a, *b = c"),
    ("[*a, b]", "line 1: [*a, b]"),
    ("{**a}", "line 1: {**a}"),
    ("a @ b", "line 1: a @ b"),
    ("x = ...", "line 1: x = ..."),
    ("print(1, file=2)", "line 1: print(1, file=2)"),
    ("print(*a)", "line 1: print(*a)"),
    ("f = print", "line 1: f = print"),
    ("x.print()", "line 1: x.print()"),
    ("x.exec()", "line 1: x.exec()"),
    ("@a[0]\ndef f(): pass", "line 1: @a[0]"),
    ("with (a as b): pass", "line 1: with (a as b): pass"),
    ("x = 1_000", "line 1: 1_000"),
    ("x = rb'a'", "line 1: rb'a'"),
    ("# coding: utf-8\né = 1", "line 2: é"),
    ("x = 1\ny = 'é'", "line 2: letters beyond ASCII, and no encoding is declared"),
    ("from __future__ import annotations", "line 1: no feature annotations of __future__"),
    ("def f():\n    yield 1\n    return 2", "line 3: a generator that returns a value"),
    ("match x:\n    case 1: pass", "line 1: match x:"),
]


@pytest.mark.parametrize("source", READ)
def test_what_python_2_reads_meets_no_objection(source: str) -> None:
    data = source.encode()
    assert python2_objection(data, parse_python3(data)) == ""


@pytest.mark.parametrize(("source", "why"), UNREAD)
def test_what_python_2_does_not_read_is_named_with_its_line(source: str, why: str) -> None:
    data = source.encode()
    assert python2_objection(data, parse_python3(data)) == why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"print 'a'", "line 1: Missing parentheses in call to 'print'"),
        (b"x = 1\nraise A, 'b'", "line 2: "),
        (b"exec 'a'", "line 1: "),
        (b"return", "line 1: 'return' outside function"),
        (b"x = 'a\x00'", ""),
        (b"# coding: nonsense", "line 1: "),
    ],
)
def test_what_python_3_does_not_read_is_named_with_its_line(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_python3(data)
    assert str(caught.value).startswith(why)


def test_odd_escapes_are_no_warnings_of_ours() -> None:
    assert python2_objection(b"'\\d' is 1", parse_python3(b"'\\d' is 1")) == ""
