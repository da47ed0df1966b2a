import fc from "fast-check";

/**
 * JSON values of each type, as a client sends them: Edm.Int64 and Edm.Decimal as texts, so that no digit is lost. Most come
 * from small pools, so that values meet their like, and hold what is easily got wrong.
 */

/** Texts: all lengths of code points, what case mapping changes in length, what SQL, JSON and patterns could take for theirs. */
export const texts: readonly string[] = [
  ...[
    "",
    "a",
    "A",
    "b",
    "ab",
    "abc",
    "abca",
    "b a",
    " a ",
    "\u00a0x\u2003",
    "10%",
    "_",
    "it's",
    "\\",
    '"',
    "null",
    "true",
  ],
  ...[
    "é",
    "É",
    "e\u0301",
    "ß",
    "ẞ",
    "İ",
    "ı",
    "ﬁ",
    "Σας",
    "😀",
    "a😀b",
    "\u{ff5e}",
    "\ufffd",
    "12",
    "-7",
    "1.50",
    "1e2",
  ],
  ...["red", "read,write", "2024-02-29", "PT1H", "2024-02-29T10:00:00Z", "x\ty\n", "{}", "[1]", "lamp", "Red Lamp"],
];

export const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(..."abcABC 0_%'\"é😀"), maxLength: 6 }) },
);

function integer(min: bigint, max: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(-2n, -1n, 0n, 1n, 2n, 3n, 5n, 7n, 12n).filter((value) => value >= min) },
    { weight: 1, arbitrary: fc.constantFrom(min, max, min + 1n, max - 1n) },
    { weight: 1, arbitrary: fc.bigInt({ min, max }) },
  );
}

const small = (min: number, max: number) => integer(BigInt(min), BigInt(max)).map(Number);
const byte = small(0, 255);
const sbyte = small(-128, 127);
const int16 = small(-32_768, 32_767);
export const int32 = small(-2_147_483_648, 2_147_483_647);
export const int64 = fc.oneof(
  { weight: 4, arbitrary: integer(-(2n ** 63n), 2n ** 63n - 1n).map(String) },
  { weight: 1, arbitrary: fc.constantFrom("9007199254740993", "9007199254740992", "-9007199254740993") },
);

export const decimal = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("0", "1", "1.5", "1.50", "-1.5", "2.345", "-0.001", "10", "100.10", "0.1", "0.2", "0.3"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "12345678901234567890.123456789",
      "-0.00000000000000000001",
      "99999999999999999999999999999",
      "9223372036854775808",
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.nat(8))
      .map(([units, scale]) => `${units < 0n ? "-" : ""}${decimalText(units < 0n ? -units : units, scale)}`),
  },
);

function decimalText(units: bigint, scale: number): string {
  const digits = units.toString().padStart(scale + 1, "0");
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Numbers whose sums are the same in whatever order, and those that are none. */
export const summable = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, -1, 0.5, 1.5, -2.5, 2, 7, 1024, 0.25) },
  { weight: 1, arbitrary: fc.constantFrom<number | string>("INF", "-INF", "NaN") },
);

export const double = fc.oneof(
  { weight: 7, arbitrary: summable },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0.1,
      0.2,
      0.30000000000000004,
      1e21,
      1e-7,
      5e-324,
      1.7976931348623157e308,
      9007199254740992,
    ),
  },
);

const single = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<number | string>(0, 0.5, -1.5, 2, 7, "INF", "NaN") },
  { weight: 1, arbitrary: fc.constantFrom(0.1, 3.4028234663852886e38, 16_777_217) },
);

const guid = fc.constantFrom(
  "00000000-0000-0000-0000-000000000000",
  "01234567-89ab-cdef-0123-456789abcdef",
  "ABCDEF01-2345-6789-ABCD-EF0123456789",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
);

const binary = fc.constantFrom("", "AA", "AAE", "T0RhdGE", "_-8", "/+8=", "b2RhdHVt");

export const dates: readonly string[] = [
  "0000-01-01",
  "0001-01-01",
  "1969-12-31",
  "2023-12-31",
  "2024-02-29",
  "9999-12-31",
];

export const times: readonly string[] = [
  "00:00:00",
  "10:00:00",
  "10:00:00.5",
  "10:00:00.500",
  "23:59:59.999999999999",
  "12:30",
];

