-- A standardised enterprise table: {rows} rows x 12 typed columns. One credit code in two thousand is
-- shared by two rows or missing, one district in a thousand is missing, one telephone number in ten
-- thousand is a digit short, and one approval in two thousand lies before the establishment.
copy (
  with numbered as (select i, hash(i * 2 + 1) as h from range({rows}) as t(i))
  select
    i as id,
    case
      when i % 4000 = 7 then null
      else '91610' || upper(lpad(to_hex(hash(if(i % 4000 = 9, i - 1, i))), 16, '0'))[1:13]
    end as uscc,
    '企业名称' || (h % {rows}) || '有限公司' as name,
    case when i % 1000 = 3 then null else (610101 + h % 20)::varchar end as district,
    ['存续', '注销', '吊销', '迁出'][1 + (h // 3 % 4)::integer] as status,
    round((h // 5 % 1000000) / 100.0, 2)::double as capital,
    date '2000-01-01' + (h // 7 % 9000)::integer as established_on,
    date '2000-01-01' + (h // 7 % 9000)::integer
      + (if(i % 2000 = 5, -30, (h // 11 % 400)::integer)) as approved_on,
    timestamp '2026-11-19' + to_seconds((h // 13 % 100000)::bigint) as updated_at,
    107.5 + (h // 17 % 20000) / 10000.0 as longitude,
    33.2 + (h // 19 % 15000) / 10000.0 as latitude,
    '1' || (3 + h // 23 % 7) || lpad((h // 29 % 1000000000)::varchar, 9, '0')[1:if(i % 10000 = 1, 8, 9)] as phone
  from numbered
) to '{path}' (format parquet, compression zstd);
