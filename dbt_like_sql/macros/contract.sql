{#- The model of a dataset that has no SQL of its own: one source, one row a record, by contract. -#}
-- {{ dataset.title | replace('\n', ' ') }} ({{ dataset.body }}/{{ dataset.id }}): one row a record of {{ source.id }}, written from the catalog entry
with cleaned as (
    select
        _row,
    {%- for field in dataset.fields %}
        {{ cleaned(field) | indent(8) }} as {{ stage_name(field) }}{{ "," if not loop.last }}
    {%- endfor %}
    from "{{ relation }}"
),
typed as (
    select
        _row,
    {%- for field in dataset.fields %}
    {%- if field in casts %}
        {{ typed(field) | indent(8) }} as "{{ field.name }}",
        {{ stage_name(field) }}{{ "," if not loop.last }}
    {%- else %}
        "{{ field.name }}"{{ "," if not loop.last }}
    {%- endif %}
    {%- endfor %}
    from cleaned
)
select
{%- for field in dataset.fields %}
    "{{ field.name }}",
{%- endfor %}
    _row
{%- for field in casts %},
    {{ stage_name(field) }} is not null and "{{ field.name }}" is null as "_bad_{{ field.name }}"
{%- endfor %}
from typed
