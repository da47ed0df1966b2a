export { batches } from "./batches.js";
export type { RowStream } from "./batches.js";
export type { ChangeLog, ChangeLogState } from "./change-log.js";
export type { Awaitable, Reader, Transaction, TransactionOptions } from "./connection.js";
export { Database } from "./database.js";
export type { DatabaseOptions } from "./database.js";
export { parseDatabaseUrl } from "./database-url.js";
export type { DatabaseUrl } from "./database-url.js";
export { Document } from "./document.js";
export { createDocumentIndexes, DocumentIndex, dropDocumentIndexes } from "./document-index.js";
export {
  MissingValue,
  StatementNotPossible,
  StatementTimeout,
  StatementTooComplex,
  StillReferred,
  StoreUnavailable,
  UniqueViolation,
  UnsupportedValue,
} from "./errors.js";
export type { TableColumn } from "./errors.js";
export { LinkEntity } from "./link-entity.js";
export { LinkWriter } from "./links.js";
export { partnerOf } from "./partner.js";
export type { EntityKey } from "./links.js";
export { CHUNK_BYTES, MediaGone, MediaStore, TooManyBytes } from "./media.js";
export type { MediaFacts, RunTransaction, StoredMedia, StreamKey } from "./media.js";
export { GRACE_SECONDS } from "./media-tables.js";
export { RowWriter, toJson, toSql } from "./rows.js";
export type { EntityValues, ForeignKeys } from "./rows.js";
export { withSavepoint } from "./savepoint.js";
export { SettingEntity } from "./setting-entity.js";
export { typeOrmMapping } from "./typeorm-mapping.js";
export { DatabaseUrlError } from "./url-error.js";
