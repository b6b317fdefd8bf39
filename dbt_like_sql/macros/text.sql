{#-
  Cleaning a landed text: what stands around a value goes, what spells "nothing" becomes null.

  Every macro tests the ordinary spelling first, because nearly every cell is ordinary and looking
  at its two ends costs a seventh of trimming it. `nulls` (quoted, comma-separated) comes from the
  dataset's sources and always holds ''.
-#}
{%- set blanks = "concat(' ', chr(9), chr(10), chr(13), chr(160), chr(8203), chr(12288), chr(65279))" -%}
{%- set full_width = "'０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．，－＋／：'" -%}
{%- set half_width = "'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,-+/:'" -%}

{#- Spaces of every width, control and invisible format characters, at both ends. -#}
{%- macro trimmed(column) -%}
regexp_replace({{ column }}, '^[\s\pZ\p{Cc}\p{Cf}]+|[\s\pZ\p{Cc}\p{Cf}]+$', '', 'g')
{%- endmacro -%}

{#- A cast names its input many times; a lambda cleans it once, whatever expression comes in. -#}
{%- macro once(value, cast) -%}
list_transform([{{ value }}], lambda figure: {{ cast }})[1]
{%- endmacro -%}

{#- A text as the body wrote it, without what surrounds it. -#}
{%- macro clean_text(column) -%}
case
    when {{ column }} in ({{ nulls }}) then null
    when ({{ column }} between '!' and '~' or {{ column }} between '一' and '힣' or not contains({{ blanks }}, {{ column }}[1])) and not contains({{ blanks }}, {{ column }}[-1]) then {{ column }}
    when {{ trimmed(column) }} in ({{ nulls }}) then null
    else {{ trimmed(column) }}
end
{%- endmacro -%}

{#- A number or a date still as text: full-width characters folded to half-width, where there are
    any: looking for them costs a twentieth of folding. -#}
{%- macro clean_figure(column) -%}
case
    when {{ column }} in ({{ nulls }}) then null
    when strlen({{ column }}) = length({{ column }}) and {{ column }} >= '!' and {{ column }}[-1] > ' ' then {{ column }}
    when {{ trimmed(column) }} in ({{ nulls }}) then null
    when regexp_matches({{ column }}, '[０-９Ａ-Ｚａ-ｚ．，－＋／：]') then translate({{ trimmed(column) }}, {{ full_width }}, {{ half_width }})
    else {{ trimmed(column) }}
end
{%- endmacro -%}

{#- What is plainly spelled is cast as it came; all else is cleaned first, and only then costs. -#}
{%- macro plain_first(column, is_plain, plain, other) -%}
case
    when {{ is_plain }}{% if nulls != "''" %} and {{ column }} not in ({{ nulls }}){% endif %} then {{ plain }}
    when {{ column }} is null or {{ column }} in ({{ nulls }}) then null
    else {{ other }}
end
{%- endmacro -%}

{#- An identifier: folded like a figure and upper-case, so that equal codes are equal texts. -#}
{%- macro clean_code(column) -%}
upper({{ clean_figure(column) }})
{%- endmacro -%}

{%- macro text(column) -%}
{{ clean_text(column) }}
{%- endmacro -%}

{%- macro code(column) -%}
{{ clean_code(column) }}
{%- endmacro -%}
