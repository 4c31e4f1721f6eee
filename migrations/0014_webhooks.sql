-- How far webhooks were sent the events of their workspaces, and what came of each attempt. Not computed from the log:
-- what others have been told can't be.

create schema webhooks;

-- How far each webhook is.
create table webhooks.cursors (
    workspace      uuid not null,
    webhook        uuid not null,
    partition      smallint not null,
    -- the webhook's version when it was last looked at
    version        bigint not null,
    -- everything up to here was sent, or is not wanted
    position       bigint not null,
    -- what was taken after that already, while something before it is still on its way
    ahead          bigint[] not null default '{}',
    -- how often the next one was tried in vain, and since when
    attempt        integer not null default 0,
    failing_since  timestamptz,
    -- not before
    next_at        timestamptz not null default now(),
    -- who is sending, until when
    holder         uuid,
    held_until     timestamptz not null default now(),
    primary key (workspace, webhook)
) with (fillfactor = 50);
create index cursors_by_partition on webhooks.cursors (partition, next_at);

-- The last attempts of each webhook.
create table webhooks.deliveries (
    workspace   uuid not null,
    webhook     uuid not null,
    id          bigint generated always as identity,
    message     text not null,
    event_type  text not null,
    attempt     integer not null,
    at          timestamptz not null default now(),
    took_ms     integer not null,
    -- what was answered, if anything
    status      smallint,
    -- why it counts as failed; null: it was taken
    error       text,
    primary key (workspace, webhook, id)
);

-- How far each partition was carried to consumers on NATS.
create table webhooks.outlets (
    partition  smallint primary key,
    position   bigint not null
) with (fillfactor = 10);
grant select, insert, update on webhooks.outlets to docket_projector;

grant usage on schema webhooks to docket_reader, docket_projector;
grant select on webhooks.cursors, webhooks.deliveries to docket_reader;
grant select, insert, update, delete on webhooks.cursors, webhooks.deliveries to docket_projector;

set local search_path = webhooks, read;
select read.wall_off('cursors', 'deliveries');
set local search_path = public;
