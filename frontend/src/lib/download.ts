/** Hand a file to the browser's downloads. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers begin to read only after the click's task.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Hand a file that the API sends to the browser's downloads; its name is the API's. */
export function saveFrom(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

export function saveText(text: string, name: string, type = "text/plain"): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

/** A name that every file system takes. */
export function fileName(...parts: string[]): string {
  return parts
    .join("-")
    .replace(/[\\/:*?"<>|\s\p{Cc}]+/gu, "-")
    .replace(/^[.-]+|[.-]+$/g, "")
    .slice(0, 120);
}
