{#-
  Numbers from cleaned text. A comma is a thousands separator only where one belongs (1,234,567);
  scientific notation, underscores and hexadecimal are refused: a code that went through a
  spreadsheet must not come back as a number. No value passes through a float.

  as_* expect cleaned text; integer, decimal and bad_* take a landed column.
-#}
{%- from "text.sql" import clean_figure, once, plain_first with context -%}

{%- macro is_whole(figure) -%}
regexp_full_match({{ figure }}, '[+-]?[0-9]+([.]0*)?')
{%- endmacro -%}

{%- macro is_figure(figure) -%}
regexp_full_match({{ figure }}, '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)')
{%- endmacro -%}

{%- macro as_integer(figure) -%}
case
    when {{ is_whole(figure) }} then try_cast({{ figure }} as bigint)
    when regexp_full_match({{ figure }}, '[+-]?[0-9]{1,3}(,[0-9]{3})+([.]0*)?') then try_cast(replace({{ figure }}, ',', '') as bigint)
end
{%- endmacro -%}

{#- Digits beyond the declared scale are rounded half away from zero, in decimal arithmetic. -#}
{%- macro as_decimal(figure, scale=2) -%}
case
    when {{ is_figure(figure) }} then try_cast({{ figure }} as decimal(18, {{ scale }}))
    when regexp_full_match({{ figure }}, '[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?') then try_cast(replace({{ figure }}, ',', '') as decimal(18, {{ scale }}))
end
{%- endmacro -%}

{%- macro integer(column) -%}
{{ plain_first(column, is_whole(column), "try_cast(" ~ column ~ " as bigint)", once(clean_figure(column), as_integer("figure"))) }}
{%- endmacro -%}

{%- macro decimal(column, scale=2) -%}
{{ plain_first(column, is_figure(column), "try_cast(" ~ column ~ " as decimal(18, " ~ scale ~ "))", once(clean_figure(column), as_decimal("figure", scale))) }}
{%- endmacro -%}

{%- macro bad_integer(column) -%}
{{ once(clean_figure(column), "figure is not null and " ~ as_integer("figure") ~ " is null") }}
{%- endmacro -%}

{%- macro bad_decimal(column, scale=2) -%}
{{ once(clean_figure(column), "figure is not null and " ~ as_decimal("figure", scale) ~ " is null") }}
{%- endmacro -%}
