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
            if to_regrole(role_name) is null then
                execute format('create role %I nologin', role_name);
            end if;
        exception when duplicate_object or unique_violation then null;
        end;
        if not pg_has_role(current_user, role_name, 'member') or current_setting('server_version_num')::int >= 160000 then
            execute format('grant %I to current_user', role_name);
        end if;
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

-- Every event, for ever. payload and metadata keep the exact bytes they were given (json, not jsonb). personal too, as
-- long as it is there: a payload that has anything personal beside it has the digest of those bytes.
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
    personal       json,
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
    primary key (partition, key, principal)
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

-- Takes or keeps a lease; answers its epoch, or null when another holds it. One that would last longer than any does
-- was given before the clock was set back, and counts as run out: whoever still holds it loses nothing but the lead.
create function log.take_lease(p_name text, p_holder uuid, p_seconds double precision) returns bigint
language sql as $$
    insert into log.leases as l (name, holder, epoch, expires_at)
    values (p_name, p_holder, 1, clock_timestamp() + make_interval(secs => p_seconds))
    on conflict (name) do update
        set epoch = l.epoch + case when l.holder = p_holder then 0 else 1 end,
            holder = p_holder,
            expires_at = excluded.expires_at
        where l.holder = p_holder or l.expires_at < clock_timestamp()
            or l.expires_at > clock_timestamp() + make_interval(secs => p_seconds)
    returning epoch
$$;

-- A number in a series: 2026-0142, and after 2026-9999 comes 2026-10000.
create function log.label(p_series text, p_number bigint) returns text
language sql immutable as $$
    select p_series || '-' || lpad(p_number::text, greatest(4, length(p_number::text)), '0')
$$;

-- What the append found out about one command: see log.append.
create type log.finding as (
    cmd    integer,
    what   text,
    id     uuid,
    n      bigint,
    label  text
);

-- The answer of log.append: what was committed, by arrays; what was not, by findings, taken apart into arrays.
create type log.judgement as (
    positions  bigint[],
    numbers    bigint[],
    labels     text[],
    cmd        integer[],
    what       text[],
    id         uuid[],
    n          bigint[],
    label      text[]
);

-- Appends a batch of commands to one partition, in one call and one commit, each judged by itself.
--
-- Arrays of one letter are parallel and numbered from 1: c commands, i idempotency keys, s streams written, g counters
-- from which new streams draw their numbers, r requirements (each once), x which command has which requirement,
-- k claims, e events. *_cmd, *_stream, *_group and *_require point into the others. The commands of one call must be
-- independent: no two write the same stream, touch the same claim, carry the same idempotency key, and none requires a
-- stream that another one writes. The caller sees to that; the unique keys make sure of it.
--
-- positions: per command the position of its last event (or the head), null if it is not committed
-- numbers, labels: per stream its number and its number in its series, null if it is not a new one
--
-- Findings per command (what, id, n, label):
--   conflict   stream, present version, -            a stream is not at the expected version
--   missing    stream, -, kind                       a required stream isn't there
--   revoked    stream, -, kind                       the caller's key (or the member it acts for) isn't there
--   taken      stream, -, scope                      a value that the stream claims is another's
--   duplicate  command, position, memo               the idempotency key was used for the same request
--   mismatch   command, position, memo               the idempotency key was used for another request
--   landed     command, position, -                  this very command is already in the log (p_since)
--   number     stream, number, number in series      one per stream that a landed command made
--
-- Arrays are read by index, not unnested side by side, which halves the cost. Each look into a table is a lateral
-- subquery with "offset 0", so that the plan always goes from the few to the many by key, whatever the statistics said
-- when the plan was made (on an empty table they say that reading all of it is best).
create function log.append(
    p_partition smallint,
    -- not null: these commands were sent before, and may have landed after this position
    p_since bigint,
    c_id uuid[], c_events integer[], c_metadata json[],
    i_cmd integer[], i_principal uuid[], i_key bytea[], i_fingerprint bytea[], i_memo text[],
    s_cmd integer[], s_workspace uuid[], s_kind text[], s_id uuid[], s_expected bigint[], s_added integer[],
    s_alive boolean[], s_expires timestamptz[], s_erases boolean[], s_group integer[], s_series integer[],
    g_workspace uuid[], g_kind text[], g_series text[],
    r_workspace uuid[], r_kind text[], r_id uuid[], r_version bigint[], r_guard boolean[],
    x_cmd integer[], x_require integer[],
    k_stream integer[], k_scope text[], k_value bytea[], k_take boolean[],
    e_stream integer[], e_nth integer[], e_version bigint[], e_type text[], e_schema smallint[],
    e_occurred timestamptz[], e_payload json[], e_personal json[]
) returns log.judgement
language plpgsql as $$
declare
    v_head      bigint;
    v_now       timestamptz;
    v_unmet     integer[];
    v_findings  log.finding[];
    v_more      log.finding[];
    v_bad       integer[] := '{}';
    v_at        bigint;
    v_counts    bigint[];
    v_before    bigint[];
    v_nth       bigint[];
    v_positions bigint[];
    v_numbers   bigint[];
    v_labels    text[];
    v_answer    log.judgement;
