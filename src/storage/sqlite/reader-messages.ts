import type { SqlValue } from "../../query/index.js";

/** How long what reads a file waits and works. */
export interface ReaderLimits {
  readonly busyTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/** What a reading process is asked. */
export type ReaderRequest =
  /** All rows. */
  | { readonly kind: "rows"; readonly id: number; readonly sql: string; readonly parameters: readonly SqlValue[] }
  /** Begins a stream, which its number names from then on, and asks for its first batch. */
  | {
      readonly kind: "open";
      readonly id: number;
      readonly stream: number;
      readonly sql: string;
      readonly parameters: readonly SqlValue[];
    }
  /** The next batch. */
  | { readonly kind: "next"; readonly id: number; readonly stream: number }
  /** Ends a stream; not answered. */
  | { readonly kind: "end"; readonly stream: number };

/** What it answers; a stream that is at its end has no rows. */
export type ReaderAnswer =
  | { readonly id: number; readonly rows: unknown[][] | undefined }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: string | undefined } };
