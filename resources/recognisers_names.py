"""Personal names: after a word that announces one, before a form of address, by their shape.

Without such a word nothing is promised: ordinary words begin with surnames too (金额, 高新, 方案).
Judging a whole column of names belongs to ``leak_scan.py``.
"""

import re
from collections.abc import Iterator

from opendata.vocabulary import Semantic
from resources.reading import Span

_CUES = "|".join(
    (
        "申请人|联系人|经办人|当事人|被处罚人|投诉人|举报人|持卡人|负责人|法定代表人|法人|户主|驾驶员",
        "车主|患者|姓名|寄件人|收件人|收货人|旅客|乘客|业主|村民|伤者|死者|嫌疑人|原告|被告人|证人",
        "委托人|代理人|监护人|信访人|来电人|签收人|机主|受害人|承租人|申报人|纳税人|被保险人|参保人",
    )
)
_SURNAMES = (
    "王李张刘陈钱杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范廖贾夏韦付白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万严覃武戴莫孔向汤高金方石"
    "欧宁葛齐康伍余施殷庞章洪祝温倪阮童颜柯翁季俞鲁芦柳岳梅辛管蓝耿关兰焦左涂鲍霍冉喻卞舒聂游鞠骆翟苗邢窦桑蒙匡"
    "傅乔尚靳阎萧裴荣樊巩甄祁谷牛"
)
_DOUBLE_SURNAMES = "欧阳|司马|上官|诸葛|东方|慕容|司徒|夏侯|皇甫|尉迟|令狐|宇文|长孙|公孙"
_SURNAME = f"(?:{_DOUBLE_SURNAMES}|[{_SURNAMES}])"
PERSON_SHAPE = f"{_SURNAME}[一-鿿]{{1,2}}"
"""A surname and one or two characters: what most, not all, Han names look like."""

_GAP = "[:：;；,，为是系叫 ]{0,2}"
_OWN_NUMBER = "[(（),，）、 ]{1,2}(?:身份证|公民身份|证件号|联系电话|电话|手机)"
_ADDRESSES = "先生|女士|小姐|同志"
_CUE = re.compile(f"(?:{_CUES}){_GAP}")
_BY_SURNAME = re.compile(f"({_SURNAME}[一-鿿])([一-鿿]?)")
_BY_NUMBER = re.compile(f"[一-鿿]{{2,4}}?(?={_OWN_NUMBER})")
_ADDRESSED = re.compile(
    f"{PERSON_SHAPE}(?=(?:{_ADDRESSES})(?:$|[^一-鿿]|[来反称诉投在电的要请于因为向对已现是说表签和与本至]))"
)
"""Not where more of a business's name follows (某先生餐厅)."""

_NOT_GIVEN = frozenset(
    "已为于的在与和及因向将称系住现经同应须未不当自是有均等并其所按可以到从无申身联电提驾签办拨缴携领"
    "我本该区局会方说反来去请要对被把也都曾"
)
_NOT_NAMES = re.compile(
    "金额|高新|高龄|高度|高空|方案|方式|方法|方面|程序|程度|安全|石油|江苏|任务|任职|任何|任意|万元|高中|许可"
    "|曾经|同意|严重|严格|康复|付款|付清|白天|温度|管理|关于|关系|游客|施工|余额|于[0-9一二三四五六七八九十]"
    "|马上|史料|左右|夏季|秦岭|江西|宁夏|广东|贺卡|武装|钱款|叶片|林地|田地|车辆|向[市县省法公人]"
    "|荣获|荣誉|尚有|尚欠|尚需|谷物|牛羊|牛肉|牛奶"
)


def names(read: str) -> list[Span]:
    """A name straight after a cue word: by its surname, or because a number of its owner follows.

    Also a name straight before 先生, 女士, 小姐 or 同志. Without such a word nothing is promised.
    """
    found = [span for cue in _CUE.finditer(read) if (span := _announced(read, cue.end()))]
    if "先生" in read or "女士" in read or "小姐" in read or "同志" in read:
        found += [
            each
            for each in _addressed(read)
            if not any(each.start < o.end and o.start < each.end for o in found)
        ]
    return found


def _announced(read: str, start: int) -> Span | None:
    if found := _BY_NUMBER.match(read, start):
        return Span(*found.span(), Semantic.PERSON_NAME)
    found = _BY_SURNAME.match(read, start)
    if not found or _NOT_NAMES.match(read, start) or found[1][-1] in _NOT_GIVEN:
        return None
    return Span(start, found.end(1 if found[2] in _NOT_GIVEN else 2), Semantic.PERSON_NAME)


def _addressed(read: str) -> Iterator[Span]:
    for found in _ADDRESSED.finditer(read):
        yield Span(*found.span(), Semantic.PERSON_NAME)


NAME_CANDIDATE = (
    f"(?:{_CUES}){_GAP}(?:{_SURNAME}[一-鿿]|[一-鿿]{{2,4}}{_OWN_NUMBER})"
    f"|{PERSON_SHAPE}(?:{_ADDRESSES})"
)
"""What a text matches in which there is a name to find."""
