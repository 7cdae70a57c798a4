-- What several views share, loaded before them: the limits of the verdicts' method, and its statistics.

-- The number of a metric's line, from that of the commits' line and that of the metric in its report and workflow. They
-- are fewer than 2^32.
create or replace macro line_id_of(line_number, series) as line_number * 4294967296 + series;
create or replace macro line_number_of(line_id) as line_id // 4294967296;
create or replace macro series_of(line_id) as line_id % 4294967296;

-- A change in percent of what it began from. Of nothing, and beyond what a number can hold (1e300 against 1e-300), there
-- is no percentage.
create or replace macro percent_of(change, base) as
    case when isfinite(100 * change / abs(base)) then 100 * change / abs(base) end;

create or replace macro percent_text(change, base) as
    if(percent_of(change, base) is null, '', printf(' (%.3g %%)', abs(percent_of(change, base))));

-- For pages, on which nobody reads more: a number with so many digits that count; of what is no finite number none.
create or replace macro significant(number, digits) as
    case when isfinite(number) then round(
        number, digits - 1 - coalesce(try_cast(floor(log10(nullif(abs(number), 0))) as integer), 0)
    ) end;

-- A new level has 2 to 8 recent points; they are compared with at least 60 before, where the level has as many.
create or replace macro longest_shift() as 8;
create or replace macro longest_window() as 68;

-- Points before a first verdict, and after a change, when the levels before tell how much noise there is.
create or replace macro first_base() as 5;
create or replace macro next_base() as 3;
create or replace macro least_base(count_known, resumed) as
    if(resumed is not null, 1, if(count_known >= next_base(), next_base(), first_base()));

-- What the points of a level that is resumed add to the sum, and to the sum of squares, of those since then.
create or replace macro sum_resumed(resumed, n) as if(n > 0, n * resumed.mean, 0);
create or replace macro squares_resumed(resumed, n, variance) as if(n > 0, n * (variance + resumed.mean ** 2), 0);

-- A level of so many points speaks for its noise itself. The noise of those before counts as 20 points at most.
create or replace macro shortest_base() as 8;
create or replace macro most_known() as 20;

-- So many trainings, or runs, in a row that leave a metric out: nobody measures it any more. Runs often have a reason.
create or replace macro most_left_out(kind) as if(kind = 'ml', 5, 20);

-- Evidence (see below) for a change; for it without its most extreme point; for one point alone; for a drift. And how
-- much better than a straight line a step must explain its window, so that a drift is no series of steps.
create or replace macro sure() as 12;
create or replace macro sure_without() as 6;
create or replace macro sure_of_one() as 13;
create or replace macro sure_of_drift() as 14;
create or replace macro straightness() as 1.1;

-- Evidence for a split in hindsight: Schwarz's criterion for three unknowns. Short lines have no fewer ways to go wrong.
create or replace macro sure_in_hindsight(count_points) as 3 * ln(greatest(count_points, 100));

-- So much of it must be left without the most extreme point of a short side.
create or replace macro share_of_rest() as 0.6;

-- A level in hindsight has three points, an interval two levels. A lone point so many deviations off is an outlier.
create or replace macro shortest_side() as 3;
create or replace macro shortest_interval() as 6;
create or replace macro lone_outlier() as 5;

-- How far the place of a change may move once all of its neighbours are known. Farther off it follows slopes.
create or replace macro farthest_move() as 5;

-- A step explains the points better than a straight line and than a bend: twice the log of the likelihood ratio.
create or replace macro better_than_line() as 8;
create or replace macro better_than_bend() as 4;

-- A value as sums of squares can hold it: beyond these bounds its square is no number, or none that differs from zero.
create or replace macro measurable(value) as if(abs(value) < 1e-150, 0, greatest(least(value, 1e140), -1e140));

-- Points that one step of the recursion in `levels` judges.
create or replace macro block_length() as 128;
create or replace macro block_of(position) as position // block_length();

-- Where the window of a block's point `newest` begins, both counted in the block from 1: with its level, with the
-- last accepted change, or so that the window is not too long.
create or replace macro window_start(newest, first_position, level_position, accepted_positions) as
    greatest(
        level_position + 1 - first_position, accepted_positions[newest] + 1 - first_position,
        newest - longest_window() + 1
    );

-- The sum from `first` up to, not including, `past`, both counted from 1, by a list of running sums.
create or replace macro sum_over(sums, first, past) as sums[past - 1] - coalesce(sums[first - 1], 0);

-- What a line by least squares explains of the squares of n points, by their products with the time from its middle.
create or replace macro gain_of_slope(moment, n) as 12 * moment * moment / (n * (n * n - 1));

-- The products of the points of a window with their time from its middle: those of the base by running sums.
create or replace macro moment_of(sums, moment_sums, recent, first_position, first, split, newest) as
    sum_over(moment_sums, first, split) + (first_position - 1) * list_sum(recent)
    + list_inner_product(recent, range(split, newest + 1)::double[])
    - (sum_over(sums, first, split) + list_sum(recent)) * (first_position - 1 + 0.5 * (first + newest));

