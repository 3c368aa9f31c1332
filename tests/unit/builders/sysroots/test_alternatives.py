from __future__ import annotations

from wheelyard.builders.sysroots.alternatives import Alternative, choose, parse_alternatives

SCRIPT = """\
if [ "$1" = configure ]; then
    update-alternatives --install /usr/bin/cc cc /usr/bin/gcc 20 \\
        --slave /usr/share/man/man1/cc.1.gz cc.1.gz /usr/share/man/man1/gcc.1.gz
    update-alternatives --install $LINK cc $TARGET 30
    update-alternatives --remove c89 /usr/bin/c89-gcc
fi
"""


def test_a_script_is_read_and_not_run() -> None:
    assert parse_alternatives(SCRIPT) == (
        Alternative(priority=20, link="/usr/bin/cc", target="/usr/bin/gcc"),
        Alternative(
            priority=20,
            link="/usr/share/man/man1/cc.1.gz",
            target="/usr/share/man/man1/gcc.1.gz",
        ),
    )


def test_the_highest_priority_is_chosen_in_whichever_order() -> None:
    low = Alternative(priority=9, link="/bin/cc", target="/bin/tcc")
    high = Alternative(priority=20, link="/bin/cc", target="/bin/gcc")
    assert choose((low, high)) == choose((high, low)) == {"/bin/cc": "/bin/gcc"}
