/** The type of files that were made of rows typed or pasted here. */
export const PASTED = "text/plain;pasted=1";

/** Whether rows were typed or pasted here; also of what was made of them later. */
export function isPasted(file: File): boolean {
  return file.type === PASTED;
}
