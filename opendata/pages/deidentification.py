"""The de-identification report of one release (去标识化报告), as a view: words, counts, no value.

What was done, how, which grade that reaches and why, what risk is left, and who decided. Grades are
those of GB/T 42460-2023 as far as they are known to us; its text was not at hand, so the report
says that they are 未核实.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from opendata.catalog import Dataset, Field
from opendata.desensitise import plan_for
from opendata.findings import LeakFinding, Outcome, Risk
from opendata.least_harm import LeastHarm, Loss, in_words
from opendata.pages.risk_words import risk_sentences
from opendata.pages.views import Frame
from opendata.vocabulary import Action, Role

UNVERIFIED = "未核实：GB/T 42460-2023 的分级和阈值未与标准原文核对，不得作为评级结论使用。"
CIPHER = "假名算法为 HMAC-SM3（GB/T 32905），由 cryptography 库实现，该库不是经认证的商用密码产品。"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneLine:
    """One field: what it is, what was done, what can still be seen, and on whose word."""

    title: str
    role: str
    semantic: str
    done: str
    survives: str
    decided: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LossLine:
    """What one field lost, in words."""

    title: str
    done: str
    distinct: str
    entropy: str
    empty: str
    range_kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """A milder treatment and why it would not do, or that it would."""

    title: str
    milder: str
    found: str
    would_do: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidentificationView:
    """The whole report. ``released`` is False where the candidate was not released."""

    frame: Frame
    dataset_id: str
    title: str
    body_title: str
    version: int | None
    released: bool
    rows: tuple[str, ...]
    done: tuple[DoneLine, ...]
    losses: tuple[LossLine, ...]
    trials: tuple[TrialLine, ...]
    grade: str
    grade_reason: str
    grade_standing: str
    risks: tuple[str, ...]
    decided: tuple[str, ...]
    version_href: str | None = None


def deidentification_view(  # noqa: PLR0913 - each part of the report is named at the call
    frame: Frame,
    dataset: Dataset,
    outcome: Outcome,
    *,
    body_title: str,
    harm: LeastHarm,
    risk: Risk | None,
    leaks: tuple[LeakFinding, ...] | None,
    linkage: tuple[str, ...] = (),
) -> DeidentificationView:
    """The report of a dataset's last candidate."""
    grade, reason = _grade(dataset, risk, leaks)
    return DeidentificationView(
        frame=frame,
        dataset_id=dataset.id,
        title=dataset.title,
        body_title=body_title,
        version=outcome.version,
        released=not outcome.reasons,
        rows=tuple(row_sentences(dataset, harm)),
        done=tuple(_done(dataset)),
        losses=tuple(_loss(dataset.field(each.field), each) for each in harm.losses),
        trials=tuple(trial_lines(dataset, harm)),
        grade=grade,
        grade_reason=reason,
        grade_standing=UNVERIFIED,
        risks=(*risk_sentences(dataset, risk), *linkage, *_leaks(leaks)),
        decided=tuple(_decided(dataset, harm)),
        version_href=f"../{dataset.id}.html",
    )


def row_sentences(dataset: Dataset, harm: LeastHarm) -> Iterator[str]:
    """How many rows there were and what became of them."""
    yield (
        f"治理后{harm.rows}条，拟开放{harm.released}条；因同类组过小抑制{harm.suppressed}条，"
        f"因取值无效隔离{harm.set_aside}条。"
    )
    for name, count in harm.unfit:
        field = dataset.field(name)
        holds = field.semantic.value if field.semantic else "所声明的内容"
        yield f"“{field.title}”有{count}个值不是{holds}，所在记录未开放。"
    if harm.looked_at < harm.rows:
        yield f"以下损失按各处抽取的约{harm.looked_at}条计算。"


def trial_lines(dataset: Dataset, harm: LeastHarm) -> Iterator[TrialLine]:
    """Every milder treatment that was tried; those that would do come first."""
    for each in sorted(harm.trials, key=lambda trial: trial.rejected is not None):
        field = dataset.field(each.field)
        yield TrialLine(
            title=field.title,
            milder=each.milder,
            found=each.rejected or _would_do(field, public=each.public_fact),
            would_do=each.rejected is None,
        )


