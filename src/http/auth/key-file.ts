import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";

/** A key pair for ES256 (ECDSA on P-256), and the name it goes by in tokens and key sets. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** What the file holds. */
interface StoredKey {
  readonly kid: string;
  readonly alg: "ES256";
  readonly privateKey: JsonWebKey;
}

/** A new key pair. ES256 because a pair takes less than a millisecond to make, where RSA takes a tenth of a second and more. */
export function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { kid: randomUUID(), privateKey, publicKey };
}

/**
 * The key pair kept in a file; the first use makes it.
 *
 * The file is JSON with the private key as a JWK, readable by its owner only, and is there as a whole or not at all. Of
 * two processes that start at once both use the key of the one that was first.
 *
 * @throws Error with a message for the operator where the file cannot be read or written or holds no such key
 */
export function loadSigningKey(path: string): SigningKey {
  return read(path) ?? create(path);
}

function read(path: string): SigningKey | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`The key file '${path}' cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const stored = JSON.parse(text) as StoredKey;
    if (typeof stored.kid !== "string" || stored.kid === "" || stored.alg !== "ES256")
      throw new Error("wrong kid or alg");
    const privateKey = createPrivateKey({ key: stored.privateKey, format: "jwk" });
    if (privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new Error("not a P-256 key");
    return { kid: stored.kid, privateKey, publicKey: createPublicKey(privateKey) };
  } catch {
    // What went wrong is left out: the text of a JSON error quotes the file, and the file holds a secret.
    throw new Error(
      `The key file '${path}' does not hold a signing key. Restore it, or delete it to have a new one made; ` +
        "tokens issued before will then no longer be accepted.",
    );
  }
}

function create(path: string): SigningKey {
  const key = newSigningKey();
  const stored: StoredKey = { kid: key.kid, alg: "ES256", privateKey: key.privateKey.export({ format: "jwk" }) };
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = openSync(temporary, "wx", 0o600);
    try {
      writeSync(file, `${JSON.stringify(stored, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return place(temporary, path) ? key : (read(path) ?? key);
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code) throw error;
    throw new Error(`The key file '${path}' cannot be written: ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Gives a finished file its name; false where another process was first. */
function place(temporary: string, path: string): boolean {
  try {
    // A link, unlike a rename, never replaces what is there.
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    // Some file systems have no hard links.
    renameSync(temporary, path);
    return true;
  }
}
