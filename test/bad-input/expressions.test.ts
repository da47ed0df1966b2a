import { itRefuses, readOnlyGraph } from "./support.js";

const scep = "microsoft.graph.iosScepCertificateProfile";
const vpn = "microsoft.graph.iosVpnConfiguration";
const at = (character: number) => `Error in $filter at character ${character}:`;
const syntax = (character: number) => `Syntax error in $filter at character ${character}:`;

describe("bad expressions", () => {
  const graph = readOnlyGraph();

  describe("that are no expressions", () => {
    itRefuses(graph, [
      ["$filter=", 400, "$filter", [syntax(1), "expected a value, but found the end"]],
      ["$filter=displayName eq", 400, "$filter", [syntax(15), "a value after 'eq'"]],
      ["$filter=eq 'a'", 400, "$filter", [syntax(4), "expected an operator", "found"]],
      ["$filter=displayName eq 'a", 400, "$filter", [syntax(16), "never closed"]],
      ["$filter=displayName eq 'a' and", 400, "$filter", [syntax(23), "a value after 'and'"]],
      ["$filter=displayName = 'a'", 400, "$filter", [syntax(13), "expected an operator or the end, but found '='"]],
      ["$filter=displayName == 'a'", 400, "$filter", [syntax(13), "found '='"]],
      ["$filter=displayName equals 'a'", 400, "$filter", [syntax(13), "found 'equals'"]],
      ["$filter=displayName EQUALS 'a'", 400, "$filter", [syntax(13), "found 'EQUALS'"]],
      ["$filter=(displayName eq 'a'", 400, "$filter", [syntax(20), "')'", "found the end"]],
      ["$filter=displayName eq 'a')", 400, "$filter", [syntax(19), "found ')'"]],
      ["$filter=version eq 1 version eq 2", 400, "$filter", [syntax(14), "found 'version'"]],
      ['$filter=displayName eq "x"', 400, "$filter", [syntax(16), "a literal, a property", "found '\"'"]],
      ["$filter=displayName eq 'it's'", 400, "$filter", [syntax(20), "found 's'"]],
      ["$filter=displayName eq ‘x’", 400, "$filter", [syntax(16), "found '‘'"]],
      ["$filter=()", 400, "$filter", [syntax(2), "found ')'"]],
      ["$filter=displayName in ('a',displayName)", 400, "$filter", [syntax(21), "a list holds nothing else"]],
      ["$filter=displayName in ('a'", 400, "$filter", [syntax(20)]],
      ["$filter=$other eq 1", 400, "$filter", [syntax(1), "$it, $this, $these or $root"]],
      ["$filter=@ eq 1", 400, "$filter", [syntax(2), "the name of a parameter alias"]],
      ["$filter=displayName/ eq 1", 400, "$filter", [syntax(13), "expected a name"]],
      ["$filter=/displayName eq 1", 400, "$filter", [syntax(1), "found '/'"]],
      ["$filter=assignments/$count/x eq 1", 400, "$filter", [syntax(19), "nothing can follow $count"]],
      ["$filter=microsoft.graph.keySize eq 'a'", 400, "$filter", [syntax(24), "a qualified name alone is no value"]],
    ]);
  });

  describe("with literals that are none", () => {
    itRefuses(graph, [
      ["$filter=version eq 0x1", 400, "$filter", [syntax(12), "'0x1' is no number"]],
      ["$filter=version eq 1_000", 400, "$filter", [syntax(12), "'1_000' is no number"]],
      ["$filter=version eq 1.", 400, "$filter", [syntax(13), "found '.'"]],
      ["$filter=version eq 5L", 400, "$filter", [syntax(12), "'5L' is no number"]],
      ["$filter=version eq 1e999", 400, "$filter", [at(12), "out of the range of Edm.Double"]],
      ["$filter=createdDateTime gt 2024-13-01T00:00:00Z", 400, "$filter", [syntax(20), "'2024-13-01T00:00:00Z' is no"]],
      ["$filter=createdDateTime gt 2024-02-30T00:00:00Z", 400, "$filter", [at(20), "2024-02-30"]],
      ["$filter=createdDateTime gt 2024-01-01T25:00:00Z", 400, "$filter", [syntax(20), "is no number, date, time"]],
      ["$filter=displayName eq foo'x'", 400, "$filter", [syntax(16), "the prefix 'foo' is unknown"]],
      ["$filter=displayName eq guid'x'", 400, "$filter", [syntax(16), "guids are written without prefix"]],
      ["$filter=displayName eq duration'x'", 400, "$filter", [syntax(16), "one looks like duration'P1DT2H30M'"]],
      ["$filter=displayName eq binary'!!'", 400, "$filter", [syntax(16), "base64url"]],
      ["$filter=displayName eq geography'POINT(1)'", 400, "$filter", [syntax(16), "SRID=4326;Point(8.6 49.3)"]],
      ['$filter=roleScopeTagIds eq ["0"', 400, "$filter", [syntax(24), "expected ',' or ']', but found the end"]],
      ['$filter=roleScopeTagIds eq {"a":1', 400, "$filter", [syntax(26), "expected ',' or '}', but found the end"]],
      ['$filter=roleScopeTagIds eq {"a"}', 400, "$filter", [syntax(24), "expected ':', but found '}'"]],
      ['$filter=roleScopeTagIds eq {"a":1,"a":2}', 400, "$filter", [syntax(27), "'a' is there twice"]],
      ["$filter=roleScopeTagIds eq {a:1}", 400, "$filter", [syntax(21)]],
    ]);
  });

  describe("with names of nothing", () => {
    itRefuses(graph, [
      ["$filter=displyName eq 'a'", 400, "$filter", [at(1), "'displyName'", "Did you mean 'displayName'?"]],
      ["$filter=displayname eq 'a'", 400, "$filter", [at(1), "Did you mean 'displayName'?"]],
      ["$filter=version gt 0 and displyName eq 'a'", 400, "$filter", [at(18), "Did you mean 'displayName'?"]],
      ["$filter=displayName eq x", 400, "$filter", [at(16), "has no property named 'x'"]],
      ["$filter=displayName/x eq 'a'", 400, "$filter", [at(13), "a value of type Edm.String has no property 'x'"]],
      ["$filter=__proto__ eq 'a'", 400, "$filter", [at(1), "has no property named '__proto__'"]],
      ["$filter=constructor eq 'a'", 400, "$filter", [at(1), "has no property named 'constructor'"]],
      ["$filter=toString eq 'a'", 400, "$filter", [at(1), "has no property named 'toString'"]],
      [
        "$filter=microsoft.graph.nothing/x eq 'a'",
        400,
        "$filter",
        [at(1), "no type and no function named 'microsoft.graph.nothing'"],
      ],
      ["$filter=microsoft.graph.nothing(a=1)", 400, "$filter", [at(1), "'microsoft.graph.nothing'"]],
      ["$filter=microsoft.graph.iosScepCertificateProfil/keySize eq 'size1024'", 400, "$filter", [at(1), `'${scep}'`]],
      [`$filter=${scep}/keySiz eq 'size1024'`, 400, "$filter", [at(43), "Did you mean 'keySize'?"]],
      ["$filter=$it/nothing eq 1", 400, "$filter", [at(5), "has no property named 'nothing'"]],
      ["$filter=$this/nothing eq 1", 400, "$filter", [at(7), "has no property named 'nothing'"]],
      ["$filter=$root/nothing eq 1", 400, "$filter", [at(7), "no entity set or singleton named 'nothing'"]],
      ["$filter=$root/deviceManagement/nothing eq 1", 400, "$filter", [at(24), "has no property named 'nothing'"]],
      [
        "$filter=$root/deviceManagement/deviceConfigurations('x')/nothing eq 1",
        400,
        "$filter",
        [at(50), "has no property named 'nothing'"],
      ],
      ["$filter=contain(displayName,'a')", 400, "$filter", [syntax(1), "Did you mean 'contains'?"]],
      ["$filter=nothing(displayName)", 400, "$filter", [syntax(9), "'nothing' is no canonical function"]],
      ["$filter=constructor(displayName)", 400, "$filter", [syntax(13), "'constructor' is no canonical function"]],
      ["$filter=nothing('x')", 400, "$filter", [at(1), "there is no function named 'nothing'"]],
      ["$filter=nothing(a=1)", 400, "$filter", [at(1), "there is no function named 'nothing'"]],
      ["$filter=cast(displayName,Edm.Strin) eq 'a'", 400, "$filter", [at(18), "'Edm.Strin'", "'Edm.String'"]],
      ["$filter=cast(displayName,Nothing) eq 'a'", 400, "$filter", [at(18), "no type named 'Nothing'"]],
      ["$filter=isof(microsoft.graph.nothing)", 400, "$filter", [at(6), "no type named 'microsoft.graph.nothing'"]],
      [`$filter=${scep}/keySize eq 'size77'`, 400, "$filter", [at(54), "its members are size1024, size2048, size4096"]],
      [
        `$filter=${scep}/keySize eq microsoft.graph.keySizes'size77'`,
        400,
        "$filter",
        [at(54), "no enumeration type named 'microsoft.graph.keySizes'", "'microsoft.graph.keySize'"],
      ],
      [`$filter=${vpn}/server eq {"addres":"a"}`, 400, "$filter", [at(57), "Did you mean 'address'?"]],
    ]);
  });

  describe("of other types than are wanted", () => {
    itRefuses(graph, [
      ["$filter=displayName", 400, "$filter", [at(1), "expected a condition", "Edm.String"]],
      ["$filter='a'", 400, "$filter", [at(1), "expected a condition"]],
      ["$filter=1", 400, "$filter", [at(1), "expected a condition"]],
      ["$filter=not version", 400, "$filter", [at(5), "expected a condition", "Edm.Int32"]],
      ["$filter=version and true", 400, "$filter", [at(1), "expected a condition"]],
      ["$filter=true or displayName", 400, "$filter", [at(9), "expected a condition"]],
      ["$filter=version eq 'a'", 400, "$filter", [at(12), "cannot be compared", "written without quotes"]],
      ["$filter=version eq 1.5 and displayName gt 5", 400, "$filter", [at(35), "Edm.Int32 cannot be compared"]],
      ["$filter=displayName eq 5", 400, "$filter", [at(16), "cannot be compared with one of type Edm.String"]],
      ["$filter=displayName eq true", 400, "$filter", [at(16), "Edm.Boolean cannot be compared"]],
      ["$filter=supportsScopeTags eq 'true'", 400, "$filter", [at(22), "written without quotes"]],
      ["$filter=supportsScopeTags eq 1", 400, "$filter", [at(22), "cannot be compared"]],
      ["$filter=createdDateTime gt 'yesterday'", 400, "$filter", [at(20), "cannot be compared"]],
      ["$filter=createdDateTime gt 5", 400, "$filter", [at(20), "cannot be compared"]],
      ["$filter=displayName eq microsoft.graph.keySize'size1024'", 400, "$filter", [at(16), "cannot be compared"]],
      ["$filter=id eq null eq null eq 5", 400, "$filter", "cannot be compared"],
      ["$filter=roleScopeTagIds eq 'a'", 400, "$filter", [at(20), "Collection(Edm.String) and Edm.String"]],
      ["$filter=roleScopeTagIds eq [0]", 400, "$filter", [at(20), "Collection(Edm.Int32) cannot be compared"]],
      ["$filter=displayName eq []", 400, "$filter", [at(16), "a collection and a single value"]],
      [`$filter=${vpn}/server eq 'a'`, 400, "$filter", [at(47), "cannot be compared"]],
      [`$filter=${vpn}/server gt {"address":"a"}`, 400, "$filter", [at(1), "have no order, so 'gt' does not apply"]],
      [`$filter=${vpn}/server eq {"address":1}`, 400, "$filter", [at(58), "'address' is of type Edm.String"]],
      ["$filter=displayName in ('a',5)", 400, "$filter", [at(21), "cannot stand in one collection"]],
      ["$filter=version in ('a','b')", 400, "$filter", [at(13), "cannot be compared"]],
      ["$filter=displayName in 'a'", 400, "$filter", [at(16), "'in' takes a list or another collection"]],
      ["$filter=displayName has 'a'", 400, "$filter", [at(1), "'has' takes values of an enumeration"]],
      [`$filter=${scep}/keyUsage has 'x'`, 400, "$filter", [at(56), "keyEncipherment, digitalSignature"]],
      ["$filter=displayName gt geography'SRID=4326;Point(1 1)'", 400, "$filter", [at(16), "have no order"]],
    ]);
  });

  describe("with arithmetic and functions on the wrong values", () => {
    itRefuses(graph, [
      [
        "$filter=version add 'a' eq 1",
        400,
        "$filter",
        [at(1), "'add' takes two numbers", "not Edm.Int32 and Edm.String"],
      ],
      ["$filter=-displayName eq 1", 400, "$filter", [at(1), "'-' takes a number or a duration"]],
      ["$filter=createdDateTime add 1 eq now()", 400, "$filter", [at(1), "Edm.DateTimeOffset and Edm.Duration"]],
      ["$filter=duration'P1D' mul 'a' eq now()", 400, "$filter", [at(1), "Edm.Duration and a number"]],
      ["$filter=version div 0 eq 1", 400, "$filter", [at(13), "division by zero"]],
      ["$filter=version mod 0.0 eq 1", 400, "$filter", [at(13), "division by zero"]],
      ["$filter=version divby 0 eq 1", 400, "$filter", [at(15), "division by zero"]],
      ["$filter=contains(displayName)", 400, "$filter", [syntax(1), "'contains' takes 2 arguments, not 1"]],
      ["$filter=contains(displayName,'a','b')", 400, "$filter", [syntax(1), "takes 2 arguments, not 3"]],
      [
        "$filter=contains(version,'1')",
        400,
        "$filter",
        [at(1), "(Edm.String, Edm.String)", "not (Edm.Int32, Edm.String)"],
      ],
      ["$filter=length(version) eq 1", 400, "$filter", [at(1), "'length' takes (Edm.String)"]],
      ["$filter=substring(displayName,'a') eq 'b'", 400, "$filter", [at(1), "(Edm.String, an integer)"]],
      ["$filter=tolower(version) eq 'a'", 400, "$filter", [at(1), "'tolower' takes (Edm.String)"]],
      ["$filter=year(displayName) eq 1", 400, "$filter", [at(1), "(Edm.DateTimeOffset) or (Edm.Date)"]],
      ["$filter=now(1) eq createdDateTime", 400, "$filter", [syntax(1), "'now' takes 0 arguments, not 1"]],
      ["$filter=round('1') eq 1", 400, "$filter", [at(1), "'round' takes (Edm.Decimal)"]],
      [
        "$filter=hassubset(roleScopeTagIds,[1])",
        400,
        "$filter",
        [at(1), "not (Collection(Edm.String), Collection(Edm.Int32))"],
      ],
      ["$filter=geo.length(displayName) lt 1", 400, "$filter", [at(1), "Edm.GeographyLineString"]],
      ["$filter=cast() eq 1", 400, "$filter", [syntax(6), "found ')'"]],
      ["$filter=cast(displayName,microsoft.graph.vpnServer) eq 1", 400, "$filter", [at(6), "cannot be cast"]],
      ["$filter=case() eq 1", 400, "$filter", [syntax(6), "found ')'"]],
      ["$filter=case(true) eq 1", 400, "$filter", [syntax(10), "':' and the value of this case"]],
      ["$filter=case(version:1) eq 1", 400, "$filter", [at(6), "expected a condition"]],
      ["$filter=case(true:'a',false:1) eq 1", 400, "$filter", [at(21), "cannot stand in one 'case'"]],
    ]);
  });

  describe("with patterns that cannot be matched", () => {
    itRefuses(graph, [
      ["$filter=matchesPattern(displayName,'(')", 400, "$filter", [at(28), "missing closing )"]],
      ["$filter=matchesPattern(displayName,'[a')", 400, "$filter", [at(28), "the pattern cannot be used"]],
      ["$filter=matchesPattern(displayName,'(?=a)')", 400, "$filter", [at(28), "the pattern cannot be used"]],
      ["$filter=matchesPattern(displayName,'(?<!a)b')", 400, "$filter", [at(28), "the pattern cannot be used"]],
      ["$filter=matchesPattern(displayName,'(a)\\1')", 400, "$filter", [at(28), "the pattern cannot be used"]],
      ["$filter=matchesPattern(displayName,'(a{1000}){1000}')", 400, "$filter", [at(28), "the pattern"]],
      [`$filter=matchesPattern(displayName,'${"a".repeat(1_001)}')`, 400, "$filter", [at(28), "1000 characters"]],
      ["$filter=matchesPattern(displayName,displayName)", 400, "$filter", [at(28), "must be a literal"]],
      ["$filter=matchesPattern(displayName,1)", 400, "$filter", [at(1), "(Edm.String, Edm.String)"]],
    ]);
  });

  describe("about collections", () => {
    itRefuses(graph, [
      ["$filter=assignments/any(a:a/idd eq 'x')", 400, "$filter", [at(21), "Did you mean 'id'?"]],
      ["$filter=assignments/any(a:b/id eq 'x')", 400, "$filter", [at(19), "Did you mean 'a'?"]],
      ["$filter=assignments/any(a:a)", 400, "$filter", [at(19), "expected a condition"]],
      ["$filter=assignments/any(a:a/id)", 400, "$filter", [at(19), "expected a condition"]],
      ["$filter=assignments/any(a)", 400, "$filter", [syntax(18), "expected ':'"]],
      ["$filter=assignments/any(a:)", 400, "$filter", [syntax(19), "found ')'"]],
      ["$filter=assignments/all()", 400, "$filter", [syntax(17), "all(d:d/name eq 'x')"]],
      [
        "$filter=assignments/any(a:assignments/any(a:a/id eq 'x'))",
        400,
        "$filter",
        [at(31), "a variable named 'a' is there already"],
      ],
      ["$filter=any(a:a eq 1)", 400, "$filter", [syntax(1), "needs the path of a collection before it"]],
      ["$filter=displayName/any(a:a eq 'x')", 400, "$filter", [at(13), "'any' needs a collection before it"]],
      ["$filter=roleScopeTagIds/any(a:a eq 1)", 400, "$filter", [at(28), "cannot be compared"]],
      ["$filter=roleScopeTagIds/any(a:a/x eq 1)", 400, "$filter", [at(25), "has no property 'x'"]],
      ["$filter=assignments/id eq 'x'", 400, "$filter", [at(13), "any, all, $count, $filter(...) and a type cast"]],
      ["$filter=assignments eq 'x'", 400, "$filter", [at(16), "a collection and a single value"]],
      ["$filter=displayName/$count eq 1", 400, "$filter", [at(13), "$count needs a collection before it"]],
      ["$filter=assignments/$count eq 'x'", 400, "$filter", [at(23), "cannot be compared"]],
      ["$filter=assignments/$count($filter=idd eq 1) eq 1", 400, "$filter", [at(28), "Did you mean 'id'?"]],
      ["$filter=assignments/$count($top=1) eq 1", 400, "$filter", [syntax(20), "there may be $filter, $search"]],
      ["$filter=assignments/$filter(id) eq 1", 400, "$filter", [at(21), "expected a condition"]],
      ["$filter=assignments/$filter eq 1", 400, "$filter", [syntax(20), "'(' and a condition after $filter"]],
      ["$filter=assignments('x','y')/id eq 'x'", 400, "$filter", "character"],
      ["$filter=assignments(1)/id eq 'x'", 400, "$filter", "character"],
    ]);
  });

  describe("with parameter aliases", () => {
    itRefuses(graph, [
      ["$filter=@a eq 'x'&@a=@a", 400, "@a", "alias"],
      ["$filter=@a eq 'x'&@a=@b&@b=@a", 400, undefined, "alias"],
      ["$filter=@a eq 1&@a='x'", 400, "$filter", [at(7), "cannot be compared"]],
      ["$filter=@a&@a=displyName eq 'x'", 400, "@a", ["@a", "Did you mean 'displayName'?"]],
      ["@a=", 400, "@a", ["the parameter alias @a at character 1", "found the end"]],
      ["@a", 400, "@a", "There is no value for the parameter alias @a"],
      ["@=1", 400, "@", "expected a name after '@'"],
      ["@1=1", 400, "@1", "expected a name after '@'"],
      ["@a=1&@a=2", 400, "@a", "more than one value"],
      ["@a='&$filter=1", 400, "@a", "never closed"],
    ]);
  });

  describe("that are right, but not offered", () => {
    itRefuses(graph, [
      ["$filter=$these/aggregate(version with sum) gt 1", 501, "$filter", ["'$these'", "(at character 1)"]],
      ["$filter=@a/x eq 1", 501, "$filter", ["annotations", "(at character 1)"]],
      ["$filter=@Core.Description eq 'x'", 501, "$filter", ["annotations", "(at character 1)"]],
      ["$filter=isdefined(displayName)", 501, "$filter", ["'isdefined'", "(at character 1)"]],
      ["$filter=assignments/$count($search=x) eq 1", 501, "$filter", ["$search", "(at character 13)"]],
    ]);
  });
});