/** The second and the third are one instant, and so are the fourth and the fifth. */
export const instants: readonly string[] = [
  "0000-01-01T00:00:00Z",
  "2024-02-29T10:00:00Z",
  "2024-02-29T12:00:00+02:00",
  "2024-02-29T10:00:00.5Z",
  "2024-02-29T09:30:00.500-00:30",
  "2024-02-29T10:00:00.000000000001Z",
  "2023-12-31T23:59:59.999Z",
  "1969-12-31T23:59:59.5Z",
  "9999-12-31T23:59:59.999999999999Z",
];

export const durations: readonly string[] = [
  ...["PT0S", "PT1S", "PT0.5S", "-PT0.5S", "PT24H", "P1D", "P1DT2H3M4.5S", "-P3DT1H", "PT36H", "PT0.000000000001S"],
  ...["P3652424DT23H59M59.999999999999S", "-P3652424D"],
];

export const colours: readonly string[] = ["none", "red", "green", "blue", "black"];
export const rights: readonly string[] = ["read", "write", "run", "read,write", "read,run", "all"];

const longitude = fc.constantFrom(0, 1, 2, 4, -1.5, 12.5, 180, -180);
const latitude = fc.constantFrom(0, 1, 2, 4, -1.5, 41.9, 90, -90);
const position = fc.tuple(longitude, latitude);
const point = position.map((coordinates) => ({ type: "Point", coordinates }));
const line = fc
  .array(position, { minLength: 2, maxLength: 4 })
  .map((coordinates) => ({ type: "LineString", coordinates }));
const square = (from: number, to: number) => [
  [from, from],
  [to, from],
  [to, to],
  [from, to],
  [from, from],
];
const area = fc.constantFrom(
  { type: "Polygon", coordinates: [square(0, 4)] },
  { type: "Polygon", coordinates: [square(0, 4), square(1, 2)] },
  {
    type: "Polygon",
    coordinates: [
      [
        [0, 0],
        [4, 0],
        [0, 4],
        [0, 0],
      ],
    ],
  },
);

/** A value, or null. */
function orNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { freq: 4 });
}

const spot = fc.record({ name: orNull(text), size: orNull(decimal) });

function list<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { maxLength: 4 });
}

const placeMembers = {
  city: orNull(text),
  zip: orNull(int32),
  people: orNull(int64),
  area: orNull(decimal),
  ratio: orNull(double),
  since: orNull(fc.constantFrom(...instants)),
  paint: orNull(fc.constantFrom(...colours)),
  words: list(text),
  spot: orNull(spot),
  spots: list(spot),
};

export const place = fc.oneof(
  { weight: 2, arbitrary: fc.record(placeMembers) },
  {
    weight: 1,
    arbitrary: fc.record({
      "@odata.type": fc.constant("#Lab.Harbour"),
      ...placeMembers,
      depth: orNull(int32),
      city2: orNull(text),
    }),
  },
);

/** By the names of `everyType` and `everyItem`. */
export const valuesOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  String: orNull(text),
  Boolean: orNull(fc.boolean()),
  Byte: orNull(byte),
  SByte: orNull(sbyte),
  Int16: orNull(int16),
  Int32: orNull(int32),
  Int64: orNull(int64),
  Decimal: orNull(decimal),
  Weight: orNull(decimal),
  Single: orNull(single),
  Double: orNull(double),
  Guid: orNull(guid),
  Binary: orNull(binary),
  Date: orNull(fc.constantFrom(...dates)),
  TimeOfDay: orNull(fc.constantFrom(...times)),
  DateTimeOffset: orNull(fc.constantFrom(...instants)),
  Duration: orNull(fc.constantFrom(...durations)),
  Colour: orNull(fc.constantFrom(...colours)),
  Rights: orNull(fc.constantFrom(...rights)),
  Point: orNull(point),
  Line: orNull(line),
  Area: orNull(area),
  Flat: orNull(point),
  Place: orNull(place),
  Strings: list(text),
  Int32s: list(int32),
  Int64s: list(int64),
  Decimals: list(decimal),
  Doubles: list(double),
  Instants: list(fc.constantFrom(...instants)),
  Colours: list(fc.constantFrom(...colours)),
  Places: list(place),
};
