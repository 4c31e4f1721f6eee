-- Whether those who listen for long are still who they were: any number of keys and members, of whichever workspaces, at
-- once. It tells nothing but the versions of what the caller knows already, workspace and all; none of what is no more.
create function log.standing(p_partitions smallint[], p_workspaces uuid[], p_ids uuid[])
returns table (id uuid, version bigint)
language sql stable security definer rows 100
begin atomic
    select s.id, s.version from unnest(p_partitions, p_workspaces, p_ids) asked (partition, workspace, id)
    join log.streams s on s.partition = asked.partition and s.id = asked.id and s.workspace = asked.workspace
    where s.alive and coalesce(s.expires_at > now(), true);
end;

revoke all on function log.standing(smallint[], uuid[], uuid[]) from public;
grant execute on function log.standing(smallint[], uuid[], uuid[]) to docket_reader;
