"""The table of faults; ``fault_page.py`` writes it down as ``docs/faults.md``.

``REPAIRED`` is spelled strangely and means what it says: no rule may speak of it. ``UNSEEN`` is
wrong, and no rule speaks of it; whoever teaches one moves the line.
"""

import gzip
from collections.abc import Mapping
from datetime import date

from tests.quality.faults import (
    Fault,
    another_digit,
    backwards,
    both,
    cell,
    column,
    copied,
    every,
    exchanged,
    fault,
    full_width,
    grown_by_half,
    handed_over_again,
    headed,
    judged,
    line,
    listed,
    merged_districts,
    misplaced,
    rows,
    spoiled,
    text,
    twice,
    unreadable,
    with_column,
    with_totals,
    without,
)
from tests.quality.permits import ABOLISHED, FIRST_KEY, OFFICES, first_rows

ADAPTED = listed(on_change="适应")
NOTHING_SAID = listed(source={"files": "permits*.csv", "null_spellings": ["/", "无"]})
SUM = "0104 rule_state_private_foreign_multicolumn_sum_to_equal"
PAIR = "0402 rule_kind_grade_to_be_in_set"
ENDS = "0503 rule_valid_to_issued_on_a_to_be_greater_than_b"
LATER = "0501 rule_updated_on_issued_on_a_to_be_greater_than_b"
DIVISION = "0105 rule_division_be_valid_division_code"
POSTS = "0104 rule_taken_by_signed_by_select_column_values_to_be_unique_within_record"
ENTERED = "0303 rule_uscc_taken_at_compound_columns_to_be_unique"
DISTRICTS = "0202 rule_district_distinct_values_to_contain_set"
STAFFED = "0201 rule_staff_proportion_of_non_null_values_to_be_between"
SPREAD = "0301 rule_staff_stdev_to_be_between"
MEAN = "0301 rule_amount_mean_to_be_between"
USED = "0301 rule_office_unique_value_count_to_be_between"
ROWS, KEYS = "0501 rows_as_before", "0202 keys_as_before"
FILLED, DIVIDED = "0201 filled_as_before", "0501 divided_as_before"
LISTED = "0102 structure_is_as_listed"
TABLE_EMPTY = ("0202 rows_present", DISTRICTS, STAFFED, SPREAD, MEAN, USED, ROWS, KEYS)
REQUIRED = ("holder", "uscc", "office", "kind", "grade", "issued_on", "updated_on")

