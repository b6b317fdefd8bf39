-- grain: one district
-- source bodies: market (food_inspections)
-- articles: XO 26 (govern, clean, convert before opening)
with inspection as (
    select
        district,
        result,
        sampled_on
    from {{ ref('food_inspections') }}
),

final as (
    select
        district,
        count(*) as samples,
        count(*) filter (where result = '合格') as passed,
        cast(
            count(*) filter (where result = '合格') / count(*) as decimal(18, 4)
        ) as pass_rate,
        max(sampled_on) as latest_on
    from inspection
    group by district
)

select
    district,
    samples,
    passed,
    pass_rate,
    latest_on,
    row_number() over (order by district) as _row
from final
