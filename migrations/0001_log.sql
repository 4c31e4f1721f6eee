-- The log: what happened, in order. Everything else is derived from it. See README.md beside this file.

create schema log;

-- The roles the program takes on: one reads a single tenant, the other writes read models. Roles belong to the whole
-- server, so another database may have made them already.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['docket_reader', 'docket_projector'] loop
        begin
            execute format('create role %I nologin', role_name);
        exception when duplicate_object or unique_violation then null;
        end;
        execute format('grant %I to current_user', role_name);
    end loop;
end
$$;

-- One row: what was decided when this database was initialised.
create table log.settings (
    only_row     boolean primary key default true check (only_row),
    partitions   smallint not null check (partitions between 1 and 1024),
    secret       bytea not null,
    created_at   timestamptz not null default now()
);

-- One row per partition: the last position and time. Locked first by every append, so appends queue here.
create table log.heads (
    partition    smallint primary key,
    position     bigint not null default 0,
    recorded_at  timestamptz not null default '1970-01-01'
) with (fillfactor = 10);

-- Every event, for ever. payload and metadata keep the exact bytes they were given (json, not jsonb).
create table log.events (
    partition      smallint not null,
    position       bigint not null,
    workspace      uuid not null,
    kind           text not null,
    stream         uuid not null,
    version        bigint not null,
    event_type     text not null,
    event_version  smallint not null,
    number         bigint,
    series         text,
    command        uuid not null,
    occurred_at    timestamptz not null,
    recorded_at    timestamptz not null,
    payload        json not null,
    metadata       json not null,
    primary key (partition, position)
);
create unique index events_by_stream on log.events (partition, stream, version);

-- One row per aggregate: its version, its numbers, whether it exists, and (for keys) the last position it wrote.
create table log.streams (
    partition   smallint not null,
    id          uuid not null,
    workspace   uuid not null,
    kind        text not null,
    version     bigint not null,
    number      bigint not null,
    series      text,
    alive       boolean not null,
    expires_at  timestamptz,
    mark        bigint not null default 0,
    primary key (partition, id)
) with (fillfactor = 85);

-- The last number given out, per workspace and kind ('' ) and per series ('2026').
create table log.counters (
    partition  smallint not null,
    workspace  uuid not null,
    kind       text not null,
    series     text not null,
    last       bigint not null,
    primary key (partition, workspace, kind, series)
) with (fillfactor = 50);

-- Values only one aggregate of a workspace may hold, hashed: an e-mail address, a label's name.
create table log.claims (
    partition  smallint not null,
    workspace  uuid not null,
    scope      text not null,
    value      bytea not null,
    holder     uuid not null,
    primary key (partition, workspace, scope, value)
);

-- What was answered to a command sent with an Idempotency-Key.
create table log.receipts (
    partition    smallint not null,
    principal    uuid not null,
    key          bytea not null,
    fingerprint  bytea not null,
    command      uuid not null,
    position     bigint not null,
    memo         text not null,
    created_at   timestamptz not null,
    primary key (partition, principal, key)
);
create index receipts_by_age on log.receipts (created_at);

-- Who leads what: a row is held until expires_at, and every change of holder raises the epoch.
create table log.leases (
    name        text primary key,
    holder      uuid not null,
    epoch       bigint not null,
    expires_at  timestamptz not null
) with (fillfactor = 50);

-- How far the relay has published each partition.
create table log.relays (
    partition  smallint primary key,
    position   bigint not null default 0,
    epoch      bigint not null default 0
) with (fillfactor = 10);

-- Fixes the number of partitions, once.
create function log.initialise(p_partitions smallint, p_secret bytea) returns smallint
language plpgsql as $$
begin
    insert into log.settings (partitions, secret) values (p_partitions, p_secret) on conflict do nothing;
    insert into log.heads (partition) select generate_series(0, partitions - 1) from log.settings on conflict do nothing;
    insert into log.relays (partition) select generate_series(0, partitions - 1) from log.settings on conflict do nothing;
    return (select partitions from log.settings);
end
$$;

