"""The closed words of the catalog, each spelled once.

A term's ``value`` is the law's own word (Chinese), written verbatim in catalog files and pages;
its ``code`` is the machine spelling used in JSON, file names and Dagster. Synonyms do not belong
here: they are an importer's business (``opendata/synonyms.py`` suggests, it never accepts).
"""

from enum import Enum


class Term(Enum):
    """A word of the law: ``value`` is Chinese, ``code`` is ASCII.

    >>> Openness.CONDITIONAL.value, Openness.CONDITIONAL.code
    ('有条件开放', 'conditional')
    """

    @property
    def code(self) -> str:
        """The machine spelling: lower-case ASCII."""
        return self.name.lower()


class Openness(Term):
    """开放属性: may the public have this dataset, and how freely (XO art. 19)."""

    UNCONDITIONAL = "无条件开放"
    CONDITIONAL = "有条件开放"
    NOT_OPEN = "不予开放"


class Channel(Term):
    """开放方式: the lawful ways of handing data over (XO art. 23)."""

    DOWNLOAD = "数据下载"
    API = "接口调用"
    MODEL_RESULT = "算法模型"


class Acquired(Term):
    """How the body came by the data; only 共享获取 taints what is built from it (CQ14, XS22)."""

    OWN = "自行采集"
    SHARED = "共享获取"
    PURCHASED = "购买获取"


class Load(Term):
    """交付方式: what a new delivery is to those before it."""

    SNAPSHOT = "全量"
    APPEND = "追加"
    UPSERT = "按主键更新"


class OnChange(Term):
    """结构变化处理: what happens to a delivery whose headings are not the contract's."""

    REFUSE = "拒收"
    QUARANTINE = "隔离"
    EVOLVE = "适应"


class OnConflict(Term):
    """冲突处理: what happens where a carried element differs from its authority (一数一源)."""

    AUTHORITY_WINS = "以数源为准"
    REPORT = "报告"
    BLOCK = "阻断"


class ListedFor(Term):
    """编目用途: whether a field is listed for collecting only or for opening too (XS16)."""

    COLLECT = "采集"
    OPEN = "开放"


class SecurityLevel(Term):
    """安全级别: the local data grade, one (lowest) to four."""

    L1 = "一级"
    L2 = "二级"
    L3 = "三级"
    L4 = "四级"


class UpdateFrequency(Term):
    """更新频率: how often the catalog entry promises new data."""

    REALTIME = "实时"
    HOURLY = "每小时"
    DAILY = "每日"
    WORKDAILY = "每工作日"
    WEEKLY = "每周"
    TEN_DAYS = "每旬"
    HALF_MONTHLY = "每半月"
    MONTHLY = "每月"
    QUARTERLY = "每季度"
    HALF_YEARLY = "每半年"
    YEARLY = "每年"
    IRREGULAR = "不定期"
    STATIC = "不更新"


class Dimension(Term):
    """数据质量维度 of GB/T 36344-2018."""

    CONFORMITY = "规范性"
    COMPLETENESS = "完整性"
    ACCURACY = "准确性"
    CONSISTENCY = "一致性"
    TIMELINESS = "时效性"
    ACCESSIBILITY = "可访问性"


class Punctuality(Term):
    """The seven states of freshness."""

    ON_TIME = "按时"
    DUE_SOON = "即将到期"
    IN_GRACE = "宽限内"
    OVERDUE = "逾期"
    UNKNOWN = "未知"
    EXEMPT = "豁免"
    NOT_APPLICABLE = "不适用"


class Verdict(Term):
    """What became of a dataset in a run."""

    RELEASED = "已开放"
    RELEASED_CONDITIONALLY = "已有条件开放"
    BLOCKED = "暂缓开放"
    NOT_OPEN = "不予开放"
    SUSPENDED = "已中止"
    FAILED = "处理失败"


class LegalStatus(Term):
    """Where a regulation stands: shown with every refusal."""

    DRAFT = "征求意见稿"
    LAPSED = "已届满"
    UNVERIFIED = "待核实"


class Basis(Term):
    """How firmly a gate stands on the text."""

    TEXT = "条文明文"
    INFERRED = "推定"
    LOCAL = "本市规则"


class FieldType(Term):
    """What a field holds once standardised; identifiers are always text."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"


class Semantic(Term):
    """What a text field means; each has a validator in ``opendata/identifiers.py`` or a scanner."""

    CITIZEN_ID = "公民身份号码"
    USCC = "统一社会信用代码"
    MOBILE = "手机号码"
    LANDLINE = "固定电话"
    BANK_CARD = "银行卡号"
    EMAIL = "电子邮箱"
    PLATE = "机动车号牌"
    PERSON_NAME = "自然人姓名"
    ADDRESS = "详细地址"
    PASSPORT = "护照号码"
    TRAVEL_PERMIT = "港澳台通行证号码"
    FOREIGN_RESIDENT_ID = "外国人永久居留身份证号码"
    MILITARY_ID = "军人证件号码"
    SOCIAL_SECURITY = "社会保障号码"
    SOLE_TRADER_CODE = "个体工商户信用代码"
    IP_ADDRESS = "网络地址"
    COORDINATES = "经纬度坐标"
    DIVISION = "行政区划代码"
    SERIAL = "业务编号"
    FREE_TEXT = "自由文本"


class Role(Term):
    """How a field bears on re-identifying somebody (GB/T 37964)."""

    DIRECT = "直接标识符"
    QUASI = "准标识符"
    SENSITIVE = "敏感属性"
    PLAIN = "一般属性"


class Action(Term):
    """What is done to a field before release (脱敏方式)."""

    KEEP = "保留"
    DROP = "删除"
    REDACT = "整值抹除"
    MASK = "遮盖"
    PSEUDONYM = "假名"
    GENERALISE = "泛化"
    BIN = "分段"
    ROUND = "取整"
    CLAMP = "封顶保底"
    REDACT_SPANS = "抹除文中标识"


class KeepingGround(Term):
    """保留理由: why a field that points at somebody may be opened as it stands."""

    STATUTORY = "依法公开"
    CONSENT = "主体同意"
    PUBLIC_INTEREST = "公共利益"


class OnInvalid(Term):
    """无效值处理: what happens where a value is not what the field says it holds."""

    REDACT = "抹除"
    QUARANTINE = "隔离"
    FAIL = "中止"


class OnFail(Term):
    """What a failed rule does to the row, or to the version."""

    DROP = "drop"
    KEEP_FLAG = "keep_flag"
    BLOCK = "block"


class Severity(Term):
    """How much a failed rule weighs; a failed critical rule caps the score below 60."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class DeploymentRole(Term):
    """Who runs this home: the opening body upstream, or the unified platform's operator."""

    OPENER_UPSTREAM = "数据开放主体"
    PLATFORM_OPERATOR = "开放平台运营单位"
