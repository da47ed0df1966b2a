import { sql } from "kysely";
import { bindContext } from "../../../src/binding/context.js";
import { ExpressionBinder } from "../../../src/binding/expression.js";
import type { BoundExpression, BoundVariable } from "../../../src/binding/index.js";
import { canonicalDecimal } from "../../../src/edm/primitives/index.js";
import type { EntityType } from "../../../src/edm/index.js";
import { ExpressionCompiler } from "../../../src/query/sql/expression.js";
import type { Sql } from "../../../src/query/sql/dialect.js";
import { compile } from "../../../src/query/sql/plan.js";
import type { SqlStatement } from "../../../src/query/sql/plan.js";
import { statementContext } from "../../../src/query/sql/scope.js";
import { parseExpression } from "../../../src/syntax/index.js";
import { Gadget, Gizmo, Item, Lab, Owner, Part, Widget } from "./lab.js";
import { QueryStore } from "./query-store.js";
import type { databases } from "./query-store.js";

/** The lab's tables in a database, for expressions on their rows. */
export class SqlLab {
  readonly store: QueryStore;

  private constructor(store: QueryStore) {
    this.store = store;
  }

  /** @returns `undefined` where there is no such database here */
  static async open(kind: (typeof databases)[number]): Promise<SqlLab | undefined> {
    const store = await QueryStore.open(kind, Lab as never, [Item, Widget, Gadget, Gizmo, Owner, Part] as never);
    return store === undefined ? undefined : new SqlLab(store);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /** The value of an expression for the row with a key, as JSON text whose numbers have their canonical form. */
  async value(text: string, id: number | string = 1, typeName = "Item"): Promise<string> {
    const { expression, compiler, type } = this.bind(text, typeName);
    const [row] = await this.#run(this.statement(compiler.json(expression), type, id));
    return canonical(String(row![0]));
  }

  /** The keys of the rows that a condition keeps. */
  async keys(text: string, typeName = "Item"): Promise<(number | string)[]> {
    const { expression, compiler, type } = this.bind(text, typeName);
    const rows = await this.#run(this.statement(undefined, type, undefined, compiler.condition(expression)));
    return rows.map(([key]) => key as number | string).sort();
  }

  /** The keys of all rows in the order of an expression. */
  async sorted(text: string, descending = false, typeName = "Item"): Promise<unknown[]> {
    const { expression, compiler, type } = this.bind(text, typeName);
    const { dialect, mapping } = this.store.context;
    const { table, key } = mapping.entity(type);
    const column = sql`${sql.ref(`e.${key[0]!}`)}`;
    const term = dialect.orderTerm(compiler.orderKey(expression), descending, true);
    const rows = await this.#run(
      compile(sql`select ${column} from ${sql.table(table)} as e order by ${term}, ${column}`, dialect),
    );
    return rows.map(([value]) => value);
  }

  async plan(text: string, typeName = "Item"): Promise<string> {
    const { expression, compiler, type } = this.bind(text, typeName);
    const statement = this.statement(undefined, type, undefined, compiler.condition(expression));
    return this.store.plan(statement, { keys: new Map() });
  }

  bind(
    text: string,
    typeName = "Item",
  ): { expression: BoundExpression; compiler: ExpressionCompiler; type: EntityType } {
    const { model, context } = this.store;
    const type = this.store.type(typeName);
    const variable: BoundVariable = { name: "$it", type };
    const binder = new ExpressionBinder(variable, "$filter", bindContext(model, new Map()));
    const expression = binder.bind(parseExpression(text));
    const scope = new Map([
      [variable, { kind: "row" as const, alias: "e", type, mapping: context.mapping.entity(type) }],
    ]);
    const compiler = new ExpressionCompiler(scope, statementContext(context.mapping, context.dialect));
    return { expression, compiler, type };
  }

  statement(value: Sql | undefined, type: EntityType, id?: number | string, condition?: Sql): SqlStatement {
    const { mapping, dialect } = this.store.context;
    const { table, key } = mapping.entity(type);
    const column = sql`${sql.ref(`e.${key[0]!}`)}`;
    const where = condition ?? sql`${column} = ${id}`;
    return compile(sql`select ${value ?? column} from ${sql.table(table)} as e where ${where}`, dialect);
  }

  #run(statement: SqlStatement): Promise<unknown[][]> {
    return this.store.run(statement, { keys: new Map(), now: "2024-06-01T12:00:00.25" });
  }
}

/** JSON text whose numbers are written in one way: databases write doubles in different ones. */
export function canonical(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : canonicalDecimal(token)!,
  );
}