-- Takes or keeps a lease; answers its epoch, or null when another holds it.
create function log.take_lease(p_name text, p_holder uuid, p_seconds double precision) returns bigint
language sql as $$
    insert into log.leases as l (name, holder, epoch, expires_at)
    values (p_name, p_holder, 1, clock_timestamp() + make_interval(secs => p_seconds))
    on conflict (name) do update
        set epoch = l.epoch + case when l.holder = p_holder then 0 else 1 end,
            holder = p_holder,
            expires_at = excluded.expires_at
        where l.holder = p_holder or l.expires_at < clock_timestamp()
    returning epoch
$$;

-- What the append has to say of one command: see log.append.
create type log.finding as (
    cmd    integer,
    what   text,
    id     uuid,
    n      bigint,
    label  text,
    at     timestamptz
);

-- Appends a batch of commands to one partition, in one call and one commit, each judged by itself.
--
-- Commands are numbered 1..n by c_*; the other arrays say by *_cmd whose they are. The commands of one call must be
-- independent: no two write the same stream, claim the same value, carry the same idempotency key, and none requires
-- a stream that another one writes. The caller sees to that; the unique keys make sure of it.
--
-- Each look into a table is a lateral subquery with "offset 0": so the plan always goes from the few to the many by key,
-- whatever the statistics said when the plan was made (on an empty table they say that reading all of it is best).
--
-- Findings per command (what, id, n, label, at):
--   committed  -, position of its last event (or the head), -, recorded_at
--   number     stream, number, series number, -          one per new stream of a committed command
--   conflict   stream, present version, -, -             a stream is not at the expected version
--   missing    stream, -, kind, -                        a required stream isn't there
--   revoked    stream, -, kind, -                        the caller's key (or the member it acts for) isn't there
--   taken      stream, -, scope, -                       a value that the stream claims is another's
--   duplicate  command, position, memo, recorded_at      the idempotency key was used for the same request
--   mismatch   command, position, -, -                   the idempotency key was used for another request
--   landed     -, position, -, recorded_at               this very command is already in the log (p_since)
create function log.append(
    p_partition smallint,
    -- not null: these commands were sent before, and may have landed after this position
    p_since bigint,
    c_id uuid[], c_events integer[], c_principal uuid[], c_key bytea[], c_fingerprint bytea[], c_memo text[],
    s_cmd integer[], s_workspace uuid[], s_kind text[], s_id uuid[], s_expected bigint[], s_added integer[],
    s_alive boolean[], s_expires timestamptz[], s_series text[],
    r_cmd integer[], r_workspace uuid[], r_kind text[], r_id uuid[], r_version bigint[], r_guard boolean[],
    k_cmd integer[], k_workspace uuid[], k_id uuid[], k_scope text[], k_value bytea[], k_take boolean[],
    e_cmd integer[], e_workspace uuid[], e_stream integer[], e_version bigint[], e_type text[], e_schema smallint[],
    e_occurred timestamptz[], e_payload text[], e_metadata text[]
) returns setof log.finding
language plpgsql as $$
declare
    v_head      bigint;
    v_now       timestamptz;
    v_findings  log.finding[];
    v_more      log.finding[];
    v_bad       integer[] := '{}';
    v_last      bigint[];
    v_numbers   bigint[];
    v_labels    text[];
    v_added     bigint;
