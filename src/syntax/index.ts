export type * from "./ast.js";
export { hasControlCharacter } from "./characters.js";
export { DEFAULT_LIMITS } from "./limits.js";
export type { SyntaxLimits } from "./limits.js";
export { parseExpression, parsePath, parseQuery, parseUri } from "./parser.js";
export { percentDecode } from "./percent.js";
export { printExpression, printOptions, printPath, printUri } from "./print.js";
