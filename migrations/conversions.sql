-- How the values of older layouts become today's. Used by the migrations beside this file, and by them alone.

-- A naive local time becomes UTC. In the hour that occurs twice in autumn, the second one is taken; a time in the
-- hour that spring leaves out is read as if the clocks had not been changed yet. A time that states its zone is
-- handed on: a cast to `timestamp` would drop the zone in silence.
create or replace macro utc_text(local_time, zone) as case
    when regexp_full_match(trim(local_time), '\d+-\d+-\d+([ T]\d+:\d+(:\d+(\.\d+)?)?)?') then coalesce(
        write_timestamp(timezone('UTC', timezone(zone, try_cast(trim(local_time) as timestamp)))),
        local_time
    )
    else local_time
end;

create or replace macro yes_no_text(answer) as case lower(trim(answer))
    when 'yes' then 'true'
    when 'no' then 'false'
    else answer
end;

create or replace macro training_text(is_trained, is_project) as case lower(trim(is_trained))
    when 'true' then 'trained'
    when 'false' then case when is_project = 'true' then 'skipped' else 'none' end
    else is_trained
end;

-- `12s`, `3m 12s`, `1h 3m 12s` become seconds.
create or replace macro duration_text(duration) as case
    when regexp_full_match(trim(duration), '(\d+h)? ?(\d+m)? ?(\d+(\.\d+)?s)?') and trim(duration) <> ''
        then write_number(
            3600 * coalesce(try_cast(regexp_extract(duration, '(\d+)h', 1) as double), 0)
            + 60 * coalesce(try_cast(regexp_extract(duration, '(\d+)m', 1) as double), 0)
            + coalesce(try_cast(regexp_extract(duration, '([\d.]+)s', 1) as double), 0)
        )
    else duration
end;

-- `k=v; k2=v2` with sorted keys. A value may hold `;` or `=`, so a piece begins a new pair only where it has an
-- `=` and its key comes after the key before.
create or replace macro split_pairs(pairs) as list_reduce(
    list_transform(string_split(pairs, '; '), lambda piece: [piece]),
    lambda done, piece: case
        when contains(piece[1], '=') and split_part(piece[1], '=', 1) > split_part(done[-1], '=', 1)
            then list_concat(done, piece)
        else list_concat(done[1:len(done) - 1], [done[-1] || '; ' || piece[1]])
    end
);

create or replace macro pair_key(pair) as split_part(pair, '=', 1);

create or replace macro pair_value(pair) as case when contains(pair, '=') then pair[strpos(pair, '=') + 1:] else '' end;

-- A number keeps its digits where JSON knows its spelling; what is no number stays a text; nothing is null.
create or replace macro metric_json(cell) as case
    when trim(cell) = '' then 'null'::json
    when isnan(try_cast(cell as double)) then '"NaN"'::json
    when isinf(try_cast(cell as double)) then
        case when try_cast(cell as double) > 0 then '"Infinity"'::json else '"-Infinity"'::json end
    when try_cast(cell as double) is null then to_json(cell)
    when regexp_full_match(trim(cell), '-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?') then trim(cell)::json
    else to_json(try_cast(cell as double))
end;

create or replace macro pairs_to_params(pairs) as case when trim(pairs) <> '' then to_json(map_from_entries(list_transform(
    split_pairs(pairs), lambda pair: (pair_key(pair), pair_value(pair))
)))::varchar end;

create or replace macro pairs_to_metrics(pairs) as case when trim(pairs) <> '' then to_json(map_from_entries(list_transform(
    split_pairs(pairs), lambda pair: (pair_key(pair), metric_json(pair_value(pair)))
)))::varchar end;

-- One object from the cells that were filled.
create or replace macro cells_to_object(cells) as case
    when len(list_filter(cells, lambda cell: cell[2] is not null)) > 0
        then to_json(map_from_entries(list_filter(cells, lambda cell: cell[2] is not null)))::varchar
end;
