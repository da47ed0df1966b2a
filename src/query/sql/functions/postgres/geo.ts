/** Functions on GeoJSON text on PostgreSQL: points, line strings and polygons. */
export const geoFunctions: readonly string[] = [
  // Between two positions, "[longitude, latitude]": by the haversine formula on the sphere, or on the plane.
  `create or replace function odatum_geo_between(a json, b json, on_sphere boolean) returns double precision
    language plpgsql immutable parallel safe as $$
      declare
        x1 double precision := cast(a ->> 0 as double precision);
        y1 double precision := cast(a ->> 1 as double precision);
        x2 double precision := cast(b ->> 0 as double precision);
        y2 double precision := cast(b ->> 1 as double precision);
      begin
        if not on_sphere then
          return sqrt(odatum_double_add(
            odatum_double_mul(odatum_double_sub(x2, x1), odatum_double_sub(x2, x1)),
            odatum_double_mul(odatum_double_sub(y2, y1), odatum_double_sub(y2, y1))));
        end if;
        return 2 * 6371008.8 * asin(least(1, sqrt(
          sin(radians(y2 - y1) / 2) ^ 2 + cos(radians(y1)) * cos(radians(y2)) * sin(radians(x2 - x1) / 2) ^ 2)));
      end
    $$`,
  `create or replace function odatum_geo_distance(a text, b text, on_sphere boolean) returns double precision
    language sql immutable parallel safe strict as $$
      select odatum_geo_between(cast(a as json) -> 'coordinates', cast(b as json) -> 'coordinates', on_sphere)
      where cast(a as json) ->> 'type' = 'Point' and cast(b as json) ->> 'type' = 'Point'
    $$`,
  `create or replace function odatum_geo_length(line text, on_sphere boolean) returns double precision
    language plpgsql immutable parallel safe strict as $$
      declare
        before json;
        position json;
        sum double precision := 0;
      begin
        if cast(line as json) ->> 'type' <> 'LineString' then return null; end if;
        for position in select value from json_array_elements(cast(line as json) -> 'coordinates') loop
          if before is not null then
            sum := odatum_double_add(sum, odatum_geo_between(before, position, on_sphere));
          end if;
          before := position;
        end loop;
        return sum;
      end
    $$`,
  // Where a point is as seen from a ring: 1 in it, 0 on its border, -1 out of it.
  `create or replace function odatum_geo_side(point json, ring json) returns integer
    language plpgsql immutable parallel safe as $$
      declare
        x double precision := cast(point ->> 0 as double precision);
        y double precision := cast(point ->> 1 as double precision);
        x1 double precision;
        y1 double precision;
        x2 double precision;
        y2 double precision;
        turn double precision;
        position json;
        side integer := -1;
      begin
        for position in select value from json_array_elements(ring) loop
          x2 := cast(position ->> 0 as double precision);
          y2 := cast(position ->> 1 as double precision);
          if x1 is not null then
            turn := odatum_double_sub(
              odatum_double_mul(odatum_double_sub(x2, x1), odatum_double_sub(y, y1)),
              odatum_double_mul(odatum_double_sub(x, x1), odatum_double_sub(y2, y1)));
            if turn = 0 and x between least(x1, x2) and greatest(x1, x2) and y between least(y1, y2) and greatest(y1, y2) then
              return 0;
            end if;
            if (y1 > y) <> (y2 > y) and (case when y2 > y1 then turn > 0 else turn < 0 end) then
              side := -side;
            end if;
          end if;
          x1 := x2;
          y1 := y2;
        end loop;
        return side;
      end
    $$`,
  // In the outer ring or on its border, and in no hole; the border of a hole belongs to the polygon.
  `create or replace function odatum_geo_intersects(point text, polygon text) returns boolean
    language plpgsql immutable parallel safe strict as $$
      declare
        place json := cast(point as json) -> 'coordinates';
        ring json;
        side integer;
        outer_ring boolean := true;
      begin
        if cast(point as json) ->> 'type' <> 'Point' or cast(polygon as json) ->> 'type' <> 'Polygon' then return null; end if;
        for ring in select value from json_array_elements(cast(polygon as json) -> 'coordinates') loop
          side := odatum_geo_side(place, ring);
          if outer_ring and side <= 0 then return side = 0; end if;
          if not outer_ring and side = 1 then return false; end if;
          outer_ring := false;
        end loop;
        return not outer_ring;
      end
    $$`,
  // The literal without prefix and quotes: "SRID=4326;Point(1 2)". An array of numbers is a position.
  `create or replace function odatum_geo_positions(coordinates json, in_parentheses boolean) returns text
    language plpgsql immutable parallel safe as $$
      declare
        is_position boolean := json_typeof(coordinates -> 0) = 'number';
        items text;
      begin
        if is_position then
          select string_agg(replace(odatum_double_text(cast(value as double precision)), '+', ''), ' ' order by ordinal) into items
            from json_array_elements_text(coordinates) with ordinality as numbers(value, ordinal);
          return case when in_parentheses then '(' || items || ')' else items end;
        end if;
        select string_agg(odatum_geo_positions(value, in_parentheses), ',' order by ordinal) into items
          from json_array_elements(coordinates) with ordinality as inner_values(value, ordinal);
        return '(' || coalesce(items, '') || ')';
      end
    $$`,
  `create or replace function odatum_geo_shape(geometry json) returns text
    language plpgsql immutable parallel safe as $$
      declare
        kind text := geometry ->> 'type';
        items text;
      begin
        if kind = 'GeometryCollection' then
          select string_agg(odatum_geo_shape(value), ',' order by ordinal) into items
            from json_array_elements(geometry -> 'geometries') with ordinality as parts(value, ordinal);
          return 'GeometryCollection(' || coalesce(items, '') || ')';
        end if;
        return kind || odatum_geo_positions(geometry -> 'coordinates', kind in ('Point', 'MultiPoint'));
      end
    $$`,
  `create or replace function odatum_geo_text(json text, type text) returns text
    language sql immutable parallel safe strict as $$
      select 'SRID=' || coalesce(
          substring(cast(json as json) #>> '{crs,properties,name}' from '[0-9]+$'),
          case when type like 'Edm.Geography%' then '4326' else '0' end)
        || ';' || odatum_geo_shape(cast(json as json))
    $$`,
];
