"""The twenty indicators of GB/T 36344-2018 and the dimension each belongs to.

Codes and names as public catalogues quote the standard; how a score comes of them is
``quality/score.py``.
"""

from collections.abc import Mapping

from opendata.vocabulary import Dimension

INDICATORS: Mapping[str, str] = {
    "0101": "数据标准",
    "0102": "数据模型",
    "0103": "元数据",
    "0104": "业务规则",
    "0105": "权威参考数据",
    "0106": "安全规范",
    "0201": "数据元素完整性",
    "0202": "数据记录完整性",
    "0301": "数据内容正确性",
    "0302": "数据格式合规性",
    "0303": "数据重复率",
    "0304": "数据唯一性",
    "0305": "脏数据出现率",
    "0401": "相同数据一致性",
    "0402": "关联数据一致性",
    "0501": "基于时间段的正确性",
    "0502": "基于时间点及时性",
    "0503": "时序性",
    "0601": "可访问",
    "0602": "可用性",
}

_DIMENSIONS = dict(zip(("01", "02", "03", "04", "05", "06"), Dimension, strict=True))


def dimension_of(indicator: str) -> Dimension:
    """The dimension an indicator belongs to: its first two digits.

    >>> dimension_of("0304").value
    '准确性'
    """
    return _DIMENSIONS[indicator[:2]]
