/** What a store says to a statement, in the same words for every database. The service makes answers of it. */

/** A column as the databases' messages name it. */
export interface TableColumn {
  readonly table: string;
  readonly column: string;
}

/** A row with this key, or with this value of a unique column, is there already. */
export class UniqueViolation extends Error {
  override readonly name = "UniqueViolation";
  /** Empty where the database does not say which, as of an index of an expression. */
  readonly columns: readonly TableColumn[];

  constructor(columns: readonly TableColumn[], cause: unknown) {
    super("A row with these values is there already.", { cause });
    this.columns = columns;
  }
}

/** A column that must have a value would have none. */
export class MissingValue extends Error {
  override readonly name = "MissingValue";
  readonly column: TableColumn;

  constructor(column: TableColumn, cause: unknown) {
    super("A column that must have a value would have none.", { cause });
    this.column = column;
  }
}

/** Rows that must not lose what they refer to would lose it; or a row would refer to one that is not there. */
export class StillReferred extends Error {
  override readonly name = "StillReferred";
  /** Where it is known, the navigation property or the type of the others. */
  readonly by: string | undefined;

  constructor(message: string, options?: ErrorOptions, by?: string) {
    super(message, options);
    this.by = by;
  }
}

/** A value that this database cannot hold or compare with, such as a text with U+0000 on PostgreSQL. */
export class UnsupportedValue extends Error {
  override readonly name = "UnsupportedValue";
}

/** The statement passes a limit of the database. */
export class StatementTooComplex extends Error {
  override readonly name = "StatementTooComplex";
}

/** The statement needs functions of ours, which this connection cannot have. */
export class StatementNotPossible extends Error {
  override readonly name = "StatementNotPossible";
}

/** The store cannot take the request now: it is locked, full, read-only, or not to be reached. */
export class StoreUnavailable extends Error {
  override readonly name: string = "StoreUnavailable";
}

/** The statement took longer than statements may. */
export class StatementTimeout extends StoreUnavailable {
  override readonly name = "StatementTimeout";
}
