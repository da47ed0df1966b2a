export type { ServiceBehaviour } from "./context.js";
export { TypeOrmController } from "./controller.js";
export type { ODataRequest, ODataResponse } from "./request.js";
export { createService } from "./service.js";
export type { Service, ServiceOptions } from "./service.js";
export type { ODataVersion } from "./version.js";
