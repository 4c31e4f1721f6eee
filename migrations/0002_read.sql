-- Read models: what the log says, arranged for asking. All of it can be dropped and rebuilt from the log.
-- See README.md beside this file.
--
-- Each model lives in a schema of its own, `read_<model>`, with its checkpoint beside its rows. Statements name tables
-- without a schema and run with all live schemas in their search_path, so the same text also serves a model that is
-- being rebuilt in `read_<model>_next`; making that one live is renaming two schemas, which locks no table.
--
-- What clients are shown of an aggregate is there once for each time it changed: in `<table>` as it is, since the position
-- of the event that made it so, and in `past_<table>` as it was before, since one position until another.
--
-- read.create_<model>() makes a model's tables in the current schema, bare, so that a rebuild can COPY into them;
-- read.index_<model>() adds what reading and live projecting need: keys, indexes, row-level security.

create schema read;

-- The tenant a reader has set for its session; null (and so nothing at all) when it has not.
create function log.tenant() returns uuid
language sql stable parallel safe as $$
    select nullif(current_setting('docket.workspace', true), '')::uuid
$$;

grant usage on schema log, read to docket_reader, docket_projector;

-- What a reader must know of the log: whether its key still counts, and what it wrote last. Not forced on the owner,
-- as whom the append runs.
alter table log.streams enable row level security;
create policy reader on log.streams for select to docket_reader using (workspace = log.tenant());
grant select on log.streams, log.heads to docket_reader;

grant select on log.events, log.heads to docket_projector;
grant select, insert, update, delete on log.leases to docket_projector;

-- Events a model could not take in, and all later ones of the same aggregate, in order.
create table read.parked (
    model      text not null,
    partition  smallint not null,
    position   bigint not null,
    workspace  uuid not null,
    stream     uuid not null,
    version    bigint not null,
    -- empty: it only waits behind an earlier one
    error      text not null,
    event      text not null,
    parked_at  timestamptz not null default now(),
    primary key (model, partition, position)
);
create index parked_by_partition on read.parked (partition, stream);
grant select, insert, delete on read.parked to docket_projector;

-- Fails the transaction of a projector whose checkpoint another one has moved.
create function read.must_hold(ok boolean) returns void
language plpgsql as $$
begin
    if ok is not true then
        raise exception 'the checkpoint has moved' using errcode = 'serialization_failure';
    end if;
end
$$;

-- Lets the roles in: the reader may look, the projector may write.
create function read.admit(variadic names text[]) returns void
language plpgsql as $$
declare
    name text;
begin
    execute format('grant usage on schema %I to docket_reader, docket_projector', current_schema());
    foreach name in array names loop
        execute format('grant select on %I to docket_reader', name);
        execute format('grant select, insert, update, delete on %I to docket_projector', name);
    end loop;
end
$$;

-- Row-level security for rows that are to be seen by their tenant only. After COPY, which it forbids.
create function read.wall_off(variadic names text[]) returns void
language plpgsql as $$
declare
    name text;
begin
    foreach name in array names loop
        execute format('alter table %I enable row level security, force row level security', name);
        execute format('create policy reader on %I for select to docket_reader using (workspace = log.tenant())', name);
        execute format('create policy projector on %I to docket_projector using (true) with check (true)', name);
    end loop;
end
$$;

-- How far a model is, per partition. Moved only together with its rows, in one transaction, from the very values that
-- the projector has read: position, and the epoch, which is raised when something else has changed the model.
create function read.create_checkpoint(model text) returns void
language plpgsql as $$
begin
    execute format('create table %I (
        partition    smallint primary key,
        position     bigint not null,
        epoch        bigint not null default 0,
        recorded_at  timestamptz not null default ''1970-01-01''
    ) with (fillfactor = 10)', model || '_at');
    perform read.admit(model || '_at');
end
$$;

