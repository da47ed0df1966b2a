export type { Authenticator, Principal } from "./authenticator.js";
export { requireAccess } from "./authorization.js";
export { createDevIssuer } from "./dev-issuer.js";
export type { DevIssuer, DevIssuerOptions, TokenRequest } from "./dev-issuer.js";
export { createJwtAuthenticator } from "./jwt.js";
export type { JwtOptions } from "./jwt.js";
export { tokenRoutes } from "./routes.js";
export type { TokenRoutesOptions } from "./routes.js";
