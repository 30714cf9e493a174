"""`paylens take-home`: what is left of a pay after tax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from paylens.faces.cli.options import Json

if TYPE_CHECKING:
    from paylens.advice.take_home import TakeHome

__all__ = ["lines", "take_home"]

_KINDS = {"tax": "", "social": "", "savings": " (yours, saved)"}


def take_home(
    gross: Annotated[float, typer.Option(help="Cash a year before tax, in the place's currency.")],
    location: Annotated[str, typer.Option(help="City, US state or metro, Canadian province, country.")],
    equity: Annotated[float, typer.Option(help="What vests in the year, taxed as income.")] = 0.0,
    filing: Annotated[str, typer.Option(help="single, or married to someone without income.")] = "single",
    foreigner: Annotated[
        bool, typer.Option("--foreigner", help="Neither citizen nor permanent resident (Singapore: no CPF).")
    ] = False,
    as_of: Annotated[str | None, typer.Option(help="Month of the law, YYYY-MM; default: this.")] = None,
    json: Json = False,
) -> None:
    """What is left of a year's pay after tax and contributions, line by line. It is not tax advice.

    Example: paylens take-home --gross 90000 --location London
    """
    import datetime

    from paylens.advice.take_home import take_home as answered
    from paylens.faces.cli.output import print_json, print_lines

    month = as_of or f"{datetime.date.today():%Y-%m}"
    answer = answered(gross, location, as_of=month, filing=filing, equity=equity, citizen=not foreigner)
    if json:
        print_json(answer.as_dict())
    else:
        print_lines(lines(answer))


def lines(answer: TakeHome) -> list[str]:
    """The readable answer."""
    from paylens.faces.cli.output import WIDTH, cut, money, wrap

    def said(amount: float) -> str:
        return money(amount, answer.currency or "", whole=True)

    def row(name: str, amount: float, sign: str = "") -> str:
        shown = f"{sign}{said(amount)}"
        return f"{cut(name, WIDTH - len(shown) - 1):<{WIDTH - len(shown)}}{shown}"

    if answer.net is None:
        return wrap(f"{answer.place}: {answer.reason}") + _notes(answer)
    pay = answer.gross + answer.equity
    out = wrap(f"Of {said(pay)} a year in {answer.place}, {said(answer.net)} is left after tax.")
    out += ["", row("Cash before tax", answer.gross)]
    if answer.equity:
        out.append(row("Equity at vest", answer.equity))
    for line in answer.deductions:
        if line["amount"] >= 0.5:
            name = line["name"]
            out.append(row(f"  {name[0].upper()}{name[1:]}{_KINDS[line['kind']]}", line["amount"], "-"))
    out += [row("Take-home pay", answer.net), row("  a month", answer.net / 12), ""]
    out += wrap(
        f"{100 * (answer.effective_rate or 0.0):.1f} % of the pay is taken ({said(pay - answer.net)}), and "
        f"{100 * (answer.marginal_rate or 0.0):.0f} % of a small rise. Law of {answer.tax_year}, {answer.filing}."
    )
    return out + _notes(answer)


def _notes(answer: TakeHome) -> list[str]:
    from paylens.faces.cli.output import wrap

    out = []
    for note in answer.notes:
        out += wrap(f"Note: {note[0].upper()}{note[1:].rstrip('.')}.")
    return out
