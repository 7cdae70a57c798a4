-- The judged points packed in blocks, so that a step of the recursion in `levels` reads only what it needs.
-- grain: one row per block of `block_length` positions × judged line
-- units: as in `judged_points`; a block's lists begin with the points that a comparison in it may look back on, at
--        first_position; recent_means are those of y of one, two, ... points from each one on, up to `longest_shift`;
--        `prior_…` ones those of `prior_noises`
-- table: the recursion in `levels` needs its input at hand
with

followed as (

    select
        *,
        sum(calm_y) over (partition by line_id order by position rows unbounded preceding) as sum_calm,
        -- None reaches past an accepted change.
        [
            y,
            avg(y) over (along rows between current row and 1 following),
            avg(y) over (along rows between current row and 2 following),
            avg(y) over (along rows between current row and 3 following),
            avg(y) over (along rows between current row and 4 following),
            avg(y) over (along rows between current row and 5 following),
            avg(y) over (along rows between current row and 6 following),
            avg(y) over (along rows between current row and 7 following)
        ][:count(*) over (along rows between current row and longest_shift() - 1 following)] as recent_means
    from judged_points
    window along as (partition by line_id, accepted_position order by position)

),

placed as (

    select
        followed.*,
        prior_noises.count_known,
        prior_noises.variance,
        unnest(range(
            position // block_length(), (position + longest_base() + longest_shift()) // block_length() + 1
        )) as block
    from followed
    left join prior_noises using (line_id, position)

),

-- Sorted once, as rows, and taken apart then.
packed as (

    select
        line_id,
        block,
        min(position) as first_position,
        list(
            struct_pack(y, calm_y, sum_calm, accepted_position, recent_means, count_known, variance) order by position
        ) as points
    from placed
    group by line_id, block
    -- Where the line ends in time for the next block, there is nothing left to judge in that.
    having max(position) >= block * block_length()

)

select
    packed.line_id,
    block,
    first_position,
    struct_pack(min_effect, min_effect_share, whole, whole_percent) as on_line,
    list_transform(points, lambda point: point.y) as ys,
    list_transform(points, lambda point: point.calm_y) as calm_ys,
    list_transform(points, lambda point: point.sum_calm) as calm_sums,
    list_transform(points, lambda point: point.accepted_position) as accepted_positions,
    list_transform(points, lambda point: point.recent_means) as recent_means,
    list_transform(points, lambda point: point.count_known) as prior_counts,
    list_transform(points, lambda point: point.variance) as prior_variances
from packed
inner join judged_lines using (line_id)
