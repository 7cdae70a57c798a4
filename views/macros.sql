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

-- A new level has 2 to 8 recent points; they are compared with at most 60 before.
create or replace macro longest_shift() as 8;
create or replace macro longest_base() as 60;

-- 2^90: a number from -1 to 1 times this is exact to more digits than a double has, and the sum of a billion of them is
-- no larger than a whole number can be.
create or replace macro fine() as 1237940039285380274899124224.0::double;

-- Points before a first verdict, and after a change, when the levels before tell how much noise there is.
create or replace macro first_base() as 5;
create or replace macro next_base() as 3;
create or replace macro least_base(count_known, resumed) as
    if(resumed is not null, 1, if(count_known >= next_base(), next_base(), first_base()));

-- A level of fewer points is left for what nobody calls noise: surer than one point, and by a twentieth of it.
create or replace macro least_of_obvious() as 2;

-- A level of so many points speaks for its noise itself. The noise of those before counts as 5 points at most, as it may
-- have grown with the change; that of the default branch as 20.
create or replace macro shortest_base() as 8;
create or replace macro most_known() as 5;
create or replace macro most_inherited() as 20;

-- So many points may show that they are a slope.
create or replace macro shortest_slope() as 6;

-- A level that became worse is so no more where its mean is so near to the level before, as `t²`.
create or replace macro worse_no_more() as 0.5;

-- So many trainings, or runs, in a row that leave a metric out: nobody measures it any more. Runs often have a reason.
create or replace macro most_left_out(kind) as if(kind = 'ml', 5, 20);

-- Evidence (see below) for a change, more where two points are all of it, as heavy tails and noise that grew make two in a
-- row; for it without its most extreme point; for one point alone; for a drift. And by how much a step must explain its
-- window better than a straight line, so that a drift is no series of steps.
create or replace macro sure() as 11;
create or replace macro sure_with(count_recent) as if(count_recent = 2, sure() + 1, sure());
create or replace macro sure_without() as 4;
create or replace macro sure_of_one() as 13;
create or replace macro sure_of_few() as 13;
create or replace macro sure_of_drift() as 14;
create or replace macro better_than_slope() as 5;
create or replace macro is_obvious(gap, mean, evidence) as evidence > sure_of_few() and abs(gap) >= 0.05 * abs(mean);

-- A line that changes often has noise that looks like changes: each one among the last 68 points asks more of the next. The
-- first two returns, a regression and its mending, are free; a line that goes to and fro has two kinds of noise. On a line's first level few tests were made that could have been wrong:
-- for few points less is enough.
create or replace macro more_for_each_change() as 3;
create or replace macro more_for_each_return() as 5;
create or replace macro memory_of_changes() as 68;
create or replace macro changes_lately(changed_at, position) as
    coalesce(len(list_filter(changed_at, lambda changed: position - changed < memory_of_changes())), 0);
create or replace macro sure_of_return(count_changes) as
    sure_of_one() + more_for_each_return() * greatest(count_changes - 2, 0);
create or replace macro share_of_sure(is_first_level, count_compared) as
    if(is_first_level, least(1, count_compared / sure()), 1);

-- When a level's points are looked over, by their number: whether an older level, or a bad start, is among them.
create or replace macro is_looked_over(count_own) as
    count_own in (5, 8, 12, 20, 48) or (count_own > 0 and count_own % 32 = 0);
create or replace macro sure_of_older_level() as 20;

-- A bad start are up to 5 of the first 20 points, three times as many good ones after them at least: up to the last that
-- is surely none of the level that those after it make.
create or replace macro longest_bad_start() as 5;
create or replace macro longest_beginning() as 20;

-- Evidence for a split in hindsight: Schwarz's criterion for three unknowns. Short lines have no fewer ways to go wrong.
create or replace macro schwarz_criterion(count_points) as 3 * ln(greatest(count_points, 100));

-- So much of it must be left without the most extreme point of a short side.
create or replace macro share_of_rest() as 0.6;

-- A level in hindsight has three points, an interval two levels. A lone point so many deviations off is an outlier.
create or replace macro shortest_side() as 3;
create or replace macro shortest_interval() as 6;
create or replace macro lone_outlier() as 5;

-- How far the place of a change may move once all of its neighbours are known. Farther off it follows slopes.
create or replace macro farthest_move() as 5;

