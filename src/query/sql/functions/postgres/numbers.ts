function decimalOperation(name: string, result: string): string {
  return `create or replace function odatum_decimal_${name}(a numeric, b numeric) returns numeric
    language sql immutable parallel safe as $$ select odatum_decimal_bounded(${result}) $$`;
}

/**
 * Numbers on PostgreSQL. What SQL makes an error of (division by zero, a result out of range) has a value here: a row must
 * not be able to make a statement fail.
 */
export const numberFunctions: readonly string[] = [
  // Decimals are `numeric`: exact, and of any length. What is computed has 400 digits before the point and behind it at most.
  `create or replace function odatum_decimal_bounded(a numeric) returns numeric
    language plpgsql immutable parallel safe strict as $$
      begin
        if (abs(a) >= 1e400 and abs(a) < 'Infinity') or (scale(a) > 400 and min_scale(a) > 400) then
          return null;
        end if;
        return a;
      end
    $$`,
  decimalOperation("add", "a + b"),
  decimalOperation("sub", "a - b"),
  decimalOperation("mul", "a * b"),
  // Cut behind the twentieth digit.
  decimalOperation("div", "div(a * 100000000000000000000, nullif(b, 0)) * 0.00000000000000000001"),
  decimalOperation("mod", "a % nullif(b, 0)"),
  `create or replace function odatum_decimal_negate(a numeric) returns numeric
    language sql immutable parallel safe as $$ select odatum_decimal_bounded(-a) $$`,
  `create or replace function odatum_decimal_floor(a numeric) returns numeric
    language sql immutable parallel safe as $$ select odatum_decimal_bounded(floor(a)) $$`,
  `create or replace function odatum_decimal_ceiling(a numeric) returns numeric
    language sql immutable parallel safe as $$ select odatum_decimal_bounded(ceil(a)) $$`,
  `create or replace function odatum_decimal_round(a numeric) returns numeric
    language sql immutable parallel safe as $$ select odatum_decimal_bounded(round(a)) $$`,
  // Canonical text: no zeros that say nothing.
  `create or replace function odatum_decimal_text(a numeric) returns text
    language sql immutable parallel safe as $$
      select case cast(a as text) when 'Infinity' then 'INF' when '-Infinity' then '-INF' else cast(trim_scale(a) as text) end
    $$`,
  `create or replace function odatum_decimal_json(a numeric) returns text
    language sql immutable parallel safe as $$
      select case when cast(a as text) in ('Infinity', '-Infinity', 'NaN') then '"' || odatum_decimal_text(a) || '"'
        else cast(trim_scale(a) as text) end
    $$`,
  // Behind these bounds lie infinity and zero: half a unit beyond the greatest double, and half of the least.
  `create or replace function odatum_decimal_double(a numeric) returns double precision
    language sql immutable parallel safe as $$
      select case
        when a = 'NaN' then 'NaN'::double precision
        when a >= 179769313486231580793728971405303415079934132710037826936174e249 then 'Infinity'::double precision
        when a <= -179769313486231580793728971405303415079934132710037826936174e249 then '-Infinity'::double precision
        when abs(a) <= 2.47032822920623272088284396434110686182529901307162382212793e-324 then 0::double precision
        else cast(a as double precision)
      end
    $$`,
  // The whole number toward zero, where it is between two others.
  `create or replace function odatum_decimal_integer(a numeric, low numeric, high numeric) returns bigint
    language sql immutable parallel safe as $$
      select case when trunc(a) between low and high then cast(trunc(a) as bigint) end
    $$`,
  // Integers that have outgrown 64 bits go on as decimals.
  `create or replace function odatum_integer_div(a numeric, b numeric) returns numeric
    language sql immutable parallel safe as $$
      select case
        when a between -9223372036854775808 and 9223372036854775807
          and b between -9223372036854775808 and 9223372036854775807
          and a = trunc(a) and b = trunc(b) then div(a, nullif(b, 0))
        else odatum_decimal_div(a, b)
      end
    $$`,

  // Doubles, as IEEE 754 computes them: what passes the range is infinite, what is too small is zero.
  `create or replace function odatum_double_add(a double precision, b double precision) returns double precision
    language plpgsql immutable parallel safe strict as $$
      begin
        -- Only numbers of some size can pass the range together; then half of each is looked at, which cannot.
        if (abs(a) < 8e307 and abs(b) < 8e307) or abs(a) < 9e291 or abs(b) < 9e291 or abs(a) >= 'Infinity'
          or abs(b) >= 'Infinity' then
          return a + b;
        end if;
        if abs(a / 2 + b / 2) >= 8.98846567431158e+307 then
          return sign(a) * 'Infinity'::double precision;
        end if;
        return a + b;
      end
    $$`,
  `create or replace function odatum_double_sub(a double precision, b double precision) returns double precision
    language sql immutable parallel safe as $$ select odatum_double_add(a, -b) $$`,
  `create or replace function odatum_double_mul(a double precision, b double precision) returns double precision
    language plpgsql immutable parallel safe strict as $$
      begin
        if a = 0 or b = 0 or abs(a) >= 'Infinity' or abs(b) >= 'Infinity' then
          return a * b;
        end if;
        -- The same with both factors 2 ** -512 or 2 ** 537 times as large.
        if abs(a) >= 1 and abs(b) >= 1 and abs((a * 7.458340731200207e-155) * (b * 7.458340731200207e-155)) >= 1 then
          return sign(a) * sign(b) * 'Infinity'::double precision;
        end if;
        if least(abs(a), abs(b)) < 1e-150 and greatest(abs(a), abs(b)) < 1 and abs((a * 4.4989137945431964e+161) * (b * 4.4989137945431964e+161)) <= 0.5 then
          return sign(a) * sign(b) * 0::double precision;
        end if;
        return a * b;
      end
    $$`,
  `create or replace function odatum_double_div(a double precision, b double precision) returns double precision
    language plpgsql immutable parallel safe strict as $$
      declare
        x double precision;
        y double precision;
      begin
        if b = 0 then
          if a = 0 or a = 'NaN' then
            return 'NaN';
          end if;
          return sign(a) * case when cast(b as text) = '-0' then -1 else 1 end * 'Infinity'::double precision;
        end if;
        if a = 0 or abs(a) >= 'Infinity' or abs(b) >= 'Infinity' then
          return a / b;
        end if;
        if abs(b) < 1 and abs(a) > 4.440892098500626e-16 then
          x := abs(a) * 7.458340731200207e-155;
          y := abs(b) * 1.3407807929942597e+154;
          if x >= 2 * y or (2 * x > y and x / y >= 1) then
            return sign(a) * sign(b) * 'Infinity'::double precision;
          end if;
        elsif abs(b) > 1 and abs(a) < 4.440892098500626e-16 then
          x := abs(a) * 4.4989137945431964e+161;
          y := abs(b) * 2.2227587494850775e-162;
          if x / y <= 0.5 then
            return sign(a) * sign(b) * 0::double precision;
          end if;
        end if;
        return a / b;
      end
    $$`,
  // The remainder by long division, whose every step is exact.
  `create or replace function odatum_double_mod(a double precision, b double precision) returns double precision
    language plpgsql immutable parallel safe strict as $$
      declare
        rest double precision := abs(a);
        part double precision;
      begin
        if b = 0 or rest >= 'Infinity' or b = 'NaN' then
          return 'NaN';
        end if;
        if abs(b) = 'Infinity' or a = 0 then
          return a;
        end if;
        part := abs(b);
        while part <= rest - part loop
          part := part + part;
        end loop;
        loop
          if rest >= part then
            rest := rest - part;
          end if;
          exit when part = abs(b);
          part := part / 2;
        end loop;
        return sign(a) * rest;
      end
    $$`,
  `create or replace function odatum_double_negate(a double precision) returns double precision
    language sql immutable parallel safe as $$ select -a $$`,
  `create or replace function odatum_double_floor(a double precision) returns double precision
    language sql immutable parallel safe as $$ select floor(a) $$`,
  `create or replace function odatum_double_ceiling(a double precision) returns double precision
    language sql immutable parallel safe as $$ select ceil(a) $$`,
  // Halves go away from zero; the database's own rounding takes them to even numbers.
  `create or replace function odatum_double_round(a double precision) returns double precision
    language sql immutable parallel safe as $$
      select trunc(a) + case when abs(a - trunc(a)) >= 0.5 then sign(a) else 0 end
    $$`,
  // "eq": null equals null, and NaN nothing.
  `create or replace function odatum_double_equal(a double precision, b double precision) returns boolean
    language sql immutable parallel safe as $$
      select case when a is null or b is null then a is null and b is null else a = b and a <> 'NaN' end
    $$`,
  // As JavaScript writes it: with the fewest digits, and without an exponent from 1e-6 to 1e21.
  `create or replace function odatum_double_text(a double precision) returns text
    language plpgsql immutable parallel safe strict as $$
      declare
        parts text[];
        digits text;
        point integer;
        shorter numeric;
      begin
        if a = 'NaN' then return 'NaN'; end if;
        if a = 'Infinity' then return 'INF'; end if;
        if a = '-Infinity' then return '-INF'; end if;
        if a = 0 then return '0'; end if;
        parts := regexp_match(cast(abs(a) as text), '^(\\d+)(?:\\.(\\d+))?(?:e([+-]\\d+))?$');
        digits := parts[1] || coalesce(parts[2], '');
        point := length(parts[1]) + coalesce(cast(parts[3] as integer), 0);
        point := point - (length(digits) - length(ltrim(digits, '0')));
        digits := rtrim(ltrim(digits, '0'), '0');
        -- A number of fewer digits may lie half-way between two doubles and still be read as this one.
        if length(digits) > 1 then
          shorter := round(cast(digits as numeric), -1);
          if odatum_decimal_double(cast(shorter || 'e' || (point - length(digits)) as numeric)) = abs(a) then
            point := point + length(cast(shorter as text)) - length(digits);
            digits := rtrim(cast(shorter as text), '0');
          end if;
        end if;
        return case when a < 0 then '-' else '' end || case
          when point > 21 or point < -5 then
            left(digits, 1) || case when length(digits) > 1 then '.' || substr(digits, 2) else '' end
              || 'e' || case when point > 0 then '+' else '-' end || abs(point - 1)
          when point <= 0 then '0.' || repeat('0', -point) || digits
          when point >= length(digits) then rpad(digits, point, '0')
          else left(digits, point) || '.' || substr(digits, point + 1)
        end;
      end
    $$`,
  // The decimal that the double is written as; null for what has no digits.
  `create or replace function odatum_double_decimal(a double precision) returns numeric
    language sql immutable parallel safe as $$
      select case when abs(a) < 'Infinity' then cast(odatum_double_text(a) as numeric) end
    $$`,
  `create or replace function odatum_double_integer(a double precision, low numeric, high numeric) returns bigint
    language sql immutable parallel safe as $$
      select odatum_decimal_integer(odatum_double_decimal(a), low, high)
    $$`,
  // The nearest number of 32 bits, by the fewest digits that name it; null for one that is too large.
  `create or replace function odatum_single(a double precision) returns double precision
    language plpgsql immutable parallel safe strict as $$
      declare
        nearest real;
        value numeric;
        short double precision;
      begin
        if abs(a) >= 'Infinity' then return a; end if;
        if abs(a) > 3.4028234663852886e38 then return null; end if;
        if abs(a) <= 7.006492321624085e-46 then return 0; end if;
        nearest := cast(a as real);
        value := cast(cast(cast(nearest as double precision) as text) as numeric);
        for digits in 6 .. 8 loop
          short := cast(round(value, digits - 1 - cast(floor(log(abs(value))) as integer)) as double precision);
          if abs(short) <= 3.4028235e38 and cast(short as real) = nearest then return short; end if;
        end loop;
        return cast(round(value, 8 - cast(floor(log(abs(value))) as integer)) as double precision);
      end
    $$`,
  `create or replace aggregate odatum_double_sum(double precision)
    (sfunc = odatum_double_add, stype = double precision, parallel = safe)`,
];
