-- The first {rows} rows of an enterprise table, spoiled until each of the nineteen rules is broken:
-- too few rows, a column too many, keys shared and missing, values out of every range.
copy (
  select
    * replace (
      case when id < 3 then 7 when id = 20 then null else id end as id,
      case when id in (1, 2) then null when id < 5 then '91610' else uscc end as uscc,
      if(id % 11 = 0, '999999', district) as district,
      if(id % 13 = 0, '筹建', status) as status,
      if(id % 2 = 0, -1, capital) as capital,
      if(id % 17 = 0, 17.5, longitude) as longitude,
      if(id % 19 = 0, 19.5, latitude) as latitude,
      updated_at - interval 9 year as updated_at,
      if(id % 23 = 0, '12345', phone) as phone
    ),
    true as unlisted
  from read_parquet('{table}')
  limit {rows}
) to '{path}' (format parquet);
