/** The classes or the CSDL document that a model is made from are wrong. Thrown at start-up, never by a request. */
export class ModelError extends Error {
  override readonly name = "ModelError";
}