CELLS = (
    fault("required_empty", "必填项为空", cell(holder=""), "0201 holder_not_null"),
    fault("required_blank", "必填项只有空格", cell(holder="　 "), "0201 holder_not_null"),
    fault(
        "required_says_nothing",
        "必填项填“/”（目录登记为空值写法）",
        both(cell(office="/"), NOTHING_SAID),
        "0201 office_not_null",
    ),
    fault("key_empty", "主键为空", cell(no=""), "0201 no_not_null"),
    fault("key_malformed", "许可证号不合编码规则", cell(no="XA-1201"), "0101 no_format"),
    fault("number_in_words", "金额填汉字", cell(amount="一百万"), "0101 amount_type"),
    fault("number_with_unit", "金额带单位", cell(amount="120万元"), "0101 amount_type"),
    fault("number_scientific", "金额成科学计数", cell(amount="1.2E5"), "0101 amount_type"),
    fault("number_separators", "千分位错位", cell(amount="1,23,4"), "0101 amount_type"),
    fault("whole_with_fraction", "人数有小数", cell(staff="12.5"), "0101 staff_type"),
    fault("day_impossible", "不存在的日期", cell(valid_to="2028-02-30"), "0101 valid_to_type"),
    fault("month_impossible", "不存在的月份", cell(valid_to="20281332"), "0101 valid_to_type"),
    fault("day_first", "日在前的日期", cell(valid_to="31/12/2028"), "0101 valid_to_type"),
    fault("day_in_words", "日期填“长期”", cell(valid_to="长期"), "0101 valid_to_type"),
    fault(
        "required_day_wrong", "必填日期有误", cell(issued_on="2025-02-30"), "0101 issued_on_type"
    ),
    fault("hour_impossible", "25 时", cell(taken_at="2025-03-01 25:00:00"), "0101 taken_at_type"),
    fault("other_zone", "外地时区", cell(taken_at="2025-03-01T08:00:00Z"), "0101 taken_at_type"),
    fault(
        "too_long",
        "备注超长",
        cell(remark="材料" * 26),
        "0101 rule_remark_value_lengths_to_be_between",
    ),
    fault("decoded_wrongly", "乱码“锟斤拷”", cell(remark="锟斤拷"), "0302 rule_remark_match_regex"),
    fault("replaced", "乱码“\ufffd”", cell(remark="材\ufffd"), "0302 rule_remark_match_regex"),
    fault("negative", "金额为负", cell(amount="-5"), "0302 amount_range"),
    fault("too_large", "金额超出上限", cell(amount="1000000.01"), "0302 amount_range"),
    fault("test_data", "测试数据", cell(remark="测试，请忽略"), "0305 rule_remark_not_match_regex"),
    fault(
        "before_our_age", "1890 年的日期", cell(issued_on="1890-01-01"), "0301 issued_on_plausible"
    ),
    fault("after_our_age", "2150 年的日期", cell(valid_to="2150-01-01"), "0301 valid_to_plausible"),
)
IDENTIFIERS = (
    fault("uscc_check", "信用代码校验位错", spoiled("uscc", another_digit), "0301 uscc_valid_uscc"),
    fault(
        "uscc_short", "信用代码少一位", spoiled("uscc", lambda it: it[:-1]), "0301 uscc_valid_uscc"
    ),
    fault(
        "citizen_check",
        "身份证号校验位错",
        spoiled("person", another_digit),
        "0301 person_valid_citizen_id",
    ),
    fault(
        "citizen_birth",
        "身份证号中无此生日",
        cell(person="610102199002301234"),
        "0301 person_valid_citizen_id",
    ),
    fault(
        "citizen_15",
        "15 位旧身份证号",
        cell(person="610102900228123"),
        "0301 person_valid_citizen_id",
    ),
    fault(
        "mobile_10",
        "手机号码少一位",
        spoiled("mobile", lambda it: it[:-1]),
        "0301 mobile_valid_mobile",
    ),
    fault("mobile_12", "无此号段", cell(mobile="12800138000"), "0301 mobile_valid_mobile"),
    fault("mobile_landline", "填了座机", cell(mobile="029-88888888"), "0301 mobile_valid_mobile"),
    fault(
        "card_check",
        "银行卡号校验位错",
        spoiled("card", another_digit),
        "0301 card_valid_bank_card",
    ),
    fault(
        "card_scientific", "卡号成科学计数", cell(card="6.22202E+18"), "0301 card_valid_bank_card"
    ),
    fault("code_unknown", "代码表外的代码", cell(district="610199"), "0105 district_in_code_table"),
    fault("code_title", "填名称不填代码", cell(district="新城区"), "0105 district_in_code_table"),
    fault(
        "code_abolished", "已撤销的区划", cell(division=ABOLISHED, opened_in=ABOLISHED), DIVISION
    ),
    fault("code_misshapen", "不成区划代码", cell(division="990000", opened_in="990000"), DIVISION),
)
RECORDS = (
    fault("issued_later", "发证晚于更新（未来日期）", cell(issued_on="2026-12-01"), LATER),
    fault("ends_before", "有效期止早于发证", cell(valid_to="2020-01-01"), ENDS),
    fault("days_exchanged", "起止日期颠倒", exchanged("valid_to", "issued_on"), ENDS, LATER),
    fault("sum", "分项合计不等于总数", spoiled("state", lambda it: str(int(it) + 1)), SUM),
    fault("part_missing", "分项缺一", cell(state=""), SUM),
    fault("pair", "类别与等级不符", cell(kind="延续", grade="甲"), PAIR),
    fault("same_post", "受理与审批同岗", copied("signed_by", "taken_by"), POSTS),
    fault(
        "told_twice",
        "同一内容两处不一",
        cell(opened_in="610199"),
        "0401 rule_division_opened_in_to_be_equal",
    ),
    fault("dangling", "外键无主", cell(office="B99"), "0402 rule_office_exist_in_dataset"),
    fault(
        "differs_from_source",
        "与数源不一致",
        cell(holder="西安旧名商贸有限公司"),
        "0401 holder_agrees_with_its_source",
    ),
    fault("key_twice", "主键重复", cell(no=FIRST_KEY), "0304 no_unique", rows=2),
    fault("row_twice", "整行重复", twice(), "0304 no_unique", ENTERED, rows=2),
    fault("entered_twice", "同一申请以新号重录", twice(no="XD00000001"), ENTERED, rows=2),
    fault(
        "cells_misplaced",
        "一行错列",
        misplaced("district"),
        "0101 staff_type",
        "0101 taken_at_type",
        "0402 rule_office_exist_in_dataset",
        SUM,
        PAIR,
        "0401 rule_division_opened_in_to_be_equal",
    ),
    fault(
        "totals",
        "末行为合计",
        rows(with_totals),
        "0101 no_format",
        *(f"0201 {each}_not_null" for each in REQUIRED),
    ),
)
TABLES = (
    fault("no_rows", "只有表头", rows(lambda _: ()), *TABLE_EMPTY, refused=("QUA-02",), rows=None),
    fault("district_missing", "缺一个区县", every(merged_districts), DISTRICTS, DIVIDED, rows=None),
    fault(
        "scaled",
        "金额单位错（亿元）",
        column("amount", lambda _, it: f"{float(it) / 1e4:.2f}"),
        MEAN,
    ),
    fault("constant", "整列同值", column("staff", lambda *_: "10"), SPREAD),
    fault("few_offices", "窗口只剩一个", column("office", lambda *_: OFFICES[0]), USED, DIVIDED),
    fault(
        "columns_exchanged",
        "两列内容对调",
        exchanged("mobile", "card", everywhere=True),
        "0301 mobile_valid_mobile",
        "0301 card_valid_bank_card",
        refused=("QUA-02",),
        rows=None,
    ),
    fault(
        "unfilled",
        "填报率下降",
        column("staff", lambda n, it: it if n % 5 else ""),
        STAFFED,
        FILLED,
    ),
    fault("emptier", "空值增多", column("remark", lambda n, it: it if n % 10 else ""), FILLED),
    fault("collapsed", "条数骤减", rows(lambda given: given[:1300]), ROWS, KEYS, rows=None),
    fault("grown", "条数骤增", rows(grown_by_half), ROWS, rows=None),
    fault(
        "renumbered",
        "一成主键更换",
        column("no", lambda n, it: it if n % 10 else f"XB{n:08d}"),
        KEYS,
        rows=None,
    ),
    fault(
        "all_renumbered", "主键全部更换", column("no", lambda n, _: f"XB{n:08d}"), KEYS, rows=None
    ),
    fault(
        "divided",
        "类别分布突变",
        every(lambda n, row: row if n % 2 else {**row, "kind": "新办", "grade": "甲"}),
        DIVIDED,
        rows=2,
    ),
    fault(
        "unchanged",
        "更新了但没变",
        rows(lambda _: first_rows()[::-1]),
        "0502 updated_and_changed",
    ),
    fault(
        "only_the_day_is_new",
        "只改更新日期的旧数据",
        rows(lambda _: tuple({**row, "updated_on": "2026-03-27"} for row in first_rows())),
        "0502 updated_and_changed",
    ),
    fault("copied", "与另一数据集逐字节相同", handed_over_again, "0303 source_is_not_a_copy"),
)
MOMENTS = (
    fault(
        "overdue",
        "逾期未更新",
        judged(as_of=date(2026, 5, 20)),
        "0502 updated_on_time",
        refused=("QUA-04",),
    ),
    fault(
        "older",
        "旧数据重发",
        column("updated_on", lambda *_: "2026-02-10"),
        refused=("QUA-04",),
        said="早于已开放版本的数据时间",
    ),
    fault(
        "frequency_unsaid", "目录未标更新频率", listed(update_frequency=None), refused=("CAT-02",)
    ),
    fault(
        "citizen_in_remark",
        "备注夹带身份证号",
        copied("remark", "person"),
        refused=("DES-01",),
        said="备注（公民身份号码，1处）",
    ),
    fault(
        "mobile_in_remark",
        "备注夹带手机号码",
        copied("remark", "mobile"),
        refused=("DES-01",),
        said="备注（手机号码，1处）",
    ),
)
STRUCTURES = (
    unreadable("column_missing", "缺列", without("staff"), "缺少从业人数"),
    unreadable("column_new", "多出一列", with_column("操作员"), "第25列不在目录中"),
    unreadable("column_renamed", "列改名", headed(staff="人数"), "从业人数疑为第19列更名"),
    unreadable("heading_twice", "两列同名", headed(private="国有占比"), "重复国有占比"),
    unreadable(
        "required_missing",
        "缺必填列（on_change: 适应）",
        both(without("holder"), ADAPTED),
        "缺少企业名称",
    ),
    fault(
        "new_adapted", "多出一列（on_change: 适应）", both(with_column("操作员"), ADAPTED), LISTED
    ),
    fault(
        "missing_adapted",
        "缺列（on_change: 适应）",
        both(without("remark"), ADAPTED),
        LISTED,
        FILLED,
    ),
    fault(
        "set_aside",
        "缺列（on_change: 隔离）",
        both(without("staff"), listed(on_change="隔离")),
        LISTED,
    ),
    fault("turned", "列序改变", backwards, LISTED),
)
FILES = (
    unreadable("absent", "未交文件", listed(source={"files": "permit_list*.csv"}), "没有与"),
    unreadable(
        "two_files", "交了两个文件", judged(files={"inbox/market/permits-2.csv": b"x"}), "多个与"
    ),
    unreadable("empty", "空文件", text(lambda _: b""), "是空文件"),
    unreadable(
        "headless", "没有表头", text(lambda it: it.split(b"\r\n", 1)[1]), "表头与目录登记不符"
    ),
    unreadable(
        "titled",
        "表头上多一行标题",
        text(lambda it: "许可信息表\r\n".encode() + it),
        "表头与目录登记不符",
    ),
    unreadable(
        "cut_in_quotes",
        "文件在引号中截断",
        text(lambda it: it.rstrip() + b'\r\nX,"a'),
        "引号未闭合",
    ),
    unreadable("cut_in_row", "文件在行中截断", line(lambda it: it[:90]), "列数与表头的 24 列不符"),
    unreadable(
        "cell_too_many", "一行多一格", line(lambda it: it + b",x"), "列数与表头的 24 列不符"
    ),
    unreadable(
        "comma_unquoted",
        "格内逗号未加引号",
        line(lambda it: it.replace("商贸".encode(), "商,贸".encode())),
        "列数与表头的 24 列不符",
    ),
    unreadable(
        "delimiter", "分隔符为分号", text(lambda it: it.replace(b",", b";")), "表头与目录登记不符"
    ),
    unreadable("pasted_twice", "两份表粘在一起", text(lambda it: it + it), "重复了表头"),
    unreadable(
        "mixed_utf8",
        "UTF-8 中混入 GB18030",
        line(lambda it: it.decode().encode("gb18030")),
        "无法按 utf-8",
    ),
    unreadable(
        "mixed_gb18030",
        "GB18030 中混入 UTF-8",
        both(
            text(lambda it: it.decode().encode("gb18030")),
            line(lambda it: it.decode("gb18030").encode()),
        ),
        "混入 UTF-8 编码的内容",
    ),
    unreadable(
        "decoded_as_latin",
        "按西文解码后另存",
        line(lambda it: it.decode("latin-1").encode()),
        "控制字符（U+0080 至 U+009F）",
    ),
    unreadable("nul", "含空字符", line(lambda it: it.replace(b",", b"\0,", 1)), "空字符（NUL）"),
    unreadable("web_page", "网页改名为表格", text(lambda it: b"<html>" + it), "不是表格文本"),
    unreadable("pdf", "PDF 改名为表格", text(lambda it: b"%PDF-1.7\n" + it), "的内容是 PDF"),
    unreadable("gzip_cut", "压缩包不完整", text(lambda it: gzip.compress(it)[:-5]), "压缩包不完整"),
)
FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "In a cell": CELLS,
    "In an identifier or a code": IDENTIFIERS,
    "Within a record, between records and with other datasets": RECORDS,
    "In the table as a whole, and beside the last released version": TABLES,
    "In the entry, the day and what would be opened": MOMENTS,
    "In the headings": STRUCTURES,
    "In the file": FILES,
}
REPAIRED = (
    fault("full_width_number", "全角数字的金额", spoiled("amount", full_width)),
    fault("full_width_code", "全角的信用代码", spoiled("uscc", full_width)),
    fault("full_width_mobile", "全角的手机号码", spoiled("mobile", full_width)),
    fault("lower_case", "小写的信用代码", spoiled("uscc", str.lower)),
    fault("day_in_chinese", "2028年12月1日", cell(valid_to="2028年12月1日")),
    fault("day_with_points", "2028.12.01", cell(valid_to="2028.12.01")),
    fault("day_as_serial", "表格软件的日期序号", cell(valid_to="46000")),
    fault("thousands", "千分位", cell(amount="1,234.50")),
    fault("blanks_around", "前后有空格", spoiled("holder", lambda it: f" {it}　")),
    fault("line_in_cell", "格内换行", cell(remark="第一行\n第二行")),
    fault("gb18030", "GB18030 编码", text(lambda it: it.decode().encode("gb18030"))),
    fault("marked", "带 BOM 的 UTF-8", text(lambda it: b"\xef\xbb\xbf" + it)),
    fault("packed", "gzip 压缩", text(gzip.compress)),
)
UNSEEN = (
    fault("updated_tomorrow", "个别行的更新日期晚于判定日", cell(updated_on="2026-12-01")),
    fault("another_enterprise", "填了另一家有效的信用代码", cell(uscc="91350100M000100Y43")),
    fault("nothing_undeclared", "选填项填“/”，目录未登记为空值写法", cell(taken_by="/")),
    fault("placeholder", "形似手机号码的占位号码", cell(mobile="13800000000")),
)
