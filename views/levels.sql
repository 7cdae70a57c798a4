-- The levels that a line went through, as they became known commit by commit.
-- grain: one row per stretch of points that were judged against the same level, at most a block
-- units: positions count from 0; gap and variances in y of `judged_points`; the evidence is that of macros.sql
-- kind: step, materialized
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
        -- Not materialized, like those after it: their rows carry the block's lists, by reference only.
        windows as not materialized (

            select
                levels.line_id, judged_to + 1 as judged_from,
                coalesce(judged_to + 1 - change.count_recent, level_position) as level_position,
                coalesce(change.variance, known_variance) as known_variance,
                if(change is null, count_known, least(change.count_base, most_known())) as count_known,
                center, half_scale, min_effect, min_effect_share, judged_blocks.* exclude (line_id),
                unnest(range(judged_to + 2 - first_position, len(ys) + 1)) as newest
            from levels
            inner join judged_lines using (line_id)
            inner join judged_blocks
                on judged_blocks.line_id = levels.line_id and judged_blocks.block = block_of(judged_to + 1)

        ),

        stretches as not materialized (

            select
                *, newest - split + 1 as count_recent, split - first as count_base,
                -- The noise of the levels before helps as long as this one is short.
                if(split - first < shortest_base(), count_known, 0) as weight,
                sum_over(sums, first, split) / count_base as mean,
                sum_over(raw_sums, split, newest + 1) / count_recent - mean as gap,
                sum_over(square_sums, first, split) - count_base * mean * mean as squares
            from (
                select
                    *,
                    window_start(newest, first_position, level_position, accepted_positions) as first,
                    unnest(range(greatest(newest + 1 - longest_shift(), first + least_base(count_known)), newest)) as split
                from windows
            )

        ),

        -- Autocorrelation only lessens the evidence: where there is not enough without it, nothing needs it. By case,
        -- or both would be asked of every stretch.
        shifts as (

            select
                *, gap * gap * count_recent * count_base / (count_recent + count_base) as gain,
                case
                    when weight > 0 then white_variance(squares + weight * known_variance, count_base + weight)
                    else noise_variance(squares, count_base, covariance_over(sums, product_sums, first, split))
                end as variance,
                shift_evidence(gap, variance, count_recent, count_base, weight) as evidence
            from stretches
            where case when shift_evidence(
                gap, white_variance(squares + weight * coalesce(known_variance, 0), count_base + weight),
                count_recent, count_base, weight
            ) > sure() then evidence > sure() end

        ),

        -- Materialized, so that what follows is asked of numbers and not, again and again, of lists.
        weighed as materialized (

            select
                line_id, newest, count_recent, count_base, weight, mean, gap, variance, evidence, gain,
                center, half_scale, min_effect, min_effect_share,
                gap_of_rest(gap, mean, ys[split:newest]) as gap_of_rest,
                squares + sum_over(raw_square_sums, split, newest + 1) - count_recent * (mean + gap) * (mean + gap)
                as squares_of_step,
                gain_of_slope(
                    sum_over(moment_sums, first, split) + sum_over(raw_moment_sums, split, newest + 1)
                    - (mean * count_base + (mean + gap) * count_recent) * (first_position - 1 + 0.5 * (first + newest)),
                    count_base + count_recent
                ) as gain_of_slope
            from shifts

        ),

        changes as (

            select
                line_id, min(newest) as newest,
                arg_min(struct_pack(count_recent, count_base, mean, gap, variance, evidence), (newest, -evidence)) as change
            from weighed
            where
                2 * half_scale * abs(gap) >= smallest_effect(value_of(mean, weighed), weighed)
                -- A lone outlier is no level,
                and gap_of_rest * gap > 0
                and shift_evidence(gap_of_rest, variance, count_recent - 1, count_base, weight) > sure_without()
                -- and neither is a slope: the step must leave less of the window's squares over than a line.
                and squares_of_step + gain - gain_of_slope > straightness() * squares_of_step
            group by line_id

        )

        select
            windows.line_id, block, level_position, judged_from, first_position - 1 + coalesce(changes.newest, len(ys)),
            known_variance, count_known, change
        from windows
        left join changes on changes.line_id = windows.line_id
        where windows.newest = len(ys)
    )

)

select line_id, block, level_position, judged_from, judged_to, known_variance, count_known, change
from levels where block is not null
