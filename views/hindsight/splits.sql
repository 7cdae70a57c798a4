-- Where a line falls apart into levels, seen from its end: the narrowest intervals that hold a change decide first
-- (narrowest over threshold: Baranowski, Chen, Fryzlewicz 2019), then the weakest changes go until all that stay are sure.
-- grain: one row per split × judged line
-- units: positions count from 0: a split is at the first point of the new level, the two levels have the points from
--        `first` to before `past`, with means in z of `hindsight_points`; the evidence is that of macros.sql
-- table: a recursion, made once
with recursive

lines as materialized (
    select line_id, judged_lines.count_points, rho, last_turn, 1e-12 * greatest(abs(low), abs(high)) as rounding
    from (select line_id, max(turn) as last_turn from seeded_intervals group by line_id)
    inner join judged_lines using (line_id)
    inner join line_memories using (line_id)
    inner join (from metric_points select line_id, min(finite_value) as low, max(finite_value) as high group by all)
        using (line_id)
),

-- A row per line and turn: a turn for each length of intervals, then those that tidy up.
turns as (
    select
        line_id, 0::bigint as turn, []::bigint[] as found, false as is_settled,
        null::struct("first" bigint, split bigint, past bigint, evidence double, before_z double, after_z double)[] as tested
    from lines
    union all
    (
        with
        standing as (
            from (from turns where not is_settled) inner join lines using (line_id)
            select lines.*, turn + 1 as turn, found, turn >= last_turn as is_tidying
        ),
        pairs as (
            select line_id, first, past, null as around, 0 as farthest
            from standing inner join seeded_intervals using (line_id, turn)
            where not is_tidying and len(list_filter(found, lambda place: place > first and place < past)) = 0
            union all
            from standing select line_id, unnest(list_prepend(0, found)[:-2]), unnest(list_append(found[2:], count_points)), unnest(found),
                if(turn = last_turn + 1, farthest_move(), 0)
            where is_tidying and len(found) > 0
        ),
        members as (
            select
                line_id, first, past, around, farthest, position, z, z_before,
                avg(z) over (along rows unbounded preceding) as mean_before,
                avg(z) over (along rows between 1 following and unbounded following) as mean_behind
            from (select *, unnest(range(first, past)) as position from pairs)
            inner join hindsight_points using (line_id, position)
            window along as (partition by line_id, first, past order by position)
        ),
        -- What explains most of the squares; of equal places the first. What was found moves once, and not far.
        places as (
            select line_id, first, past, 1 + arg_max(position, (
                (mean_before - mean_behind) ** 2 * (position + 1 - first) * (past - 1 - position), -position
            )) as split
            from members
            where
                position between first + shortest_side() - 1 and past - 1 - shortest_side()
                and coalesce(abs(position + 1 - around) <= farthest, true)
            group by line_id, first, past
        ),
        parts as (
            from members inner join places using (line_id, first, past)
            select line_id, first, split, past, position >= split as is_right,
                side_of(z, z_before, position in (first, split)) as side
            group by all
        ),
        sides as (
            from parts
            select
                line_id, first, split, past, arg_min(side, is_right) as a, arg_max(side, is_right) as b,
                arg_min(side, (side.count, is_right)) as short, arg_max(side, (side.count, is_right)) as long
            group by all
        ),
        weighed as (
            from (
                from sides inner join lines using (line_id)
                select *, greatest(a.squares + b.squares, (a.count + b.count) * rounding * rounding) as squares_left
            ) select
                *, variance_inflation(autocorrelation_between(rho, kendall_autocorrelation(
                    (a.products + b.products) / squares_left, a.count + b.count, 0.95
                ))) as inflation,
                two_means_likelihood_ratio(b.mean - a.mean, squares_left, a.count, b.count, inflation) as evidence_of_all
        ),
        -- Without the most extreme point of a short side enough is left, else it is a lone outlier and no level.
        told as (
            from (
                from weighed select
                    *, case
                        when (b.middle - a.middle) / (b.mean - a.mean) < 0.5 then 0
                        when short.count > longest_shift() then evidence_of_all
                        else least(evidence_of_all, leave_one_out_likelihood_ratio(short, long, squares_left, inflation) / share_of_rest())
                    end as evidence, a.mean as before_z, b.mean as after_z
            )
            select
                line_id, list(struct_pack(first, split, past, evidence, before_z, after_z) order by split) as tested,
                list_sort(list_distinct(list(split))) as places, arg_min(split, (evidence, split)) as weakest,
                list_filter(tested, lambda one: one.evidence > schwarz_criterion(any_value(count_points))) as sure
            group by line_id
        ),
        -- Of the intervals of one length, the stronger of two decides where both hold its place.
        decided as (
            from standing left join told using (line_id)
            select *, list_transform(list_filter(sure, lambda one: len(list_filter(sure, lambda other:
                    other.evidence > one.evidence and other.split > one.first and other.split < one.past
                )) = 0), lambda one: one.split) as strongest, is_tidying and len(sure) = len(tested) as is_sure
        )
        select
            line_id, turn,
            case
                when not is_tidying then list_sort(list_distinct(found || coalesce(strongest, [])))
                when is_sure then places
                else list_filter(coalesce(places, []), lambda place: place <> weakest)
            end as found,
            is_tidying and (places is null or (is_sure and places = found)) as is_settled,
            if(is_sure, tested, null) as tested
        from decided
    )
)

select line_id, test.split as position, test.first, test.past, test.evidence, test.before_z, test.after_z
from (select line_id, unnest(tested) as test from turns where is_settled)
