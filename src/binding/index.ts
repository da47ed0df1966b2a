export type * from "./bound.js";
export type { PathOptions } from "./context.js";
export { DEFAULT_QUERY_LIMITS } from "./limits.js";
export type { QueryLimits } from "./limits.js";
export { measure } from "./measure.js";
export type { Measure } from "./measure.js";
export { bindPath } from "./path.js";
export { checkRead } from "./places.js";
export { bindUri, valueOfTail } from "./request.js";
