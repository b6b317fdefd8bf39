{#- The model of a dataset that has no SQL of its own: one source, one row a record, by contract. -#}
-- {{ dataset.title | replace('\n', ' ') }} ({{ dataset.body }}/{{ dataset.id }}): one row a record of {{ source.id }}, written from the catalog entry
with typed as (
    select
        _row,
    {%- for field in dataset.fields %}
        {{ value(field) | indent(8) }} as "{{ field.name }}"{{ "," if casts or not loop.last }}
    {%- endfor %}
    {%- for field in casts %}
        "{{ field.name }}" as "_text_{{ field.name }}"{{ "," if not loop.last }}
    {%- endfor %}
    from "{{ relation }}"
)
select
{%- for field in dataset.fields %}
    "{{ field.name }}",
{%- endfor %}
    _row
{%- for field in casts %},
    case
        when "{{ field.name }}" is not null or "_text_{{ field.name }}" is null then false
        else {{ given("_text_" ~ field.name) | indent(8) }} is not null
    end as "_bad_{{ field.name }}"
{%- endfor %}
from typed