-- A step explains the points better than a straight line and than a bend: twice the log of the likelihood ratio.
create or replace macro better_than_line() as 10;
create or replace macro better_than_bend() as 6;

-- A value as sums of squares can hold it: beyond these bounds its square is no number, or none that differs from zero.
create or replace macro largest() as 1e140;
create or replace macro measurable(value) as case
    when abs(value) < 1e-150 then 0
    when value is not null then greatest(least(value, largest()), -largest())
end;

create or replace macro is_infinite(value) as abs(value) > largest() and not isnan(value);

-- Below it, a deviation from a value is none: it is the rounding of what was computed.
create or replace macro rounding_of(value) as greatest(1e-12 * abs(value), 1e-150);

create or replace macro median_of_three(a, b, c) as greatest(least(a, b), least(greatest(a, b), c));

-- Points that one step of the recursion in `levels` judges.
create or replace macro block_length() as 128;
create or replace macro block_of(position) as position // block_length();

-- So many points after the first promising one are tested in a step of it.
create or replace macro farthest_look() as 5;

-- Values around their mean; their squares, and the products of each with the next, around the means of both.
create or replace macro centered(entries, mean) as list_transform(entries, lambda entry: entry - mean);
create or replace macro sum_of_squares(deviations) as list_inner_product(deviations, deviations);
create or replace macro autocovariance(deviations) as
    list_inner_product(deviations[2:], deviations[:len(deviations) - 1])
    - deviations[1] * deviations[len(deviations)] / (len(deviations) - 1);

-- What a line by least squares explains of the squares of n points, by their products with the time from its middle.
create or replace macro regression_squares(moment, n) as 12 * moment * moment / (n * (n * n - 1));
create or replace macro moment_of(deviations) as list_inner_product(deviations, range(len(deviations))::double[]);

-- Those of two stretches together, by those of each and the gap between their means.
create or replace macro moment_of_both(one, other, gap) as
    moment_of(one) + moment_of(other) + gap * len(one) * len(other) / 2;

-- What a line leaves over, as a share of what two levels do.
create or replace macro step_against_line(gap, squares_of_step, one, other, gain_of_slope) as
    (squares_of_step + gap * gap * one * other / (one + other) - gain_of_slope) / squares_of_step;

-- How far the recent points lie off the base without the most extreme of them.
create or replace macro gap_of_rest(gap, deviations) as
    gap - if(gap > 0, list_max(deviations), list_min(deviations)) / (len(deviations) - 1);

-- The variance of n points from the sum of squares around their mean.
create or replace macro sample_variance(squares, n, mean) as greatest(squares / (n - 1), rounding_of(mean) ** 2);

-- The autocorrelation r of n points, with the correction for its bias in short series
-- (Kendall 1954: E r = rho - (1 + 3 rho) / n), kept in 0 to `most`.
create or replace macro kendall_autocorrelation(r, n, most) as
    least(greatest(r + (1 + 3 * r) / n, 0), most);

-- By how much the variance of a mean of AR(1) noise exceeds that of white noise: of many points, and of n.
create or replace macro variance_inflation(rho) as (1 + rho) / (1 - rho);
create or replace macro variance_inflation_of(rho, n) as variance_inflation(rho) - 2 * rho * (1 - rho ** n) / (n * (1 - rho) ** 2);

-- The autocorrelation of the noise around a level: of few points, and of rounding, nothing is known of it.
create or replace macro noise_autocorrelation(squares, n, mean, covariance) as if(
    n >= shortest_base() and squares > n * rounding_of(mean) ** 2, kendall_autocorrelation(covariance / squares, n, 0.9), 0
);

-- The variance of the noise around a level, as it counts for means: inflated for autocorrelation.
create or replace macro long_run_variance(squares, n, mean, covariance) as
    sample_variance(squares, n, mean) * variance_inflation(noise_autocorrelation(squares, n, mean, covariance));

-- The last points of a longer base may say that the noise has grown: by more than it seems to by chance.
create or replace macro count_lately() as 8;
create or replace macro by_chance() as 1.15;
create or replace macro longer_base() as 12;

-- The variance of recent points counts their own spread too, of so many points as are known of it, and of three that
-- are as the base is. (Welch 1947, with a prior in place of the degrees of freedom that two points have not.)
create or replace macro welch_variance(variance, squares, count_recent) as
    greatest(variance, (3 * variance + squares) / (3 + count_recent - 1));

