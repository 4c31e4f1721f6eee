-- Reading one workspace's events in order: the notary's tiles say where they are (README.md beside this file), these
-- functions show what is there. Readers see nothing else of the log, and of no workspace but their own.

-- The events at these positions.
create function log.events_at(p_partition smallint, p_positions bigint[]) returns setof log.events
language sql stable security definer rows 200
begin atomic
    select e.* from unnest(p_positions) p(position)
    cross join lateral (
        select * from log.events w where w.partition = p_partition and w.position = p.position offset 0
    ) e
    where e.workspace = log.tenant() order by e.position;
end;

-- Those after one position up to another: for what no tile knows of yet.
create function log.events_between(p_partition smallint, p_after bigint, p_to bigint, p_limit bigint)
returns setof log.events
language sql stable security definer rows 200
begin atomic
    select e.* from log.events e
    where e.partition = p_partition and e.position > p_after and e.position <= p_to and e.workspace = log.tenant()
    order by e.position limit p_limit;
end;

-- What happened to each of these aggregates before it was at this version.
create function log.events_before(p_partition smallint, p_streams uuid[], p_versions bigint[]) returns setof log.events
language sql stable security definer rows 200
begin atomic
    select e.* from generate_subscripts(p_streams, 1) s
    cross join lateral (
        select * from log.events w
        where w.partition = p_partition and w.stream = p_streams[s] and w.version < p_versions[s] offset 0
    ) e
    where e.workspace = log.tenant() order by e.position;
end;

revoke all on function log.events_at(smallint, bigint[]), log.events_between(smallint, bigint, bigint, bigint),
    log.events_before(smallint, uuid[], bigint[]) from public;
grant execute on function log.events_at(smallint, bigint[]), log.events_between(smallint, bigint, bigint, bigint),
    log.events_before(smallint, uuid[], bigint[]) to docket_reader;
