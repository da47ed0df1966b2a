/**
 * The function that ends a statement which takes too long. It knows the time that the statement has, so the connection
 * brings it; it takes any number of arguments, is not deterministic, returns 1 and throws past the time.
 */
export const IN_TIME_FUNCTION = "odatum_in_time";
