/** The public face of odatum: everything that a service is written with. */
export { buildModel, Edm, ModelError, odata, readClasses } from "./edm/index.js";
export type { DecoratedClass, Enumeration, Member, Model, ModelSource, TypeDefinitionClass } from "./edm/index.js";
export { writeCsdlJson, writeCsdlXml } from "./edm/csdl/index.js";
export { DEFAULT_QUERY_LIMITS } from "./binding/index.js";
export type { QueryLimits } from "./binding/index.js";
export { badRequest, notFound, notImplemented, ODataError } from "./errors/index.js";
export type { ODataErrorDetail, ODataErrorOptions } from "./errors/index.js";
export {
  createDocumentIndexes,
  Database,
  DatabaseUrlError,
  Document,
  DocumentIndex,
  dropDocumentIndexes,
} from "./storage/index.js";
export type { DatabaseOptions } from "./storage/index.js";
export { createService, DEFAULT_WRITE_LIMITS, Session, StoredEntities, TypeOrmController } from "./service/index.js";
export type {
  Key,
  MethodContext,
  MethodRequest,
  MethodResponse,
  PlainObject,
  SessionRequest,
  SessionResponse,
} from "./service/index.js";
/** The bases of hand-written controllers and what their methods may give, as `odata-v4-server` has them. */
export { ODataController } from "odata-v4-server/build/lib/controller.js";
export { ODataResult, ODataStream } from "odata-v4-server/build/lib/result.js";
export type {
  AsyncBehaviour,
  BatchBehaviour,
  ODataRequest,
  ODataResponse,
  RequestClient,
  Service,
  ServiceBehaviour,
  ServiceOptions,
  WriteLimits,
} from "./service/index.js";
export { createDevIssuer, createJwtAuthenticator, createServer, odataRouter } from "./http/index.js";
export type {
  AccessRule,
  Authenticator,
  DevIssuer,
  HttpLimits,
  Logger,
  MountedService,
  ODatumServer,
  Principal,
  ServerOptions,
} from "./http/index.js";
