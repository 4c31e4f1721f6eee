-- The catalogue: the workspace itself, its teams, positions, spaces, customers, labels and webhooks, in one table, for they are few
-- and alike.

create function read.create_catalog() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('catalog');
    perform read.create_counts('entry');
    create table entries (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        kind        smallint not null,
        number      bigint not null,
        version     bigint not null,
        deleted     boolean not null,
        -- the words of all it is called
        words       tsvector not null,
        -- its name in lower case
        name        text not null,
        -- the ids it refers to: a team's members
        refers_to   text not null,
        -- the resource as clients see it
        doc         text not null
    );
    create table past_entries (like entries);
    perform read.admit('entries', 'past_entries');
end
$$;

create function read.index_catalog() returns void
language plpgsql as $$
begin
    alter table entries add primary key (workspace, id);
    create unique index entries_by_number on entries (workspace, kind, number);
    create index entries_by_name on entries (workspace, kind, name) where not deleted;
    -- Webhooks, of all workspaces: who sends to them looks for new ones.
    create index entries_of_webhooks on entries (workspace, id) where kind = 6;
    perform read.index_counts('entry');
    perform read.index_past('entries');
    perform read.wall_off('entries', 'past_entries');
end
$$;

create schema read_catalog;
set local search_path = read_catalog;
select read.create_catalog();
select read.index_catalog();
set local search_path = public;
