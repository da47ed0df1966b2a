export { ODataError, badRequest, notFound, notImplemented, tookTooLong } from "./odata-error.js";
export type { ODataErrorDetail, ODataErrorOptions } from "./odata-error.js";
export { didYouMean, nearest } from "./suggest.js";