-- Twice the log of the likelihood ratio of "two levels" against "one", for n points with a squared t of t_squared:
-- the generalised likelihood ratio of a shift in the mean of Gaussian noise of unknown variance, n ln(1 + t² / (n - 2)).
-- Under "one level" it is about chi-squared with one degree of freedom; with n - 2 in place of n also for small n.
create or replace macro log_likelihood_ratio(t_squared, n) as (n - 2) * ln(1 + t_squared / (n - 2));
create or replace macro profile_likelihood_ratio(t_squared, n) as n * ln(1 + t_squared / (n - 2));

create or replace macro two_means_likelihood_ratio(gap, squares_left, count_left, count_right, inflation) as profile_likelihood_ratio(
    gap * gap * count_left * count_right / (count_left + count_right) / squares_left
    * (count_left + count_right - 2) / inflation,
    count_left + count_right
);

-- The autocorrelation that is allowed for: between that seen around the levels, which other levels inflate, and that of
-- the line's differences, which slopes inflate; nearer to the greater one.
create or replace macro autocorrelation_between(one, other) as 0.35 * least(one, other) + 0.65 * greatest(one, other);

-- The same without the most extreme point of the shorter side.
create or replace macro leave_one_out(side, extreme) as struct_pack(
    count := side.count - 1, mean := side.mean - (extreme - side.mean) / (side.count - 1),
    squares := (extreme - side.mean) ** 2 * side.count / (side.count - 1)
);
create or replace macro evidence_between(rest, long, squares_left, inflation) as
    two_means_likelihood_ratio(rest.mean - long.mean, squares_left - rest.squares, rest.count, long.count, inflation);
create or replace macro leave_one_out_likelihood_ratio(short, long, squares_left, inflation) as evidence_between(
    leave_one_out(short, if(short.mean > long.mean, short.highest, short.lowest)), long,
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
create or replace macro shift_likelihood_ratio(gap, variance, variance_recent, count_recent, count_base, count_known) as
    log_likelihood_ratio(
        gap * gap / (variance / count_base + variance_recent / count_recent), count_recent + count_base + count_known
    );

-- Where an older level may end among so many points: three at least are older, five newer. Of many, some places do.
create or replace macro places_of_older_level(count_rest) as if(
    count_rest >= shortest_base(),
    range(shortest_side(), count_rest - first_base() + 1, greatest(1, count_rest // 20)), []
);

-- Whether a point is none of a level, by the noise of that.
create or replace macro is_off(y, level) as log_likelihood_ratio(
    (y - list_avg(level)) ** 2
    / (sample_variance(list_var_pop(level) * len(level), len(level), list_avg(level)) * (1 + 1 / len(level))),
    len(level) + 1
) > sure_of_older_level();
create or replace macro length_of_bad_start(own) as if(
    len(own) <= longest_beginning(),
    coalesce(list_last(list_filter(
        range(1, least(longest_bad_start(), len(own) // 4) + 1), lambda place: is_off(own[place], own[place + 1:])
    )), 0), 0
);

-- What the levels of two neighbouring stretches explain of their squares, by their sums.
create or replace macro between_squares(sum_one, one, sum_other, other) as
    (sum_one / one - sum_other / other) ** 2 * one * other / (one + other);

-- Whether `count_recent` points lie where a level was, as far as both means are known: by a squared t.
create or replace macro near() as 6;
create or replace macro is_at(level, mean_recent, variance, count_recent) as
    (mean_recent - level.mean) ** 2 <= near() * variance * (1 / count_recent + 1 / level.count);

-- How far a value is from the bound that it lives near: .999 to .991 is nine times the errors. At the bound itself
-- a thousandth of the way to it counts, so that no rounding does.
create or replace macro distance_to_bound(value, bound) as greatest(bound - value, bound / 1000);
create or replace macro distance_to_bounds(value, on_line) as case
    when value between on_line.whole / 2 and on_line.whole then distance_to_bound(value, on_line.whole)
    when value between on_line.whole_percent / 2 and on_line.whole_percent
        then distance_to_bound(value, on_line.whole_percent)
    else abs(value)
end;

-- The smallest change from a value that counts.
create or replace macro smallest_effect(value, on_line) as
    greatest(on_line.min_effect, on_line.min_effect_share * distance_to_bounds(value, on_line));
