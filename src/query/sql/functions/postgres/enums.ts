/** Enumerations on PostgreSQL; their members come as JSON text, `{"Red":1,"Green":2}`, in the order of their declaration. */
export const enumFunctions: readonly string[] = [
  // The number of a member, or the sum of several flags.
  `create or replace function odatum_enum_number(names text, members text) returns bigint
    language sql immutable parallel safe strict as $$
      select case when count(*) = count(number) then bit_or(number) end
      from (select cast(cast(members as json) ->> name as bigint) as number
        from unnest(string_to_array(names, ',')) as parts(name)) as numbers
    $$`,
  // Names or a number, in whatever form a client may write them, as canonical names; null where there is no such value.
  `create or replace function odatum_enum_parse(written text, members text, flags boolean) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        value bigint := 0;
        part text;
        number bigint;
        rest bigint;
        found text;
        member record;
      begin
        if written = '' or (not flags and position(',' in written) > 0) then return null; end if;
        foreach part in array string_to_array(written, ',') loop
          part := btrim(part);
          number := cast(cast(members as json) ->> part as bigint);
          if number is null then
            if part !~ '^[+-]?[0-9]{1,18}$' then return null; end if;
            number := cast(part as bigint);
          end if;
          value := value | number;
        end loop;
        select name into found
          from json_each_text(cast(members as json)) with ordinality as each_member(name, text, position)
          where cast(text as bigint) = value order by position limit 1;
        if found is not null then return found; end if;
        if not flags or value < 0 then return null; end if;
        -- The fewest members that make it up, taking the greatest first.
        rest := value;
        for member in
          select distinct on (cast(text as bigint)) name, cast(text as bigint) as bits
            from json_each_text(cast(members as json)) with ordinality as each_member(name, text, position)
            where cast(text as bigint) > 0 order by cast(text as bigint) desc, position
        loop
          if rest & member.bits = member.bits then
            found := member.name || coalesce(',' || found, '');
            rest := rest & ~member.bits;
          end if;
        end loop;
        return case when rest = 0 then found end;
      end
    $$`,
];
