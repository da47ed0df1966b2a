/** JSON text on PostgreSQL, compared by its content. */
export const jsonFunctions: readonly string[] = [
  // The text of a JSON string, number or truth value.
  `create or replace function odatum_json_text(json text) returns text
    language plpgsql immutable parallel safe strict as $$
      begin
        case json_typeof(cast(json as json))
          when 'string', 'boolean' then return cast(json as json) #>> '{}';
          when 'number' then return coalesce(cast(odatum_number(json) as text), json);
          else return null;
        end case;
      end
    $$`,
  // A value without what does not count: members that are null, annotations. NaN, where it is a double, becomes something
  // that is different on each of two sides, because it equals nothing. With a declared type each value names its own.
  `create or replace function odatum_content(value jsonb, declared text, doubles jsonb, name text, side boolean) returns jsonb
    language plpgsql immutable parallel safe as $$
      begin
        case jsonb_typeof(value)
          when 'array' then
            return coalesce(
              (select jsonb_agg(odatum_content(item, declared, doubles, name, side) order by position)
                from jsonb_array_elements(value) with ordinality as items(item, position)),
              '[]');
          when 'object' then
            return coalesce(
              (select jsonb_object_agg(key, odatum_content(item, case when declared is not null then '' end, doubles, key, side))
                from jsonb_each(value) as members(key, item)
                where position('@' in key) = 0 and jsonb_typeof(item) <> 'null'),
              '{}')
              || case when declared is null then '{}'
                else jsonb_build_object('@type', coalesce(value ->> '@odata.type', declared)) end;
          when 'string' then
            return case when value = '"NaN"' and doubles ? name then jsonb_build_object('@nan', side) else value end;
          else return value;
        end case;
      end
    $$`,
  // "eq" by content: null equals null.
  `create or replace function odatum_json_equal(a text, b text, type_a text, type_b text, doubles text) returns boolean
    language sql immutable parallel safe as $$
      select case
        when a is null or b is null then a is null and b is null
        else odatum_content(cast(a as jsonb), case when type_a <> '' and type_b <> '' then type_a end, cast(doubles as jsonb), '', true)
          = odatum_content(cast(b as jsonb), case when type_a <> '' and type_b <> '' then type_b end, cast(doubles as jsonb), '', false)
      end
    $$`,
  // The order of JSON values of one kind: less than, equal to or greater than 0.
  `create or replace function odatum_json_compare(a text, b text) returns integer
    language plpgsql immutable parallel safe strict as $$
      declare
        kind text := json_typeof(cast(a as json));
        x text := odatum_json_text(a);
        y text := odatum_json_text(b);
      begin
        if kind <> json_typeof(cast(b as json)) then return null; end if;
        case kind
          when 'number' then return sign(cast(x as numeric) - cast(y as numeric));
          when 'string', 'boolean' then
            return case when x collate "C" < y collate "C" then -1 when x collate "C" > y collate "C" then 1 else 0 end;
          else return null;
        end case;
      end
    $$`,

  // Lists: the canonical functions on collections.
  `create or replace function odatum_items(list text, doubles text, side boolean) returns jsonb[]
    language sql immutable parallel safe as $$
      select array(select odatum_content(item, null, cast(doubles as jsonb), '', side)
        from jsonb_array_elements(cast(list as jsonb)) with ordinality as items(item, position) order by position)
    $$`,
  `create or replace function odatum_list_length(list text) returns bigint
    language sql immutable parallel safe strict as $$ select json_array_length(cast(list as json)) $$`,
  `create or replace function odatum_list_indexof(list text, part text, doubles text) returns bigint
    language plpgsql immutable parallel safe strict as $$
      declare
        items jsonb[] := odatum_items(list, doubles, true);
        wanted jsonb[] := odatum_items(part, doubles, false);
      begin
        for start in 0 .. cardinality(items) - cardinality(wanted) loop
          if items[start + 1 : start + cardinality(wanted)] = wanted then return start; end if;
        end loop;
        return -1;
      end
    $$`,
  `create or replace function odatum_list_contains(list text, part text, doubles text) returns boolean
    language sql immutable parallel safe strict as $$ select odatum_list_indexof(list, part, doubles) >= 0 $$`,
  `create or replace function odatum_list_startswith(list text, part text, doubles text) returns boolean
    language plpgsql immutable parallel safe strict as $$
      declare
        items jsonb[] := odatum_items(list, doubles, true);
        wanted jsonb[] := odatum_items(part, doubles, false);
      begin
        return cardinality(wanted) <= cardinality(items) and items[1 : cardinality(wanted)] = wanted;
      end
    $$`,
  `create or replace function odatum_list_endswith(list text, part text, doubles text) returns boolean
    language plpgsql immutable parallel safe strict as $$
      declare
        items jsonb[] := odatum_items(list, doubles, true);
        wanted jsonb[] := odatum_items(part, doubles, false);
      begin
        return cardinality(wanted) <= cardinality(items)
          and items[cardinality(items) - cardinality(wanted) + 1 : cardinality(items)] = wanted;
      end
    $$`,
  `create or replace function odatum_list_hassubset(list text, part text, doubles text) returns boolean
    language sql immutable parallel safe strict as $$
      select not exists (
        select item from unnest(odatum_items(part, doubles, false)) as wanted(item) group by item
        having count(*) > (select count(*) from unnest(odatum_items(list, doubles, true)) as there(found) where found = item)
      )
    $$`,
  `create or replace function odatum_list_hassubsequence(list text, part text, doubles text) returns boolean
    language plpgsql immutable parallel safe strict as $$
      declare
        wanted jsonb[] := odatum_items(part, doubles, false);
        reached integer := 1;
        item jsonb;
      begin
        foreach item in array odatum_items(list, doubles, true) loop
          if reached <= cardinality(wanted) and item = wanted[reached] then reached := reached + 1; end if;
        end loop;
        return reached > cardinality(wanted);
      end
    $$`,
  `create or replace function odatum_list_concat(a text, b text) returns text
    language sql immutable parallel safe strict as $$
      select '[' || coalesce((select string_agg(cast(item as text), ',' order by half, position) from (
        select 1 as half, item, position from json_array_elements(cast(a as json)) with ordinality as items(item, position)
        union all
        select 2, item, position from json_array_elements(cast(b as json)) with ordinality as items(item, position)
      ) as both_lists), '') || ']'
    $$`,
  `create or replace function odatum_list_slice(list text, start numeric, count numeric) returns text
    language sql immutable parallel safe strict as $$
      select '[' || coalesce((select string_agg(cast(item as text), ',' order by position)
        from json_array_elements(cast(list as json)) with ordinality as items(item, position),
          greatest(case when start < 0 then json_array_length(cast(list as json)) + start else start end, 0) as first
        where position > first and position - first <= greatest(count, 0)), '') || ']'
    $$`,
  `create or replace function odatum_list_slice(list text, start numeric) returns text
    language sql immutable parallel safe as $$ select odatum_list_slice(list, start, 9223372036854775807) $$`,
];
