import type { AccessRule } from "../index.js";

/** The scopes of Microsoft Graph that this service knows, the one that only reads first. */
export const graphScopes = [
  "DeviceManagementConfiguration.Read.All",
  "DeviceManagementConfiguration.ReadWrite.All",
] as const;

/** Who may do what: anybody reads what the service says of itself; all else needs a scope. */
export const graphAccess: AccessRule = {
  anonymous: (method, url) => (method === "GET" || method === "HEAD") && /^\/*(?:\$metadata\/*)?(?:\?|$)/.test(url),
  scopes: (method) => (method === "GET" || method === "HEAD" ? graphScopes : [graphScopes[1]]),
};
