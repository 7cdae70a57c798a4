-- The levels that a line went through, as they became known commit by commit.
-- grain: one row per stretch of points that were judged against the same level, at most a block
-- units: positions count from 0; gap and variances in y of `judged_points`; the evidence is that of macros.sql
-- table: a recursion, made once
with recursive

levels as (

    select
        line_id, null::bigint as block, 0::bigint as level_position, 0::bigint as judged_from, -1::bigint as judged_to,
        -- Of the levels before.
        null::double as known_variance, 0::bigint as count_known,
        null::struct(count_recent bigint, count_base bigint, mean double, gap double, variance double, evidence double)
        as change
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
                coalesce(change.variance, known_variance) as known_variance,
                if(change is null, count_known, least(change.count_base, most_known())) as count_known,
                judged_blocks.* exclude (line_id)
            from levels
            inner join judged_blocks
                on judged_blocks.line_id = levels.line_id and judged_blocks.block = block_of(judged_to + 1)
            where judged_to + 1 < first_position + len(ys)
        ),
        windows as not materialized (
            select *, unnest(range(judged_from + 1 - first_position, len(ys) + 1)) as newest from standing
        ),
        started as not materialized (
            select
                * replace (
                    if(count_known > 0, count_known, coalesce(prior_counts[newest], 0)) as count_known,
                    if(count_known > 0, known_variance, prior_variances[newest]) as known_variance
                ), window_start(newest, first_position, level_position, accepted_positions) as first
            from windows
        ),
        stretches as not materialized (
            from started
            select *, unnest(range(greatest(newest + 1 - longest_shift(), first + least_base(count_known)), newest)) as split
        ),
        counted as not materialized (
            select
                * exclude (level_position, accepted_positions, prior_counts, prior_variances),
                newest - split + 1 as count_recent, split - first as count_base,
                -- The noise of the levels before helps as long as this one is short.
                if(split - first < shortest_base(), count_known, 0) as weight,
                sum_over(sums, first, split) as sum_base, sum_over(raw_sums, split, newest + 1) as sum_recent,
                sum_over(square_sums, first, split) as squares_base
            from stretches
        ),
        means as not materialized (
            select *, sum_base / count_base as mean, sum_recent / count_recent - sum_base / count_base as gap from counted
        ),
        gains as not materialized (
            select
                *, squares_base - count_base * mean * mean as squares,
                gap * gap * count_recent * count_base / (count_recent + count_base) as gain
            from means
        ),
        -- Autocorrelation only lessens the evidence: where there is not enough without it, nothing needs it.
        promising as not materialized (
            select
                *, case
                    when weight > 0 then white
                    else noise_variance(squares, count_base, covariance_over(sums, product_sums, first, split))
                end as variance
            from (from gains select *, white_variance(squares + weight * coalesce(known_variance, 0), count_base + weight) as white)
            where evidence(gain / white, count_recent + count_base + weight) > sure()
        ),
        -- Materialized, so that what follows is asked of numbers and not, again and again, of lists.
        weighed as materialized (
            select
                line_id, newest, count_recent, count_base, weight, mean, gap, variance, gain,
                evidence(gain / variance, count_recent + count_base + weight) as evidence,
                gap_of_rest(gap, mean, recent) as gap_of_rest,
                squares + list_inner_product(recent, recent) - sum_recent * sum_recent / count_recent
                as squares_of_step,
                gain_of_slope(
                    sum_over(moment_sums, first, split) + (first_position - 1) * sum_recent
                    + list_inner_product(recent, range(split, newest + 1)::double[])
                    - (sum_base + sum_recent) * (first_position - 1 + 0.5 * (first + newest)),
                    count_base + count_recent
                ) as gain_of_slope
            from (from promising select *, ys[split:newest] as recent)
        ),
        changes as (
            select
                line_id, min(newest) as newest,
                arg_min(struct_pack(count_recent, count_base, mean, gap, variance, evidence), (newest, -evidence)) as change
            from weighed
            inner join judged_lines using (line_id)
            where
                evidence > sure()
                and 2 * half_scale * abs(gap) >= smallest_effect(value_of(mean, judged_lines), judged_lines)
                -- A lone outlier is no level,
                and gap_of_rest * gap > 0
                and shift_evidence(gap_of_rest, variance, count_recent - 1, count_base, weight) > sure_without()
                -- and neither is a slope: the step must leave less of the window's squares over than a line.
                and squares_of_step + gain - gain_of_slope > straightness() * squares_of_step
            group by line_id
        )
        select
            standing.line_id, block, level_position, judged_from,
            first_position - 1 + coalesce(changes.newest, len(ys)), known_variance, count_known, change
        from standing
        left join changes on changes.line_id = standing.line_id
    )

)

select line_id, block, level_position, judged_from, judged_to, known_variance, count_known, change
from levels where block is not null
