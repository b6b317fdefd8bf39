"""The verbs ``opendata risk …``: can somebody still be told from what is open?"""

from datetime import date
from pathlib import Path

import click

from pipelines.verbs import DONE, approved, decision_verb, home_verb, said, tell, until_option


@click.group()
def risk() -> None:
    """重识别风险: what singles somebody out, and what to do about it."""


@risk.command()
@click.argument("dataset")
@click.option("--k", type=click.IntRange(2), default=None, help="最小同类组; else the entry's.")
@click.option(
    "--l", type=click.IntRange(1), default=None, help="敏感属性最少取值数; else the entry's."
)
@click.option(
    "--t", type=click.FloatRange(0, 1), default=None, help="分布差异上限; else the entry's."
)
@click.option(
    "--max-suppression",
    type=click.FloatRange(0, 1),
    default=None,
    help="抑制比例上限: share of rows that may be left out; else the entry's.",
)
@click.option(
    "--seconds", type=click.FloatRange(0), default=60, show_default=True, help="Time to search."
)
@home_verb
def frontier(
    dataset: str,
    k: int | None,
    l: int | None,  # noqa: E741 - the name the measure has
    t: float | None,
    max_suppression: float | None,
    seconds: float,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """Show how coarse the quasi-identifiers of DATASET must be told, cheapest first.

    Every combination that no finer one could replace is listed with what it reaches, what it costs
    and how an entry spells it. No entry is changed, and no row is shown.
    """
    from pipelines.risk_frontier import Wish, choices_for

    wish = Wish(k=k, l=l, t=t, max_suppression=max_suppression, seconds=seconds)
    tell(choices_for(home_dir, dataset, wish), as_json=as_json)
    return DONE


@risk.command()
@home_verb
def linkage(home_dir: Path | None, as_json: bool) -> int:
    """汇聚关联: join everything that is open, and each version with the one before it.

    Told are joins that single somebody out, with what they give away; the page data-linkage.html
    has a draft for the expert committee. The nightly job does the same.
    """
    from pipelines.risk_linkage import link_everything

    tell(link_everything(home_dir), as_json=as_json)
    return DONE


@risk.command()
@click.argument("dataset")
@approved
@click.option(
    "--opinion",
    default=None,
    callback=said,
    help="Reference of the expert committee's opinion (专家委员会意见), where it was asked.",
)
@until_option("The last day the conclusion holds; it ends sooner when what was assessed changes.")
@decision_verb
def assess(
    dataset: str,
    approver: str,
    role: str,
    reason: str,
    opinion: str | None,
    until: date,
    evidence: Path | None,
    home_dir: Path | None,
    as_json: bool,
) -> int:
    """安全评估: enter the conclusion on what linkage of DATASET was found to tell.

    It covers what the last run found and holds from the next run on. Where the join names people
    there is nothing to conclude, and nothing is entered.
    """
    from pipelines.approvals import Approval
    from pipelines.risk_linkage import enter_assessment

    given = Approval(
        dataset=dataset,
        by=approver,
        role=role,
        reason=reason,
        basis=opinion,
        until=until,
        evidence=evidence,
    )
    tell(enter_assessment(home_dir, given), as_json=as_json)
    return DONE
