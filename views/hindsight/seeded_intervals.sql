-- Stretches of a line that may hold a change, of every length: seeded intervals (Kovács, Bühlmann, Li, Munk 2023).
-- grain: one row per promising interval × judged line
-- units: positions count from 0: an interval has the points from `first` to before `past`; turn 1 is that of the
--        shortest ones
-- table: a recursion reads it in each of its turns
with

lines as (

    select
        line_id,
        count(*) as count_points,
        list(sum_z order by position) as sums,
        list(sum_squares order by position) as square_sums
    from hindsight_points
    group by line_id
    having count(*) >= shortest_interval() and min(z) < max(z)

),

layers as (

    select
        *,
        unnest(range(0, 1 + floor(2 * log2(count_points / shortest_interval()))::bigint)) as layer,
        ceil(count_points / sqrt(2) ** layer)::bigint as length,
        2 * ceil(count_points / (count_points / sqrt(2) ** layer))::bigint - 1 as count_intervals
    from lines

),

intervals as (

    select
        *,
        unnest(range(0, count_intervals)) as number,
        round((count_points - length) * number / greatest(count_intervals - 1, 1))::bigint as first,
        first + length as past
    from layers

),

-- What the best place explains of the squares. Long intervals look at some places only.
best as (

    select
        * exclude (sums, square_sums),
        sums[past] - coalesce(sums[first], 0) as sum_all,
        square_sums[past] - coalesce(square_sums[first], 0) as squares_all,
        list_max(list_transform(
            range(first + shortest_side(), past - shortest_side() + 1, greatest(1, length // 64)),
            lambda place: (
                (sums[place] - coalesce(sums[first], 0)) / (place - first) - (sums[past] - sums[place]) / (past - place)
            ) ** 2 * (place - first) * (past - place) / length
        )) as gain
    from intervals

)

-- Autocorrelation only lessens the evidence: where there is not enough without it, nothing needs the points.
select
    line_id,
    dense_rank() over (partition by line_id order by layer desc) as turn,
    first,
    past
from best
where
    profile_likelihood_ratio(
        gain / greatest(squares_all - sum_all * sum_all / length - gain, 1e-15 * squares_all) * (length - 2),
        length
    ) > schwarz_criterion(count_points)
