export type { CsdlOptions } from "./options.js";
export { writeCsdlJson } from "./write-json.js";
export { writeCsdlXml } from "./write-xml.js";
