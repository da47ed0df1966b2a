/** Dates, instants and durations on PostgreSQL: texts, as on SQLite, because its own types hold fewer digits and other years. */
export const temporalFunctions: readonly string[] = [
  `create or replace function odatum_duration_seconds(duration text) returns numeric
    language plpgsql immutable parallel safe strict as $$
      declare
        parts text[] := regexp_match(duration, '^(-?)P(?:(\\d+)D)?(?:T(?:(\\d+)H)?(?:(\\d+)M)?(?:(\\d+(?:\\.\\d+)?)S)?)?$');
        seconds numeric;
      begin
        if parts is null then return null; end if;
        seconds := ((coalesce(cast(parts[2] as numeric), 0) * 24 + coalesce(cast(parts[3] as numeric), 0)) * 60
          + coalesce(cast(parts[4] as numeric), 0)) * 60 + coalesce(cast(parts[5] as numeric), 0);
        return case parts[1] when '-' then -seconds else seconds end;
      end
    $$`,
  // The canonical form of xs:dayTimeDuration, cut behind the twelfth digit of a second.
  `create or replace function odatum_duration(seconds numeric) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        rest numeric := trim_scale(trunc(abs(seconds), 12));
        days numeric := div(rest, 86400);
        hours numeric := div(rest, 3600) % 24;
        minutes numeric := div(rest, 60) % 60;
        part numeric := trim_scale(rest % 60);
        clock text;
      begin
        if rest = 0 then return 'PT0S'; end if;
        if rest > 1e1000 then return null; end if;
        clock := case when hours = 0 then '' else hours || 'H' end
          || case when minutes = 0 then '' else minutes || 'M' end
          || case when part = 0 then '' else part || 'S' end;
        return case when seconds < 0 then '-' else '' end || 'P' || case when days = 0 then '' else days || 'D' end
          || case when clock = '' then '' else 'T' || clock end;
      end
    $$`,
  // How many days lie between 1970-01-01 and a day of the Gregorian calendar; years begin in March, and eras have 400.
  `create or replace function odatum_day_number(date text) returns integer
    language plpgsql immutable parallel safe strict as $$
      declare
        month integer := cast(substr(date, 6, 2) as integer);
        year integer := cast(left(date, 4) as integer) - case when month < 3 then 1 else 0 end;
        era integer := floor(year / 400.0);
        of_era integer := year - era * 400;
        of_year integer := (153 * ((month + 9) % 12) + 2) / 5 + cast(substr(date, 9, 2) as integer) - 1;
      begin
        return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
      end
    $$`,
  // The other way; null out of the years 0000 to 9999.
  `create or replace function odatum_day_text(days numeric) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        shifted integer;
        era integer;
        of_era integer;
        years integer;
        of_year integer;
        month integer;
      begin
        if not (days between -719528 and 2932896) then return null; end if;
        shifted := days + 719468;
        era := floor(shifted / 146097.0);
        of_era := shifted - era * 146097;
        years := (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        of_year := of_era - (365 * years + years / 4 - years / 100);
        month := (5 * of_year + 2) / 153;
        return lpad(cast(era * 400 + years + case when month >= 10 then 1 else 0 end as text), 4, '0')
          || '-' || lpad(cast((month + 2) % 12 + 1 as text), 2, '0')
          || '-' || lpad(cast(of_year - (153 * month + 2) / 5 + 1 as text), 2, '0');
      end
    $$`,
  // Seconds since 1970, of an instant or of the midnight at which a day begins.
  `create or replace function odatum_instant_seconds(instant text) returns numeric
    language sql immutable parallel safe strict as $$
      select odatum_day_number(instant) * 86400::numeric + case when length(instant) > 10
        then cast(substr(instant, 12, 2) as integer) * 3600 + cast(substr(instant, 15, 2) as integer) * 60
          + cast(substr(instant, 18) as numeric)
        else 0 end
    $$`,
  `create or replace function odatum_instant_text(seconds numeric) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        days numeric := floor(seconds / 86400);
        -- The quotient is rounded; the day that it names may be the next one.
        day numeric := case when days * 86400 > seconds then days - 1 else days end;
        clock numeric := seconds - day * 86400;
        part numeric := trim_scale(clock % 60);
      begin
        return odatum_day_text(day) || 'T' || lpad(cast(div(clock, 3600) as text), 2, '0')
          || ':' || lpad(cast(div(clock, 60) % 60 as text), 2, '0')
          || ':' || case when part < 10 then '0' else '' end || part;
      end
    $$`,
  `create or replace function odatum_instant_add(instant text, seconds numeric) returns text
    language sql immutable parallel safe as $$
      select odatum_instant_text(odatum_instant_seconds(instant) + trunc(seconds, 12))
    $$`,
  // Only the whole days of the length count.
  `create or replace function odatum_date_add(date text, seconds numeric) returns text
    language sql immutable parallel safe as $$
      select odatum_day_text(odatum_day_number(date) + div(seconds, 86400))
    $$`,
];
