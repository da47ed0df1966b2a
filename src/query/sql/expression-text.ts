import type { BoundCall } from "../../binding/index.js";
import type { Sql } from "./dialect.js";
import type { Compiler, Operand } from "./operand.js";
import { bound, valueOf } from "./operand.js";
import { sql } from "kysely";

/** The canonical functions on text: URL Conventions 4.01, sections 5.1.1.5 and 5.1.1.7. */
export function textFunction(call: BoundCall, operands: readonly Operand[], compiler: Compiler): Sql | undefined {
  const { functions } = compiler.dialect;
  const [a, b, c] = operands.map(valueOf) as [Sql, Sql, Sql | undefined];
  const [first, second] = operands as [Operand, Operand];
  switch (call.function) {
    case "concat":
      return sql`(${a} || ${b})`;
    case "contains":
      return functions.contains(a, b);
    case "startswith":
      return both(first, second, compiler, (text, part) => functions.startsWith(text, part));
    case "endswith":
      return both(first, second, compiler, (text, part) => functions.endsWith(text, part));
    case "indexof":
      return functions.indexOf(a, b);
    case "length":
      return functions.length(a);
    case "substring":
      return functions.substring(a, b, c);
    case "tolower":
      return functions.lower(a);
    case "toupper":
      return functions.upper(a);
    case "trim":
      return functions.trim(a);
    case "matchespattern": {
      const pattern = call.arguments[1];
      // The binder takes none but literals.
      return functions.matches(a, pattern?.kind === "constant" ? String(pattern.value) : "");
    }
    default:
      return undefined;
  }
}

function both(left: Operand, right: Operand, compiler: Compiler, use: (left: Sql, right: Sql) => Sql): Sql {
  return bound(left, compiler, (text) => bound(right, compiler, (part) => use(valueOf(text), valueOf(part))));
}
