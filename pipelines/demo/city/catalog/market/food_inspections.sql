-- grain: one inspected sample
-- source bodies: market (samples, producers)
-- articles: XO 26 (govern, clean, convert before opening)
with sample as (
    select
        _row,
        {{ code('sample_no') }} as sample_no,
        {{ code('producer_no') }} as producer_no,
        {{ text('product') }} as product,
        {{ code('district') }} as district,
        {{ date('sampled_on') }} as sampled_on,
        {{ bad_date('sampled_on') }} as _bad_sampled_on,
        {{ text('result') }} as result,
        {{ text('failed_item') }} as failed_item
    from {{ source('samples') }}
),

producer as (
    select
        {{ code('producer_no') }} as producer_no,
        min({{ code('uscc') }}) as uscc,
        min({{ text('producer') }}) as producer
    from {{ source('producers') }}
    group by 1
),

final as (
    select
        sample.sample_no,
        sample.product,
        producer.producer,
        producer.uscc,
        sample.district,
        sample.sampled_on,
        sample.result,
        sample.failed_item,
        sample._row,
        sample._bad_sampled_on
    from sample
    left join producer on producer.producer_no = sample.producer_no
)

select
    sample_no,
    product,
    producer,
    uscc,
    district,
    sampled_on,
    result,
    failed_item,
    _row,
    _bad_sampled_on
from final
