-- Every wanted point against the level that its line was on when it arrived, or against the slope where it drifts.
-- grain: one row per finite point × judged line, from eight before the first wanted one on
-- units: positions count from 0, window_position is the first point compared with; expected, gap, spread and slope (per
--        point) in y of `judged_points`; spread is the standard deviation that a gap has by chance
with

windows as (

    select
        *,
        window_start(newest, first_position, level_position, accepted_positions) as first,
        newest - first as count_own,
        -- What is known of other levels helps as long as this one is short.
        if(newest - first < shortest_base(), coalesce(resumed.count, 0), 0) as count_resumed
    from (
        select
            levels.* exclude (block),
            judged_blocks.* exclude (line_id),
            unnest(range(
                -- What was suspected of the points just before is told of the wanted ones.
                greatest(judged_from, from_position - longest_shift()) + 1 - first_position,
                judged_to + 2 - first_position
            )) as newest
        from levels
        inner join judged_lines using (line_id)
        inner join judged_blocks using (line_id, block)
        where judged_to >= from_position - longest_shift()
    )

),

bases as (

    select
        line_id,
        first_position + newest - 1 as position,
        first_position + first - 1 as window_position,
        greatest(level_position, accepted_positions[newest]) as level_position,
        case when first_position + newest - 1 = judged_to then change end as change,
        ys[newest] as y,
        count_own,
        count_resumed,
        count_own + count_resumed as count_base,
        case
            when count_own >= shortest_base() or count_resumed > 0 then 0
            when count_known > 0 then count_known
            else coalesce(prior_counts[newest], 0)
        end as count_known,
        if(windows.count_known > 0, known_variance, prior_variances[newest]) as known_variance,
        windows.count_known = 0 as is_prior,
        (sum_over(sums, first, newest) + sum_resumed(resumed, count_resumed)) / (count_own + count_resumed) as mean,
        greatest(
            sum_over(square_sums, first, newest) + squares_resumed(resumed, count_resumed, windows.known_variance)
            - (count_own + count_resumed) * mean * mean, 0
        ) as squares,
        covariance_over(sums, product_sums, first, newest) as covariance,
        -- Time counts from the middle of the window: its sum of squares, and its products with y.
        count_own * (count_own * count_own - 1) / 12.0 as squares_of_time,
        sum_over(moment_sums, first, newest)
        - count_own * mean * (first_position + 0.5 * (first + newest - 3)) as moment
    from windows

),

-- What a straight line by least squares leaves over. Its residuals' covariance is nearly that of the points less what
-- the line explains.
lines as (

    select
        *,
        moment * moment / squares_of_time as gain,
        white_variance(squares - gain, count_base - 1) as variance_around_line,
        inflation(unbiased_autocorrelation((covariance - gain) / (squares - gain), count_base, 0.9)) as inflation,
        coalesce(
            count_own > shortest_base()
            and squares > 1e-10 * count_base
            and evidence(gain / (variance_around_line * inflation), count_base) > sure_of_drift(),
            false
        ) as is_drift
    from bases

),

noises as (

    select
        *,
        case when is_drift then moment / squares_of_time else 0 end as slope,
        case
            when count_known > 0 then white_variance(squares + count_known * known_variance, count_base + count_known)
            when count_resumed > 0 then white_variance(squares, count_base)
            when is_drift then variance_around_line
            else noise_variance(squares, count_base, covariance)
        end as variance
    from lines

)

select
    line_id,
    position,
    level_position,
    window_position,
    count_base,
    count_known,
    is_prior,
    change,
    is_drift,
    slope,
    mean + slope * 0.5 * (count_base + 1) as expected,
    y - expected as gap,
    -- Of the point itself, of the mean, and of the slope as far as it is drawn out.
    sqrt(variance * (
        1 + 1.0 / count_base + case when is_drift then (0.5 * (count_base + 1)) ** 2 / squares_of_time else 0 end
    )) as spread
from noises
