-- grain: one grade of water
-- source bodies: environment (water_quality)
-- articles: XO 26 (govern, clean, convert before opening)
with sample as (
    select
        grade,
        sampled_on
    from {{ ref('water_quality') }}
),

final as (
    select
        grade,
        count(*) as samples,
        max(sampled_on) as latest_on
    from sample
    group by grade
)

select
    grade,
    samples,
    latest_on,
    row_number() over (order by grade) as _row
from final
