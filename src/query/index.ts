export {
  evaluateCollection,
  evaluateCount,
  evaluateCrossJoin,
  evaluateEntity,
  evaluateExpression,
  evaluatePath,
} from "./memory/index.js";
export type { MemoryContext, MemoryPage, MemoryResult } from "./memory/index.js";
export { changeTable } from "./sql/change-log.js";
export type { ChangeRange } from "./sql/change-log.js";
export { compileCrossjoin } from "./sql/crossjoin.js";
export type { JoinedSet } from "./sql/crossjoin.js";
export { DeltaStatements, trackedBy } from "./sql/delta.js";
export type { ChangeQuery, RemovedColumns } from "./sql/delta.js";
export { dependenciesOf } from "./sql/dependencies.js";
export type { QueryDependencies } from "./sql/dependencies.js";
export type { SqlDialect } from "./sql/dialect.js";
export { wholeText } from "./sql/entity-text.js";
export type { SqlContext } from "./sql/entity-text.js";
export { linkTable } from "./sql/mapping.js";
export type * from "./sql/mapping.js";
export { mediaUseTable, ownerKey, streamNames } from "./sql/media.js";
export type { PageRequest } from "./sql/page.js";
export { parameterValues } from "./sql/plan.js";
export type * from "./sql/plan.js";
export { postgres } from "./sql/postgres.js";
export { postgresFunctions } from "./sql/functions/postgres/index.js";
export { propertyIndexes } from "./sql/property-index.js";
export type { PropertyIndex } from "./sql/property-index.js";
export { compileProperty } from "./sql/property.js";
export type { PropertyStatement } from "./sql/property.js";
export { resultKeys } from "./sql/results.js";
export { compileCount, compileRead, compileReferences, compileRow, pageable } from "./sql/read.js";
export type { ReadColumns, ReadStatement } from "./sql/read-statement.js";
export { postgresSearchFunctions, postgresSearchTexts, searchText, searchWordsTable } from "./sql/search.js";
export { sqlite, sqliteWithoutFunctions } from "./sql/sqlite.js";
export { sqliteAggregates, sqliteFunctions } from "./sql/functions/sqlite/index.js";
export type { SqliteAggregate, SqliteFunction, SqliteValue } from "./sql/functions/sqlite/function.js";
export { columnKind, parameter } from "./sql/values.js";
export {
  clearText,
  deleteText,
  insertLinkText,
  insertText,
  integerColumns,
  selectLinkSourcesText,
  selectLinkTargetsText,
  selectRowsText,
  selectRowText,
  selectText,
  unlinkText,
  updateText,
} from "./sql/write.js";
export type { LinkEnd } from "./sql/write.js";
