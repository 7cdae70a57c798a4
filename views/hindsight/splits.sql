-- Where a line falls apart into levels, seen from its end: binary segmentation, all open segments at once.
-- grain: one row per accepted split × judged line
-- units: position counts from 0 and is that of the first point after the split; the evidence is that of macros.sql
-- table: a recursion, made once
with recursive

points as materialized (

    select
        line_id, position, y, sum_y, sum(y * y) over so_far as sum_squares, sum(y * y_before) over so_far as sum_products
    from (select *, lag(y, 1, 0) over (partition by line_id order by position) as y_before from judged_points)
    window so_far as (partition by line_id order by position rows unbounded preceding)

),

-- The points from `first` to `last`, with the sums over the line before them and to their end.
segments as (

    select
        judged_lines.line_id, judged_lines.count_points, line_memories.rho,
        points.sum_squares / count_points - (points.sum_y / count_points) ** 2 as variance,
        0::bigint as first, judged_lines.count_points - 1 as last,
        0::double as sum_before, 0::double as squares_before,
        points.sum_y as sum_to_end, points.sum_squares as squares_to_end,
        null::double as evidence
    from judged_lines
    inner join line_memories using (line_id)
    inner join points on points.line_id = judged_lines.line_id and points.position = judged_lines.count_points - 1
    where judged_lines.half_scale is not null
    union all
    (
        with
        -- The split that explains the most; of equal ones the first. A level has three points at least.
        best as (
            select
                segments.line_id, segments.first,
                arg_max(points.position, (
                    (
                        (points.sum_y - sum_before) / (points.position + 1 - first)
                        - (sum_to_end - points.sum_y) / (last - points.position)
                    ) ** 2 * (points.position + 1 - first) * (last - points.position),
                    -points.position
                )) as left_last
            from segments
            inner join points using (line_id)
            where points.position between segments.first + 2 and segments.last - 3
            group by segments.line_id, segments.first
        ),
        -- Each step computes what the next one reads more than once.
        gaps as (
            select
                segments.* exclude (evidence), left_last, last + 1 - first as count_all,
                left_last + 1 - first as count_left, last - left_last as count_right,
                points.sum_y as sum_between, points.sum_squares as squares_between,
                (points.sum_y - sum_before) / (left_last + 1 - first) as mean_left,
                (sum_to_end - points.sum_y) / (last - left_last) as mean_right,
                squares_to_end - squares_before - (sum_to_end - sum_before) ** 2 / (last + 1 - first) as squares
            from segments
            inner join best using (line_id, first)
            inner join points on points.line_id = segments.line_id and points.position = left_last
        ),
        gains as (
            from (select *, (mean_right - mean_left) ** 2 * count_left * count_right / count_all as gain from gaps)
            select *, greatest(squares - gain, 1e-9 * squares) as squares_left_over
        ),
        -- Autocorrelation only lessens the evidence: where there is not enough without it, nothing needs the points.
        -- A squared t. Less noise than a twentieth of the line's variance is not believed: smooth curves.
        promising as (
            from (from gains select *, least(gain / squares_left_over * (count_all - 2), gain / (0.05 * variance)) as most)
            where squares > 1e-12 * variance and evidence_in_hindsight(most, count_all) > sure_in_hindsight(count_points)
        ),
        sides as (
            select
                line_id, first,
                median(y) filter (position > left_last) - median(y) filter (position <= left_last) as gap_of_medians,
                any_value(sum_products) filter (position = left_last)
                - any_value(sum_products) filter (position = promising.first) as products_left,
                any_value(sum_products) filter (position = last)
                - any_value(sum_products) filter (position = left_last + 1) as products_right,
                sum(y) filter (position in (promising.first, left_last)) as ends_left,
                sum(y) filter (position in (left_last + 1, last)) as ends_right
            from promising
            inner join points using (line_id)
            where position between promising.first and last
            group by line_id, promising.first
        ),
        tests as (
            from (
                from promising
                inner join sides using (line_id, first)
                select
                    *, least(rho, unbiased_autocorrelation((
                        covariance_around(products_left, mean_left, ends_left, count_left)
                        + covariance_around(products_right, mean_right, ends_right, count_right)
                    ) / squares_left_over, count_all, 0.95)) as rho_around
            )
            select
                *, least(gain / squares_left_over * (count_all - 2) / inflation(rho_around), gain / (0.05 * variance))
                as t_squared
        )
        select
            line_id, count_points, rho, variance,
            unnest([first, left_last + 1]) as first,
            unnest([left_last, last]) as last,
            unnest([sum_before, sum_between]) as sum_before,
            unnest([squares_before, squares_between]) as squares_before,
            unnest([sum_between, sum_to_end]) as sum_to_end,
            unnest([squares_between, squares_to_end]) as squares_to_end,
            unnest([null, evidence_in_hindsight(t_squared, count_all)]) as evidence  -- The right one stands for the split.
        from tests
        where
            evidence_in_hindsight(t_squared, count_all) > sure_in_hindsight(count_points)
            and gap_of_medians * sign(mean_right - mean_left) >= 0.5 * abs(mean_right - mean_left)
    )

)

select line_id, first as position, evidence
from segments
where evidence is not null
