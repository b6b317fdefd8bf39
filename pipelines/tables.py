"""The closing table of a run, and an outcome as JSON: what a person and a program read."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.dossier import Dossier, said_of_all
from opendata.findings import Outcome, Refusal
from opendata.pages.words import score
from opendata.record import Verification
from opendata.vocabulary import Punctuality, Verdict
from pipelines.running import Finished

_COLOURS = {
    Verdict.RELEASED: "green",
    Verdict.RELEASED_CONDITIONALLY: "green",
    Verdict.BLOCKED: "yellow",
    Verdict.NOT_OPEN: "dim",
    Verdict.SUSPENDED: "red",
    Verdict.FAILED: "red",
}
_NUMBERS = ("归集", "合格", "问题数据", "开放", "得分")


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One object of ``opendata run --json``."""
    fresh = outcome.freshness
    return {
        "id": outcome.dataset_id,
        "verdict": outcome.verdict.code,
        "changed": outcome.changed,
        "reasons": [reason_json(each) for each in outcome.reasons],
        "warnings": [reason_json(each) for each in outcome.warnings],
        "rows_landed": outcome.rows_landed,
        "rows_clean": outcome.rows_clean,
        "rows_quarantined": outcome.rows_quarantined,
        "rows_struck": outcome.rows_struck,
        "rows_released": outcome.rows_released,
        "score": outcome.score,
        "freshness": fresh.punctuality.code if fresh else None,
        "version": outcome.version,
    }


def reason_json(refusal: Refusal) -> dict[str, str]:
    """A refusal or warning as one object: rule, first clause, text, remedy."""
    return {
        "rule": refusal.rule,
        "clause": refusal.clause,
        "text": refusal.text,
        "remedy": refusal.remedy,
    }


def _console() -> Console:
    """As wide as the terminal; wide enough for the table where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=140)


def outcome_table(dossiers: Iterable[Dossier]) -> None:
    """Print one row a dataset."""
    table = Table(title="数据集处理结果", title_justify="left", header_style="bold")
    for heading in ("数据集", "结论", "变化", *_NUMBERS, "更新", "版本"):
        number = heading in _NUMBERS
        table.add_column(
            heading,
            justify="right" if number else "left",
            no_wrap=heading != "数据集",
            overflow="fold",
        )
    for each in dossiers:
        table.add_row(*_row(each.outcome))
    _console().print(table)


def terms_running(dossiers: Iterable[Dossier]) -> None:
    """Print the statutory terms that run on these datasets (opendata clock), if any do."""
    console = _console()
    for each in dossiers:
        for term in each.outcome.warnings:
            if term.due is not None:
                colour = "red" if term.late_days else "yellow"
                title = escape(each.outcome.title)
                told = f"[{colour}]期限[/{colour}] {title} {escape(term.text)}"
                console.print(told, soft_wrap=True, highlight=False)


def _row(outcome: Outcome) -> tuple[str, ...]:
    colour = _COLOURS[outcome.verdict]
    landed, clean, aside, released = (
        "—" if each is None else f"{each:,}"
        for each in (
            outcome.rows_landed,
            outcome.rows_clean,
            outcome.rows_quarantined,
            outcome.rows_released,
        )
    )
    struck = f"\n[dim]作废 {outcome.rows_struck:,}[/dim]" if outcome.rows_struck else ""
    fresh = outcome.freshness
    late = fresh is not None and fresh.punctuality is Punctuality.OVERDUE
    return (
        f"{escape(outcome.title)}\n[dim]{outcome.dataset_id}[/dim]",
        f"[{colour}]{outcome.verdict.value}[/{colour}]",
        "有" if outcome.changed else "无",
        *(landed, clean, aside + struck, released),
        "—" if outcome.score is None else score(outcome.score),
        "—"
        if fresh is None
        else f"[red]{fresh.punctuality.value}[/red]"
        if late
        else fresh.punctuality.value,
        "—" if outcome.version is None else f"v{outcome.version}",
    )


def closing_table(finished: Finished) -> None:
    """Print the outcomes, every refusal with its remedy, and where to look next."""
    console = _console()
    outcome_table(finished.dossiers)
    everywhere = said_of_all(finished.dossiers)
    for dossier in (each.without(everywhere) for each in finished.dossiers):
        if not (dossier.refusals or dossier.outcome.warnings):
            continue
        console.print(
            f"\n[bold]{escape(dossier.outcome.title)}[/bold]  "
            f"[dim]{dossier.outcome.dataset_id}[/dim]"
        )
        _print_refusals(console, dossier.refusals, "拒绝")
        _print_refusals(console, dossier.outcome.warnings, "提示")
    for dataset_id in finished.unlisted:
        console.print(
            f"\n[bold red]{dataset_id}[/bold red] 仍在开放，但已不在开放目录中：请恢复其目录条目，"
            f"或者运行 opendata suspend {dataset_id}。",
            soft_wrap=True,
        )
    if everywhere:
        console.print("\n[bold]全部数据集[/bold]")
        _print_refusals(console, everywhere, "提示")
    changed = sum(each.outcome.changed for each in finished.dossiers)
    console.print(
        f"\n{len(finished.dossiers)} 个数据集，{changed} 个有变化；判断日 {finished.as_of}。"
    )
    console.print("接下来看：")
    for what, where in finished.look_next:
        console.print(f"  {what}  [cyan]{escape(where)}[/cyan]", soft_wrap=True)


def verification_text(verification: Verification) -> str:
    """One line when the record is intact, otherwise a line for each break."""
    if verification.intact:
        return f"处理记录完整：{verification.entries} 条，链头 {verification.head[:16]}"
    lines = [f"第 {each.seq} 条：{each.message}" for each in verification.problems]
    return "\n".join(["处理记录不完整：", *lines])


def _print_refusals(console: Console, refusals: Sequence[Refusal], word: str) -> None:
    for each in refusals:
        console.print(f"  {word} {each.rule} {escape(each.text)}{each.tag}", soft_wrap=True)
        if each.citation:
            console.print(f"    依据：{escape(each.citation)}", soft_wrap=True)
        console.print(f"    处理：{escape(each.remedy)}", soft_wrap=True)
