-- The read models of time that was worked and of what members were told, made like those of 0002_read.sql.

-- timelogs --------------------------------------------------------------------------------------------------------

create function read.create_timelogs() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('timelogs');
    create table timelogs (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        number      bigint not null,
        version     bigint not null,
        member_id   uuid not null,
        -- nil: none
        task_id     uuid not null,
        project_id  uuid not null,
        -- the day it counts for
        date        date not null,
        started_at  timestamptz not null,
        updated_at  timestamptz not null,
        seconds     bigint not null,
        billable    boolean,
        running     boolean not null,
        voided      boolean not null,
        words       tsvector not null,
        -- the resource as clients see it
        doc         text not null
    );
    create table past_timelogs (like timelogs);
    -- How many there are, how long together, and how much of that is billable: of a project's (nil: of all projects) by a member (nil: by all), on a
    -- day or in the month that begins on it. Voided ones are not counted.
    create table timelog_counts (
        workspace   uuid not null,
        monthly     boolean not null,
        project_id  uuid not null,
        member_id   uuid not null,
        date        date not null,
        entries     bigint not null,
        seconds     bigint not null,
        billable_seconds bigint not null
    ) with (fillfactor = 50);
    perform read.admit('timelogs', 'timelog_counts', 'past_timelogs');
end
$$;

create function read.index_timelogs() returns void
language plpgsql as $$
begin
    alter table timelogs add primary key (workspace, id);
    create unique index timelogs_by_number on timelogs (workspace, number);
    create index timelogs_by_member on timelogs (workspace, member_id, number) where not voided;
    create index timelogs_by_project on timelogs (workspace, project_id, number) where not voided;
    create index timelogs_by_task on timelogs (workspace, task_id, number) include (seconds) where not voided;
    create index timelogs_by_date on timelogs (workspace, date, number) where not voided;
    create index timelogs_by_start on timelogs (workspace, started_at, number) where not voided;
    create index timelogs_by_update on timelogs (workspace, updated_at, number) where not voided;
    create index timelogs_voided on timelogs (workspace, number) where voided;
    create index timelogs_running on timelogs (workspace, member_id) where running;
    create index past_timelogs_running on past_timelogs (workspace, member_id, since, until) where running;
    alter table timelog_counts add primary key (workspace, monthly, project_id, date, member_id);
    create index timelog_counts_by_member on timelog_counts (workspace, monthly, member_id, date, project_id);
    perform read.index_past('timelogs');
    perform read.wall_off('timelogs', 'timelog_counts', 'past_timelogs');
end
$$;

-- notifications ---------------------------------------------------------------------------------------------------

create function read.create_notifications() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('notifications');
    create table notifications (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        number      bigint not null,
        version     bigint not null,
        -- whom it is for
        member_id   uuid not null,
        unread      boolean not null,
        deleted     boolean not null,
        words       tsvector not null,
        -- the resource as clients see it
        doc         text not null
    );
    create table past_notifications (like notifications);
    -- How many a member has, and how many of them are unread.
    create table notification_counts (
        workspace   uuid not null,
        member_id   uuid not null,
        n           bigint not null,
        unread      bigint not null
    ) with (fillfactor = 50);
    perform read.admit('notifications', 'notification_counts', 'past_notifications');
end
$$;

create function read.index_notifications() returns void
language plpgsql as $$
begin
    alter table notifications add primary key (workspace, id);
    create unique index notifications_by_number on notifications (workspace, number);
    create index notifications_by_member on notifications (workspace, member_id, number) where not deleted;
    create index notifications_unread on notifications (workspace, member_id, number) where unread and not deleted;
    alter table notification_counts add primary key (workspace, member_id);
    perform read.index_past('notifications');
    create index past_notifications_by_member on past_notifications (workspace, member_id, number, since, until)
        where not deleted;
    perform read.wall_off('notifications', 'notification_counts', 'past_notifications');
end
$$;

-- The live ones.
do $$
declare
    model text;
begin
    foreach model in array array['timelogs', 'notifications'] loop
        execute format('create schema %I', 'read_' || model);
        perform set_config('search_path', 'read_' || model, true);
        execute format('select read.create_%s()', model);
        execute format('select read.index_%s()', model);
    end loop;
    perform set_config('search_path', 'public', true);
end
$$;