-- How many rows of each kind a tenant sees: lists need not count.
create function read.create_counts(model text) returns void
language plpgsql as $$
begin
    execute format('create table %I (
        workspace  uuid not null,
        facet      smallint not null,
        n          bigint not null
    ) with (fillfactor = 50)', model || '_counts');
    perform read.admit(model || '_counts');
end
$$;

create function read.index_counts(model text) returns void
language plpgsql as $$
begin
    execute format('alter table %I add primary key (workspace, facet)', model || '_counts');
    perform read.wall_off(model || '_counts');
end
$$;

-- What was is found by what it is, and in the order of the numbers.
create function read.index_past(model text) returns void
language plpgsql as $$
begin
    execute format('alter table %I add primary key (workspace, id, since)', 'past_' || model);
    execute format('create index on %I (workspace, number, since, until)', 'past_' || model);
end
$$;

-- tasks -----------------------------------------------------------------------------------------------------------

create function read.create_tasks() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('tasks');
    create table tasks (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        number      bigint not null,
        version     bigint not null,
        project_id  uuid not null,
        sprint_id   uuid,
        phase_id    uuid,
        parent_id   uuid,
        -- places in the order of a board, and from least to most
        status      smallint not null,
        priority    smallint not null,
        start_date  date,
        due_date    date,
        estimate_minutes bigint,
        estimate_points  bigint,
        billable         boolean,
        completed_at     timestamptz,
        external_id text,
        -- in lower case
        title       text not null,
        -- what rows of task_assignees and task_labels lead to, and null where nothing does: what a version counts for
        assignee_ids uuid[],
        label_ids    uuid[],
        created_by  uuid,
        created_at  timestamptz not null,
        updated_at  timestamptz not null,
        deleted     boolean not null,
        -- the resource as clients see it
        doc         text not null
    );
    create table past_tasks (like tasks);
    create table task_assignees (
        workspace  uuid not null,
        member_id  uuid not null,
        number     bigint not null,
        -- where the task stands, so that only those that are looked for lead to it
        project_id uuid not null,
        status     smallint not null,
        -- as the task has been
        since      bigint not null
    );
    create table task_labels (
        workspace  uuid not null,
        label_id   uuid not null,
        number     bigint not null,
        -- where the task stands, so that only those that are looked for lead to it
        project_id uuid not null,
        status     smallint not null,
        -- as the task has been
        since      bigint not null
    );
    -- How many tasks of a project there are in each status: of all (facet 0), of an assignee's (1), of a label's (2), of
    -- a sprint's (3; 4 adds up their points). The nil project has all projects together.
    create table task_counts (
        workspace   uuid not null,
        facet       smallint not null,
        facet_id    uuid not null,
        project_id  uuid not null,
        backlog     bigint not null,
        todo        bigint not null,
        in_progress bigint not null,
        in_review   bigint not null,
        done        bigint not null,
        cancelled   bigint not null,
        duplicate   bigint not null
    ) with (fillfactor = 50);
    -- What a task was related to as each version of it.
    create table past_task_assignees (like task_assignees, until bigint not null);
    create table past_task_labels (like task_labels, until bigint not null);
    -- How many came into each status in a block of 2^bits positions less those that left it.
    create table past_task_counts (
        workspace   uuid not null,
        facet       smallint not null,
        facet_id    uuid not null,
        project_id  uuid not null,
        bits        smallint not null,
        block       bigint not null,
        backlog     bigint not null,
        todo        bigint not null,
        in_progress bigint not null,
        in_review   bigint not null,
        done        bigint not null,
        cancelled   bigint not null,
        duplicate   bigint not null
    ) with (fillfactor = 50);
    -- The greatest number, and the latest times, that any task came to in a block of 2^bits positions.
    create table past_task_peaks (
        workspace   uuid not null,
        bits        smallint not null,
        block       bigint not null,
        number      bigint not null,
        created_at  timestamptz not null,
        updated_at  timestamptz not null
    ) with (fillfactor = 50);
    -- How many tasks, and points, came into each status on a day less those that left it, in a project and sprint (nil:
    -- none); with the nil project, in all together. What there was at the end of a day is the sum of all days up to it. What
    -- left a sprint because it was closed was part of it till then: it is in rows of its own, with the moment (else 1970).
    create table flow_counts (
        workspace          uuid not null,
        project_id         uuid not null,
        sprint_id          uuid not null,
        date               date not null,
        left_at            timestamptz not null,
        backlog            bigint not null,
        todo               bigint not null,
        in_progress        bigint not null,
        in_review          bigint not null,
        done               bigint not null,
        cancelled          bigint not null,
        duplicate          bigint not null,
        backlog_points     bigint not null,
        todo_points        bigint not null,
        in_progress_points bigint not null,
        in_review_points   bigint not null,
        done_points        bigint not null,
        cancelled_points   bigint not null,
        duplicate_points   bigint not null
    ) with (fillfactor = 50);
    -- The words of title and description, each behind the first eight digits of its tenant, and the block of 8,192 numbers
    -- as one more, so that the index itself keeps tenants apart, and is asked for one block at a time. The words of the title
    -- are there once more, with a `^` before them.
    create table task_search (
        workspace  uuid not null,
        number     bigint not null,
        words      tsvector not null
    );
    create table task_comments (
        workspace  uuid not null,
        id         uuid not null,
        since      bigint not null,
        until      bigint not null,
        number     bigint not null,
        version    bigint not null,
        task_id    uuid not null,
        deleted    boolean not null,
        -- its own, to be looked for on its task
        words      tsvector not null,
        doc        text not null
    );
    create table past_task_comments (like task_comments);
    -- The words of a comment, in the same manner.
    create table comment_search (
        workspace  uuid not null,
        number     bigint not null,
        task_id    uuid not null,
        words      tsvector not null
    );
    -- The words that a task, or a comment, had until a position; since the words before them, or since it was created.
    create table past_task_search (
        workspace  uuid not null,
        number     bigint not null,
        until      bigint not null,
        words      tsvector not null
    );
    create table past_comment_search (
        workspace  uuid not null,
        number     bigint not null,
        until      bigint not null,
        task_id    uuid not null,
        words      tsvector not null
    );
    perform read.admit('tasks', 'task_assignees', 'task_labels', 'task_counts', 'flow_counts', 'task_search', 'task_comments',
                       'comment_search', 'past_tasks', 'past_task_comments', 'past_task_counts', 'past_task_peaks',
                       'past_task_assignees', 'past_task_labels', 'past_task_search', 'past_comment_search');
    -- `@@` is not leakproof: under row-level security it could not use its index. The functions below are the only ways in.
    revoke all on task_search, comment_search, past_task_search, past_comment_search from docket_reader;
