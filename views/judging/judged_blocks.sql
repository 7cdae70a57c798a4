-- The judged points packed in blocks, so that a step of the recursion in `levels` reads only what it needs.
-- grain: one row per block of `block_length` positions × judged line
-- units: as in `judged_points`; a block's lists begin with the points that a comparison in it may look back on;
--        `first_position` is that of their first entry, `raw_sums` are those of y, and the others of calm_y;
--        `prior_…` ones those of `prior_noises`
-- table: the recursion in `levels` needs its input at hand
with

placed as (

    select
        judged_points.*,
        prior_noises.count_known,
        prior_noises.variance,
        unnest(range(
            position // block_length(), (position + longest_window()) // block_length() + 1
        )) as block
    from judged_points
    left join prior_noises using (line_id, position)

),

-- Sorted once, as rows, and taken apart then.
packed as (

    select
        line_id,
        block,
        min(position) as first_position,
        list(
            struct_pack(
                y, accepted_position, sum_y, sum_calm, sum_squares, sum_products, sum_moments, count_known, variance
            )
            order by position
        ) as points
    from placed
    group by line_id, block
    -- Where the line ends in time for the next block, there is nothing left to judge in that.
    having max(position) >= block * block_length()

)

select
    line_id,
    block,
    first_position,
    list_transform(points, lambda point: point.y) as ys,
    list_transform(points, lambda point: point.accepted_position) as accepted_positions,
    list_transform(points, lambda point: point.sum_y) as raw_sums,
    list_transform(points, lambda point: point.sum_calm) as sums,
    list_transform(points, lambda point: point.sum_squares) as square_sums,
    list_transform(points, lambda point: point.sum_products) as product_sums,
    list_transform(points, lambda point: point.sum_moments) as moment_sums,
    list_transform(points, lambda point: point.count_known) as prior_counts,
    list_transform(points, lambda point: point.variance) as prior_variances
from packed
