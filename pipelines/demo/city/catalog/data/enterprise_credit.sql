-- grain: one company
-- source bodies: market (enterprise_register), data (tax_payments, obtained by sharing)
-- articles: XO 21 (一数一源、一源多用); XS 22 bars opening what was obtained by sharing
with register as (
    select
        uscc,
        name,
        status
    from {{ ref('enterprise_register') }}
),

tax as (
    select
        uscc,
        credit,
        updated_on
    from {{ ref('tax_payments') }}
),

final as (
    select
        register.uscc,
        register.name,
        register.status,
        tax.credit as tax_credit,
        tax.updated_on
    from register
    inner join tax on tax.uscc = register.uscc
)

select
    uscc,
    name,
    status,
    tax_credit,
    updated_on,
    row_number() over (order by uscc) as _row
from final
