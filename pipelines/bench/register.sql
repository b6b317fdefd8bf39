-- A generated enterprise register: {rows} rows x 14 columns of text, as a body would hand it over.
-- 50% distinct citizen IDs (unassigned division 110199), right check characters throughout,
-- 1% of remarks holding a mobile number of an unallocated prefix.
copy (
  with numbered as (
    select
      i,
      hash(i * 2 + 1) as h,
      hash(i % ({rows} // 2) + 77) as p
    from range({rows}) as t(i)
  ),
  bodies as (
    select
      *,
      '110199' || strftime(date '1950-01-01' + ((p % 20000)::integer), '%Y%m%d')
        || lpad(((p // 20000) % 1000)::varchar, 3, '0') as id17,
      '91110199' || translate(upper(lpad(to_hex(h), 16, '0'))[1:9], 'IOSVZ', '12345') as uscc17
    from numbered
  ),
  checked as (
    select
      *,
      id17 || '10X98765432'[1 + (
        list_sum(list_transform(range(1, 18), lambda k:
          id17[k]::integer * [7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2][k])) % 11)::integer] as person_id,
      uscc17 || '0123456789ABCDEFGHJKLMNPQRTUWXY'[1 + ((31 - list_sum(list_transform(range(1, 18), lambda k:
          (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', uscc17[k]) - 1)
          * [1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28][k])) % 31) % 31)::integer] as uscc
    from bodies
  )
  select
    i + 1 as "编号",
    person_id as "身份证号",
    ['赵','钱','孙','李','周','吴','郑','王'][1 + (p % 8)::integer] || ['晓明','丽','建国','海燕'][1 + (p // 8 % 4)::integer] as "姓名",
    '163' || lpad((p % 100000000)::varchar, 8, '0') as "手机号",
    uscc as "信用代码",
    'D' || lpad((h % 12)::varchar, 2, '0') as "区县",
    '云州市第' || (h % 12) || '区和平路' || (h // 12 % 900 + 1) || '号' || (h // 10800 % 30 + 1) || '单元' as "地址",
    strftime(date '2005-01-01' + (h // 7 % 7300)::integer, '%Y-%m-%d') as "登记日期",
    strftime(timestamp '2025-01-01' + to_seconds((h // 11 % 38000000)::bigint), '%Y-%m-%d %H:%M:%S') as "更新时间",
    ((h // 13 % 100000000) / 100)::decimal(18, 2) as "金额",
    ((h // 17 % 1000000) / 100)::decimal(18, 2) as "面积",
    ['存续','注销','吊销','迁出'][1 + (h // 19 % 4)::integer] as "状态",
    (108 + (h // 23 % 2000000) / 1000000)::decimal(18, 6) as "经度",
    case when h // 29 % 100 = 0 then '请联系' || '163' || lpad((h % 100000000)::varchar, 8, '0') || '办理'
      else '正常经营，年报已公示' || (h // 31 % 5000) end as "备注"
  from checked
  order by i
) to '{path}' (format csv, header true)
