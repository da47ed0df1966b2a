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
export { createService, TypeOrmController } from "./service/index.js";
export type { ODataRequest, ODataResponse, Service, ServiceBehaviour, ServiceOptions } from "./service/index.js";
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
