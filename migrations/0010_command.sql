-- Reading the log by command. See README.md beside this file.

-- All events of the command that wrote the one at a position. They lie side by side: from one to the next of another
-- command.
create function audit.command(p_partition smallint, p_position bigint) returns setof log.events
language sql stable security definer rows 20
begin atomic
    select e.*
    from audit.event(p_partition, p_position) o
    cross join lateral (
        select coalesce(
            (select b.position from log.events b where b.partition = p_partition and b.position < p_position
                and b.command <> o.command order by b.position desc limit 1), 0) as before,
            coalesce(
            (select a.position from log.events a where a.partition = p_partition and a.position > p_position
                and a.command <> o.command order by a.position limit 1), 9223372036854775807) as after
        offset 0
    ) r
    cross join lateral (
        select * from log.events s
        where s.partition = p_partition and s.position > r.before and s.position < r.after
    ) e;
end;

revoke all on function audit.command(smallint, bigint) from public;
grant execute on function audit.command(smallint, bigint) to docket_reader;
