-- The levels that a line went through, as they became known commit by commit: from each one on, the next points are looked at
-- for the first change (Page 1954 in the form of a generalised likelihood ratio: Siegmund and Venkatraman 1995).
-- grain: one row per stretch of points that were judged against the same level, at most a block
-- units: positions count from 0; means, gap and variances in y of `judged_points`; the evidence is that of macros.sql;
--        level_left is the level before the last change, `resumed` too, where the line is back on it; changed_at are the
--        positions where the last changes were sure; the next level begins at next_position, where this one ends
-- table: a recursion, made once
with recursive

levels as (

    select
        line_id, null::bigint as block, 0::bigint as level_position, 0::bigint as judged_from, -1::bigint as judged_to,
        null::double as known_variance, 0::bigint as count_known,  -- Of the levels before.
        null::struct(mean double, count bigint) as level_left, null::struct(mean double, count bigint) as resumed,
        null::bigint[] as changed_at, null::bigint as next_position,
        null::struct(
            count_recent bigint, count_base bigint, mean double, gap double, variance double, evidence double,
            is_return boolean, is_resumption boolean
        ) as change
    from judged_lines
    union all
    (
        with
        -- Each step of the ladder computes what the next one reads more than once. Not materialized, like those after
        -- it: their rows carry the block's points, by reference only.
        standing as not materialized (
            select
                levels.line_id, judged_to + 1 as judged_from,
                coalesce(next_position, level_position) as level_position,
                if(change.is_return is false, change.variance, known_variance) as known_variance,
                if(change.is_return is false, least(change.count_base, most_known()), count_known) as count_known,
                if(change is null, level_left, struct_pack(mean := change.mean, count := change.count_base)) as level_left,
                case
                    when next_position is null then resumed
                    when change.is_resumption then struct_pack(mean := level_left.mean, count := least(level_left.count, most_known()))
                end as resumed,
                if(change is null, changed_at, list_append(changed_at, judged_to)) as changed_at,
                judged_blocks.* exclude (line_id)
            from levels
            inner join judged_blocks
                on judged_blocks.line_id = levels.line_id and judged_blocks.block = block_of(judged_to + 1)
            where judged_to + 1 < first_position + len(ys)
        ),
        -- Each point with those before it that are its base. What is known of other levels helps as long as that is short.
        placed as not materialized (
            select
                * replace (
                    if(count_known > 0, count_known, coalesce(prior_counts[split], 0)) as count_known,
                    if(count_known > 0, known_variance, prior_variances[split]) as known_variance
                ),
                greatest(level_position, accepted_positions[split]) + 1 - first_position as level_start,
                least(split - level_start, longest_base()) as count_own,
                calm_ys[split - count_own:split - 1] as own,
                coalesce(level_left.count >= first_base(), false) as can_return
            from (
                from standing
                select *, unnest(range(greatest(judged_from + 1 - longest_shift(), level_position + 1) + 1 - first_position, len(ys) + 1)) as split
            )
        ),
        bases as not materialized (
            select
                line_id, first_position, judged_from, level_start, split, count_own, known_variance, count_known, can_return, resumed,
                recent_means[split][:len(ys) + 1 - split] as recent_means,
                list_avg(own) as mean_own, list_var_pop(own) * count_own as squares_own,
                if(count_own < shortest_base(), coalesce(resumed.count, 0), 0) as count_resumed,
                if(count_own < shortest_base() and resumed is null, count_known, 0) as weight,
                count_own + count_resumed as count_base,
                if(count_resumed > 0, (count_own * mean_own + count_resumed * resumed.mean) / count_base, mean_own) as mean,
                squares_own + if(
                    count_resumed > 0,
                    count_resumed * (known_variance + count_own * (mean_own - resumed.mean) ** 2 / count_base), 0
                ) as squares,
                sample_variance(squares + weight * coalesce(known_variance, 0), count_base + weight, mean) as white
            from placed
            where count_own >= if(can_return, 1, least(least_base(count_known, resumed), least_of_obvious()))
        ),
        -- Autocorrelation and the spread of recent points only lessen the evidence: where there is not enough without
        -- them, nothing needs them. Numbers alone: the points of what is left are taken from the block again.
        promising as materialized (
            select
                * exclude (recent_means), recent_means[count_recent] as mean_recent, split + count_recent - 1 as newest, mean_recent - mean as gap,
                count_recent + count_base + weight as count_compared
            from (
                from bases
                select *, unnest(list_filter(
                    range(greatest(if(can_return, 1, 2), judged_from - first_position + 2 - split), len(recent_means) + 1),
                    lambda count_recent: (recent_means[count_recent] - mean) ** 2 * count_recent * count_base
                    > least(count_recent + count_base + weight, sure()) * white * (count_recent + count_base)
                )) as count_recent
                where count_base + weight > 1
            )
            where log_likelihood_ratio(gap * gap / (white / count_base + white / count_recent), count_compared) > least(count_compared, sure())
        ),
        -- Once a line has left its level, all that follows is promising: the first points of it tell what there is.
        horizons as (select line_id, min(newest) + farthest_look() as horizon from promising group by line_id),
        spread as not materialized (
            select
                promising.*, level_left, changed_at, on_line,
                centered(ys[split:newest], mean_recent) as recent,
                centered(calm_ys[split - count_own:split - 1], mean_own) as base
            from promising
            inner join horizons on horizons.line_id = promising.line_id and newest <= horizon
            inner join standing on standing.line_id = promising.line_id
        ),
        weighed as not materialized (
            select
                line_id, first_position, newest, count_recent, count_own, count_base, count_resumed, weight, count_compared, mean, mean_recent,
                gap, squares_own, level_left, changed_at, can_return, on_line,
                count_own >= least_base(count_known, resumed) as has_base,
                if(weight + count_resumed > 0, 0, noise_autocorrelation(squares, count_base, mean, autocovariance(base))) as rho,
                if(count_own >= longer_base(), sum_of_squares(base[-count_lately():]) / count_lately() / by_chance(), 0) as variance_lately,
                greatest(white * variance_inflation(rho), variance_lately) as variance,
                greatest(white * variance_inflation_of(rho, count_recent), variance_lately) as variance_few,
                greatest(white * variance_inflation_of(rho, count_recent - 1), variance_lately) as variance_rest,
                sum_of_squares(recent) as squares_recent, gap_of_rest(gap, recent) as gap_of_rest,
                mean_recent + if(gap > 0, list_min(recent), list_max(recent)) as nearest,
                gap * (2 * recent[1] + gap) <= 0 as is_too_long,  -- Its first point may be the last one of before.
                regression_squares(moment_of_both(base, recent, mean_recent - mean_own), count_own + count_recent) as gain_of_slope
            from spread
        ),
        tested as not materialized (
            select
                *,
                welch_variance(variance_few, squares_recent, count_recent) as variance_recent,
                shift_likelihood_ratio(gap, variance, variance_recent, count_recent, count_base, weight) as evidence,
                share_of_sure(level_left is null, count_compared) as share,
                changes_lately(changed_at, first_position + newest - 1) as count_changes,
                sure_with(count_recent) * share + more_for_each_change() * count_changes as sure,
                can_return and evidence > sure_of_return(count_changes) and gap * (level_left.mean - mean) > 0
                -- Each of them: what is nearer to the level of now has not left it.
                and gap * (2 * nearest - mean - level_left.mean) > 0 and (
                    is_at(level_left, mean_recent, variance, count_recent)
                    or (count_recent > 1 and gap * (mean_recent - level_left.mean) > 0)
                ) as is_return,
                is_return and is_at(level_left, mean_recent, variance, count_recent) as is_resumption
            from weighed
        ),
        -- Where a level's points are looked over: bad ones at its start, and the place where an older level may end.
        looked_over as not materialized (
            select
                line_id, first_position, split, own, length_of_bad_start(own) as count_bad, count_own - count_bad as count_rest,
                coalesce(calm_sums[split - count_rest - 1], 0) as sum_before, calm_sums[split - count_rest:split - 1] as sums
            from placed
            where split > judged_from - first_position and is_looked_over(split - level_start)
        ),
        split_up as materialized (
            select
                line_id, first_position, split, count_rest, count_bad, own[count_bad + 1:] as rest,
                list_max(list_transform(
                    places_of_older_level(count_rest),
                    lambda place: struct_pack(gain := between_squares(
                        sums[place] - sum_before, place, sums[count_rest] - sums[place], count_rest - place
                    ), place)
                )) as best
            from looked_over
        ),
        older as not materialized (
            select
                *, rest[:best.place] as older, rest[best.place + 1:] as newer, list_avg(newer) - list_avg(older) as gap,
                centered(older, list_avg(older)) as older_deviations, centered(newer, list_avg(newer)) as newer_deviations,
                greatest(
                    sum_of_squares(older_deviations) + sum_of_squares(newer_deviations), count_rest * rounding_of(list_avg(newer)) ** 2
                ) as squares_left
            from split_up
            -- Autocorrelation only lessens the evidence.
            where count_bad > 0 or profile_likelihood_ratio(
                best.gain / greatest(list_var_pop(rest) * count_rest - best.gain, 0) * (count_rest - 2), count_rest
            ) > sure_of_older_level() - 0.1
        ),
        moves as not materialized (
            select
                line_id, split, first_position + split - 1 as position, count_bad, case
                    when
                        (list_median(newer) - list_median(older)) / gap >= 0.5
                        and two_means_likelihood_ratio(gap, squares_left, len(older), len(newer), variance_inflation(kendall_autocorrelation(
                            (autocovariance(older_deviations) + autocovariance(newer_deviations)) / squares_left, count_rest, 0.9
                        ))) > sure_of_older_level()
                        then best.place
                end as place,
                position - count_rest + coalesce(place, 0) as next_position
            from older
        ),
        events as (
            select
                line_id, newest as place_in_block, first_position + newest - 1 as judged_to,
                first_position + newest - count_recent as next_position,
                is_too_long,
                struct_pack(count_recent, count_base, mean, gap, variance, evidence, is_return, is_resumption) as change
            from tested
            where
                abs(gap) >= smallest_effect(mean, on_line)
                and (is_return or (
                    evidence > sure and count_recent > 1 and (has_base or is_obvious(gap, mean, evidence))
                    -- A lone outlier is no level,
                    and gap_of_rest * gap > 0
                    and shift_likelihood_ratio(gap_of_rest, variance, variance_rest, count_recent - 1, count_base, weight) > sure_without() * share
                    -- and neither is a slope: the step must leave less of the window's squares over than a line.
                    and (count_resumed > 0 or count_compared * ln(greatest(step_against_line(
                        gap, squares_own + squares_recent, count_own, count_recent, gain_of_slope
                    ), 1e-9)) > better_than_slope() * share)
                ))
            union all
            select line_id, split - 1, position - 1, next_position, true, null
            from moves
            where count_bad + coalesce(place, 0) > 0
        ),
        -- What is sure with one more point is that of a point; of several the surest, and of equal ones the longest.
        firsts as (
            from events left join horizons using (line_id)
            select line_id, min(struct_pack(
                judged_to, is_too_long, a := -coalesce(change.evidence, 0), b := -coalesce(change.count_recent, 0), next_position, change
            )) as event
            where place_in_block <= coalesce(horizon, place_in_block) group by line_id
        )
        select
            standing.line_id, block, level_position, judged_from,
            coalesce(event.judged_to, first_position - 1 + least(horizon, len(ys))), known_variance, count_known, level_left, resumed, changed_at, event.next_position, event.change
        from standing
        left join firsts on firsts.line_id = standing.line_id
        left join horizons on horizons.line_id = standing.line_id
    )

)

select
    line_id, block, level_position, judged_from, judged_to, known_variance, count_known, level_left, resumed, changed_at, change
from levels
where judged_to >= judged_from
