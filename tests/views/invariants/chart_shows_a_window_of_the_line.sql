-- Positions count from 1 without gaps, the line goes forward, and nothing but the highlight metric is charted.
with charted as (
    select
        highlight_trend.*,
        settings.trend_window,
        settings.highlight_metric,
        exists (from ancestry) as has_ancestry,
        lag(run_number) over along as run_number_before,
        row_number() over along as position_wanted
    from highlight_trend
    cross join settings
    window along as (
        partition by repository, report, workflow, case when not exists (from ancestry) then branch else '' end
        order by position
    )
)

select *
from charted
where
    position <> position_wanted
    or position > trend_window
    or run_number <= run_number_before
    or metric <> highlight_metric