end
$$;

create function read.index_tasks() returns void
language plpgsql as $$
begin
    alter table tasks add primary key (workspace, id);
    create unique index tasks_by_number on tasks (workspace, number);
    create index tasks_by_project on tasks (workspace, project_id, number, since) where not deleted;
    create index tasks_by_status on tasks (workspace, project_id, status, number, since) where not deleted;
    create index tasks_by_sprint on tasks (workspace, sprint_id, number) where not deleted and sprint_id is not null;
    create index tasks_by_phase on tasks (workspace, phase_id, number) where not deleted and phase_id is not null;
    create index tasks_by_parent on tasks (workspace, parent_id, number) where not deleted and parent_id is not null;
    create index tasks_by_created on tasks (workspace, created_at, number) where not deleted;
    create index tasks_by_updated on tasks (workspace, updated_at, number) where not deleted;
    create index tasks_by_priority on tasks (workspace, priority, number) where not deleted;
    create index tasks_by_due on tasks (workspace, due_date, number) where not deleted;
    create index tasks_by_external on tasks (workspace, external_id) where external_id is not null;
    alter table task_assignees add primary key (workspace, member_id, number) include (project_id, status, since);
    alter table task_labels add primary key (workspace, label_id, number) include (project_id, status, since);
    alter table task_counts add primary key (workspace, facet, facet_id, project_id);
    alter table flow_counts add primary key (workspace, project_id, sprint_id, date, left_at);
    create index flow_counts_by_sprint on flow_counts (workspace, sprint_id, date);
    alter table task_search add primary key (workspace, number);
    create index task_search_words on task_search using gin (words) with (gin_pending_list_limit = 1024);
    alter table task_comments add primary key (workspace, id);
    create index task_comments_by_task on task_comments (workspace, task_id, number) where not deleted;
    alter table comment_search add primary key (workspace, number);
    create index comment_search_words on comment_search using gin (words) with (gin_pending_list_limit = 1024);
    -- What can be restored.
    create index tasks_deleted on tasks (workspace, number) where deleted;
    create index task_comments_deleted on task_comments (workspace, task_id, number) where deleted;
    create index tasks_since on tasks (workspace, since);
    perform read.index_past('tasks');
    create index past_tasks_since on past_tasks (workspace, since);
    create index past_tasks_until on past_tasks (workspace, until);
    -- Found and walked like those of now.
    create index past_tasks_by_project on past_tasks (workspace, project_id, number, since, until) where not deleted;
    create index past_tasks_by_status on past_tasks (workspace, project_id, status, number, since, until) where not deleted;
    create index past_tasks_by_sprint on past_tasks (workspace, sprint_id, number, since, until) where not deleted and sprint_id is not null;
    create index past_tasks_by_phase on past_tasks (workspace, phase_id, number, since, until) where not deleted and phase_id is not null;
    create index past_tasks_by_parent on past_tasks (workspace, parent_id, number, since, until) where not deleted and parent_id is not null;
    create index past_tasks_by_created on past_tasks (workspace, created_at, number, since, until) where not deleted;
    create index past_tasks_by_updated on past_tasks (workspace, updated_at, number, since, until) where not deleted;
    create index past_tasks_by_priority on past_tasks (workspace, priority, number, since, until) where not deleted;
    create index past_tasks_by_due on past_tasks (workspace, due_date, number, since, until) where not deleted;
    alter table past_task_assignees add primary key (workspace, member_id, number, since) include (until, project_id, status);
    alter table past_task_labels add primary key (workspace, label_id, number, since) include (until, project_id, status);
    alter table past_task_counts add primary key (workspace, facet, facet_id, project_id, bits, block);
    alter table past_task_peaks add primary key (workspace, bits, block);
    alter table past_task_search add primary key (workspace, number, until);
    create index past_task_search_words on past_task_search using gin (words) with (gin_pending_list_limit = 1024);
    alter table past_comment_search add primary key (workspace, number, until);
    create index past_comment_search_words on past_comment_search using gin (words) with (gin_pending_list_limit = 1024);
    perform read.index_past('task_comments');
    create index past_task_comments_by_task on past_task_comments (workspace, task_id, number, since, until) where not deleted;
    perform read.wall_off('tasks', 'task_assignees', 'task_labels', 'task_counts', 'flow_counts', 'task_search', 'task_comments',
                          'comment_search', 'past_tasks', 'past_task_comments', 'past_task_counts', 'past_task_peaks',
                          'past_task_assignees', 'past_task_labels', 'past_task_search', 'past_comment_search');
    -- The bodies are bound to this schema's tables, whatever the schema is called later. That it is the tenant's own is said
    -- so that no other index is asked: every word is the tenant's, and a block's number in it.
    -- The same question, of the blocks from the newest down to the oldest, or to the first one of all (null); only of every
    -- so many of them:
    create function search_within(query tsquery, newest bigint, oldest bigint, every bigint) returns tsquery
    language sql stable
    return case when oldest is null then query else (
        select string_agg(format('''%s.%s''', left(log.tenant()::text, 8), block), ' | ')
        from generate_series(oldest, newest, every) block
    )::tsquery && query end;
    -- The same question of titles: that all its words are there, or (not `whole`) any of them, and all somewhere.
    create function search_titles(query tsquery, whole boolean) returns tsquery
    language sql stable
    return (
        select case when whole then t.words::tsquery else replace(t.words, ' & ', ' | ')::tsquery && query end
        from (select replace(query::text, '''' || l.tag, '''' || l.tag || '^') as words
              from left(log.tenant()::text, 8) as l(tag)) t
    );
    -- The newest blocks that there are.
    create function search_blocks() returns table (tasks bigint, comments bigint, past_comments bigint)
    language sql stable security definer rows 1
    begin atomic
        select (select max(s.number) >> 13 from task_search s where s.workspace = log.tenant()),
               (select max(c.number) >> 13 from comment_search c where c.workspace = log.tenant()),
               (select max(c.number) >> 13 from past_comment_search c where c.workspace = log.tenant());
    end;
    -- What is found within some blocks up to a newest one, and how well it fits the query, if that is to be known.
    create function search_tasks(query tsquery, within tsquery, newest bigint, ranked boolean)
        returns table (number bigint, rank real)
    language sql stable security definer rows 1000
    set enable_bitmapscan = on
    begin atomic
        select s.number, case when ranked then ts_rank(s.words, query) else 0 end from task_search s
        where (s.workspace = log.tenant()) is true and s.words @@ within and (s.number < (newest + 1) << 13) is true;
    end;
    create function search_comments(query tsquery, within tsquery, newest bigint) returns table (task_id uuid, rank real)
    language sql stable security definer rows 1000
    set enable_bitmapscan = on
    begin atomic
        select c.task_id, ts_rank(c.words, query) from comment_search c
        where (c.workspace = log.tenant()) is true and c.words @@ within and (c.number < (newest + 1) << 13) is true;
    end;
    -- Those of these that fit, and how well.
    create function rank_tasks(query tsquery, numbers bigint[]) returns table (number bigint, rank real)
    language sql stable security definer rows 1000
    begin atomic
        select s.number, ts_rank(s.words, query) from unnest(numbers) n
        join task_search s on s.workspace = log.tenant() and s.number = n
        where s.words @@ query;
    end;
    -- The same of the words that there were after a position, of tasks up to a number. Of several that a row has had since,
    -- the first ones count.
    create function search_past_tasks(query tsquery, within tsquery, newest bigint, ranked boolean, at bigint, most bigint)
        returns table (number bigint, rank real)
    language sql stable security definer rows 1000
    set enable_bitmapscan = on
    begin atomic
        select s.number, case when ranked then ts_rank(s.words, query) else 0 end from (
            select n.number, n.words, null::bigint as until from task_search n
            where (n.workspace = log.tenant()) is true and n.words @@ within
                and (n.number < (newest + 1) << 13 and n.number <= most) is true
            union all
            select p.number, p.words, p.until from past_task_search p
            where (p.workspace = log.tenant()) is true and p.words @@ within
                and (p.number < (newest + 1) << 13 and p.until > at) is true) s
        where not exists (
            select from past_task_search e where e.workspace = log.tenant() and e.number = s.number and e.until > at
                and (e.until < s.until or s.until is null));
    end;
    create function search_past_comments(query tsquery, within tsquery, newest bigint, at bigint)
        returns table (task_id uuid, number bigint, rank real)
    language sql stable security definer rows 1000
    set enable_bitmapscan = on
    begin atomic
        select s.task_id, s.number, ts_rank(s.words, query) from (
            select n.task_id, n.number, n.words, null::bigint as until from comment_search n
            where (n.workspace = log.tenant()) is true and n.words @@ within and (n.number < (newest + 1) << 13) is true
            union all
            select p.task_id, p.number, p.words, p.until from past_comment_search p
            where (p.workspace = log.tenant()) is true and p.words @@ within
                and (p.number < (newest + 1) << 13 and p.until > at) is true) s
        where not exists (
            select from past_comment_search e where e.workspace = log.tenant() and e.number = s.number and e.until > at
                and (e.until < s.until or s.until is null));
    end;
    create function rank_past_tasks(query tsquery, numbers bigint[], at bigint) returns table (number bigint, rank real)
    language sql stable security definer rows 1000
    begin atomic
        select n, ts_rank(s.words, query) from unnest(numbers) n cross join lateral (
            select w.words from (
                select p.words, p.until from past_task_search p
                where p.workspace = log.tenant() and p.number = n and p.until > at
                union all select t.words, null from task_search t where t.workspace = log.tenant() and t.number = n) w
            order by w.until nulls last limit 1) s
        where s.words @@ query;
    end;
    -- The comment of a task that fits best, with what it says.
    create function best_comment(query tsquery, task uuid) returns text
    language sql stable security definer
    begin atomic
        select json_build_object('kind', 'comment', 'id', c.id, 'text', c.doc::json->>'body')::text
        from task_comments c
        cross join lateral (
            select w.words from comment_search w where w.workspace = c.workspace and w.number = c.number offset 0
        ) s
        where c.workspace = log.tenant() and c.task_id = task and not c.deleted and s.words @@ query
        order by ts_rank(s.words, query) desc, c.number desc limit 1;
    end;
    revoke all on function best_comment(tsquery, uuid) from public;
    grant execute on function best_comment(tsquery, uuid) to docket_reader;
    revoke all on function search_within(tsquery, bigint, bigint, bigint), search_titles(tsquery, boolean), search_blocks(),
        search_tasks(tsquery, tsquery, bigint, boolean), search_comments(tsquery, tsquery, bigint),
        rank_tasks(tsquery, bigint[]), search_past_tasks(tsquery, tsquery, bigint, boolean, bigint, bigint),
        search_past_comments(tsquery, tsquery, bigint, bigint), rank_past_tasks(tsquery, bigint[], bigint) from public;
    grant execute on function search_within(tsquery, bigint, bigint, bigint), search_titles(tsquery, boolean), search_blocks(),
        search_tasks(tsquery, tsquery, bigint, boolean), search_comments(tsquery, tsquery, bigint),
        rank_tasks(tsquery, bigint[]), search_past_tasks(tsquery, tsquery, bigint, boolean, bigint, bigint),
        search_past_comments(tsquery, tsquery, bigint, bigint), rank_past_tasks(tsquery, bigint[], bigint) to docket_reader;
end
$$;

-- projects --------------------------------------------------------------------------------------------------------

create function read.create_projects() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('projects');
    perform read.create_counts('project');
    create table projects (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        number      bigint not null,
        version     bigint not null,
        status      text not null,
        team_id     uuid,
        customer_id uuid,
        archived    boolean not null,
        deleted     boolean not null,
        -- in lower case
        name        text not null,
        words       tsvector not null,
        doc         text not null
    );
    create table past_projects (like projects);
    perform read.admit('projects', 'past_projects');
end
$$;

create function read.index_projects() returns void
language plpgsql as $$
begin
    alter table projects add primary key (workspace, id);
    create unique index projects_by_number on projects (workspace, number);
    create index projects_deleted on projects (workspace, id) where deleted;
    create index past_projects_deleted on past_projects (workspace, id) where deleted;
    create index projects_by_team on projects (workspace, team_id) where team_id is not null;
    create index projects_by_customer on projects (workspace, customer_id) where customer_id is not null;
    perform read.index_counts('project');
    perform read.index_past('projects');
    perform read.wall_off('projects', 'past_projects');
end
$$;

-- members ---------------------------------------------------------------------------------------------------------

create function read.create_members() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('members');
    perform read.create_counts('member');
    create table members (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        number      bigint not null,
        version     bigint not null,
        -- in lower case
        name        text not null,
        words       tsvector not null,
        doc         text not null
    );
    create table past_members (like members);
    perform read.admit('members', 'past_members');
end
$$;

create function read.index_members() returns void
language plpgsql as $$
begin
    alter table members add primary key (workspace, id);
    create unique index members_by_number on members (workspace, number);
    perform read.index_counts('member');
    perform read.index_past('members');
    perform read.wall_off('members', 'past_members');
end
$$;

-- keys ------------------------------------------------------------------------------------------------------------

create function read.create_keys() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('keys');
    perform read.create_counts('key');
    create table keys (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        number      bigint not null,
        version     bigint not null,
        -- the public part of the token
        kid         text not null,
        words       tsvector not null,
        -- what clients see
        shown       text not null,
        -- the hash of the whole token, by which it is found out who is calling
        sha256      text not null,
        -- everything, that hash too: only for telling who is calling
        doc         text not null
    );
    create table past_keys (like keys);
    -- What was can't open anything: no hashes are kept of it.
    alter table past_keys drop column sha256, drop column doc;
    perform read.admit('keys', 'past_keys');
end
$$;

create function read.index_keys() returns void
language plpgsql as $$
begin
    alter table keys add primary key (workspace, id);
    create unique index keys_by_number on keys (workspace, number);
    create index keys_by_sha256 on keys (sha256);
    perform read.index_counts('key');
    perform read.index_past('keys');
    perform read.wall_off('keys', 'past_keys');
    -- Before the tenant is known, the one key whose token was shown.
    create policy caller on keys for select to docket_reader
        using (sha256 = (select nullif(current_setting('docket.sha256', true), '')));
end
$$;

-- trail -----------------------------------------------------------------------------------------------------------

create function read.create_trail() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('trail');
    create table trail (
        workspace    uuid not null,
        position     bigint not null,
        -- its place among all kinds
        kind         smallint,
        stream       uuid not null,
        event_type   text not null,
        -- a member, or a key that acts for none
        actor        uuid,
        key_id       uuid,
        command      uuid not null,
        causation    uuid not null,
        request_id   text not null,
        dialect      text not null,
        recorded_at  timestamptz not null
    );
    -- How many events of a type there are, through a dialect, in a block of 1,024 positions.
    create table trail_blocks (
        workspace    uuid not null,
        block        bigint not null,
        event_type   text not null,
        dialect      text not null,
        kind         smallint not null,
        events       bigint not null
    ) with (fillfactor = 50);
    perform read.admit('trail', 'trail_blocks');
end
$$;

-- Counts what has come into the trail, and only that: what is taken in twice was there already.
create function read.count_trail() returns trigger
language plpgsql as $$
begin
    insert into trail_blocks as b (workspace, block, event_type, dialect, kind, events)
    select workspace, position >> 10, event_type, dialect, coalesce(kind, -1::int2), count(*) from fresh
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (workspace, block, event_type, dialect, kind) do update set events = b.events + excluded.events;
    return null;
end
$$;

create function read.index_trail() returns void
language plpgsql as $$
begin
    alter table trail add primary key (workspace, position);
    create index trail_by_stream on trail (workspace, stream, position);
    create index trail_by_actor on trail (workspace, actor, position);
    create index trail_by_key on trail (workspace, key_id, position);
    insert into trail_blocks (workspace, block, event_type, dialect, kind, events)
    select workspace, position >> 10, event_type, dialect, coalesce(kind, -1::int2), count(*) from trail group by 1, 2, 3, 4, 5;
    alter table trail_blocks add primary key (workspace, block, event_type, dialect, kind);
    create trigger counted after insert on trail referencing new table as fresh
        for each statement execute function read.count_trail();
    perform read.wall_off('trail', 'trail_blocks');
end
$$;

-- The live ones.
do $$
declare
    model text;
begin
    foreach model in array array['tasks', 'projects', 'members', 'keys', 'trail'] loop
        execute format('create schema %I', 'read_' || model);
        perform set_config('search_path', 'read_' || model, true);
        execute format('select read.create_%s()', model);
        execute format('select read.index_%s()', model);
    end loop;
    perform set_config('search_path', 'public', true);
end
$$;
