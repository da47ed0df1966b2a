export { ODataError, badRequest, notFound, notImplemented } from "./odata-error.js";
export type { ODataErrorDetail, ODataErrorOptions } from "./odata-error.js";
export { didYouMean, nearest } from "./suggest.js";