begin
    select h.position, greatest(h.recorded_at, clock_timestamp()) into strict v_head, v_now
    from log.heads h where h.partition = p_partition for update;

    -- 1. Judge. Nearly always there is nothing to say against anything, and each check is one statement.
    select array_agg(r) into v_unmet
    from generate_subscripts(r_id, 1) r
    left join lateral (select * from log.streams w where w.partition = p_partition and w.id = r_id[r] offset 0) t on true
    where not coalesce(t.workspace = r_workspace[r] and t.kind = r_kind[r] and t.alive
                       and (t.expires_at is null or t.expires_at > v_now)
                       and (r_version[r] is null or t.version = r_version[r]), false);
    if v_unmet is not null then
        select array_agg(row(q.cmd, case when q.found and q.guard then 'changed' when q.found then 'conflict'
                                         when q.guard then 'revoked' else 'missing' end,
                             q.id, q.version, q.kind)::log.finding)
        into v_findings
        from (
            select x_cmd[x] as cmd, r_id[x_require[x]] as id, r_kind[x_require[x]] as kind,
                   r_guard[x_require[x]] as guard, t.version,
                   coalesce(t.workspace = r_workspace[x_require[x]] and t.kind = r_kind[x_require[x]] and t.alive
                            and (t.expires_at is null or t.expires_at > v_now), false) as found
            from generate_subscripts(x_cmd, 1) x
            left join lateral (
                select * from log.streams w where w.partition = p_partition and w.id = r_id[x_require[x]] offset 0
            ) t on true
            where x_require[x] = any (v_unmet)
        ) q;
    end if;

    select array_agg(row(s_cmd[s], 'conflict', s_id[s], coalesce(t.version, 0), null)::log.finding)
    into v_more
    from generate_subscripts(s_id, 1) s
    left join lateral (select * from log.streams w where w.partition = p_partition and w.id = s_id[s] offset 0) t on true
    where coalesce(t.version, 0) <> s_expected[s] or t.workspace <> s_workspace[s] or t.kind <> s_kind[s];
    v_findings := v_findings || v_more;

    if cardinality(k_stream) > 0 then
        -- What the same command gives back is free.
        select array_agg(row(s_cmd[k_stream[k]], 'taken', s_id[k_stream[k]], null, k_scope[k])::log.finding)
        into v_more
        from generate_subscripts(k_stream, 1) k
        cross join lateral (
            select h.holder from log.claims h
            where h.partition = p_partition and h.workspace = s_workspace[k_stream[k]] and h.scope = k_scope[k]
                and h.value = k_value[k] offset 0
        ) c
        where k_take[k] and c.holder <> s_id[k_stream[k]] and not exists (
            select from generate_subscripts(k_stream, 1) f
            where not k_take[f] and k_scope[f] = k_scope[k] and k_value[f] = k_value[k]
                and s_cmd[k_stream[f]] = s_cmd[k_stream[k]] and s_id[k_stream[f]] = c.holder);
        v_findings := v_findings || v_more;
    end if;

    -- A receipt or an earlier landing says more than any of the above: the command was judged back then. A receipt is for
    -- those only who are let in now.
    v_more := null;
    if cardinality(i_cmd) > 0 then
        select array_agg(row(i_cmd[i],
                             case when t.command = c_id[i_cmd[i]] then 'landed'
                                  when t.fingerprint = i_fingerprint[i] then 'duplicate' else 'mismatch' end,
                             t.command, t.position, t.memo)::log.finding)
        into v_more
        from generate_subscripts(i_cmd, 1) i
        cross join lateral (
            select * from log.receipts w
            where w.partition = p_partition and w.principal = i_principal[i] and w.key = i_key[i] offset 0
        ) t
        where t.command = c_id[i_cmd[i]] or not exists (
            select from unnest(v_findings) f where f.cmd = i_cmd[i] and f.what in ('revoked', 'changed'));
    end if;
    if p_since is not null then
        v_more := v_more || array(
            select row(array_position(c_id, e.command), 'landed', e.command, max(e.position), null)::log.finding
            from log.events e
            where e.partition = p_partition and e.position > p_since and e.command = any (c_id)
            group by e.command
            union all
            select row(array_position(c_id, e.command), 'number', e.stream, e.number, e.series)::log.finding
            from log.events e
            where e.partition = p_partition and e.position > p_since and e.command = any (c_id)
                and e.number is not null);
    end if;
    if v_more is not null then
        v_findings := v_more || array(
            select f from unnest(v_findings) f where f.cmd not in (select m.cmd from unnest(v_more) m));
    end if;
    if v_findings is not null then
        v_bad := array(select distinct f.cmd from unnest(v_findings) f);
        select array_agg(f.cmd), array_agg(f.what), array_agg(f.id), array_agg(f.n), array_agg(f.label)
        into v_answer.cmd, v_answer.what, v_answer.id, v_answer.n, v_answer.label
        from unnest(v_findings) f;
        if cardinality(v_bad) = cardinality(c_id) then
            return v_answer;
        end if;
    end if;

    -- 2. Number what is new: first how many there are of each, then what each counter had given out before.
    v_at := v_head;
    v_positions := array_fill(null::bigint, array[cardinality(c_id)]);
    for c in 1 .. cardinality(c_id) loop
        continue when c = any (v_bad);
        v_at := v_at + c_events[c];
        v_positions[c] := v_at;
    end loop;

    if cardinality(g_kind) > 0 then
        v_counts := array_fill(0::bigint, array[cardinality(g_kind)]);
        v_nth := array_fill(null::bigint, array[cardinality(s_id)]);
        v_numbers := v_nth;
        v_labels := array_fill(null::text, array[cardinality(s_id)]);
        for s in 1 .. cardinality(s_id) loop
            continue when s_group[s] is null or s_cmd[s] = any (v_bad);
            v_counts[s_group[s]] := v_counts[s_group[s]] + 1;
            v_numbers[s] := v_counts[s_group[s]];
            continue when s_series[s] is null;
            v_counts[s_series[s]] := v_counts[s_series[s]] + 1;
            v_nth[s] := v_counts[s_series[s]];
        end loop;

        insert into log.counters as k (partition, workspace, kind, series, last)
        select p_partition, g_workspace[g], g_kind[g], g_series[g], v_counts[g]
        from generate_subscripts(g_kind, 1) g where v_counts[g] > 0
        on conflict (partition, workspace, kind, series) do update set last = k.last + excluded.last;
        select array_agg(k.last - v_counts[g] order by g) into v_before
        from generate_subscripts(g_kind, 1) g
        left join lateral (
            select w.last from log.counters w
            where w.partition = p_partition and w.workspace = g_workspace[g] and w.kind = g_kind[g]
                and w.series = g_series[g] offset 0
        ) k on true;

        for s in 1 .. cardinality(s_id) loop
            continue when v_numbers[s] is null;
            v_numbers[s] := v_before[s_group[s]] + v_numbers[s];
            continue when s_series[s] is null;
            v_labels[s] := log.label(g_series[s_series[s]], v_before[s_series[s]] + v_nth[s]);
        end loop;
    end if;

    -- 3. Write.
    if cardinality(g_kind) > 0 then
        insert into log.streams (partition, id, workspace, kind, version, number, series, alive, expires_at)
        select p_partition, s_id[s], s_workspace[s], s_kind[s], s_added[s], v_numbers[s], v_labels[s],
               coalesce(s_alive[s], true), s_expires[s]
        from generate_subscripts(s_id, 1) s where s_group[s] is not null and not s_cmd[s] = any (v_bad);
    end if;
    if 0 < any (s_expected) then
        update log.streams t
        set version = s_expected[s] + s_added[s], alive = coalesce(s_alive[s], t.alive),
            expires_at = coalesce(s_expires[s], t.expires_at)
        from generate_subscripts(s_id, 1) s
        cross join lateral (
            select w.ctid as at from log.streams w where w.partition = p_partition and w.id = s_id[s] offset 0
        ) w
        where s_expected[s] > 0 and not s_cmd[s] = any (v_bad) and t.ctid = w.at;
    end if;

    insert into log.events (partition, position, workspace, kind, stream, version, event_type, event_version, number,
                            series, command, occurred_at, recorded_at, payload, metadata, personal)
    select p_partition, v_positions[q.c] - c_events[q.c] + e_nth[q.e], s_workspace[q.s], s_kind[q.s], s_id[q.s],
           e_version[q.e], e_type[q.e], e_schema[q.e], case when e_version[q.e] = 1 then v_numbers[q.s] end,
           case when e_version[q.e] = 1 then v_labels[q.s] end, c_id[q.c], e_occurred[q.e], v_now,
           e_payload[q.e], c_metadata[q.c], e_personal[q.e]
    from (select e, e_stream[e] as s, s_cmd[e_stream[e]] as c from generate_subscripts(e_stream, 1) e) q
    where not q.c = any (v_bad);

    if true = any (s_erases) then
        update log.events e set personal = null
        from generate_subscripts(s_id, 1) s
        cross join lateral (
            select w.ctid as at from log.events w
            where w.partition = p_partition and w.stream = s_id[s] and w.personal is not null offset 0
        ) w
        where s_erases[s] and not s_cmd[s] = any (v_bad) and e.ctid = w.at;
    end if;

    if cardinality(k_stream) > 0 then
        delete from log.claims c
        using generate_subscripts(k_stream, 1) k
        cross join lateral (
            select h.ctid as at from log.claims h
            where h.partition = p_partition and h.workspace = s_workspace[k_stream[k]] and h.scope = k_scope[k]
                and h.value = k_value[k] and h.holder = s_id[k_stream[k]] offset 0
        ) h
        where not k_take[k] and not s_cmd[k_stream[k]] = any (v_bad) and c.ctid = h.at;
        insert into log.claims (partition, workspace, scope, value, holder)
        select p_partition, s_workspace[k_stream[k]], k_scope[k], k_value[k], s_id[k_stream[k]]
        from generate_subscripts(k_stream, 1) k where k_take[k] and not s_cmd[k_stream[k]] = any (v_bad);
    end if;

    if cardinality(i_cmd) > 0 then
        insert into log.receipts (partition, principal, key, fingerprint, command, position, memo, created_at)
        select p_partition, i_principal[i], i_key[i], i_fingerprint[i], c_id[i_cmd[i]], v_positions[i_cmd[i]],
               i_memo[i], v_now
        from generate_subscripts(i_cmd, 1) i where not i_cmd[i] = any (v_bad);
    end if;

    -- The key's mark: its next read waits for this position.
    update log.streams t set mark = q.mark
    from (
        select r_id[x_require[x]] as id, max(v_positions[x_cmd[x]]) as mark
        from generate_subscripts(x_cmd, 1) x
        where r_guard[x_require[x]] and r_kind[x_require[x]] = 'api_key' and not x_cmd[x] = any (v_bad)
        group by r_id[x_require[x]]
    ) q
    cross join lateral (
        select w.ctid as at from log.streams w where w.partition = p_partition and w.id = q.id offset 0
    ) w
    where t.ctid = w.at;

    if v_at > v_head then
        update log.heads h set position = v_at, recorded_at = v_now where h.partition = p_partition;
        perform pg_notify('docket', p_partition::text || ':' || v_at::text);
    end if;
    v_answer.positions := v_positions;
    v_answer.numbers := v_numbers;
    v_answer.labels := v_labels;
    return v_answer;
end
$$;
