-- The levels that a line went through, as they became known commit by commit.
-- grain: one row per stretch of points that were judged against the same level, at most a block
-- units: positions count from 0; means, gap and variances in y of `judged_points`; the evidence is that of macros.sql;
--        level_left is the level before the last change, `resumed` too, where the line is back on it
-- table: a recursion, made once
with recursive

levels as (

    select
        line_id, null::bigint as block, 0::bigint as level_position, 0::bigint as judged_from, -1::bigint as judged_to,
        null::double as known_variance, 0::bigint as count_known,  -- Of the levels before.
        null::struct(mean double, count bigint) as level_left, null::struct(mean double, count bigint) as resumed,
        null::struct(
            count_recent bigint, count_base bigint, mean double, gap double, variance double, evidence double,
            is_return boolean, is_resumption boolean
        ) as change
    from judged_lines
    union all
    (
        with
        -- Each step of the ladder computes what the next one reads more than once. Not materialized, like those after
        -- it: their rows carry the block's lists, by reference only.
        standing as not materialized (
            select
                levels.line_id, judged_to + 1 as judged_from,
                coalesce(judged_to + 1 - change.count_recent, level_position) as level_position,
                if(change.is_return is false, change.variance, known_variance) as known_variance,
                if(change.is_return is false, least(change.count_base, most_known()), count_known) as count_known,
                if(change is null, level_left, struct_pack(mean := change.mean, count := change.count_base)) as level_left,
                case
                    when change is null then resumed
                    when change.is_resumption then struct_pack(mean := level_left.mean, count := least(level_left.count, most_known()))
                end as resumed,
                judged_blocks.* exclude (line_id)
            from levels
            inner join judged_blocks
                on judged_blocks.line_id = levels.line_id and judged_blocks.block = block_of(judged_to + 1)
            where judged_to + 1 < first_position + len(ys)
        ),
        windows as not materialized (
            select
                * replace (
                    if(count_known > 0, count_known, coalesce(prior_counts[newest], 0)) as count_known,
                    if(count_known > 0, known_variance, prior_variances[newest]) as known_variance
                ), window_start(newest, first_position, level_position, accepted_positions) as first,
                coalesce(level_left.count >= first_base(), false) as can_return
            from (select *, unnest(range(judged_from + 1 - first_position, len(ys) + 1)) as newest from standing)
        ),
        -- One point alone may be back on the level that was left, and speak for this one.
        stretches as not materialized (
            from windows
            select *, unnest(range(
                greatest(newest + 1 - longest_shift(), first + if(can_return, 1, least_base(count_known, resumed))),
                newest + can_return::int
            )) as split
        ),
        counted as not materialized (
            select
                * exclude (level_position, accepted_positions, prior_counts, prior_variances),
                newest - split + 1 as count_recent,
                -- What is known of other levels helps as long as this one is short.
                if(split - first < shortest_base(), coalesce(resumed.count, 0), 0) as count_resumed,
                if(split - first < shortest_base() and resumed is null, count_known, 0) as weight
            from stretches
        ),
        means as not materialized (
            select
                *, split - first + count_resumed as count_base,
                sum_over(raw_sums, split, newest + 1) / count_recent as mean_recent,
                (sum_over(sums, first, split) + sum_resumed(resumed, count_resumed)) / (split - first + count_resumed) as mean
            from counted
        ),
        gains as not materialized (
            select
                *, mean_recent - mean as gap,
                sum_over(square_sums, first, split) + squares_resumed(resumed, count_resumed, known_variance)
                - count_base * mean * mean as squares,
                (mean_recent - mean) ** 2 * count_recent * count_base / (count_recent + count_base) as gain
            from means
        ),
        -- Autocorrelation only lessens the evidence: where there is not enough without it, nothing needs it.
        promising as not materialized (
            select
                * exclude (white), case
                    when weight + count_resumed > 0 then white
                    else noise_variance(squares, count_base, covariance_over(sums, product_sums, first, split))
                end as variance
            from (from gains select *, white_variance(squares + weight * coalesce(known_variance, 0), count_base + weight) as white)
            where evidence(gain / white, count_recent + count_base + weight) > sure()
        ),
        -- Materialized, so that what follows is asked of numbers and not, again and again, of lists.
        weighed as materialized (
            select
                line_id, newest, count_recent, count_base, count_resumed, weight, mean, gap, variance, gain,
                evidence(gain / variance, count_recent + count_base + weight) as evidence,
                split - first >= least_base(count_known, resumed) as has_base,
                gap_of_rest(gap, mean, recent) as gap_of_rest,
                -- Its first point may be the last one of before.
                gap * (2 * recent[1] - mean - mean_recent) <= 0 as is_too_long,
                squares + list_inner_product(recent, recent) - count_recent * mean_recent ** 2 as squares_of_step,
                gain_of_slope(
                    moment_of(sums, moment_sums, recent, first_position, first, split, newest), count_base + count_recent
                ) as gain_of_slope,
                can_return and evidence > sure_of_one() and gap * (level_left.mean - mean) > 0
                -- Each of them: what is nearer to the level of now has not left it.
                and gap * (2 * if(gap > 0, list_min(recent), list_max(recent)) - mean - level_left.mean) > 0 and (
                    is_at(level_left, mean_recent, variance, count_recent)
                    or (count_recent > 1 and gap * (mean_recent - level_left.mean) > 0)
                ) as is_return,
                is_return and is_at(level_left, mean_recent, variance, count_recent) as is_resumption
            from (from promising select *, ys[split:newest] as recent)
        ),
        changes as (
            select
                line_id, min(newest) as newest,
                arg_min(
                    struct_pack(count_recent, count_base, mean, gap, variance, evidence, is_return, is_resumption),
                    (newest, is_too_long, -evidence)
                ) as change
            from weighed
            inner join judged_lines using (line_id)
            where
                2 * half_scale * abs(gap) >= smallest_effect(value_of(mean, judged_lines), judged_lines)
                and evidence > sure()
                and (is_return or (
                    has_base and count_recent > 1
                    -- A lone outlier is no level,
                    and gap_of_rest * gap > 0
                    and shift_evidence(gap_of_rest, variance, count_recent - 1, count_base, weight) > sure_without()
                    -- and neither is a slope: the step must leave less of the window's squares over than a line.
                    and (count_resumed > 0 or squares_of_step + gain - gain_of_slope > straightness() * squares_of_step)
                ))
            group by line_id
        )
        select
            standing.line_id, block, level_position, judged_from,
            first_position - 1 + coalesce(changes.newest, len(ys)), known_variance, count_known, level_left, resumed, change
        from standing
        left join changes on changes.line_id = standing.line_id
    )

)

select
    line_id, block, level_position, judged_from, judged_to, known_variance, count_known, level_left, resumed, change
from levels
where block is not null
