{#-
  Around a model written by hand: its columns in catalog order and with the catalog's types, so that
  every reader of a standardised table meets the same thing. A value that is not of its type becomes
  null and says so in _bad_; a flag the model raised itself stays raised.
-#}
with written as (
{{ body }}
)
select
{%- for field in dataset.fields %}
    try_cast("{{ field.name }}" as {{ sql_type(field) }}) as "{{ field.name }}",
{%- endfor %}
    cast(_row as bigint) as _row
{%- for field in casts %},
    "{{ field.name }}" is not null and try_cast("{{ field.name }}" as {{ sql_type(field) }}) is null
    {%- if "_bad_" ~ field.name in flags %} or coalesce("_bad_{{ field.name }}", false){% endif %} as "_bad_{{ field.name }}"
{%- endfor %}
from written
