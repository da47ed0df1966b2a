/** Waits as long as a service that is busy asks for, in short. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
