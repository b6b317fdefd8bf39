-- grain: one company and year
-- source bodies: transport (ratings), market (enterprise_register, the one source of names)
-- articles: XO 21 (一数一源、一源多用), XO 26
with rating as (
    select
        _row,
        {{ code('uscc') }} as uscc,
        {{ integer('rated_year') }} as rated_year,
        {{ bad_integer('rated_year') }} as _bad_rated_year,
        {{ code('grade') }} as grade
    from {{ source('main') }}
),

register as (
    select
        uscc,
        name,
        district
    from {{ ref('enterprise_register') }}
),

final as (
    select
        rating.uscc,
        register.name,
        register.district,
        rating.rated_year,
        rating.grade,
        rating._row,
        rating._bad_rated_year
    from rating
    left join register on register.uscc = rating.uscc
)

select
    uscc,
    name,
    district,
    rated_year,
    grade,
    _row,
    _bad_rated_year
from final
