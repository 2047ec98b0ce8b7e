"""Prints what each bad example of the rule files given comes to, as the `find:` lines that would say so.

For writers of rules: python -m tests.engine.places rules/FAMILY/ID.yaml. Read the labels before taking a line over.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tochain.check import sample
from tochain.engine.judge import judge
from tochain.engine.rulefile import RuleFile
from tochain.engine.schema import load_rule, load_rules
from tochain.engine.selftest import shown


def main(paths: list[str]) -> None:
    """Prints every finding of every example, those of other rules with their ids."""
    everything = load_rules()
    for path in paths:
        rule = load_rule(RuleFile.open(Path(path)))
        for kind, rows in rule.examples.items():
            for row in rows or ():
                print(f"# {kind}: {row['name']}")
                read = sample(dict(row["files"]))
                judged = judge(read.graph, everything, read.overrides)
                for text in (*read.problems, *judged.crashes):
                    print(f"  problem: {text}")
                for item in judged.undecided:
                    print(f"  undecided {item.rule} {item.hop}: needs: [{', '.join(item.needs)}]")
                for finding in judged.findings:
                    found = shown(finding, rule)
                    others = [f'"{place}"' for place in found["with"]]
                    several = others[0] if len(others) == 1 else f"[{', '.join(others)}]"
                    parts = [f'at: "{found["at"]}"', *([f"with: {several}"] if others else [])]
                    parts += [f"{key}: {found[key]}" for key in ("is", "count") if key in found]
                    print(f"  {finding.rule}: {finding.message}")
                    print(f"        - {{{', '.join(parts)}}}")
                    for label in finding.labels:
                        print(
                            f"            {label.span}: {label.component} {label.setting} {label.value}: {label.text}"
                        )


if __name__ == "__main__":
    main(sys.argv[1:])