def _would_do(field: Field, *, public: bool) -> str:
    if public:
        return "依法公开的事项，不必处理；过度脱敏减损数据价值，请核实后改为保留。"
    if field.role is Role.QUASI:
        return "实测同类组仍达到要求；请核实后修改目录条目。"
    return "没有声明涉及个人信息；请核实后修改目录条目，或者补充其语义与标识作用。"


def _done(dataset: Dataset) -> Iterator[DoneLine]:
    for step in plan_for(dataset):
        field = dataset.field(step.field)
        yield DoneLine(
            title=field.title,
            role=field.role.value,
            semantic=field.semantic.value if field.semantic else "—",
            done=in_words(step.treatment),
            survives=step.reveals,
            decided=_ground(field),
        )


def _ground(field: Field) -> str:
    asked = field.treatment
    if asked.action is not Action.KEEP or not asked.ground:
        return "—"
    kind = f"{asked.ground_kind.value}：" if asked.ground_kind else "（依据未分类）"
    signed = f"签署：{asked.signed_by}" if asked.signed_by else "未署名"
    return f"{kind}{asked.ground}（{signed}）"


def _loss(field: Field, loss: Loss) -> LossLine:
    (distinct, left), (entropy, bits) = loss.distinct, loss.entropy
    empty, emptied = loss.empty
    return LossLine(
        title=field.title,
        done=in_words(field.treatment),
        distinct=f"{distinct} → {'—' if left is None else left}",
        entropy=f"{entropy:.2f} → {'—' if bits is None else f'{bits:.2f}'}",
        empty=f"{empty} → {'—' if emptied is None else emptied}",
        range_kept="—" if loss.range_kept is None else f"{loss.range_kept:.0%}",
    )


def _grade(
    dataset: Dataset, risk: Risk | None, leaks: tuple[LeakFinding, ...] | None
) -> tuple[str, str]:
    direct = [
        each.title
        for each in dataset.released_fields
        if each.role is Role.DIRECT and each.treatment.action is Action.KEEP
    ]
    if direct or leaks is None or any(each.blocks for each in leaks):
        kept = "、".join(direct) or "开放前检查发现或者未能排除标识信息"
        return "第1级", f"仍能直接识别个人：{kept}。"
    if dataset.release.small_cell is not None:
        return "第4级", "为汇总数据，小单元已按规定处理。"
    quasi = dataset.quasi_identifiers
    if quasi and (risk is None or risk.k is None or risk.k < (risk.required_k or 0)):
        return "第2级", "已消除直接标识符，但同类组条数没有达到要求或者没有测得。"
    if not quasi:
        return "第3级", "已消除直接标识符，目录没有声明准标识符；是否确无准标识符由数据管理员负责。"
    k = risk.k if risk else None
    return "第3级", f"已消除直接标识符，最小同类组{k}条，达到要求。"


def _leaks(leaks: tuple[LeakFinding, ...] | None) -> Iterator[str]:
    if leaks is None:
        yield "没有完成开放前检查。"
    elif not leaks:
        yield "开放前检查未发现疑似标识信息。"
    else:
        blocking = sum(each.blocks for each in leaks)
        yield f"开放前检查有{len(leaks)}项疑似标识信息，其中{blocking}项应暂缓开放。"


def _decided(dataset: Dataset, harm: LeastHarm) -> Iterator[str]:
    post = dataset.contact_role or "未填写"
    yield f"各数据项的处理方式由目录条目“{dataset.id}”决定，责任岗位：{post}。"
    kept = [each for each in dataset.released_fields if each.treatment.ground]
    if unsigned := [each.title for each in kept if not each.treatment.signed_by]:
        told = "、".join(unsigned)
        yield f"保留而未署名的数据项：{told}；请在目录条目中填写签署岗位（signed_by）。"
    if harm.key_ids:
        yield f"假名密钥：第{harm.key_version}版，标识 {'、'.join(harm.key_ids)}。{CIPHER}"
