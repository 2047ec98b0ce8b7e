"""`tochain docs`: writes the generated pages of a checkout, or says which are out of date."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import failing_well

__all__ = ["command"]


def command(
    check: bool = typer.Option(False, "--check", help="Write nothing; exit 1 when a page is out of date."),
) -> None:
    """Generate the pages of rules and products and the output quoted in README.md (in a checkout of tochain)."""
    with failing_well():
        from tochain.model.errors import UsageError
        from tochain.pages import pages, stale

        root = Path(__file__).parent.parent.parent
        if not (root / "README.md").is_file() or not (root / "rules").is_dir():
            raise UsageError("tochain docs works in a checkout of tochain, not in an installed package")
        made = pages(root)
        old = list(stale(made))
        for path in old:
            typer.echo(f"{'out of date' if check else 'written'}: {path.relative_to(root).as_posix()}")
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(made[path], encoding="utf-8")
        raise typer.Exit(1 if check and old else 0)