-- How far the recent points lie off `mean` without the most extreme of them.
create or replace macro gap_of_rest(gap, mean, recent) as
    (gap * len(recent) + mean - if(gap > 0, list_max(recent), list_min(recent))) / (len(recent) - 1);

-- The sum of lag-1 products of n points around their mean, from the sum of the products of the points themselves.
-- `ends` is the first point and the last one together.
create or replace macro covariance_around(sum_products, mean, ends, n) as
    sum_products - mean * (mean * (n + 1) - ends);
create or replace macro covariance_over(sums, product_sums, first, past) as
    covariance_around(
        product_sums[past - 1] - product_sums[first], sum_over(sums, first, past) / (past - first),
        sum_over(sums, first, first + 1) + sum_over(sums, past - 1, past), past - first
    );

-- The variance of n points from the sum of squares around their mean. The floor is where the rounding of sums begins.
create or replace macro white_variance(squares, n) as greatest(squares / (n - 1), 1e-10);

-- The autocorrelation r of n points, with the correction for its bias in short series
-- (Kendall 1954: E r = rho - (1 + 3 rho) / n), kept in 0 to `most`.
create or replace macro unbiased_autocorrelation(r, n, most) as
    least(greatest(r + (1 + 3 * r) / n, 0), most);

-- By how much the variance of a mean of AR(1) noise exceeds that of white noise.
create or replace macro inflation(rho) as (1 + rho) / (1 - rho);

-- The variance of the noise around a level, as it counts for means: inflated for autocorrelation.
create or replace macro noise_variance(squares, n, covariance) as
    white_variance(squares, n)
    * case
        when squares > 1e-10 * n then inflation(unbiased_autocorrelation(covariance / squares, n, 0.9))
        else 1
    end;

-- Twice the log of the likelihood ratio of "two levels" against "one", for n points with a squared t of t_squared:
-- the generalised likelihood ratio of a shift in the mean of Gaussian noise of unknown variance, n ln(1 + t² / (n - 2)).
-- Under "one level" it is about chi-squared with one degree of freedom; with n - 2 in place of n also for small n.
create or replace macro evidence(t_squared, n) as (n - 2) * ln(1 + t_squared / (n - 2));
create or replace macro evidence_in_hindsight(t_squared, n) as n * ln(1 + t_squared / (n - 2));

create or replace macro two_levels(gap, squares_left, count_left, count_right, inflation) as evidence_in_hindsight(
    gap * gap * count_left * count_right / (count_left + count_right) / squares_left
    * (count_left + count_right - 2) / inflation,
    count_left + count_right
);

-- The autocorrelation that is allowed for: between that seen around the levels, which other levels inflate, and that of
-- the line's differences, which slopes inflate; nearer to the greater one.
create or replace macro likely_memory(one, other) as 0.4 * least(one, other) + 0.6 * greatest(one, other);

-- The same without the most extreme point of the shorter side.
create or replace macro without_extreme(side, extreme) as struct_pack(
    count := side.count - 1, mean := side.mean - (extreme - side.mean) / (side.count - 1),
    squares := (extreme - side.mean) ** 2 * side.count / (side.count - 1)
);
create or replace macro evidence_between(rest, long, squares_left, inflation) as
    two_levels(rest.mean - long.mean, squares_left - rest.squares, rest.count, long.count, inflation);
create or replace macro evidence_of_rest(short, long, squares_left, inflation) as evidence_between(
    without_extreme(short, if(short.mean > long.mean, short.highest, short.lowest)), long,
    squares_left * (1 + 1e-12), inflation
);

-- What counts of one side of a split: an aggregate. Its first point follows another level.
create or replace macro side_of(z, z_before, is_first) as struct_pack(
    count := count(z), mean := avg(z), squares := var_pop(z) * count(z), middle := median(z),
    products := coalesce(covar_pop(z, z_before) filter (not is_first) * (count(z) - 1), 0),
    lowest := min(z), highest := max(z)
);

-- The squared t that has so much evidence.
create or replace macro t_squared_of(evidence, n) as (exp(evidence / (n - 2)) - 1) * (n - 2);

-- The evidence that `count_recent` points lie off the mean of the `count_base` ones before them, where the variance
-- is known from these and `count_known` more.
create or replace macro shift_evidence(gap, variance, count_recent, count_base, count_known) as
    evidence(
        gap * gap * count_recent * count_base / (variance * (count_recent + count_base)),
        count_recent + count_base + count_known
    );

-- Whether `count_recent` points lie where a level was, as far as both means are known.
create or replace macro is_at(level, mean_recent, variance, count_recent) as
    (mean_recent - level.mean) ** 2 <= sure_without() * variance * (1 / count_recent + 1 / level.count);

-- The value that y stands for on its line, and the smallest change from a value that counts there.
create or replace macro value_of(y, on_line) as 2 * (on_line.center / 2 + coalesce(on_line.half_scale, 0) * y);
create or replace macro smallest_effect(value, on_line) as
    greatest(on_line.min_effect, on_line.min_effect_share * abs(value));
create or replace macro smallest_effect_in_y(y, on_line) as
    smallest_effect(value_of(y, on_line), on_line) / (2 * on_line.half_scale);
