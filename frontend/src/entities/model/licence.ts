const NAMES: Readonly<Record<string, string>> = { "apache-2.0": "Apache-2.0", mit: "MIT" };

/** A licence as its authors write it; null where the model names none. */
export function licenceName(licence: string | null): string | null {
  return licence === null ? null : (NAMES[licence.toLowerCase()] ?? licence);
}
