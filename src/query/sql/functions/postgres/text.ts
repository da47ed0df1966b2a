/** Texts on PostgreSQL, and what they are read as: the same values as the readers of primitive types take. */
export const textFunctions: readonly string[] = [
  // "greatest" and "least" pass over null. Integers that have outgrown 64 bits are numeric, and the others become it.
  `create or replace function odatum_substring(text text, start numeric) returns text
    language sql immutable parallel safe as $$
      select case when start is not null then substr(text, cast(least(greatest(
        case when start < 0 then char_length(text) + start else start end, 0), 2000000000) as integer) + 1) end
    $$`,
  `create or replace function odatum_substring(text text, start numeric, length numeric) returns text
    language sql immutable parallel safe as $$
      select case when length is not null
        then left(odatum_substring(text, start), cast(least(greatest(length, 0), 2000000000) as integer)) end
    $$`,
  // A number as JSON, a URL or CSDL writes it; null for what is none, or has more digits than a value may have.
  `create or replace function odatum_number(text text) returns numeric
    language plpgsql immutable parallel safe strict as $$
      declare
        parts text[];
        digits text;
        point numeric;
      begin
        if length(text) > 100000 then return null; end if;
        parts := regexp_match(text, '^([+-]?)([0-9]+)(?:\\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$');
        if parts is null then return null; end if;
        digits := ltrim(parts[2] || coalesce(parts[3], ''), '0');
        if digits = '' then return 0; end if;
        point := length(digits) - coalesce(length(parts[3]), 0) + coalesce(cast(parts[4] as numeric), 0);
        if length(digits) > 400 or abs(point) > 400 then return null; end if;
        return trim_scale(cast(text as numeric));
      end
    $$`,
  `create or replace function odatum_parse_double(text text) returns double precision
    language plpgsql immutable parallel safe strict as $$
      declare
        parts text[];
        digits text;
        point numeric;
        value double precision;
      begin
        if text in ('INF', '-INF', 'NaN') then return cast(text as double precision); end if;
        if length(text) > 10000 then return null; end if;
        parts := regexp_match(text, '^([+-]?)([0-9]+)(?:\\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$');
        if parts is null then return null; end if;
        digits := ltrim(parts[2] || coalesce(parts[3], ''), '0');
        point := length(digits) - coalesce(length(parts[3]), 0) + coalesce(cast(parts[4] as numeric), 0);
        if digits = '' or point < -400 then return 0; end if;
        if point > 400 then return null; end if;
        value := odatum_decimal_double(cast(text as numeric));
        return case when abs(value) < 'Infinity' then value end;
      end
    $$`,
  `create or replace function odatum_is_day(year text, month text, day text) returns boolean
    language sql immutable parallel safe strict as $$
      select length(year) = 4 and month between '01' and '12' and day between '01' and case
        when month in ('04', '06', '09', '11') then '30'
        when month <> '02' then '31'
        when cast(year as integer) % 4 = 0 and (cast(year as integer) % 100 <> 0 or cast(year as integer) % 400 = 0)
          then '29'
        else '28'
      end
    $$`,
  `create or replace function odatum_parse_instant(text text) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        parts text[] := regexp_match(text,
          '^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\\.[0-9]{1,12})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})$');
        leap boolean;
        seconds numeric;
        zone text;
      begin
        if parts is null or not odatum_is_day(parts[1], parts[2], parts[3]) then return null; end if;
        leap := coalesce(parts[6] = '60', false);
        if parts[4] > '23' or parts[5] > '59' or (parts[6] > '59' and not leap) then return null; end if;
        zone := parts[8];
        if length(zone) > 1 and (substr(zone, 5) > '59' or substr(zone, 2, 2) > '23') then return null; end if;
        seconds := odatum_day_number(left(text, 10)) * 86400::numeric + cast(parts[4] as integer) * 3600
          + cast(parts[5] as integer) * 60 + cast(coalesce(parts[6], '0') || coalesce(parts[7], '') as numeric);
        if length(zone) > 1 then
          seconds := seconds - (cast(substr(zone, 2, 2) as integer) * 3600 + cast(substr(zone, 5) as integer) * 60)
            * case left(zone, 1) when '-' then -1 else 1 end;
        end if;
        return odatum_instant_text(seconds);
      end
    $$`,
  `create or replace function odatum_parse_time(text text) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        parts text[] := regexp_match(text, '^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\\.[0-9]{1,12})?)?$');
      begin
        if parts is null or parts[1] > '23' or parts[2] > '59' or parts[3] > '59' then return null; end if;
        return parts[1] || ':' || parts[2] || ':' || coalesce(parts[3], '00')
          || rtrim(rtrim(coalesce(parts[4], ''), '0'), '.');
      end
    $$`,
  `create or replace function odatum_parse_binary(text text) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        digits text := rtrim(text, '=');
        padding integer := length(text) - length(rtrim(text, '='));
        bytes bytea;
      begin
        if text !~ '^[A-Za-z0-9+/_-]*={0,2}$' or length(digits) % 4 = 1 or (padding > 0 and length(text) % 4 <> 0) then
          return null;
        end if;
        bytes := decode(rpad(translate(digits, '-_', '+/'), (length(digits) + 3) / 4 * 4, '='), 'base64');
        return rtrim(translate(encode(bytes, 'base64'), '+/' || chr(10), '-_'), '=');
      end
    $$`,
  // Bare text as a value of a primitive type, canonical, an instant without its Z; null where it is none.
  `create or replace function odatum_parse(text text, type text) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        number numeric;
        parts text[];
      begin
        case type
          when 'Edm.String' then return text;
          when 'Edm.Boolean' then return case when text in ('true', 'false') then text end;
          when 'Edm.Byte', 'Edm.SByte', 'Edm.Int16', 'Edm.Int32', 'Edm.Int64' then
            number := odatum_number(text);
            return case when number = trunc(number) and number between
              case type when 'Edm.Byte' then 0 when 'Edm.SByte' then -128 when 'Edm.Int16' then -32768
                when 'Edm.Int32' then -2147483648 else -9223372036854775808 end
              and case type when 'Edm.Byte' then 255 when 'Edm.SByte' then 127 when 'Edm.Int16' then 32767
                when 'Edm.Int32' then 2147483647 else 9223372036854775807 end then cast(number as text) end;
          when 'Edm.Decimal' then
            return case when text in ('INF', '-INF', 'NaN') then text else cast(odatum_number(text) as text) end;
          when 'Edm.Double' then return cast(odatum_parse_double(text) as text);
          when 'Edm.Single' then return cast(odatum_single(odatum_parse_double(text)) as text);
          when 'Edm.Guid' then
            return case when lower(text) ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then lower(text) end;
          when 'Edm.Binary' then return odatum_parse_binary(text);
          when 'Edm.Date' then
            parts := regexp_match(text, '^([0-9]{4})-([0-9]{2})-([0-9]{2})$');
            return case when odatum_is_day(parts[1], parts[2], parts[3]) then text end;
          when 'Edm.TimeOfDay' then return odatum_parse_time(text);
          when 'Edm.DateTimeOffset' then return odatum_parse_instant(text);
          when 'Edm.Duration' then
            if text ~ '[PT]$' or text !~ ('^-?P(?:[0-9]{1,15}D)?'
              || '(?:T(?:[0-9]{1,15}H)?(?:[0-9]{1,15}M)?(?:[0-9]{1,15}(?:\\.[0-9]{1,12})?S)?)?$') then
              return null;
            end if;
            return odatum_duration(odatum_duration_seconds(text));
          else return null;
        end case;
      end
    $$`,
  // GeoJSON of a point, a line string or a polygon, whose numbers can be read; null for everything else.
  `create or replace function odatum_read_geo(json text, kind text) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        number text := '-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?';
        position text := '\\[' || number || '(?:,' || number || '){1,3}\\]';
        form text := case kind
          when 'Point' then position
          when 'LineString' then '\\[' || position || '(?:,' || position || ')+\\]'
          when 'Polygon' then '\\[\\[' || position || '(?:,' || position || '){3,}\\](?:,\\[' || position || '(?:,' || position || '){3,}\\])*\\]'
        end;
      begin
        if cast(json as json) ->> 'type' is distinct from kind then return null; end if;
        return case when regexp_replace(cast(json as json) ->> 'coordinates', '\\s', '', 'g') ~ ('^' || form || '$') then json end;
      end
    $$`,
  // JSON text of which nothing is known as a value of a primitive type.
  `create or replace function odatum_read(json text, type text) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        kind text := json_typeof(cast(json as json));
        value text := cast(json as json) #>> '{}';
      begin
        case type
          when 'Edm.Boolean' then return case when kind = 'boolean' then value end;
          when 'Edm.Byte', 'Edm.SByte', 'Edm.Int16', 'Edm.Int32' then
            return case when kind = 'number' then odatum_parse(value, type) end;
          when 'Edm.Int64', 'Edm.Decimal' then
            return case when kind in ('number', 'string') and value not in ('INF', '-INF', 'NaN')
              then odatum_parse(value, type) end;
          when 'Edm.Single', 'Edm.Double' then
            return case when kind = 'number' or value in ('INF', '-INF', 'NaN') then odatum_parse(value, type) end;
          else
            if type like 'Edm.Geo%' then
              return case when kind = 'object' then odatum_read_geo(json, regexp_replace(type, '^Edm\\.Geo(graphy|metry)', '')) end;
            end if;
            return case when kind = 'string' then odatum_parse(value, type) end;
        end case;
      end
    $$`,
];
