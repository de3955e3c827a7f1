/** Under which the browser keeps what a person has made of a table. */
export const nameOf = (table: string) => `llmlora_table_${table}`;

/** Whether there is anything; what reads it comes only then. */
export function isKept(table: string): boolean {
  try {
    return [localStorage, sessionStorage].some((store) => store.getItem(nameOf(table)) !== null);
  } catch {
    return false; // a browser that keeps nothing
  }
}
