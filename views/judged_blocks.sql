-- The judged points packed in blocks, so that a step of the recursion in `levels` reads only what it needs.
-- grain: one row per block of `block_length` positions × judged line
-- units: as in `judged_points`; a block's lists begin with the points that a comparison in it may look back on;
--        `first_position` is that of their first entry, the `raw_…` ones are those of y, and the others of calm_y
-- kind: step, materialized
with

placed as (

    select
        line_id,
        position,
        y,
        accepted_position,
        sum_y,
        sum_y_squares,
        sum_y_moments,
        sum_calm,
        sum_squares,
        sum_products,
        sum_moments,
        unnest(range(
            position // block_length(), (position + longest_window()) // block_length() + 1
        )) as block
    from judged_points

)

select
    line_id,
    block,
    min(position) as first_position,
    list(y order by position) as ys,
    list(accepted_position order by position) as accepted_positions,
    list(sum_y order by position) as raw_sums,
    list(sum_y_squares order by position) as raw_square_sums,
    list(sum_y_moments order by position) as raw_moment_sums,
    list(sum_calm order by position) as sums,
    list(sum_squares order by position) as square_sums,
    list(sum_products order by position) as product_sums,
    list(sum_moments order by position) as moment_sums
from placed
group by line_id, block
-- Where the line ends in time for the next block, there is nothing left to judge in that.
having max(position) >= block * block_length()
