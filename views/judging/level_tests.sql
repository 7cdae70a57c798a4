-- Every wanted point against the level that its line was on when it arrived, or against the slope where it drifts.
-- grain: one row per finite point × judged line, from eight before the first wanted one on
-- units: positions count from 0, window_position is the first point compared with; expected, gap, spread and slope (per
--        point) in y of `judged_points`; spread is the standard deviation that a gap has by chance
with

-- What is known of other levels helps as long as this one is short.
helped as (

    select
        level_bases.* exclude (known_variance, count_known, mean_own, squares_own),
        if(count_own < shortest_base(), coalesce(resumed.count, 0), 0) as count_resumed,
        count_own + count_resumed as count_base,
        case
            when count_own >= shortest_base() or count_resumed > 0 then 0
            when level_bases.count_known > 0 then level_bases.count_known
            else coalesce(prior_noises.count_known, 0)
        end as count_known,
        if(level_bases.count_known > 0, level_bases.known_variance, prior_noises.variance) as known_variance,
        level_bases.count_known = 0 as is_prior,
        if(count_resumed > 0, (count_own * mean_own + count_resumed * resumed.mean) / count_base, mean_own) as mean,
        squares_own + if(
            count_resumed > 0,
            count_resumed * (level_bases.known_variance + count_own * (mean_own - resumed.mean) ** 2 / count_base), 0
        ) as squares,
        count_own * (count_own * count_own - 1) / 12.0 as squares_of_time
    from level_bases
    left join prior_noises using (line_id, position)
    where is_wanted

),

-- What a straight line by least squares leaves over. Its residuals' covariance is nearly that of the points less what
-- the line explains.
lines as (

    select
        *,
        moment * moment / squares_of_time as gain,
        sample_variance(squares - gain, count_base - 1, mean) as variance_around_line,
        variance_inflation(kendall_autocorrelation((covariance - gain) / (squares - gain), count_base, 0.9)) as inflation,
        coalesce(
            count_own >= shortest_slope()
            and squares > count_base * rounding_of(mean) ** 2
            and log_likelihood_ratio(gain / (variance_around_line * inflation), count_base) > sure_of_drift(),
            false
        ) as is_drift
    from helped

),

noises as (

    select
        *,
        case when is_drift then moment / squares_of_time else 0 end as slope,
        case
            when count_known > 0
                then sample_variance(squares + count_known * known_variance, count_base + count_known, mean)
            when count_resumed > 0 then sample_variance(squares, count_base, mean)
            when is_drift then variance_around_line
            else greatest(
                long_run_variance(squares, count_base, mean, covariance), if(count_own >= longer_base(), variance_lately / by_chance(), 0)
            )
        end as variance
    from lines

)

select
    noises.line_id,
    noises.position,
    greatest(noises.level_position, accepted_position) as level_position,
    noises.position - count_own as window_position,
    count_base,
    noises.count_known,
    is_prior,
    levels.change,
    is_drift,
    slope,
    case when count_base > 0 then mean + slope * 0.5 * (count_base + 1) end as expected,
    y - expected as gap,
    -- Of the point itself, of the mean, and of the slope as far as it is drawn out.
    case
        when count_base + noises.count_known > 1 then sqrt(variance * (
            1 + 1.0 / count_base + if(is_drift, (0.5 * (count_base + 1)) ** 2 / squares_of_time, 0)
        ))
    end as spread
from noises
left join levels
    on
        levels.line_id = noises.line_id
        and levels.judged_to = noises.position
        and levels.change is not null
