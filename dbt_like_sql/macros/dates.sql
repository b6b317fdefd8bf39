{#-
  Dates from cleaned text. The fifth character tells the spellings apart, so that no row pays for
  the failure of another row's spelling (a failed cast costs ten times a good one):
    2022-07-29 11:46:00, 2021/3/20        the engine's own cast
    2022.08.03, 2023年04月12日 09:30        the same after replacing the separators
    20170623, 20170623093000              compact
    44744, 45356.5                        serial days of a spreadsheet, 1954-10-03 to 2100-01-01
  Day-first spellings are ambiguous and count only where `formats` (strptime) declares them;
  declared formats go first. Years are 1800-2199, or 9999 (no end). A time in another zone
  than +08:00 is refused rather than moved: its local date may be another day.

  as_* expect cleaned text; date, datetime and bad_* take a landed column.
-#}
{%- from "text.sql" import clean_figure, once, plain_first with context -%}

{%- macro has_year(figure) -%}
({{ figure }} between '1800' and '22' or {{ figure }} between '9999' and ':')
{%- endmacro -%}

{%- macro is_local(figure) -%}
(strlen({{ figure }}) <= 10 or strlen({{ figure }}) = 19 or not regexp_matches({{ figure }}, '(Z|[+-][0-9:]+|[)])$') or suffix({{ figure }}, '+08:00'))
{%- endmacro -%}

{#- A day, or a moment to the second, with no room for a zone. -#}
{%- macro is_plain(column) -%}
(strlen({{ column }}) <= 10 and {{ column }}[5] in ('-', '/') or {{ column }} like '____-__-__ __:__:__') and {{ has_year(column) }}
{%- endmacro -%}

{%- macro plain_or(column, type, other, formats) -%}
{%- if formats -%}
{{ other }}
{%- else -%}
{{ plain_first(column, is_plain(column), "coalesce(try_cast(" ~ column ~ " as " ~ type ~ "), " ~ other ~ ")", other) }}
{%- endif -%}
{%- endmacro -%}

{%- macro with_dashes(figure) -%}
trim(replace(replace(replace(replace({{ figure }}, '年', '-'), '月', '-'), '日', ' '), '.', '-'))
{%- endmacro -%}

{%- macro as_moment(figure, type, serial, formats=()) -%}
case
    {%- if formats %}
    when try_strptime({{ figure }}, [{{ formats | map('literal') | join(', ') }}]) between timestamp '1800-01-01' and timestamp '9999-12-31 23:59:59' then cast(try_strptime({{ figure }}, [{{ formats | map('literal') | join(', ') }}]) as {{ type }})
    {%- endif %}
    when {{ figure }}[5] in ('-', '/') and {{ has_year(figure) }} and {{ is_local(figure) }} then try_cast({{ figure }} as {{ type }})
    when {{ figure }}[5] in ('.', '年') and {{ has_year(figure) }} then try_cast({{ with_dashes(figure) }} as {{ type }})
    when regexp_full_match({{ figure }}, '[0-9]{8}([0-9]{6})?') and {{ has_year(figure) }} then cast(try_strptime({{ figure }}, ['%Y%m%d', '%Y%m%d%H%M%S']) as {{ type }})
    when regexp_full_match({{ figure }}, '[2-7][0-9]{4}([.][0-9]+)?') and try_cast({{ figure }} as double) between 20000 and 73050 then {{ serial }}
end
{%- endmacro -%}

{%- macro as_date(figure, formats=()) -%}
{{ as_moment(figure, "date", "date '1899-12-30' + cast(floor(try_cast(" ~ figure ~ " as double)) as integer)", formats) }}
{%- endmacro -%}

{%- macro as_datetime(figure, formats=()) -%}
{{ as_moment(figure, "timestamp", "timestamp '1899-12-30' + to_seconds(round(try_cast(" ~ figure ~ " as double) * 86400))", formats) }}
{%- endmacro -%}

{%- macro date(column, formats=()) -%}
{{ plain_or(column, "date", once(clean_figure(column), as_date("figure", formats)), formats) }}
{%- endmacro -%}

{%- macro datetime(column, formats=()) -%}
{{ plain_or(column, "timestamp", once(clean_figure(column), as_datetime("figure", formats)), formats) }}
{%- endmacro -%}

{%- macro bad_date(column, formats=()) -%}
{{ once(clean_figure(column), "figure is not null and " ~ as_date("figure", formats) ~ " is null") }}
{%- endmacro -%}

{%- macro bad_datetime(column, formats=()) -%}
{{ once(clean_figure(column), "figure is not null and " ~ as_datetime("figure", formats) ~ " is null") }}
{%- endmacro -%}