begin
    select h.position, greatest(h.recorded_at, clock_timestamp()) into strict v_head, v_now
    from log.heads h where h.partition = p_partition for update;

    -- 1. Judge.
    select array_agg(row(q.cmd, case when q.found then 'conflict' when q.guard then 'revoked' else 'missing' end,
                         q.id, q.at, q.kind, null)::log.finding)
    into v_findings
    from (
        select r.cmd, r.id, r.kind, r.guard, t.version as at, coalesce(
                   t.workspace = r.workspace and t.kind = r.kind and t.alive
                   and (t.expires_at is null or t.expires_at > v_now), false) as found,
               r.version is null or t.version = r.version as same
        from unnest(r_cmd, r_workspace, r_kind, r_id, r_version, r_guard) as r(cmd, workspace, kind, id, version, guard)
        left join lateral (
            select * from log.streams t where t.partition = p_partition and t.id = r.id offset 0
        ) t on true
    ) q
    where not q.found or not q.same;

    select array_agg(row(s.cmd, 'conflict', s.id, coalesce(t.version, 0), null, null)::log.finding)
    into v_more
    from unnest(s_cmd, s_workspace, s_kind, s_id, s_expected) as s(cmd, workspace, kind, id, expected)
    left join lateral (
        select * from log.streams t where t.partition = p_partition and t.id = s.id offset 0
    ) t on true
    where coalesce(t.version, 0) <> s.expected or t.workspace <> s.workspace or t.kind <> s.kind;
    v_findings := v_findings || v_more;

    if cardinality(k_cmd) > 0 then
        select array_agg(row(k.cmd, 'taken', k.id, null, k.scope, null)::log.finding)
        into v_more
        from unnest(k_cmd, k_workspace, k_id, k_scope, k_value, k_take) as k(cmd, workspace, id, scope, value, take)
        cross join lateral (
            select 1 from log.claims c where c.partition = p_partition and c.workspace = k.workspace
                and c.scope = k.scope and c.value = k.value and c.holder <> k.id offset 0
        ) c
        where k.take;
        v_findings := v_findings || v_more;
    end if;

    -- A receipt or an earlier landing says more than any of the above: the command was judged back then.
    select array_agg(row(c.cmd,
                         case when t.command = c.id then 'landed'
                              when t.fingerprint = c.fingerprint then 'duplicate' else 'mismatch' end,
                         t.command, t.position, t.memo, t.created_at)::log.finding)
    into v_more
    from unnest(c_id, c_principal, c_key, c_fingerprint) with ordinality as c(id, principal, key, fingerprint, cmd)
    cross join lateral (
        select * from log.receipts t
        where t.partition = p_partition and t.principal = c.principal and t.key = c.key offset 0
    ) t;
    if p_since is not null then
        v_more := v_more || array(
            select row(array_position(c_id, e.command), 'landed', null, max(e.position), null, max(e.recorded_at))::log.finding
            from log.events e
            where e.partition = p_partition and e.position > p_since and e.command = any (c_id)
            group by e.command);
    end if;
    if v_more is not null then
        v_findings := v_more || array(
            select f from unnest(v_findings) f where f.cmd not in (select m.cmd from unnest(v_more) m));
    end if;
    if v_findings is not null then
        v_bad := array(select distinct f.cmd from unnest(v_findings) f);
        return query select * from unnest(v_findings);
        if cardinality(v_bad) = cardinality(c_id) then
            return;
        end if;
    end if;

    -- 2. Number what is new.
    select array_agg(q.at order by q.cmd) into v_last
    from (
        select c.cmd, v_head + sum(case when c.cmd = any (v_bad) then 0 else c.events end) over (order by c.cmd) as at
        from unnest(c_events) with ordinality as c(events, cmd)
    ) q;
    v_added := v_last[cardinality(v_last)] - v_head;

    if 0 = any (s_expected) then
        with listed as materialized (
            select s.*, s.expected = 0 and not s.cmd = any (v_bad) as born
            from unnest(s_cmd, s_workspace, s_kind, s_id, s_expected, s_added, s_alive, s_expires, s_series)
                with ordinality as s(cmd, workspace, kind, id, expected, added, alive, expires, series, ord)
        ), ranked as materialized (
            select l.*,
                   row_number() over (partition by l.born, l.workspace, l.kind order by l.ord) as nth,
                   count(*) over (partition by l.born, l.workspace, l.kind) as total,
                   row_number() over (partition by l.born, l.workspace, l.kind, l.series order by l.ord) as nth_in_series,
                   count(*) over (partition by l.born, l.workspace, l.kind, l.series) as total_in_series
            from listed l
        ), counted as (
            insert into log.counters as k (partition, workspace, kind, series, last)
            select p_partition, r.workspace, r.kind, '', count(*) from ranked r where r.born group by r.workspace, r.kind
            union all
            select p_partition, r.workspace, r.kind, r.series, count(*) from ranked r
            where r.born and r.series is not null group by r.workspace, r.kind, r.series
            on conflict (partition, workspace, kind, series) do update set last = k.last + excluded.last
            returning k.workspace, k.kind, k.series, k.last
        ), numbered as materialized (
            select r.*, a.last - r.total + r.nth as number,
                   r.series || '-' || lpad((y.last - r.total_in_series + r.nth_in_series)::text, 4, '0') as label
            from ranked r
            left join counted a on r.born and a.workspace = r.workspace and a.kind = r.kind and a.series = ''
            left join counted y on r.born and y.workspace = r.workspace and y.kind = r.kind and y.series = r.series
        ), made as (
            insert into log.streams (partition, id, workspace, kind, version, number, series, alive, expires_at)
            select p_partition, n.id, n.workspace, n.kind, n.added, n.number, n.label, coalesce(n.alive, true), n.expires
            from numbered n where n.born
        )
        select array_agg(n.number order by n.ord), array_agg(n.label order by n.ord)
        into v_numbers, v_labels
        from numbered n;
        return query
            select s.cmd, 'number'::text, s.id, v_numbers[s.ord], v_labels[s.ord], null::timestamptz
            from unnest(s_cmd, s_id) with ordinality as s(cmd, id, ord) where v_numbers[s.ord] is not null;
    end if;

    -- 3. Write.
    if 0 < any (s_expected) then
        update log.streams t
        set version = s.expected + s.added, alive = coalesce(s.alive, t.alive),
            expires_at = coalesce(s.expires, t.expires_at)
        from unnest(s_cmd, s_id, s_expected, s_added, s_alive, s_expires) as s(cmd, id, expected, added, alive, expires)
        cross join lateral (
            select w.ctid as at from log.streams w where w.partition = p_partition and w.id = s.id offset 0
        ) w
        where s.expected > 0 and s.added > 0 and not s.cmd = any (v_bad) and t.ctid = w.at;
    end if;

    insert into log.events (partition, position, workspace, kind, stream, version, event_type, event_version, number,
                            series, command, occurred_at, recorded_at, payload, metadata)
    select p_partition, v_head + row_number() over (order by e.ord), e.workspace, s_kind[e.stream], s_id[e.stream],
           e.version, e.type, e.schema, case when e.version = 1 then v_numbers[e.stream] end,
           case when e.version = 1 then v_labels[e.stream] end, c_id[e.cmd], e.occurred, v_now,
           e.payload::json, e.metadata::json
    from unnest(e_cmd, e_workspace, e_stream, e_version, e_type, e_schema, e_occurred, e_payload, e_metadata)
        with ordinality as e(cmd, workspace, stream, version, type, schema, occurred, payload, metadata, ord)
    where not e.cmd = any (v_bad);

    if cardinality(k_cmd) > 0 then
        delete from log.claims c
        using unnest(k_cmd, k_workspace, k_id, k_scope, k_value, k_take) as k(cmd, workspace, id, scope, value, take)
        cross join lateral (
            select h.ctid as at from log.claims h where h.partition = p_partition and h.workspace = k.workspace
                and h.scope = k.scope and h.value = k.value and h.holder = k.id offset 0
        ) h
        where not k.take and not k.cmd = any (v_bad) and c.ctid = h.at;
        insert into log.claims (partition, workspace, scope, value, holder)
        select p_partition, k.workspace, k.scope, k.value, k.id
        from unnest(k_cmd, k_workspace, k_id, k_scope, k_value, k_take) as k(cmd, workspace, id, scope, value, take)
        where k.take and not k.cmd = any (v_bad);
    end if;

    insert into log.receipts (partition, principal, key, fingerprint, command, position, memo, created_at)
    select p_partition, c.principal, c.key, c.fingerprint, c.id, v_last[c.cmd], c.memo, v_now
    from unnest(c_id, c_principal, c_key, c_fingerprint, c_memo)
        with ordinality as c(id, principal, key, fingerprint, memo, cmd)
    where c.key is not null and not c.cmd = any (v_bad);

    -- The key's mark: its next read waits for this position.
    update log.streams t set mark = g.at
    from (
        select r.id, max(v_last[r.cmd]) as at
        from unnest(r_cmd, r_kind, r_id, r_guard) as r(cmd, kind, id, guard)
        where r.guard and r.kind = 'api_key' and not r.cmd = any (v_bad) group by r.id
    ) g
    cross join lateral (select w.ctid as at from log.streams w where w.partition = p_partition and w.id = g.id offset 0) w
    where t.ctid = w.at;

    if v_added > 0 then
        update log.heads h set position = v_head + v_added, recorded_at = v_now where h.partition = p_partition;
        perform pg_notify('docket', p_partition::text || ':' || (v_head + v_added)::text);
    end if;

    return query
        select c.cmd::integer, 'committed'::text, null::uuid, v_last[c.cmd], null::text, v_now
        from generate_subscripts(c_id, 1) as c(cmd) where not c.cmd = any (v_bad);
end
$$;
