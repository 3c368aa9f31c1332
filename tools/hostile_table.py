"""Write docs/explanation/hostile-wheels.md: what each installer does with each hostile wheel.

    python -m tools.hostile_table

Every cell is run here, by the versions of the peers that are installed; it takes ten minutes.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hostile import cases, claims, members, structure
from tools.hostile_rules import RULES
from tools.peers import PEERS, Outcome, try_with, versions

from wheelyard.wheel.member_rules import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.hostile.case import Case

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "hostile-wheels.md"
GROUPS: Mapping[str, Sequence[Case]] = {
    "Names of members": members.PATHS,
    "Kinds of members": members.KINDS,
    "Two files in one place": members.CLASHES,
    "`.data`": members.DATA_FOLDERS,
    "The zip file": structure.STRUCTURE,
    "Content": structure.CONTENT,
    "RECORD": claims.RECORD,
    "Names, versions, metadata": claims.NAMES,
    "Entry points": claims.ENTRY_POINTS,
}
OURS, *OTHERS = PEERS
_SHORT = {
    Outcome.REFUSED: "refuses",
    Outcome.TAKEN: "takes",
    Outcome.OUTSIDE: "**writes outside**",
    Outcome.HALF: "*half*",
    Outcome.ENDLESS: "*killed*",
}

Row = dict[str, Outcome]


def main() -> None:
    """Run everything and write the page."""
    table = {case.id: _run(case) for case in cases.REFUSED if not case.strict}
    PAGE.write_text("\n".join(_page(table)) + "\n", "utf-8")


def _run(case: Case) -> Row:
    row = {name: try_with(tool, case.name, case.content) for name, tool in PEERS.items()}
    print(case.id, *(f"{name}: {outcome}" for name, outcome in row.items()), sep="; ", flush=True)
    if row[OURS] is not Outcome.REFUSED:
        raise SystemExit(f"{case.id}: we {row[OURS]}")
    return row


def _page(table: Mapping[str, Row]) -> Iterator[str]:
    count = len(table)
    yield "# Hostile wheels"
    yield ""
    yield f"A wheel is a stranger's file. These {count} are wrong or attack whoever reads them."
    yield f"Each was given to {versions()};"
    yield "`python -m tools.hostile_table` does so again and writes this page."
    yield ""
    yield from _summary(table)
    for title, group in GROUPS.items():
        yield from _group(title, group, table)
    yield from _rules(table)
    yield from _legal()


def _summary(table: Mapping[str, Row]) -> Iterator[str]:
    counts = {name: Counter(row[name] for row in table.values()) for name in PEERS}
    yield f"| | {' | '.join(PEERS)} |"
    yield "|---|" + "---|" * len(PEERS)
    for outcome in Outcome:
        numbers = (str(counts[name][outcome] or "") for name in PEERS)
        yield f"| {outcome} | {' | '.join(numbers)} |"
    yield ""
    yield from _INTRODUCTION


_INTRODUCTION = """\
Wheelyard refuses all of them whole: `verify`, `unpack`, `install`, `tags`, `repair`, `audit` and
`check` by the rule that is named here, `info` and `unsign` but for what shows only in a file's
content, `convert` where an egg can be wrong in that way. Nothing is written, not even beside the
destination. `tests/hostile` holds every command to it.

- **pip** is run with `--no-deps --no-index --target`, **uv** with `--no-deps --offline --target`,
  **installer** with `--destdir` and no `--validate-record`, which is its default, and
  **wheel unpack** with `--dest`.
- **takes**: its exit code is 0, and all that it wrote lies in the destination. uv and wheel leave
  out the parts of a name that would lead elsewhere, or the member.
- **writes outside**: a file outside of the destination is new or another one afterwards.
- *half*: it ends with an error, and a part of the wheel lies in the destination.
- *killed*: it was still busy after a minute.

`wheel unpack` installs nothing, so it takes what is after an installation alone. To take a wheel is
not always to fall for it; the rules below say what it leads to.""".splitlines()


def _group(title: str, group: Sequence[Case], table: Mapping[str, Row]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield f"| the wheel | rule | {' | '.join(OTHERS)} |"
    yield "|---|---|" + "---|" * len(OTHERS)
    for case in group:
        if case.id in table:
            cells = (_SHORT[table[case.id][name]] for name in OTHERS)
            yield f"| {case.does} | `{case.rule}` | {' | '.join(cells)} |"


def _rules(table: Mapping[str, Row]) -> Iterator[str]:
    taken = Counter(
        case.rule
        for case in cases.REFUSED
        if case.id in table and {*map(table[case.id].get, OTHERS)} != {Outcome.REFUSED}
    )
    yield ""
    yield "## Why, and what it costs"
    yield ""
    yield (
        "The last column is what a wheel may not have that others take, on purpose. The number is "
        "of the"
    )
    yield "wheels above that at least one of the four doesn't refuse without a trace."
    yield ""
    yield "| rule | taken | why it is refused | what that costs |"
    yield "|---|---|---|---|"
    for rule, (why, cost) in RULES.items():
        yield f"| `{rule}` | {taken[rule] or ''} | {why} | {cost.format(limits=DEFAULT_LIMITS)} |"


def _legal() -> Iterator[str]:
    yield ""
    yield "## Legal, and told of"
    yield ""
    yield "These are installed, with a remark; `wheelyard check` ends with 5."
    yield ""
    yield "| the wheel | rule |"
    yield "|---|---|"
    for case in cases.WARNED:
        yield f"| {case.does} | `{case.rule}` |"
    yield ""
    yield "## Published advisories"
    yield ""
    for number in sorted(set(re.findall(_NUMBER, " ".join(case.does for case in cases.REFUSED)))):
        yield f"- {number}: {_ADVISORIES[number]}."
    yield from _ELSEWHERE


_NUMBER = r"CVE-\d+-\d+|GHSA(?:-\w{4}){3}"
_ADVISORIES = {
    "CVE-2025-54368": "uv before 0.8.6 took members that the directory doesn't have",
    "CVE-2026-1703": "pip before 26.0 took a folder for another whose name begins as its own",
    "CVE-2026-24049": "wheel before 0.46.2 changed the modes of files outside",
    "CVE-2026-8643": "pip before 26.1.2 wrote programs wherever their names say",
    "GHSA-4gg8-gxpx-9rph": "uv before 0.11.15 did so, too",
    "GHSA-pjjw-68hj-v9mw": "uv before 0.11.6 removed what RECORD lists, wherever it is",
}
_ELSEWHERE = """\
- That these are seen here was tried: of pip 26.1, uv 0.11.14 and wheel 0.46.1, the first two write
  outside for a script whose name is a path, the third changes the mode of a file outside.
- GHSA-pqhf-p39g-3x64 (uv before 0.9.6 read some zip files otherwise than others do) and
  GHSA-2cv4-cqwr-gwf7 (uv 0.12.7 to 0.12.17 wrote outside on Windows) show no wheel; what is above
  is of their kind.
- GHSA-w476-p2h3-79g9 and CVE-2026-3219 are about tar archives, which no wheel is.
- CVE-2026-6357 (pip before 26.1 imported what it had just installed) is of no wheel's form;
  Wheelyard imports nothing of what it installs.""".splitlines()


if __name__ == "__main__":
    main()
