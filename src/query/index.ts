export { columnKind, parameter } from "./sql/condition.js";
export { sqlite } from "./sql/dialect.js";
export type { SqlDialect } from "./sql/dialect.js";
export { wholeText } from "./sql/entity-text.js";
export type { SqlContext } from "./sql/entity-text.js";
export { linkTable } from "./sql/mapping.js";
export type * from "./sql/mapping.js";
export { parameterValues } from "./sql/plan.js";
export type * from "./sql/plan.js";
export { compileCount, compileProperty, compileRead, compileReferences, compileRow } from "./sql/read.js";
export {
  clearText,
  deleteText,
  insertLinkText,
  insertText,
  selectRowText,
  selectText,
  unlinkText,
  updateText,
} from "./sql/write.js";
export type { RowSet } from "./sql/write.js";
